# SPDX-License-Identifier: GPL-3.0-or-later
load ../helper
load ../pair_labels

setup_file() {
    cd "$BATS_FILE_TMPDIR" || exit 1
    cell-build --fluid atomic --atoms 12 --rs 1.9 --count 24 --label gas | pair_labels dft >train.xyz
    cell-build --fluid atomic --atoms 12 --rs 1.9 --count 4 --seed 9 | pair_labels dft >test.xyz
    kernel-fit -q -j 1 --target dft --sparse 150 --pair 0 --n-max 6 --l-max 4 --energy-noise 15meV --stress-noise 1GPa train.xyz -o model.xyz
}

setup() {
    cd "$BATS_FILE_TMPDIR" || exit 1
    NOISE=(--energy-noise 15meV --stress-noise 1GPa) # not searched for
    SMALL=(-j 1 --sparse 40 --n-max 5 --l-max 3)
    FAST=("${SMALL[@]}" "${NOISE[@]}")
}

# figure SET QUANTITY REPORT: rmse in the first unit
figure() {
    awk -F'\t' -v s="$1" -v q="$2" '$1 == s && $2 == "all" && $3 == q { print $5 }' "$3"
}

below() {
    awk -v x="$1" -v y="$2" 'BEGIN { if (x == "" || !(x < y)) { print x " is not below " y; exit 1 } }'
}

# status_is N: and one line that names the program
status_is() {
    [ "$status" -eq "$1" ] || { echo "status $status: $output"; return 1; }
    [[ "$output" == *"kernel-fit: "* ]]
}

@test "a pair potential is recovered: energies, forces and stress of unseen cells" {
    kernel-fit -q -j 1 --target dft --sparse 150 --pair 0 --n-max 6 --l-max 4 "${NOISE[@]}" --validate test.xyz --report r.tsv train.xyz >/dev/null
    below "$(figure validation energy r.tsv)" 15
    below "$(figure validation forces r.tsv)" 150
    below "$(figure validation stress r.tsv)" 2
    kernel-predict --model model.xyz test.xyz | xyz-view --table dft_energy,energy >t.tsv
    awk -F'\t' 'NR > 1 { d = $1 - $2; if (NF != 2 || d * d > 0.3 ^ 2) exit 1; n++ } END { exit n != 4 }' t.tsv
}

@test "the table of labels says what was found" {
    run kernel-fit "${FAST[@]}" --target dft train.xyz -o other.xyz
    [ "$status" -eq 0 ]
    [[ "$output" == *"dft_energy"*" 24 "*"eV/atom"* ]]
    [[ "$output" == *"dft_forces"*" 24 "*"eV/A"* ]]
    [[ "$output" == *"dft_stress"*" 24 "*"eV/A3"* ]]
}

@test "a difference of labels is what is fitted" {
    cell-build --fluid atomic --atoms 12 --rs 1.9 --count 24 | pair_labels dft 20 | pair_labels vmc 50 >both.xyz
    cell-build --fluid atomic --atoms 12 --rs 1.9 --count 24 | pair_labels delta 30 >delta.xyz
    kernel-fit -q "${FAST[@]}" --target vmc --baseline dft both.xyz -o one.xyz
    kernel-fit -q "${FAST[@]}" --target delta delta.xyz -o two.xyz
    for m in one two; do kernel-predict --model $m.xyz test.xyz | xyz-view --table energy >$m.tsv; done
    awk 'FNR == 1 { next } NR == FNR { x[FNR] = $1; next } { d = $1 - x[FNR]; if (d * d > 1e-10) exit 1; n++ } END { exit n != 4 }' one.tsv two.tsv
    xyz-view --frames 0 --table target,baseline one.xyz | grep -q "vmc.dft"
}

