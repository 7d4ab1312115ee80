#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Cost of forces and stress beside that of the energy alone, per sample, and what they are worth:
# molecular fluids at rs 1.5, one twist, set h-tz, one thread. Start and warm-up are taken off by a second run.
# The Jastrow factor is optimised for 16 atoms; larger cells take it over and improve it in three steps, without which
# the noise would be that of a worse function than a study has.
set -eu
BIN=${BIN:-build/bin}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
TIMEFORMAT=%U

# per_sample PROGRAM N OPTION...: CPU milliseconds of a sample
per_sample() {
    local program=$1 n=$2 long short
    shift 2
    short=$({ time "$BIN/$program" -q -j 1 --error 0 --samples "$n" "$@" -o "$work/out.xyz" 2>/dev/null; } 2>&1)
    long=$({ time "$BIN/$program" -q -j 1 --error 0 --samples $((3 * n)) "$@" -o "$work/out.xyz" 2>/dev/null; } 2>&1)
    awk -v l="$long" -v s="$short" -v n="$n" 'BEGIN { printf "%.4g", (l - s) / (2 * n) * 1000 }'
}

report() {
    printf 'qmc-force\t%s\t%s\t%s\n' "$1" "$2" "$3"
}

start=(--optimize --optimize-steps 4 --optimize-samples 2048)
[ $# -gt 0 ] || set -- 16 32 64 128
for n in "$@"; do
    samples=$((8192 / n))
    "$BIN/cell-build" --fluid molecular --atoms "$n" --rs 1.5 |
        "$BIN/dft-baseline" -q --orbitals h-tz --ecut 20Ha -o "$work/orbitals.xyz"
    "$BIN/qmc-sample" -q -j 1 --error 0 --samples 64 --warmup 5 "${start[@]}" "$work/orbitals.xyz" -o "$work/trial.xyz" 2>/dev/null
    start=(--optimize --optimize-steps 3 --optimize-samples 2048 --jastrow "$work/jastrow.xyz") # also fits its cut-offs to the cell
    [ -e "$work/jastrow.xyz" ] || cp "$work/trial.xyz" "$work/jastrow.xyz"
    energy=$(per_sample qmc-sample $samples --walkers 16 --warmup 20 "$work/trial.xyz")
    force=$(per_sample qmc-force $samples --walkers 16 --warmup 20 --stride 1 "$work/trial.xyz")
    report "energy N=$n" "$energy" ms/sample
    report "energy, forces, stress N=$n" "$force" ms/sample
    report "ratio N=$n" "$(awk -v f="$force" -v e="$energy" 'BEGIN { printf "%.2f", f / e }')" 1
    "$BIN/qmc-force" -q -j 1 --walkers 16 --warmup 50 --stride 1 --error 0 --samples $((4 * samples)) "$work/trial.xyz" -o "$work/out.xyz"
    tail -n "$n" "$work/out.xyz" | awk -v n="$n" -v s=$((4 * samples)) -v t="$force" '
        { for (i = NF - 2; i <= NF; i++) e += ($i / 51.42206747) ^ 2 }
        END { printf "qmc-force\tforce efficiency N=%d\t%.4g\t(Ha/bohr)^-2/s\n", n, 3 * n / e / (s * t * 1e-3) }'
done
