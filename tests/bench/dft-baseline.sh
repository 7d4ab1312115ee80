#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Wall seconds of one self-consistent frame with forces and stress, Gamma, one thread, 30 Ha; the
# 16-atom cell also on the eight-point mesh of the demonstration. pw.x beside it when there is one.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

timed() { # timed CASE COMMAND...
    name=$1
    shift
    start=$(date +%s.%N)
    "$@" >/dev/null 2>&1
    end=$(date +%s.%N)
    awk -v n="$name" -v a="$start" -v b="$end" 'BEGIN { printf "dft-baseline\t%s\t%.2f\ts\n", n, b - a }'
}

for n in 16 32 64; do
    cell-build --lattice sc --atoms 8 --rs 1.6 >/dev/null 2>&1 || true
    cell-build --lattice molecular --atoms $n --rs 1.6 --rattle 0.05A >cell$n.xyz 2>/dev/null ||
        cell-build --lattice bcc --atoms $n --rs 1.6 --rattle 0.05A >cell$n.xyz
    timed "N=$n kT=0.01Ha" dft-baseline -j 1 --electron-temperature 3157.75K cell$n.xyz
done
timed "N=16 kT=0.063Ha" dft-baseline -j 1 --electron-temperature 20000K cell16.xyz
timed "N=16 kT=0.01Ha 2x2x2" dft-baseline -j 1 --kmesh 2x2x2 --electron-temperature 3157.75K cell16.xyz
timed "N=16 kT=0.01Ha 2x2x2 orbitals" dft-baseline -j 1 --kmesh 2x2x2 --electron-temperature 3157.75K \
    --orbitals h-tz cell16.xyz