@test "differences are told from total energies: no repulsion, looser energies" {
    awk '{ if (match($0, /dft_energy=[^ ]*/)) { e = substr($0, RSTART + 11, RLENGTH - 11)
        sub(/dft_energy=[^ ]*/, sprintf("dft_energy=%.12g", e - 12 * 13.6)) } print }' train.xyz >total.xyz
    run kernel-fit "${SMALL[@]}" --target dft total.xyz -o total-model.xyz
    [[ "$output" != *"differences"* && "$output" == *"with the fixed repulsion below 1 A"* ]]
    run kernel-fit "${SMALL[@]}" --target dft train.xyz -o other.xyz
    [[ "$output" == *"of the variance of frames left out unexplained"* ]]
    [[ "$output" == *"labels are differences"*"no repulsion"* && "$output" != *"with the fixed repulsion"* ]]
    for m in total-model other; do xyz-view --frames 0 --table energy_noise_Ha,pair_cutoff_bohr $m.xyz >$m.tsv; done
    paste total-model.tsv other.tsv | awk 'NR == 2 { exit !($3 > 10 * $1 && $2 > 1.8 && $4 == 0) }'
    pair_labels vmc 50 <total.xyz >both.xyz
    run kernel-fit "${SMALL[@]}" --target vmc --baseline dft both.xyz -o baseline.xyz
    [[ "$output" != *"labels are differences"* && "$output" != *"with the fixed repulsion"* ]]
    xyz-view --frames 0 --table energy_noise_Ha baseline.xyz | awk 'NR == 2 { exit !($1 < 4e-5) }'
    run kernel-fit "${SMALL[@]}" --target dft --energy-noise 3meV --pair 1A --two-body 0 train.xyz -o other.xyz
    # sqrt(12) 3 meV over the volume of 12 atoms at rs 1.9
    [[ "$output" == *"energy noise 0.003 eV, stress noise 0.0326 GPa, with the repulsion"* && "$output" != *"two-body term"* ]]
    run kernel-fit --target dft --two-body 4A train.xyz
    status_is 2
}

@test "the free energy is preferred, a label with energies only is fitted too" {
    sed 's/dft_energy=\([^ ]*\)/dft_energy=7 dft_free_energy=\1 dft_entropy_energy=\1/' train.xyz >free.xyz
    run kernel-fit "${FAST[@]}" --target dft free.xyz -o one.xyz
    [[ "$output" == *dft_free_energy* ]]
    kernel-fit -q "${FAST[@]}" --target dft train.xyz -o two.xyz
    kernel-fit -q "${FAST[@]}" --target dft_entropy free.xyz -o entropy.xyz
    for m in one two; do kernel-predict --model $m.xyz test.xyz | xyz-view --table energy >$m.tsv; done
    cmp one.tsv two.tsv
    kernel-predict --key entropy --model entropy.xyz test.xyz | xyz-view --table entropy_energy | grep -q '[0-9]'
}

@test "the model is the same for any number of threads, from a file, a pipe and a compressed file" {
    kernel-fit -q "${FAST[@]}" --target dft train.xyz -o one.xyz
    kernel-fit -q "${FAST[@]}" -j 2 --target dft train.xyz -o two.xyz
    cmp one.xyz two.xyz
    kernel-fit -q "${FAST[@]}" --target dft <train.xyz | cmp - one.xyz
    gzip -c train.xyz >train.xyz.gz
    kernel-fit -q "${FAST[@]}" --target dft --compress=never train.xyz.gz | cmp - one.xyz
    kernel-fit -q "${FAST[@]}" --target dft train.xyz -o one.xyz.gz
    gzip -dc one.xyz.gz | cmp - one.xyz
}

@test "error bars are weights: a spoiled energy with a huge one does no harm" {
    sed '0,/dft_energy=[^ ]*/s//dft_energy=1e4 dft_energy_error=1e7/' train.xyz >spoiled.xyz
    sed '0,/dft_energy=[^ ]*/s///' train.xyz >without.xyz
    kernel-fit -q "${FAST[@]}" --amplitude 3eV --target dft spoiled.xyz -o one.xyz
    kernel-fit -q "${FAST[@]}" --amplitude 3eV --target dft without.xyz -o two.xyz
    for m in one two; do kernel-predict --model $m.xyz test.xyz | xyz-view --table energy >$m.tsv; done
    awk 'FNR == 1 { next } NR == FNR { x[FNR] = $1; next } { d = $1 - x[FNR]; if (d * d > 1e-8) exit 1; n++ } END { exit n != 4 }' one.tsv two.tsv
}

