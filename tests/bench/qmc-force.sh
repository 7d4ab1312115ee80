#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Cost of forces and stress beside that of the energy alone, per sample, and what they are worth:
# molecular fluids at rs 1.5, one twist, set h-tz, one thread. Start and warm-up are taken off by a second run.
set -eu
BIN=${BIN:-build/bin}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
TIMEFORMAT=%U

# per_sample PROGRAM N OPTION...: CPU milliseconds of a sample
per_sample() {
    local program=$1 n=$2 long short
    shift 2
    short=$({ time "$BIN/$program" -q -j 1 --samples "$n" "$@" -o "$work/out.xyz"; } 2>&1)
    long=$({ time "$BIN/$program" -q -j 1 --samples $((3 * n)) "$@" -o "$work/out.xyz"; } 2>&1)
    awk -v l="$long" -v s="$short" -v n="$n" 'BEGIN { printf "%.4g", (l - s) / (2 * n) * 1000 }'
}

report() {
    printf 'qmc-force\t%s\t%s\t%s\n' "$1" "$2" "$3"
}

for n in 16 32 64; do
    samples=$((8192 / n))
    "$BIN/cell-build" --fluid molecular --atoms $n --rs 1.5 |
        "$BIN/dft-baseline" -q --orbitals h-tz --ecut 15Ha |
        "$BIN/qmc-sample" -q --samples 16 --warmup 5 --walkers 16 -o "$work/trial.xyz"
    energy=$(per_sample qmc-sample $samples --walkers 16 --warmup 20 "$work/trial.xyz")
    force=$(per_sample qmc-force $samples --walkers 16 --warmup 20 --stride 1 --error 0 "$work/trial.xyz")
    report "energy N=$n" "$energy" ms/sample
    report "energy, forces, stress N=$n" "$force" ms/sample
    response=$(per_sample qmc-force $samples --walkers 16 --warmup 20 --stride 1 --error 0 --response "$work/trial.xyz")
    report "with the orbital gradient N=$n" "$response" ms/sample
    report "ratio N=$n" "$(awk -v f="$force" -v e="$energy" 'BEGIN { printf "%.2f", f / e }')" 1
    "$BIN/qmc-force" -q -j 1 --walkers 16 --warmup 50 --stride 1 --error 0 --samples $((2 * samples)) "$work/trial.xyz" -o "$work/out.xyz"
    tail -n $n "$work/out.xyz" | awk -v n=$n -v s=$((2 * samples)) -v t="$force" '
        { for (i = NF - 2; i <= NF; i++) e += ($i / 51.42206747) ^ 2 }
        END { printf "qmc-force\tforce efficiency N=%d\t%.4g\t(Ha/bohr)^-2/s\n", n, 3 * n / e / (s * t * 1e-3) }'
done
