#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# What two ranks of one thread are worth beside one: CPU seconds of one rank over those of both together (waiting for each other is
# CPU time, too), the best of three alternating pairs, so that other load on the machine matters little. A molecular fluid of 64 atoms,
# and 8 k points of one of 32; what rank 0 was sent. deltaqmc-scaling(7) says what to expect of more ranks.
set -eu
BIN=${BIN:-build/bin}
command -v mpirun >/dev/null && "$BIN/qmc-sample" --version | grep -q 'MPI (' || exit 0
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
TIMEFORMAT=%U
export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1 OMPI_MCA_rmaps_base_oversubscribe=1

cpu() { { time "$@" >/dev/null 2>"$work/messages"; } 2>&1; }

# ranks NAME PROGRAM OPTION...
ranks() {
    local best=0 one two
    for _ in 1 2 3; do
        one=$(cpu "$BIN/$2" -v -j 1 "${@:3}")
        two=$(cpu mpirun -n 2 "$BIN/$2" -v -j 1 "${@:3}")
        best=$(awk -v a="$one" -v b="$two" -v c="$best" 'BEGIN { e = a / b; print (e > c + 0 ? e : c) }')
    done
    printf 'ranks\t%s\t%.2f\t%s\n' "$1, efficiency of 2" "$best" ""
    printf 'ranks\t%s\t%s\t%s\n' "$1, gathered from 1" "$(sed -n 's/.*gathered \([0-9.e+-]*\) MB.*/\1/p' "$work/messages")" MB
}

"$BIN/cell-build" --fluid molecular --atoms 64 --rs 1.5 | "$BIN/dft-baseline" -q --orbitals h-dz --ecut 15Ha |
    "$BIN/qmc-sample" -q --error 0 --samples 64 --optimize-samples 256 --optimize-steps 1 -o "$work/trial.xyz"
"$BIN/cell-build" --fluid atomic --atoms 32 --rs 1.4 --count 3 -o "$work/cells.xyz"
ranks 'VMC N=64' qmc-sample --error 0 --samples 3072 --warmup 20 --walkers 64 "$work/trial.xyz"
ranks 'DMC N=64' qmc-sample --method dmc --error 0 --samples 2048 --dmc-timesteps 0.04 --walkers 64 "$work/trial.xyz"
ranks 'forces N=64' qmc-force --error 0 --samples 512 --warmup 10 --walkers 64 "$work/trial.xyz"
ranks 'DFT, 8 k points' dft-baseline --ecut 30Ha --kmesh 2x2x2 --electron-temperature 10000K "$work/cells.xyz"