@test "frames without labels are counted and left out; the reports are by config_type" {
    { cat train.xyz; cell-build --fluid atomic --atoms 12 --rs 1.9; } >more.xyz
    run kernel-fit "${FAST[@]}" --validation-fraction 0.25 --report r.tsv --target dft more.xyz -o m.xyz
    [ "$status" -eq 0 ]
    [[ "$output" == *"1 frame without any of these labels is not used"* ]]
    [ "$(awk -F'\t' '$1 == "validation" && $2 == "gas" && $3 == "energy" { print $4 }' r.tsv)" -eq 6 ]
    [ "$(awk -F'\t' '$1 == "training" && $2 == "gas" && $3 == "forces" { print $4 }' r.tsv)" -eq 648 ]
}

@test "the report tells what noise in the labels explains of the errors" {
    # noise of a known size on the validation forces and its error bars: the rest is the error without it
    awk -v FS=' ' 'BEGIN { srand(3) }
        function normal() { return 0.4 * sqrt(-2 * log(1 - rand())) * cos(6.283185307179586 * rand()) }
        /Properties/ { sub(/dft_forces:R:3/, "&:dft_forces_error:R:3"); print; next }
        NF > 6 { $5 += normal(); $6 += normal(); $7 += normal(); print $0, 0.4, 0.4, 0.4; next } 1' test.xyz >noisy.xyz
    for f in test noisy; do
        kernel-fit -q "${FAST[@]}" --amplitude 3eV --target dft --validate $f.xyz --report $f.tsv train.xyz -o m.xyz
    done
    awk -F'\t' '$1 != "validation" || $2 != "all" || $3 != "forces" { next }
        FILENAME == "test.tsv" { exact = $5; bad = $13 != 0 || $14 != $5; next }
        { # the mean square of n errors e + noise s: e^2 + s^2, within sqrt((2 s^4 + 4 s^2 e^2) / n)
            print exact, $5, $13, $14
            d = ($14 ^ 2 - exact ^ 2) / sqrt((2 * $13 ^ 4 + 4 * ($13 * exact) ^ 2) / $4)
            exit bad || $13 != 400 || d * d > 9 }' test.tsv noisy.tsv
}

@test "the power of the kernel is 4 with fewer than 300 environments, then 2, or what --zeta says" {
    zeta() { kernel-fit -q --target dft "${FAST[@]}" "$@" train.xyz | xyz-view --frames 0 --table zeta | tail -n 1; }
    [ "$(zeta --sparse 299)" = 4.0 ]
    [ "$(zeta --sparse 300)" = 2.0 ]
    [ "$(zeta --sparse 40 --zeta 3)" = 3.0 ]
}

@test "fewer environments than asked for, one frame and one atom are enough" {
    xyz-view --frames 0 train.xyz >one.xyz
    run kernel-fit -j 1 --target dft one.xyz -o m.xyz
    [ "$status" -eq 0 ]
    [[ "$output" == *"12 of 12 environments"* ]]
    printf '1\nProperties=species:S:1:pos:R:3 pbc="F F F" vmc_energy=-13.6\nH 0 0 0\n' >atom.xyz
    kernel-fit -q --target vmc atom.xyz -o m.xyz
    kernel-predict --model m.xyz atom.xyz | xyz-view --table energy | awk 'NR == 2 { exit ($1 + 13.6) ^ 2 > 1e-9 }'
}

@test "more elements than a model takes are an error that says how many it takes" {
    { printf '17\nProperties=species:S:1:pos:R:3 pbc="F F F" vmc_energy=-13.6\n'
      local x=0; for z in H He Li Be B C N O F Ne Na Mg Al Si P S Cl; do echo "$z $((x += 2)) 0 0"; done; } >many.xyz
    run kernel-fit -j 1 --target vmc many.xyz
    status_is 3
    [[ "$output" == *"17 elements"*"at most 16"* ]]
}

@test "--e0 sets the energy of the isolated atoms" {
    kernel-fit -q "${FAST[@]}" --target dft --e0 H=-13.6eV train.xyz | xyz-view --frames 0 --table e0_Ha |
        awk 'NR == 2 { exit ($1 + 0.49979) ^ 2 > 1e-8 }'
    run kernel-fit --target dft --e0 Q=3 train.xyz
    status_is 2
}

