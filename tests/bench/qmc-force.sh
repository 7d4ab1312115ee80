#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Cost of forces and stress beside that of the energy alone, per sample, and what they are worth:
# molecular fluids at rs 1.5, one twist, set h-tz, one thread. Start and warm-up are taken off by a second run.
# The Jastrow factor is optimised as in a study, by the defaults of qmc-sample; 128 atoms take that of 64 over and improve
# it in four steps. 64 atoms also give the time by the clock, on two threads, to 5 mHa/bohr, everything included.
# With the reference data also VMC - PBE of one of its molecular cells of 128 atoms beside the published ones, a quarter of
# an hour: what forces differ by and their correlation, both without what the error bar explains.
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

start=(--optimize)
[ $# -gt 0 ] || set -- 16 32 64 128
for n in "$@"; do
    samples=$((8192 / n))
    "$BIN/cell-build" --fluid molecular --atoms "$n" --rs 1.5 |
        "$BIN/dft-baseline" -q --orbitals h-tz --ecut 20Ha -o "$work/orbitals.xyz"
    "$BIN/qmc-sample" -q -j 2 --error 0 --samples 64 --warmup 5 "${start[@]}" "$work/orbitals.xyz" -o "$work/trial.xyz" 2>/dev/null
    cp "$work/trial.xyz" "$work/jastrow.xyz"
    [ "$n" -lt 64 ] || start=(--optimize --optimize-steps 4 --jastrow "$work/jastrow.xyz") # also fits its cut-offs to the cell
    energy=$(per_sample qmc-sample $samples --walkers 16 --warmup 20 "$work/trial.xyz")
    force=$(per_sample qmc-force $samples --walkers 16 --warmup 20 --stride 1 "$work/trial.xyz")
    report "energy N=$n" "$energy" ms/sample
    report "energy, forces, stress N=$n" "$force" ms/sample
    report "ratio N=$n" "$(awk -v f="$force" -v e="$energy" 'BEGIN { printf "%.2f", f / e }')" 1
    "$BIN/qmc-force" -q -j 1 --walkers 16 --warmup 50 --stride 1 --error 0 --samples $((16 * samples)) "$work/trial.xyz" -o "$work/out.xyz"
    tail -n "$n" "$work/out.xyz" | awk -v n="$n" -v s=$((16 * samples)) -v t="$force" '
        { for (i = NF - 2; i <= NF; i++) e += ($i / 51.42206747) ^ 2 }
        END { printf "qmc-force\tforce efficiency N=%d\t%.4g\t(Ha/bohr)^-2/s\n", n, 3 * n / e / (s * t * 1e-3) }'
    [ "$n" = 64 ] || continue
    seconds=$(TIMEFORMAT=%R && { time "$BIN/qmc-force" -q -j 2 --error 5mHa/bohr "$work/trial.xyz" -o "$work/out.xyz"; } 2>&1)
    report "to 5 mHa/bohr, two threads, N=$n" "$seconds" s
done

# ours FILE: forces, energy and pressure of a frame with VMC, PBE and published differences of both
ours() {
    awk 'function value(key,  t) { t = $0; sub(".* " key "=\"?", "", t); sub("[ \"].*", "", t); return t + 0 }
        function pressure(key,  t, s) { t = $0; sub(".* " key "=\"", "", t); split(t, s, "[ \"]"); return -(s[1] + s[5] + s[9]) / 3 * 160.21766 }
        NR == 1 { n = $1 }
        NR == 2 {
            t = $0; sub(".*Properties=", "", t); sub(" .*", "", t); m = split(t, p, ":")
            for (i = 1; i < m; i += 3) { at[p[i]] = column; column += p[i + 2] }
            energy = (value("vmc_energy") - value("dft_energy") - value("published_delta_energy")) / n / 0.0272114
            gpa = pressure("vmc_stress") - pressure("dft_stress") - pressure("published_delta_stress")
        }
        NR > 2 { for (i = 1; i <= 3; i++) {
            o = $(at["vmc_forces"] + i) - $(at["dft_forces"] + i); q = $(at["published_delta_forces"] + i); e = $(at["vmc_forces_error"] + i)
            oo += o * o; qq += q * q; oq += o * q; ee += e * e; dd += (o - q) ^ 2 } }
        END {
            unit = sqrt(3 * n) * 0.05142209
            printf "qmc-force\tVMC - PBE, 128 atoms, forces: error bar\t%.2f\tmHa/bohr\n", sqrt(ee) / unit
            printf "qmc-force\tVMC - PBE, 128 atoms, forces: difference from published\t%.2f\tmHa/bohr\n", sqrt(dd > ee ? dd - ee : 0) / unit
            printf "qmc-force\tVMC - PBE, 128 atoms, forces: correlation with published\t%.3f\t1\n", oq / sqrt(qq * (oo - ee))
            printf "qmc-force\tVMC - PBE, 128 atoms: energy less published\t%.2f\tmHa/atom\n", energy
            printf "qmc-force\tVMC - PBE, 128 atoms: pressure less published\t%.2f\tGPa\n", gpa }' "$1"
}

data=${DELTAQMC_DATA:-}/delta-vmc-pbe.xyz.gz
[ -e "$data" ] || exit 0
cold=(--functional pbe --ecut 40Ha --electron-temperature 0K)
"$BIN/xyz-view" --frames 19:20 "$data" | "$BIN/dft-baseline" -q -j 1 "${cold[@]}" --orbitals h-tz |
    "$BIN/qmc-sample" -q -j 1 --optimize --optimize-steps 8 --error 0.2mHa | "$BIN/qmc-force" -q -j 1 --response --error 5mHa/bohr |
    "$BIN/dft-baseline" -q -j 1 "${cold[@]}" --response -o "$work/out.xyz"
ours "$work/out.xyz"
