#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Fit to energies and forces of 160 frames of 128 atoms (20 480 environments) with 1000 sparse ones, default
# settings: CPU seconds, wall seconds on all threads, memory; target below 60 s on 2 threads and 1.5 GB.
# And the CPU seconds of every further frame with 500. With the reference data also the errors on 50 other
# frames beside the established code's (ml-anchors.tsv), and those of published differences VMC - PBE: each half of the
# 30 cells from a fit to the other one, whose noise of energies is found by cross-validation; targets 1 mHa/atom,
# 4 mHa/bohr.
set -eu
BIN=${BIN:-build/bin}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
"$BIN/cell-build" --fluid atomic --atoms 128 --rs 1.5 --count 160 |
    awk '/Lattice/ { sub(/pos:R:3/, "pos:R:3:x_forces:R:3"); $0 = $0 " x_energy=" n++ - 1741 }
        /^H / { $0 = $0 sprintf(" %.3f %.3f %.3f", sin(7 * $2), sin(7 * $3), sin(7 * $4)) } 1' >train.xyz
"$BIN/xyz-view" --frames 0:4 train.xyz -o few.xyz
"$BIN/xyz-view" --frames 0:20 train.xyz -o some.xyz

measure() { # measure FILE SPARSE: user seconds, wall seconds
    TIMEFORMAT='%U %R'
    { time "$BIN/kernel-fit" -q --target x --sparse "$2" --uncertainty no "$1" >/dev/null; } 2>&1
}

read -r few _ < <(measure few.xyz 500)
read -r all _ < <(measure some.xyz 500)
awk -v f="$few" -v a="$all" 'BEGIN {
    printf "kernel-fit\t20 frames of 128 atoms, M=500\t%.2f\tCPU s\n", a
    printf "kernel-fit\tper further frame, M=500\t%.3f\tCPU s\n", (a - f) / 16 }'
read -r all wall < <(measure train.xyz 1000)
awk -v a="$all" -v w="$wall" 'BEGIN {
    printf "kernel-fit\t160 frames of 128 atoms, M=1000\t%.1f\tCPU s\n", a
    printf "kernel-fit\t160 frames of 128 atoms, M=1000, wall\t%.1f\ts\n", w }'
if [ -x /usr/bin/time ]; then
    peak=$({ /usr/bin/time -f %M "$BIN/kernel-fit" -q --target x --sparse 1000 --uncertainty no some.xyz >/dev/null; } 2>&1 | tail -n 1)
    awk -v m="$peak" 'BEGIN { printf "kernel-fit\tmemory, 20 frames of 128 atoms, M=1000\t%.0f\tMB\n", m / 1024 }'
fi

differences() { # differences FILE: both halves together, root mean square without any shift
    local half other
    "$BIN/xyz-view" --frames 0:15 "$1" -o half.0
    "$BIN/xyz-view" --frames 15:30 "$1" -o half.1
    TIMEFORMAT='time %U'
    for half in 0 1; do
        other=$((1 - half))
        { time "$BIN/kernel-fit" -q --target published_delta --uncertainty no --validate half.$other --report r.$half half.$half >/dev/null; } 2>&1
        cat r.$half
    done | awk -F'[\t ]' '$1 == "time" { s += $2 }
        $1 == "validation" && $2 == "all" { n[$3] += $4; x[$3] += $4 * ($3 == "stress" ? $5 : $9) ^ 2; unit[$3] = $3 == "stress" ? $8 : $12 }
        END {
            printf "kernel-fit\tVMC - PBE, 15 + 15 cells of 128 atoms, M=1000\t%.1f\tCPU s\n", s
            split("energy forces stress", q, " ")
            for (i = 1; i <= 3; i++)
                printf "kernel-fit\tVMC - PBE, 15 + 15 cells: error of %s\t%.3f\t%s\n", q[i], sqrt(x[q[i]] / n[q[i]]), unit[q[i]] }'
}
[ ! -e "${DELTAQMC_DATA:-}/delta-vmc-pbe.xyz.gz" ] || differences "$DELTAQMC_DATA/delta-vmc-pbe.xyz.gz"

data=${DELTAQMC_DATA:-}/liquid-train.xyz.gz
[ -e "$data" ] || exit 0
"$BIN/xyz-view" --frames 0:20 "$data" -o train.xyz
"$BIN/xyz-view" --frames 110:160 "$data" -o test.xyz
errors() { # errors NAME TARGET... : of M = 200 and 500
    local name=$1
    shift
    for sparse in 200 500; do
        "$BIN/kernel-fit" -q --target "$@" --sparse $sparse --uncertainty no --validate test.xyz --report r.tsv train.xyz >/dev/null
        awk -F'\t' -v m=$sparse -v n="$name" '$1 == "validation" && $2 == "all" {
            x = $9 ^ 2; if ($3 == "energy") x -= $11 ^ 2
            printf "kernel-fit\t%s: error of %s, N=20 M=%d\t%.3f\t%s\n", n, $3, m, sqrt(x), $12 }' r.tsv
    done
    awk -F'\t' -v n="$name" '$1 == n && $2 == 20 && ($3 == 200 || $3 == 500) {
        printf "kernel-fit\testablished code, %s: energy, N=20 M=%d\t%.3f\tmHa/atom\n", n, $3, $4
        printf "kernel-fit\testablished code, %s: forces, N=20 M=%d\t%.3f\tmHa/bohr\n", n, $3, $5 }' "$DELTAQMC_DATA/ml-anchors.tsv"
}
errors dft dft
errors vmcnn-dft vmcnn --baseline dft