@test "labels of different calculations are refused, temperatures warned of" {
    sed 's/pbc=/dft_settings="pbe 30Ha 1x1x1 8000K" &/' test.xyz >a.xyz
    sed 's/pbc=/dft_settings="pbe 30Ha 1x1x1 4000K" &/' test.xyz >b.xyz
    sed 's/pbc=/dft_settings="lda 30Ha 1x1x1 8000K" &/' test.xyz >c.xyz
    run kernel-fit "${FAST[@]}" --target dft a.xyz b.xyz -o m.xyz
    [ "$status" -eq 0 ]
    [[ "$output" == *"several electronic temperatures"* ]]
    run kernel-fit "${FAST[@]}" --target dft a.xyz c.xyz
    status_is 3
    [[ "$output" == *"c.xyz:"*"frame 1: dft_settings are 'lda"* ]]
    kernel-fit -q "${FAST[@]}" --target dft --mixed-settings a.xyz c.xyz -o m.xyz
    xyz-view --frames 0 --table dft_settings m.xyz | grep -q .
}

@test "a skipped frame is neither fitted nor counted" {
    sed 's/pbc=/dft_settings="pbe 30Ha 1x1x1 8000K" &/' test.xyz >a.xyz
    sed 's/pbc=/dft_settings="lda 30Ha 1x1x1 8000K" &/' test.xyz >c.xyz
    kernel-fit -q "${FAST[@]}" --target dft a.xyz -o alone.xyz
    run kernel-fit "${FAST[@]}" --target dft --on-error=skip a.xyz c.xyz -o skipped.xyz
    [ "$status" -eq 0 ]
    [[ "$output" == *"dft_energy"*" 4 "*"4 frames skipped"* ]]
    for m in alone skipped; do xyz-view --json $m.xyz | sed 's/"history"[^]}]*//' >$m.json; done
    cmp alone.json skipped.json
}

@test "validation frames of another calculation are refused, too, and temperatures warned of" {
    sed 's/pbc=/dft_settings="pbe 30Ha 1x1x1 8000K" &/' test.xyz >a.xyz
    sed 's/pbc=/dft_settings="pbe 30Ha 1x1x1 4000K" &/' test.xyz >b.xyz
    sed 's/pbc=/dft_settings="lda 30Ha 1x1x1 8000K" &/' test.xyz >c.xyz
    run kernel-fit "${FAST[@]}" --target dft --validate c.xyz a.xyz -o refused.xyz
    status_is 3
    [[ "$output" == *"c.xyz:"*"frame 1: dft_settings are 'lda"* ]] && [ ! -e refused.xyz ]
    run kernel-fit "${FAST[@]}" --target dft --validate b.xyz a.xyz -o m.xyz
    [ "$status" -eq 0 ]
    [[ "$output" == *"several electronic temperatures"* && "$output" != *"the model is of none"* ]]
    kernel-fit -q "${FAST[@]}" --target dft --mixed-settings --validate c.xyz a.xyz -o m.xyz
    # the model has the settings of what it was fitted to, here unknown
    kernel-fit -q "${FAST[@]}" --target dft --validate c.xyz test.xyz -o m.xyz
    run xyz-view --frames 0 --table dft_settings m.xyz
    [[ "$output" == *NA ]]
}

