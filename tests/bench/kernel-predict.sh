#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# CPU time per atom of energy, forces and stress, one thread, 128 atoms at rs 1.5, n 8, l 6: the
# difference of long and short streams, so that reading the model does not count. Target: below 60 us at
# 1000 environments and 2.5 A. The models are fitted to made-up energies: only their size matters.
set -eu
BIN=${BIN:-build/bin}
TIMEFORMAT=%U
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
"$BIN/cell-build" --fluid atomic --atoms 128 --rs 1.5 --count 9 | awk '/Lattice/ { $0 = $0 " x_energy=" n++ } 1' >train.xyz
"$BIN/cell-build" --fluid atomic --atoms 128 --rs 1.5 --count 101 --seed 2 -o cells.xyz
"$BIN/xyz-view" --frames 0 cells.xyz -o one.xyz

measure() { # measure CASE ARGUMENTS...: of the model model.xyz
    local name=$1 long short
    shift
    long=$({ time "$BIN/kernel-predict" -j 1 --model model.xyz "$@" cells.xyz >/dev/null; } 2>&1)
    short=$({ time "$BIN/kernel-predict" -j 1 --model model.xyz "$@" one.xyz >/dev/null; } 2>&1)
    awk -v n="$name" -v a="$long" -v b="$short" 'BEGIN { printf "kernel-predict\t%s\t%.3g\tus/atom\n", n, (a - b) * 1e6 / 12800 }'
}

for case in "1000 2.5 2" "500 2.5 4" "1000 2.5 4" "1000 3 2" "1000 3 4"; do
    read -r sparse cutoff zeta <<<"$case"
    "$BIN/kernel-fit" -q --target x --amplitude 1eV --sparse "$sparse" --cutoff "${cutoff}A" --zeta "$zeta" train.xyz -o model.xyz
    measure "forces and stress, M=$sparse cutoff $cutoff A zeta $zeta" --uncertainty no
    [ "$case" != "1000 2.5 4" ] || measure "the same with the uncertainty"
done
