#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Cost of a VMC sample (a sweep of all electrons and the local energy), efficiency 1/(error^2 CPU seconds) of the
# energy per atom, and CPU time to 1 mHa/atom: molecular fluids at rs 1.5, one twist, one thread, sets h-tz and,
# at 128 atoms, h-dz. Start and warm-up are taken off by a second run. Beside each figure stands that of an
# established program (TurboRVB; AMD EPYC, busy by 10 to 50 %) as "reference": divide. Diffusion Monte Carlo: CPU per walker and
# 0.1/Ha of imaginary time (reference: lattice-regularised DMC) and CPU to the same error bar relative to VMC, a rough
# number, since the runs are short: 20/Ha of imaginary time of 512/N walkers, their start (3/Ha) taken off.
set -eu
BIN=${BIN:-build/bin}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
TIMEFORMAT=%U

report() {
    printf 'qmc-sample\t%s\t%s\t%s\n' "$1" "$2" "$3"
}

# per_sample N FILE: CPU microseconds of a sample
per_sample() {
    local long short
    short=$({ time "$BIN/qmc-sample" -q -j 1 --error 0 --samples "$1" --warmup 20 "$2" -o "$work/out.xyz"; } 2>&1)
    long=$({ time "$BIN/qmc-sample" -q -j 1 --error 0 --samples $((4 * $1)) --warmup 20 "$2" -o "$work/out.xyz"; } 2>&1)
    awk -v l="$long" -v s="$short" -v n="$1" 'BEGIN { printf "%.4g", (l - s) / (3 * n) * 1e6 }'
}

# work KIND CPU FILE: CPU seconds times squared error of the energy (Ha per cell) of what CPU (us per sample) bought
work() {
    "$BIN/xyz-view" --table "$1_energy_error,$1_samples" "$3" | tail -n 1 |
        awk -v cost="$2" '{ print cost * 1e-6 * $2 * ($1 / 27.211386245988) ^ 2 }'
}

# per_step N FILE: CPU microseconds of a step of a walker in diffusion, N atoms
per_step() {
    local walkers=$((512 / $1)) long short steps
    local options=(-q -j 1 --method dmc --dmc-timesteps 0.04 --walkers "$walkers" --error 0)
    steps=$((walkers * 500)) # 20/Ha at that time step
    short=$({ time "$BIN/qmc-sample" "${options[@]}" --samples 1 "$2" -o "$work/dmc.xyz"; } 2>&1)
    long=$({ time "$BIN/qmc-sample" "${options[@]}" --samples "$steps" "$2" -o "$work/dmc.xyz"; } 2>&1)
    awk -v l="$long" -v s="$short" -v n="$steps" 'BEGIN { printf "%.4g", (l - s) / n * 1e6 }'
}

"$BIN/cell-build" --molecule H2 --bond 1.4bohr | "$BIN/dft-baseline" -q --orbitals h-tz --ecut 15Ha |
    "$BIN/qmc-sample" -q --error 0 --samples 1000 -o "$work/h2.xyz"
report "sample H2" "$(per_sample 400000 "$work/h2.xyz")" us
report "sample H2, reference" 20 us
sample=([16]=3400 [32]=11600 [64]=35000 [128]=79000) # us
seconds=([16]=16 [32]=36 [64]=35 [128]=71)           # to 1 mHa/atom
diffusion=([16]=31 [32]=115)                         # ms

costs=""
optimize=(--optimize-samples 1024 --optimize-steps 4) # each size starts from the one before
for n in 16 32 64 128; do
    set=h-tz
    [ $n -lt 128 ] || set=h-dz
    "$BIN/cell-build" --fluid molecular --atoms $n --rs 1.5 |
        "$BIN/dft-baseline" -q --orbitals $set --ecut 15Ha |
        "$BIN/qmc-sample" -q -j 1 --error 0 --samples 64 "${optimize[@]}" -o "$work/trial$n.xyz"
    mv "$work/trial$n.xyz" "$work/trial.xyz"
    optimize=(--optimize --jastrow "$work/trial.xyz" --optimize-samples 256 --optimize-steps 2)
    cost=$(per_sample $((16384 / n + 384)) "$work/trial.xyz")
    costs="$costs $n $cost"
    report "sample N=$n" "$cost" us
    report "sample N=$n, reference" "${sample[n]}" us
    "$BIN/xyz-view" --table vmc_energy_error,vmc_variance,vmc_samples "$work/out.xyz" | tail -n 1 |
        awk -v n=$n -v cost="$cost" '{
            e = $1 / 27.211386245988 / n
            printf "qmc-sample\tvariance per electron N=%d\t%.4f\tHa^2\n", n, $2 / 27.211386245988 ^ 2 / n
            printf "qmc-sample\tefficiency N=%d\t%.4g\t1/(Ha^2 s)\n", n, 1 / (cost * 1e-6 * $3 * e ^ 2)
            printf "qmc-sample\tCPU to 1 mHa/atom N=%d\t%.3g\ts\n", n, cost * 1e-6 * $3 * (e / 1e-3) ^ 2 }'
    report "CPU to 1 mHa/atom N=$n, reference" "${seconds[n]}" s
    [ $n -le 64 ] || continue
    vmc=$(work vmc "$cost" "$work/out.xyz")
    step=$(per_step $n "$work/trial.xyz")
    report "dmc, walker and 0.1/Ha N=$n" "$(awk -v s="$step" 'BEGIN { printf "%.3g", s * 2.5e-3 }')" ms
    [ -z "${diffusion[n]-}" ] || report "dmc, walker and 0.1/Ha N=$n, reference" "${diffusion[n]}" ms
    report "dmc, CPU to the error bar of vmc N=$n" \
        "$(work dmc "$step" "$work/dmc.xyz" | awk -v vmc="$vmc" '{ printf "%.2g", $1 / vmc }')" times
done
report "exponent of the cost, N=16 to 128" "$(echo "$costs" | awk '{ printf "%.2f", log($8 / $2) / log(8) }')" 1