@test "a bad validation frame is passed over as any other, and a file cut off is told of" {
    { cat test.xyz; sed '3s/H/H nan/' test.xyz; sed 's/pbc=/dft_settings="lda 30Ha 1x1x1" &/' test.xyz; } >mixed.xyz
    sed 's/pbc=/dft_settings="pbe 30Ha 1x1x1" &/' train.xyz >pbe.xyz
    run kernel-fit -q "${FAST[@]}" --target dft --validate mixed.xyz pbe.xyz -o stopped.xyz
    status_is 3
    [[ "$output" == "kernel-fit: mixed.xyz:"*": frame 5: "* && ! "$output" =~ $'\n' && ! -e stopped.xyz ]]
    run kernel-fit -q "${FAST[@]}" --target dft --on-error=skip --validate mixed.xyz --report mixed.tsv pbe.xyz -o mixed-model.xyz
    [ "$status" -eq 0 ]
    [[ "$output" == *"mixed.xyz:"*"frame 9: dft_settings"*"5 frames skipped"* ]]
    { cat test.xyz; tail -n +15 test.xyz; } >seven.xyz # all but the first of the second copy
    kernel-fit -q "${FAST[@]}" --target dft --validate seven.xyz --report seven.tsv pbe.xyz -o seven-model.xyz
    cmp mixed.tsv seven.tsv
    head -n -3 test.xyz >cut.xyz
    run kernel-fit -q "${FAST[@]}" --target dft --on-error=skip --validate cut.xyz --report cut.tsv pbe.xyz -o cut-model.xyz
    status_is 3
    [ "$(awk -F'\t' '$1 == "validation" && $3 == "energy" && $2 == "all" { print $4 }' cut.tsv)" -eq 3 ]
    [ -e cut-model.xyz ]
}

@test "the model does not depend on the frames it is tested on" {
    # as total energies those fitted have another noise than the differences that they are tested on
    sed 's/dft_energy=[-0-9.e]*/dft_energy=9000/' test.xyz >other.xyz
    sed 's/dft_energy=[-0-9.e]*/dft_energy=-300/' train.xyz >total.xyz
    kernel-fit -q "${SMALL[@]}" --target dft total.xyz -o alone.xyz
    kernel-fit -q "${SMALL[@]}" --target dft --validate other.xyz total.xyz -o tested.xyz
    for m in alone tested; do xyz-view --json $m.xyz | sed 's/"history"[^]}]*//' >$m.json; done
    cmp alone.json tested.json
}

@test "missing labels, labels that are not numbers, and bad errors end with status 3" {
    run kernel-fit --target vmc train.xyz
    status_is 3
    [[ "$output" == *"no frame has vmc_energy, vmc_free_energy, vmc_forces or vmc_stress"* ]]
    run kernel-fit --target '' train.xyz
    status_is 3
    [[ "$output" == *"no frame has energy, free_energy, forces or stress"* ]]
    run kernel-fit --target dft </dev/null
    status_is 3
    sed '0,/dft_energy=[^ ]*/s//dft_energy=nan/' train.xyz >bad.xyz
    run kernel-fit --target dft bad.xyz
    status_is 3
    sed '0,/dft_energy=[^ ]*/s//dft_energy=1 dft_energy_error=-2/' train.xyz >bad.xyz
    run kernel-fit --target dft bad.xyz
    status_is 3
    [[ "$output" == *"bad.xyz:2: frame 1: "* || "$output" == *"bad.xyz:1: frame 1: "* ]]
    sed '0,/dft_stress="[^"]*"/s//dft_stress="1 2 3"/' train.xyz >bad.xyz
    run kernel-fit --target dft bad.xyz
    status_is 3
    head -n 20 train.xyz >bad.xyz
    run kernel-fit --target dft bad.xyz
    status_is 3
}

@test "an absurd force is named, duplicates, zero forces and some stresses are no harm" {
    awk 'NR == 14 * 7 + 5 { $5 = 9e3 } 1' train.xyz >absurd.xyz
    run kernel-fit "${FAST[@]}" --target dft absurd.xyz -o m.xyz
    [ "$status" -eq 0 ]
    [[ "$output" == *"frame 8: the force on atom 3 is "*"times the rms error"* ]]
    run kernel-fit "${FAST[@]}" --target dft train.xyz -o m.xyz
    [[ "$output" != *"off the fit"* ]]
    kernel-fit -q "${FAST[@]}" --amplitude 1eV --target dft --validate test.xyz --report once.tsv train.xyz >/dev/null
    kernel-fit -q "${FAST[@]}" --amplitude 1eV --target dft --validate test.xyz --report twice.tsv train.xyz train.xyz >/dev/null
    below "$(figure validation forces twice.tsv)" "$(awk -v x="$(figure validation forces once.tsv)" 'BEGIN { print 1.3 * x }')"
    xyz-view --frames 0 train.xyz >one.xyz
    run kernel-fit -j 1 --target dft one.xyz one.xyz -o m.xyz
    [[ "$output" == *"12 of 24 environments"* ]]
    awk 'NF == 7 { $5 = $6 = $7 = 0 } 1' train.xyz >zero.xyz
    kernel-fit -q "${FAST[@]}" --target dft zero.xyz | xyz-view --frames 0 | grep -q weight
    awk '/dft_stress/ && n++ % 3 { sub(/dft_stress="[^"]*"/, "") } 1' train.xyz >some.xyz
    run kernel-fit "${FAST[@]}" --target dft some.xyz -o m.xyz
    [ "$status" -eq 0 ] && [[ "$output" == *"dft_stress"*" 8 "* ]]
}

