#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# What two ranks of one thread are worth beside one: CPU seconds of one rank over those of both together (waiting for each other is
# CPU time, too), the least of three alternating runs of each, as other load on the machine only adds; and what rank 0 was sent.
# Cells of 64 atoms: one for sampling, one with 8 k points, eight frames without; and a fit. Each takes several seconds on one
# rank, as the start of MPI, a row of its own by the clock, takes half a second. deltaqmc-scaling(7) says what to expect of more ranks.
set -eu
BIN=${BIN:-build/bin}
command -v mpirun >/dev/null && "$BIN/qmc-sample" --version | grep -q 'MPI (' || exit 0
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
TIMEFORMAT=%U
export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1 OMPI_MCA_rmaps_base_oversubscribe=1

# cpu COMMAND...: its seconds on all processors together
cpu() { { time "$@" >/dev/null 2>"$work/messages"; } 2>&1; }

# ranks NAME PROGRAM OPTION...
ranks() {
    local efficiency
    efficiency=$(for _ in 1 2 3; do
        echo "$(cpu "$BIN/$2" -v -j 1 "${@:3}") $(cpu mpirun -n 2 "$BIN/$2" -v -j 1 "${@:3}")"
    done | awk '{ if (NR == 1 || $1 < a) a = $1; if (NR == 1 || $2 < b) b = $2 } END { printf "%.2f", a / b }')
    printf 'ranks\t%s\t%s\t%s\n' "$1, efficiency of 2" "$efficiency" ""
    printf 'ranks\t%s\t%s\t%s\n' "$1, gathered by rank 0" "$(sed -n 's/.*gathered \([0-9.e+-]*\) MB.*/\1/p' "$work/messages")" MB
}

"$BIN/cell-build" --fluid molecular --atoms 64 --rs 1.5 | "$BIN/dft-baseline" -q --orbitals h-dz --ecut 15Ha |
    "$BIN/qmc-sample" -q --error 0 --samples 64 --optimize-samples 256 --optimize-steps 1 -o "$work/trial.xyz"
"$BIN/cell-build" --fluid atomic --atoms 64 --rs 1.4 -o "$work/cell.xyz"
"$BIN/cell-build" --fluid molecular --atoms 64 --rs 1.5 --count 8 -o "$work/frames.xyz"
"$BIN/cell-build" --molecule H2 --bond 1.4bohr -o "$work/h2.xyz"
"$BIN/cell-build" --fluid atomic --atoms 16 --rs 1.6 --count 80 |
    "$BIN/dft-baseline" -q --ecut 6Ha --electron-temperature 20000K -o "$work/labels.xyz"
ranks 'VMC N=64' qmc-sample --error 0 --samples 3072 --warmup 20 --walkers 64 "$work/trial.xyz"
ranks 'DMC N=64' qmc-sample --method dmc --error 0 --samples 2048 --dmc-timesteps 0.04 --walkers 64 "$work/trial.xyz"
ranks 'forces N=64' qmc-force --error 0 --samples 512 --warmup 10 --walkers 64 "$work/trial.xyz"
ranks 'DFT, 8 k points' dft-baseline --ecut 30Ha --kmesh 2x2x2 --electron-temperature 10000K "$work/cell.xyz"
ranks 'DFT, 8 frames' dft-baseline --ecut 30Ha "$work/frames.xyz"
ranks 'fit, 80 frames' kernel-fit --target dft --sparse 400 "$work/labels.xyz"

# start OF...: wall seconds of a run that computes next to nothing
start() { { TIMEFORMAT=%R; time "$@" "$BIN/dft-baseline" -q -j 1 --ecut 5Ha "$work/h2.xyz" >/dev/null; } 2>&1; }
printf 'ranks\t%s\t%s\t%s\n' 'start of two ranks, beyond that of one' \
    "$(for _ in 1 2 3; do echo "$(start mpirun -n 2) $(start env)"; done | awk '{ d = $1 - $2; if (NR == 1 || d < least) least = d } END { printf "%.2f", least }')" s
