# SPDX-License-Identifier: GPL-3.0-or-later
load ../helper
bats_require_minimum_version 1.5.0

# One molecule and one cell at two twists with cheap trial orbitals, made once.
setup_file() {
    cd "$BATS_FILE_TMPDIR" || return 1
    cell-build --molecule H2 --bond 1.5bohr --label mol | dft-baseline --orbitals h-dz --ecut 15Ha -o h2.xyz
    cell-build --fluid molecular --atoms 4 --rs 1.8 | dft-baseline --orbitals h-sz --ecut 15Ha --kmesh 2x1x1 -o cell.xyz
    cat h2.xyz cell.xyz >both.xyz
    qmc-sample --error 0 --samples 3000 h2.xyz -o trial.xyz
}

setup() {
    cd "$BATS_TEST_TMPDIR" || return 1
    ln -s "$BATS_FILE_TMPDIR"/*.xyz .
}

quick=(--error 0 --samples 640 --walkers 64 --warmup 10 --optimize-samples 256 --optimize-steps 2)

# key NAME FILE: the value of a key that is one number, of the last frame
key() {
    xyz-view --table "$1" "$2" | tail -n 1
}

@test "a molecule gets its energy, error, variance, samples and Jastrow factor and keeps its keys" {
    run -0 qmc-sample "${quick[@]}" h2.xyz -o out.xyz
    [ -z "$output" ]
    for k in vmc_energy vmc_energy_error vmc_variance vmc_samples jastrow jastrow_form dft_energy kpoints; do
        grep -q " $k=" out.xyz
    done
    grep -q 'config_type=mol' out.xyz
    grep -q 'history=.*cell-build.*dft-baseline.*qmc-sample' out.xyz
    [ "$(key vmc_samples out.xyz)" -le 640 ]
    awk -v e="$(key vmc_energy out.xyz)" 'BEGIN { exit !(e > -33.5 && e < -30) }'
}

@test "a file whose name is no text makes a history that is" {
    cp trial.xyz $'\xff.xyz'
    qmc-sample "${quick[@]}" --jastrow $'\xff.xyz' h2.xyz | xyz-view --strict --table history | grep -q 'jastrow=?.xyz'
}

@test "--error stops when the error bar is small enough" {
    run -0 qmc-sample --error 3mHa trial.xyz -o out.xyz
    # 3 mHa per atom, two atoms, in eV
    awk -v e="$(key vmc_energy_error out.xyz)" 'BEGIN { exit !(e > 0.03 && e <= 0.16328) }'
}

@test "a frame with a Jastrow factor is sampled with it; --optimize makes a new one" {
    qmc-sample "${quick[@]}" trial.xyz -o same.xyz
    [ "$(xyz-view --table jastrow same.xyz)" = "$(xyz-view --table jastrow trial.xyz)" ]
    qmc-sample "${quick[@]}" --optimize trial.xyz -o new.xyz
    [ "$(xyz-view --table jastrow_form new.xyz)" = "$(xyz-view --table jastrow_form trial.xyz)" ]
}

@test "--jastrow takes the parameters of another frame" {
    qmc-sample "${quick[@]}" --jastrow trial.xyz h2.xyz -o out.xyz
    [ "$(xyz-view --table jastrow out.xyz)" = "$(xyz-view --table jastrow trial.xyz)" ]
    run -3 qmc-sample --jastrow h2.xyz h2.xyz
    [[ $output == *jastrow* ]]
    run -4 qmc-sample --jastrow missing.xyz h2.xyz
}

@test "what is wrong with the file of --jastrow is said of it, by its name and the line" {
    sed 's/jastrow_form="[^"]*"/jastrow_form="drummond u8 chi8"/' trial.xyz >old.xyz
    sed 's/ jastrow="[^"]*"//' trial.xyz >none.xyz
    sed 's/ jastrow="[^ ]* / jastrow="-9 /' trial.xyz >negative.xyz
    head -n 3 trial.xyz >short.xyz
    mkdir folder
    : >empty.xyz
    while IFS='|' read -r expected file text; do
        run "-$expected" qmc-sample "${quick[@]}" --jastrow "$file" h2.xyz
        [[ $output == "qmc-sample: $text"* ]]
        [ "${#lines[@]}" -eq 1 ]
    done <<'END'
4|missing.xyz|missing.xyz: cannot open
4|folder|folder: is a directory
3|empty.xyz|empty.xyz: no frame
3|h2.xyz|h2.xyz:1: frame 1: key 'jastrow_form' is missing
3|none.xyz|none.xyz:1: frame 1: key 'jastrow' is missing
3|short.xyz|short.xyz:4: frame 1: end of input
3|old.xyz|old.xyz:1: frame 1: jastrow_form is 'drummond u8 chi8'
3|negative.xyz|h2.xyz:1: frame 1: --jastrow negative.xyz: a Jastrow cut-off is -9
END
}

@test "--optimize-shared writes one Jastrow factor on all frames, in their order" {
    qmc-sample "${quick[@]}" --optimize-shared both.xyz -o out.xyz
    [ "$(xyz-view --table jastrow out.xyz | tail -n 2 | sort -u | wc -l)" -eq 1 ]
    [ "$(grep -c ' vmc_energy=' out.xyz)" -eq 2 ]
    grep -m 1 ' vmc_energy=' out.xyz | grep -q config_type=mol
}

@test "--opt-log writes the steps of the optimiser, one row each" {
    qmc-sample "${quick[@]}" --optimize --opt-log steps.tsv h2.xyz trial.xyz -o out.xyz
    head -n 1 steps.tsv | grep -q "^frame	step	samples	energy_Ha	energy_error_Ha	variance_Ha2"
    awk -F '\t' 'NF != 12 { exit 1 } NR > 1 { n[$1]++ } NR > 1 && !($5 > 0 && $4 < -0.3 && $12 ~ /^(yes|no)$/) { exit 1 }
        END { exit !(n[1] > 0 && n[1] <= 2 && n[2] > 0 && n[2] <= 2) }' steps.tsv
    run -4 qmc-sample "${quick[@]}" --opt-log missing/steps.tsv h2.xyz
}

@test "an optimisation from given parameters has all its samples from the first step on" {
    for from in "h2.xyz" "--jastrow trial.xyz h2.xyz" "trial.xyz"; do
        # shellcheck disable=SC2086 # several words
        qmc-sample "${quick[@]}" --optimize --optimize-samples 512 --opt-log steps.tsv $from -o out.xyz
        awk -F '\t' 'NR == 2 { print $3 }' steps.tsv
    done >first
    [ "$(tr '\n' ' ' <first)" = "128 512 512 " ]
}

@test "a Jastrow factor of an older form is refused, with the form that is wanted, as are absurd orders" {
    sed 's/jastrow_form="[^"]*"/jastrow_form="drummond u8 chi8"/' trial.xyz >old.xyz
    for mode in "" --optimize; do
        run -3 qmc-sample "${quick[@]}" $mode old.xyz
        [[ $output == *"drummond u8 chi8"*tempered* ]]
    done
    for form in 'tempered u-6 chi6 f4.2 p3' 'tempered u6 chi8 f4.2 p99999999999' 'tempered u4294967302 chi8 f4.2 p3'; do
        sed "s/jastrow_form=\"[^\"]*\"/jastrow_form=\"$form\"/" trial.xyz >absurd.xyz
        run -3 qmc-sample "${quick[@]}" absurd.xyz
        [[ $output == *"'$form'"*tempered* ]]
    done
}

@test "--no-jastrow samples the determinants alone and leaves no parameters behind" {
    qmc-sample "${quick[@]}" --no-jastrow trial.xyz -o out.xyz
    run ! grep -q jastrow= out.xyz
    run -2 qmc-sample --no-jastrow --optimize trial.xyz
}

@test "one thread and two give the same bytes, another seed gives others" {
    qmc-sample "${quick[@]}" -j 1 both.xyz -o one.xyz
    qmc-sample "${quick[@]}" -j 2 both.xyz -o two.xyz
    cmp one.xyz two.xyz
    qmc-sample "${quick[@]}" --seed 5 both.xyz -o other.xyz
    run ! cmp -s one.xyz other.xyz
}

@test "file, pipe, compressed input and -o give the same frames" {
    qmc-sample "${quick[@]}" h2.xyz -o file.xyz
    qmc-sample "${quick[@]}" <h2.xyz | cmp - file.xyz
    gzip -c h2.xyz | qmc-sample "${quick[@]}" --compress never | cmp - file.xyz
    gzip -c h2.xyz | qmc-sample "${quick[@]}" | gzip -dc | cmp - file.xyz
    qmc-sample "${quick[@]}" </dev/null | cmp - /dev/null
}

@test "a frame without orbitals is an error that names the remedy; --on-error=skip passes over it" {
    cell-build --molecule H2 -o bare.xyz
    run -3 qmc-sample bare.xyz -o out.xyz
    [[ $output == "qmc-sample: bare.xyz:1: frame 1: "*"'orbitals'"*"dft-baseline --orbitals"* ]]
    [ ! -e out.xyz ]
    cat bare.xyz h2.xyz >mixed.xyz
    run -0 qmc-sample "${quick[@]}" --on-error skip mixed.xyz -o out.xyz
    [ "$(grep -c ' vmc_energy=' out.xyz)" -eq 1 ]
}

@test "numbers that do not fit together end with status 3" {
    sed 's/orbital_basis=h-dz/orbital_basis=h-qz/' h2.xyz >basis.xyz
    run -3 qmc-sample basis.xyz
    [[ $output == *h-qz* ]]
    sed 's/orbital_basis=h-dz/orbital_basis=h-tz/' h2.xyz >width.xyz
    run -3 qmc-sample width.xyz
    run -3 qmc-sample --spin 1 h2.xyz
    [[ $output == *"2S = 1"* ]]
    run -3 qmc-sample --spin 2 h2.xyz
    [[ $output == *"orbitals"* ]]
    sed 's/ jastrow="/ jastrow="9 /' trial.xyz >many.xyz
    run -3 qmc-sample many.xyz
}

@test "a huge parameter of the Jastrow factor ends the run with a sentence" {
    qmc-sample "${quick[@]}" cell.xyz -o cell-trial.xyz
    for f in trial cell-trial; do # the first of u, behind seven cut-offs
        sed -E 's/ jastrow="(([^ ]* ){7})[^ ]* / jastrow="\11e200 /' $f.xyz >huge.xyz
        for method in vmc dmc; do
            run -1 qmc-sample "${quick[@]}" --method $method huge.xyz
            [[ ${lines[0]} == "qmc-sample: huge.xyz:1: frame 1: "*"not finite"* ]]
            [ "${#lines[@]}" -eq 1 ]
        done
        run -1 qmc-force -q --error 0 --samples 640 huge.xyz
        [[ $output == *"not finite"* ]]
    done
}

@test "orbitals that depend on each other are an error, whatever rounding leaves of their determinants" {
    twice=$(grep -o 'orbitals:R:[0-9]*' cell.xyz) # two orbitals at each of two k points
    [ "$twice" = orbitals:R:4 ]
    sed -E 's/^(H .* )([^ ]*) [^ ]*$/\1\2 \2/' cell.xyz >same.xyz
    run -1 qmc-sample "${quick[@]}" --no-jastrow same.xyz
    [[ $output == "qmc-sample: same.xyz:1: frame 1: the orbitals of k point 2 are linearly dependent"* ]]
    sed -E 's/^(H .* )[^ ]* [^ ]*$/\10 0/' cell.xyz >zero.xyz
    run -1 qmc-sample "${quick[@]}" --no-jastrow zero.xyz
    [[ $output == *"k point 2 are linearly dependent"* ]]
    # what spans the same space is the same trial function: the second orbital beside little of itself, or in other units
    awk '/^H / { $NF = $(NF - 1) + 1e-6 * $NF } { $1 = $1 } 1' OFMT=%.17g CONVFMT=%.17g cell.xyz >close.xyz
    qmc-sample "${quick[@]}" --no-jastrow close.xyz -o close-out.xyz
    qmc-sample "${quick[@]}" --no-jastrow cell.xyz -o far-out.xyz
    awk -v a="$(key vmc_energy close-out.xyz)" -v b="$(key vmc_energy far-out.xyz)" \
        'BEGIN { d = a - b; exit !(d < 1e-6 && d > -1e-6) }'
}

@test "a k point that is no number near 0 is refused" {
    sed -E 's/kpoints="0.0 /kpoints="1e300 /' cell.xyz >far.xyz
    run -3 qmc-sample "${quick[@]}" far.xyz
    [[ $output == *"k point (1e+300, 0, 0): components should be 0 or 1/2" ]]
}

@test "nothing to stop at is a usage error" {
    run -2 qmc-sample --error 0 h2.xyz
    [[ $output == *--samples* ]]
}

@test "--twist-energies: their mean is the energy" {
    qmc-sample "${quick[@]}" --twist-energies cell.xyz -o out.xyz
    xyz-view --table vmc_energy,vmc_energy_error,vmc_twist_energy,vmc_twist_energy_error out.xyz | tail -n 1 |
        tr -s '\t ' '\n' >n
    [ "$(wc -l <n)" -eq 6 ]
    awk '{ x[NR] = $1 } END { m = x[1] - (x[3] + x[4]) / 2; e = x[2] ^ 2 - (x[5] ^ 2 + x[6] ^ 2) / 4
        exit !(m ^ 2 < 1e-18 && e ^ 2 < 1e-18 && x[3] != x[4]) }' n
    qmc-sample "${quick[@]}" out.xyz -o plain.xyz
    run ! grep -q vmc_twist_energy plain.xyz
}

@test "cells have a finite-size correction beside their energy, molecules have none" {
    qmc-sample "${quick[@]}" --structure-factor s.tsv both.xyz -o out.xyz
    [ "$(grep -c 'qmc_finite_size_energy=.*qmc_finite_size_energy_error=' out.xyz)" -eq 1 ]
    grep 'pbc="T T T"' out.xyz | grep -q qmc_finite_size_kinetic_energy_error=
    [ "$(head -n 1 s.tsv)" = "$(printf 'frame\tG_per_A\tS\tS_error\tvectors')" ]
    awk -F'\t' 'NR > 1 && !($1 == 2 && $2 > last && $3 > 0 && $3 < 1.6 && $4 > 0 && $4 < 0.3 && $5 > 0) { bad = 1 }
        { last = NR > 1 ? $2 : 0 } END { exit bad || NR < 5 }' s.tsv
    run -4 qmc-sample "${quick[@]}" --structure-factor no/such/s.tsv h2.xyz
}

# Killed again and again, a little later each time; no shell message about it.
@test "a run killed with kill -9 and started again gives the same bytes as an unbroken one" {
    cat trial.xyz cell.xyz trial.xyz >three.xyz
    run=(qmc-sample "${quick[@]}" --samples 25600 --seed 3 three.xyz)
    "${run[@]}" --structure-factor whole.tsv -o whole.xyz
    kills=0
    for delay in 0.1 0.2 0.3 0.5 0.7 1 1.5 2 3 5 9 20 60; do
        timeout -s KILL $delay "${run[@]}" --checkpoint c --checkpoint-every 0 --structure-factor s.tsv -o out.xyz && break
        [ ! -e out.xyz ] || cmp out.xyz whole.xyz # killed in between its renaming and its end
        kills=$((kills + 1))
    done
    [ "$kills" -ge 2 ]
    cmp out.xyz whole.xyz
    cmp s.tsv whole.tsv
    # of a finished run everything is known; other threads, standard output
    "${run[@]}" --checkpoint c -j 2 | cmp - whole.xyz
}

@test "a terminated run saves its checkpoint, with one Jastrow factor for all frames too" {
    run=(qmc-sample "${quick[@]}" --samples 6400 --optimize-shared both.xyz)
    "${run[@]}" -o whole.xyz
    run -1 "${run[@]}" --checkpoint c --max-time 0.000001 -o out.xyz
    [[ $output == *"--max-time"*"goes on from c"* ]]
    [ -s c ]
    [ ! -e out.xyz ]
    "${run[@]}" --checkpoint c -o out.xyz
    cmp out.xyz whole.xyz
    run -2 qmc-sample --max-time 5 h2.xyz
}

@test "a signal ends the optimiser and the sampling at once; frames done before are kept" {
    cat trial.xyz h2.xyz >two.xyz
    # each would run for hours; 137 is what the second signal makes of a program that goes on
    run -143 timeout --preserve-status -k 60 -s TERM 3 \
        qmc-sample --optimize --optimize-samples 100000 --optimize-steps 1000 --variance-weight 0 h2.xyz -o out.xyz
    [ ! -e out.xyz ]
    run -143 timeout --preserve-status -k 60 -s TERM 3 qmc-sample --error 0 --samples 2000000000 trial.xyz -o out.xyz
    [ ! -e out.xyz ]
    run -143 timeout --preserve-status -k 60 -s TERM 3 \
        qmc-sample --error 2mHa --optimize-samples 3000000 --optimize-steps 1000 two.xyz -o out.xyz
    [ "$(xyz-view --count out.xyz.part)" = 1 ]
}

# Many walkers: pieces that take longer than a signal may wait are given up in the middle.
@test "a signal in the middle of a piece or of the warm-up ends a run at once; it goes on to the same bytes" {
    run -143 timeout --preserve-status -k 60 -s TERM 1 qmc-sample --warmup 1000000000 h2.xyz -o out.xyz
    [ ! -e out.xyz ]
    for method in "vmc --walkers 6000 --warmup 5 --samples 600000" "dmc --walkers 300 --samples 350000 --dmc-timesteps 0.02,0.04"; do
        read -ra options <<<"$method"
        run=(qmc-sample --method "${options[@]}" --error 0 --seed 4 trial.xyz)
        began=$EPOCHREALTIME
        "${run[@]}" -o whole.xyz
        took=$(awk -v a="$began" -v b="$EPOCHREALTIME" 'BEGIN { print b - a }') # on this machine
        signals=0
        read -ra delays < <(awk -v t="$took" 'BEGIN { print 0.2 * t, 0.35 * t, 0.5 * t, 60 }')
        for delay in "${delays[@]}"; do
            status=0
            timeout --preserve-status -s TERM $delay "${run[@]}" --checkpoint c --checkpoint-every 1000 -o out.xyz || status=$?
            [ "$status" -ne 0 ] || break
            [ "$status" -eq 143 ]
            signals=$((signals + 1))
        done
        [ "$signals" -ge 1 ]
        cmp out.xyz whole.xyz
        rm c
    done
}

# timeout(1), shells and make signal a program and its group: several signals, one request.
@test "a signal that comes several times at once ends a run in order, as one does" {
    cat trial.xyz h2.xyz >two.xyz
    qmc-sample --error 2mHa --optimize-samples 100000 --optimize-steps 1000 --variance-weight 0 --checkpoint c \
        --checkpoint-every 1000 two.xyz -o out.xyz 3>&- &
    for _ in $(seq 3000); do # the first frame
        grep -qs vmc_energy out.xyz.* && break
        sleep 0.02
    done
    for _ in 1 2 3; do
        kill -TERM $! || true
        sleep 0.01
    done
    status=0
    wait $! || status=$?
    [ "$status" -eq 143 ]
    [ "$(echo out.xyz*)" = out.xyz.part ]
    [ "$(xyz-view --count out.xyz.part)" = 1 ]
    [ -s c ] # of the first frame
}

@test "a checkpoint of other options, of other frames or damaged is refused" {
    qmc-sample "${quick[@]}" --checkpoint c trial.xyz -o out.xyz
    run -3 qmc-sample "${quick[@]}" --checkpoint c --seed 2 trial.xyz
    [[ $output == *"checkpoint c is of"*"--seed=2"* ]]
    run -3 qmc-sample "${quick[@]}" --checkpoint c cell.xyz
    [[ $output == *"another frame"* ]]
    head -c 300 c >d
    run -3 qmc-sample "${quick[@]}" --checkpoint d trial.xyz
    [[ $output == *damaged* ]]
    run -4 qmc-sample "${quick[@]}" --checkpoint no/such/c trial.xyz
}

dmc=(--method dmc --error 0 --samples 6000 --walkers 32 --warmup 10)

@test "--method dmc adds its energy, the time steps and their energies, and keeps the variational keys" {
    run -0 qmc-sample "${dmc[@]}" trial.xyz -o out.xyz
    for k in dmc_energy dmc_energy_error dmc_timestep dmc_samples dmc_timesteps dmc_timestep_energy dmc_timestep_energy_error; do
        grep -q " $k=" out.xyz
    done
    [ "$(key dmc_timestep out.xyz)" = 0.0 ]
    [ "$(key vmc_energy out.xyz)" = "$(key vmc_energy trial.xyz)" ]
    [ "$(key jastrow out.xyz)" = "$(key jastrow trial.xyz)" ]
    awk -v e="$(key dmc_energy out.xyz)" 'BEGIN { exit !(e > -33 && e < -31) }'
}

@test "one time step is not extrapolated" {
    run -0 qmc-sample "${dmc[@]}" --dmc-timesteps 0.05 trial.xyz -o out.xyz
    [ "$(key dmc_timestep out.xyz)" = 0.05 ]
    run ! grep -q dmc_timesteps out.xyz
}

@test "--method dmc: samples too few for an error bar are an error that says how many are needed" {
    for few in 1 320; do
        run -1 qmc-sample "${dmc[@]}" --samples $few --dmc-timesteps 0.01,0.02,0.03 trial.xyz
        [[ ${lines[0]} == "qmc-sample: trial.xyz:1: frame 1: the samples ($few) "*"at least "*" samples are needed"* ]]
        [ "${#lines[@]}" -eq 1 ]
    done
    [[ $output =~ at\ least\ ([0-9]+)\ samples ]]
    needed=${BASH_REMATCH[1]}
    run -0 qmc-sample "${dmc[@]}" --samples "$needed" --dmc-timesteps 0.01,0.02,0.03 trial.xyz -o out.xyz
    grep -q ' dmc_energy_error=' out.xyz
}

@test "--method dmc: -v tells of both estimators, the population and the extrapolation" {
    run -0 qmc-sample "${dmc[@]}" -v trial.xyz -o out.xyz
    [[ $output == *"DMC time step 0.02 /Ha (effective 0.01"*"growth estimator"*"correlation time"*"effective samples"*"replaced"* ]]
    [[ $output == *"DMC at time step 0: "*"chi^2"* ]]
}

@test "--method dmc: twists have populations of their own; any number of threads gives the same bytes" {
    qmc-sample "${quick[@]}" cell.xyz -o cell-trial.xyz
    qmc-sample "${dmc[@]}" --samples 8000 -j 1 cell-trial.xyz -o one.xyz
    qmc-sample "${dmc[@]}" --samples 8000 -j 3 cell-trial.xyz -o three.xyz
    cmp one.xyz three.xyz
    run -0 qmc-sample "${dmc[@]}" --samples 8000 -v cell-trial.xyz -o three.xyz
    [ "$(grep -c 'twist' <<<"$output")" -ge 4 ]
}

@test "--method dmc goes on from a checkpoint as if it had not been interrupted" {
    qmc-sample "${dmc[@]}" --samples 60000 trial.xyz -o whole.xyz
    status=1 runs=0
    while [ "$status" -eq 1 ] && [ "$runs" -lt 100 ]; do # each ends after one piece of work, however fast the machine
        run qmc-sample "${dmc[@]}" --samples 60000 --checkpoint kept --checkpoint-every 0 --max-time 0.000001 trial.xyz -o parts.xyz
        runs=$((runs + 1))
    done
    [ "$status" -eq 0 ]
    [ "$runs" -gt 2 ]
    cmp whole.xyz parts.xyz
}

@test "time steps that make no sense are a usage error" {
    run -2 qmc-sample --method dmc --dmc-timesteps 0.1,0 trial.xyz
    [[ $output == *--dmc-timesteps* ]]
    run -2 qmc-sample --method dmc --dmc-timesteps 0.1,0.1 trial.xyz
    [[ $output == *twice* ]]
    run -2 qmc-sample --method dmc --dmc-timesteps fast trial.xyz
}

@test "--charge -1 makes an anion of an atom; a charge without electrons is an error" {
    cell-build --molecule H | dft-baseline --orbitals h-dz --ecut 15Ha -o h.xyz
    qmc-sample "${quick[@]}" --charge -1 h.xyz -o anion.xyz
    qmc-sample "${quick[@]}" h.xyz -o atom.xyz
    run ! cmp -s anion.xyz atom.xyz
    run -3 qmc-sample --charge 1 h.xyz
    [[ $output == *"leaves no electron"* ]]
}