@test "wrong usage ends with status 2" {
    run kernel-fit train.xyz
    status_is 2
    run kernel-fit --target dft --transition 4A train.xyz
    status_is 2
    run kernel-fit --target dft --sparse 0 train.xyz
    status_is 2
    # the neighbours within a micrometre fit no memory; the largest cut-off works
    for cutoff in 10000A 20.1A; do
        run kernel-fit --target dft --cutoff $cutoff </dev/null
        status_is 2
        [[ "$output" == *"at most 20 A"* ]]
    done
    xyz-view --frames 0 train.xyz | kernel-fit -q "${FAST[@]}" --target dft --cutoff 20A --two-body 3A -o m.xyz
}

@test "the model appears complete or not at all" {
    run kernel-fit -q --target vmc train.xyz -o none.xyz
    [ "$status" -eq 3 ] && [ ! -e none.xyz ]
    run kernel-fit -q "${FAST[@]}" --target dft train.xyz -o nowhere/model.xyz
    [ "$status" -eq 4 ]
}

@test "--tune makes the errors of unseen cells smaller; log and model say what was chosen" {
    for objective in validation evidence; do
        local start=("${NOISE[@]}" --sigma 1A --cutoff 2A --transition 1A --radial-scale 0 --pair 0 --two-body 0)
        run kernel-fit -j 1 --sparse 30 --n-max 4 --l-max 3 --target dft "${start[@]}" --tune sigma,zeta,energy-noise --tune-objective $objective --tune-sparse 30 --tune-frames 12 --tune-evaluations 20 --validate test.xyz --report tuned.tsv -o tuned.xyz train.xyz
        [ "$status" -eq 0 ]
        [[ "$output" == *"tune   1  "*"sigma=1A"* && "$output" == *"tuned: sigma="* ]]
        kernel-fit -q -j 1 --sparse 30 --n-max 4 --l-max 3 --target dft "${start[@]}" --validate test.xyz --report plain.tsv train.xyz >/dev/null
        below "$(figure validation forces tuned.tsv)" "$(figure validation forces plain.tsv)"
        xyz-view --frames 0 --table tuned,soap_sigma_bohr,zeta,energy_noise_Ha tuned.xyz >t.tsv
        awk -F'\t' 'NR == 2 { exit !($1 ~ /sigma=.*zeta=.*evaluations/ && $2 < 1.8 && $3 >= 1 && $4 > 0) }' t.tsv
    done
    run kernel-fit --target dft --tune sigma,simga train.xyz
    status_is 2
    [[ "$output" == *"'simga' cannot be tuned"* ]]
    xyz-view --frames 0 train.xyz >one.xyz
    run kernel-fit --target dft --tune sigma one.xyz
    status_is 3
}

@test "--tune-evaluations is the most that is done, and the best of them is taken" {
    for n in 1 2 7; do
        for what in sigma,zeta zeta sigma sigma,energy-noise; do
            run kernel-fit "${FAST[@]}" --sigma 1A --target dft --tune $what --tune-evaluations $n --tune-sparse 20 --tune-frames 6 -o tuned.xyz train.xyz
            [ "$status" -eq 0 ]
            tuned=$(grep -o 'tuned: .*' <<<"$output")
            awk -v n="$n" -v tuned="$tuned" '/tune +[0-9]+  / { sub(/.*tune +/, ""); if ($1 + 0 > n) bad = 1; if (!count++ || $2 < least) { least = $2; sub(/.*[0-9]  /, ""); best = $0 } }
                END { if (bad || count < 1 || index(tuned, "tuned: " best ": ") != 1 || tuned !~ "after " count " evaluation") { print n, count, best, tuned; exit 1 } }' <<<"$output"
            [ $n -eq 7 ] || [[ "$tuned" == *" $n evaluation"* ]]
        done
    done
}

