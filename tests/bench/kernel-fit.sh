#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# CPU seconds and wall seconds on all threads of a fit to energies and forces of 20 frames of 128
# atoms, 500 environments, cut-off 2.5 A, and CPU seconds of every further frame.
# With the reference data also the errors on 50 other frames beside the established
# code's (ml-anchors.tsv).
set -eu
BIN=${BIN:-build/bin}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
"$BIN/cell-build" --fluid atomic --atoms 128 --rs 1.5 --count 20 |
    awk '/Lattice/ { sub(/pos:R:3/, "pos:R:3:x_forces:R:3"); $0 = $0 " x_energy=" n++ }
        /^H / { $0 = $0 sprintf(" %.3f %.3f %.3f", sin(7 * $2), sin(7 * $3), sin(7 * $4)) } 1' >train.xyz
"$BIN/xyz-view" --frames 0:4 train.xyz -o few.xyz

measure() { # measure FILE: user seconds, wall seconds
    TIMEFORMAT='%U %R'
    { time "$BIN/kernel-fit" -q --target x --sparse 500 --cutoff 2.5A --uncertainty no "$1" >/dev/null; } 2>&1
}

read -r few _ < <(measure few.xyz)
read -r all wall < <(measure train.xyz)
awk -v f="$few" -v a="$all" -v w="$wall" 'BEGIN {
    printf "kernel-fit\t20 frames of 128 atoms, M=500\t%.2f\tCPU s\n", a
    printf "kernel-fit\t20 frames of 128 atoms, M=500, wall\t%.2f\ts\n", w
    printf "kernel-fit\tper further frame, M=500\t%.3f\tCPU s\n", (a - f) / 16 }'

data=${DELTAQMC_DATA:-}/liquid-train.xyz.gz
[ -e "$data" ] || exit 0
"$BIN/xyz-view" --frames 0:20 "$data" -o train.xyz
"$BIN/xyz-view" --frames 110:160 "$data" -o test.xyz
for sparse in 200 500; do
    "$BIN/kernel-fit" -q --target dft --sparse $sparse --uncertainty no --validate test.xyz --report r.tsv train.xyz >/dev/null
    awk -F'\t' -v m=$sparse '$1 == "validation" && $2 == "all" {
        x = $9 ^ 2; if ($3 == "energy") x -= $11 ^ 2
        printf "kernel-fit\terror of %s, N=20 M=%d\t%.3f\t%s\n", $3, m, sqrt(x), $12 }' r.tsv
done
awk -F'\t' '$1 == "dft" && $2 == 20 && ($3 == 200 || $3 == 500) {
    printf "kernel-fit\testablished code: energy, N=20 M=%d\t%.3f\tmHa/atom\n", $3, $4
    printf "kernel-fit\testablished code: forces, N=20 M=%d\t%.3f\tmHa/bohr\n", $3, $5 }' "$DELTAQMC_DATA/ml-anchors.tsv"