@test "--learning-curve and --plot: tables and figures" {
    kernel-fit -q "${FAST[@]}" --target dft --validate test.xyz --learning-curve curve.tsv --plot parity.svg train.xyz >/dev/null
    awk -F'\t' 'NR > 1 { n[$3] = n[$3] " " $1; if ($3 == "forces") e[$1] = $4 }
        END { exit !(n["energy"] == " 1 3 6 12 24" && n["forces"] == n["energy"] && n["stress"] == n["energy"] && e[24] < 0.5 * e[1]) }' curve.tsv
    grep -q '<svg' parity.svg && grep -q 'Force components' parity.svg && grep -q 'validation' parity.svg
    kernel-fit -q "${FAST[@]}" --target dft --validate test.xyz --learning-curve curve.png train.xyz >/dev/null
    head -c 4 curve.png | grep -q PNG
    run kernel-fit "${FAST[@]}" --target dft --learning-curve curve.tsv train.xyz
    status_is 2
    run kernel-fit "${FAST[@]}" --target dft --plot parity.gif train.xyz
    status_is 2
}

@test "ASE reads a model" {
    need_ase
    "$ASE" - <<'END'
from ase.io import read
m = read("model.xyz", ":")
assert len(m) == m[0].info["model_environments"] == 150
assert all(len(a) > 1 and abs(a.positions[0]).max() == 0 and "weight" in a.info for a in m)
assert max(a.get_distances(0, range(len(a))).max() for a in m) < 3.0  # the default cut-off
END
}

@test "published differences of VMC and PBE: energies and forces of 15 cells from 15 others" {
    need_data delta-vmc-pbe.xyz.gz
    xyz-view --frames 0:15 "$DELTAQMC_DATA/delta-vmc-pbe.xyz.gz" >some.xyz
    xyz-view --frames 15:30 "$DELTAQMC_DATA/delta-vmc-pbe.xyz.gz" >rest.xyz
    # Tenti et al., PRB 110, L041107: 0.83 mHa/atom and 2.40 mHa/bohr from 666 cells; the last cell has a pair at 0.39 A
    kernel-fit -q --target published_delta --sparse 300 --uncertainty no --validate rest.xyz --report r.tsv some.xyz >/dev/null
    awk -F'\t' '$1 == "validation" && $2 == "all" { y[$3] = $9 }
        END { print y["energy"], y["forces"]; exit !(y["energy"] < 1 && y["forces"] < 4 && y["forces"] > 1) }' r.tsv
    # one pressure a cell, which energies and forces alone leave 3 to 4 GPa off (0.061 GPa from 666 cells)
    awk -F'\t' '$1 == "validation" && $2 == "all" && $3 == "stress" { print; n++; exit !($4 == 15 && $5 < 0.7 && $7 ^ 2 < 0.3 ^ 2) } END { exit n != 1 }' r.tsv
}

@test "20 frames of 128 atoms with 200 environments are learned better than by the established code" {
    need_data liquid-train.xyz.gz
    xyz-view --frames 0:20 "$DELTAQMC_DATA/liquid-train.xyz.gz" >some.xyz
    xyz-view --frames 110:160 "$DELTAQMC_DATA/liquid-train.xyz.gz" >rest.xyz
    kernel-fit -q --target dft --sparse 200 --uncertainty no --validate rest.xyz --report r.tsv some.xyz >/dev/null
    awk -F'\t' '$1 == "validation" && $2 == "all" { x = $9 ^ 2; if ($3 == "energy") x -= $11 ^ 2; y[$3] = sqrt(x) }
        END { print y["energy"], y["forces"]; exit !(y["energy"] < 0.405 && y["forces"] < 7.17 && y["forces"] > 3.9) }' r.tsv
}
