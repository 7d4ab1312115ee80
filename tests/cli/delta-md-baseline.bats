# SPDX-License-Identifier: GPL-3.0-or-later
# delta-md --baseline: forces from a command that reads a frame and writes it with energy, forces and stress.
load ../helper

setup_file() {
    cd "$BATS_FILE_TMPDIR" || exit 1
    random_cells
    random_model a.model.gz --sparse 16 --pair 1A
    random_model b.model.gz --sparse 8 --pair 1.2A
}

setup() {
    cd "$BATS_TEST_TMPDIR" || exit 1
    ln -s "$BATS_FILE_TMPDIR"/* .
    MD="delta-md -q -j 1 --temperature 500K --timestep 0.2fs --steps 40"
    A="kernel-predict -q -j 1 --model a.model.gz"
}

# same FILE FILE: frames with the same energies and positions to what the text of positions costs
same() {
    [ "$(grep -c . "$1")" -eq "$(grep -c . "$2")" ]
    paste -d ' ' <(xyz-view --table energy "$1") <(xyz-view --table energy "$2") |
        awk 'NR > 1 { d = $2 - $NF; if (!(d * d < 1e-16)) { print; exit 1 } }'
    paste -d ' ' <(grep ^H "$1") <(grep ^H "$2") |
        awk '{ for (c = 2; c <= NF / 2; c++) { d = $c - $(c + NF / 2); if (!(d * d < 1e-14)) { print; exit 1 } } }'
}

# fails TEXT COMMAND...: status 1, and one line that has the text
fails() {
    local text=$1
    shift
    run "$@"
    echo "$status: $output" # seen when the test fails
    [ "$status" -eq 1 ]
    [ "${#lines[@]}" -eq 1 ]
    [[ "$output" == *"$text"* ]]
}

@test "a model behind a command gives the run that the model itself gives" {
    $MD --model a.model.gz start.xyz >direct.xyz
    $MD --baseline "$A" start.xyz >behind.xyz
    same direct.xyz behind.xyz
}

@test "baseline and model add up, and the uncertainty is the model's" {
    $MD --model a.model.gz --model b.model.gz start.xyz >direct.xyz
    $MD --baseline "$A" --model b.model.gz start.xyz >behind.xyz
    same direct.xyz behind.xyz
    $MD --model b.model.gz start.xyz >b.xyz
    grep -q energy_uncertainty= behind.xyz
}

@test "the entropy beside a plain energy, as kernel-predict writes it, stays for md-average" {
    $MD --baseline "$A | sed -u 's/ energy=/ entropy_energy=1.5&/'" --every 10 start.xyz >run.xyz
    xyz-view --table entropy_energy run.xyz | awk 'NR > 1 && $1 != 1.5 { print; exit 1 } END { exit NR != 5 }'
    fails "entropy_energy" $MD --baseline "$A | sed -u 's/ energy=/ entropy_energy=\"1 2\"&/'" start.xyz
}

@test "--inner makes the steps between those of the baseline, which is asked once a step" {
    $MD --timestep 0.8fs --model a.model.gz --model b.model.gz --inner a.model.gz start.xyz >direct.xyz
    $MD --timestep 0.8fs --baseline "tee asked | $A" --model b.model.gz --inner a.model.gz start.xyz >behind.xyz
    same direct.xyz behind.xyz
    steps=$(xyz-view --table step direct.xyz | tail -n 1)
    [ "$(grep -c Lattice asked)" -eq $((steps + 1)) ]
}

@test "dft-baseline is a baseline: its free energy and forces conserve the energy" {
    cell-build --fluid atomic --species D --atoms 2 --density 0.7g/cm3 >two.xyz
    delta-md -q -j 1 --baseline 'dft-baseline -q -j 1 --ecut 8Ha --electron-temperature 30000K' --ensemble nve \
        --temperature 3000K --timestep 0.1fs --steps 20 --every 5 --log run.tsv two.xyz >run.xyz
    [ "$(grep -c '^2$' run.xyz)" -eq 4 ]
    run sed -n 2p run.xyz
    [[ "$output" == *" energy="* && "$output" == *' stress="'* && "$output" != *dft_forces* ]]
    # what the free energy lacks to the internal energy goes with it, for md-average
    dft-baseline -q -j 1 --ecut 8Ha --electron-temperature 30000K run.xyz >again.xyz
    paste <(xyz-view --table energy,entropy_energy run.xyz) <(xyz-view --table dft_free_energy,dft_entropy_energy again.xyz) |
        awk 'NR > 1 { d = $1 - $3; e = $2 - $4; if (!(d * d < 1e-8 && e * e < 1e-8 && $2 > 0.01)) { print; exit 1 } } END { exit NR != 5 }'
    awk -F '\t' 'NR == 2 { e = $7; u = $6 } NR > 2 { d = $7 - e; v = $6 - u; if (v * v > w) w = v * v; if (d * d > 1e-6) { print; exit 1 } }
        END { if (!(w > 1e-5)) { print "nothing happened", w; exit 1 } }' run.tsv
}

@test "a baseline that dies: one line, and the trajectory up to then" {
    $MD --baseline "$A" --every 1 start.xyz >whole.xyz
    fails "frame 1: step 5: the baseline 'xyz-view --frames 0:5 | $A' ended with exit status 0 instead of answering" \
        $MD --baseline "xyz-view --frames 0:5 | $A" --every 1 start.xyz -o run.xyz
    [ ! -e run.xyz ]
    head -n 40 whole.xyz | grep -v Lattice | cmp - <(grep -v Lattice run.xyz.part)
    fails "ended with exit status 127" $MD --baseline "no-such-program 2>/dev/null" start.xyz
    fails "ended with exit status 7" $MD --baseline "exit 7" start.xyz
    fails "ended with signal 9" $MD --baseline 'kill -9 $$' start.xyz
}

# The length of a sleep, with the number of the test in it, tells its processes from those of other runs.
@test "a baseline that hangs is ended after --timeout, with all that it has started" {
    for hang in "sleep 98761.$$" "sleep 98761.$$ | cat" "sleep 98761.$$ & cat >/dev/null; sleep 98761.$$" "trap '' TERM; sleep 98761.$$; sleep 98761.$$"; do
        fails "no answer within 0.4 s: --timeout allows more" $MD --timeout 0.4 --baseline "$hang" start.xyz
        run pgrep -f "sleep 98761.$$"
        [ -z "$output" ]
    done
}

@test "a baseline that does not read a frame larger than a pipe is noticed" {
    cell-build --fluid atomic --species D --atoms 1500 --density 0.3g/cm3 >large.xyz
    fails "it does not read its input" $MD --timeout 0.4 --baseline "sleep 98762.$$" large.xyz
    fails "ended with exit status 5" $MD --baseline "exec <&-; sleep 0.2; exit 5" large.xyz
}

@test "what is left of a baseline when the run ends is ended, too" {
    $MD --baseline "sleep 98763.$$ >/dev/null & $A" start.xyz >run.xyz
    run pgrep -f "sleep 98763.$$"
    [ -z "$output" ]
}

@test "a baseline ends when the run is killed" {
    $MD --baseline "exec sleep 98766.$$" start.xyz 2>/dev/null &
    local pid=$!
    for _ in $(seq 100); do pgrep -f "sleep 98766.$$" >/dev/null && break; sleep 0.02; done
    kill -9 $pid
    wait $pid || true
    for _ in $(seq 100); do pgrep -f "^sleep 98766.$$" >/dev/null || break; sleep 0.02; done
    run pgrep -f "^sleep 98766.$$"
    [ -z "$output" ]
}

@test "a baseline that writes garbage" {
    fails "line 1 of its answers: " $MD --baseline "echo hello; cat >/dev/null" start.xyz
    fails "line 1 of its answers: " $MD --baseline "yes" start.xyz
    fails "its answer has no energy" $MD --baseline "cat" start.xyz
    fails "ended with exit status 0" $MD --baseline "head -n 5" start.xyz
    fails "no answer within 0.4 s" $MD --timeout 0.4 --baseline "head -n 5; sleep 98765.$$" start.xyz
    fails "more than 64 MB without the end of a line" $MD --baseline "yes | tr '\\n' y" start.xyz
    # shellcheck disable=SC2016
    fails "its answer has no stress" $MD --baseline "$A | sed -u 's/stress=\"[^\"]*\"//'" start.xyz
    fails "forces" $MD --baseline "$A | sed -u 's/:forces:R:3/:other:R:3/'" start.xyz
    fails "its answer has no dft_energy" $MD --baseline-label dft --baseline "$A" start.xyz
}

@test "an answer to another question is not taken" {
    fails "step 1: the baseline 'cat start.xyz - | $A': atom 1 of its answer is not where it was asked for" \
        $MD --baseline "cat start.xyz - | $A" start.xyz
    fails "its answer has 1 atoms, 8 were asked for" $MD --baseline "printf '1\n\nH 0 0 0\n'; cat >/dev/null" start.xyz
}

@test "plain and dft_ labels together are not guessed between" {
    fails "both dft_ and plain" $MD --baseline "$A | sed -u 's/^Lattice/dft_energy=1 Lattice/'" start.xyz
    $MD --baseline-label '' --baseline "$A | sed -u 's/^Lattice/dft_energy=1 Lattice/'" start.xyz >run.xyz
    $MD --model a.model.gz start.xyz >direct.xyz
    same direct.xyz run.xyz
}

@test "baseline and models that were computed differently are refused" {
    sed 's/t_energy=/dft_settings="pbe 20Ha 1x1x1 8000K" &/' labels.xyz >pbe.xyz
    kernel-fit -q -j 1 --target t --sparse 8 pbe.xyz -o pbe.model.gz 2>/dev/null
    sed 's/t_energy=/dft_settings="lda 20Ha 1x1x1 8000K" &/' labels.xyz >lda.xyz
    kernel-fit -q -j 1 --target t --sparse 8 lda.xyz -o lda.model.gz 2>/dev/null
    run $MD --model pbe.model.gz --model lda.model.gz start.xyz
    [ "$status" -eq 3 ]
    [[ "$output" == *"lda.model.gz was fitted to dft_settings 'lda 20Ha 1x1x1 8000K', pbe.model.gz has 'pbe"*"--mixed-settings"* ]]
    $MD --mixed-settings --model pbe.model.gz --model lda.model.gz start.xyz >run.xyz
    local lda="$A | sed -u 's/^Lattice/dft_settings=\"lda 20Ha 1x1x1 8000K\" Lattice/'"
    run $MD --model pbe.model.gz --baseline "$lda" start.xyz
    [ "$status" -eq 3 ]
    [[ "$output" == *"the baseline has 'lda 20Ha"* ]]
    $MD --model lda.model.gz --baseline "$lda" start.xyz >run.xyz
    run $MD --model lda.model.gz --baseline "${lda/8000K/9000K}" start.xyz -o run.xyz
    [ "$status" -eq 0 ]
    [[ "$output" == *"lda.model.gz was fitted at another electronic temperature"* ]]
}

@test "with a checkpoint a baseline's run goes on to the same bytes" {
    local run="$MD --baseline '$A' --model b.model.gz --steps 400 --every 5 start.xyz"
    eval "$run --checkpoint whole.check -o whole.xyz"
    for _ in 1 2 3; do
        eval "$run --checkpoint run.check --checkpoint-every 3 -o run.xyz 2>/dev/null &"
        local pid=$!
        sleep 0.3
        kill -9 $pid 2>/dev/null || true
        wait $pid || true
    done
    eval "$run --checkpoint run.check --checkpoint-every 3 -o run.xyz"
    cmp run.xyz whole.xyz
}

@test "a baseline that remembers is made to forget at every checkpoint: the bytes are the same" {
    # its stress counts the answers since its start (not by awk: some wait for more input than there is)
    cat >count <<'END'
#!/bin/bash
n=0
while IFS= read -r line; do
    if [[ $line =~ ^(.*)stress=\"[^\"]*\"(.*)$ ]]; then
        n=$((n + 1))
        line="${BASH_REMATCH[1]}stress=\"$n 0 0 0 0 0 0 0 0\"${BASH_REMATCH[2]}"
    fi
    printf '%s\n' "$line"
done
END
    chmod +x count
    local counts="$A | ./count"
    cat start.xyz start.xyz >twice.xyz
    local command
    read -ra command <<<"$MD --steps 150 --every 1 twice.xyz --checkpoint-every 11"
    command+=(--baseline "$counts")
    "${command[@]}" --checkpoint whole.check -o whole.xyz
    # 11 answers between two starts, and the start of the trajectory itself
    [ "$(xyz-view --table stress whole.xyz | awk 'NR > 1 && $1 > m { m = $1 } END { printf "%.6g", m }')" = 12 ]
    for signal in KILL TERM KILL; do
        "${command[@]}" --checkpoint run.check -o run.xyz 2>/dev/null &
        local pid=$!
        sleep 0.6
        kill -$signal $pid 2>/dev/null || true
        wait $pid || true
    done
    "${command[@]}" --checkpoint run.check -o run.xyz
    cmp run.xyz whole.xyz
}

@test "after a failure that is passed over the baseline is started again" {
    # 45 answers: all of the first run, the start of the second, which fails; a new command has 45 for the third
    cat start.xyz start.xyz start.xyz >three.xyz
    run $MD --on-error=skip --baseline "xyz-view --frames 0:45 | $A" three.xyz -o run.xyz
    [ "$status" -eq 1 ]
    [ "$(xyz-view --table step run.xyz | awk 'NR > 1 { printf "%s ", $NF }')" = "10 20 30 40 10 20 30 40 " ]
}

@test "a run without any source of forces is a usage error" {
    run $MD start.xyz
    [ "$status" -eq 2 ]
    [[ "$output" == *"--baseline"* ]]
    run $MD --baseline "$A" --timeout 0 start.xyz
    [ "$status" -eq 2 ]
}

@test "a model of a difference without its baseline is warned of" {
    sed 's/t_energy=[^ ]*/& u_energy=-100/' labels.xyz >both.xyz
    kernel-fit -q -j 1 --target t --baseline u --sparse 8 both.xyz -o delta.model.gz 2>/dev/null
    kernel-fit -q -j 1 --target u --sparse 8 both.xyz -o u.model.gz 2>/dev/null
    run $MD --model delta.model.gz start.xyz -o run.xyz
    [ "$status" -eq 0 ]
    [[ "$output" == *"delta.model.gz was fitted to t - u: without a model of u, "* ]]
    for base in "--model u.model.gz" "--baseline '$A'"; do
        run eval "$MD --model delta.model.gz $base start.xyz -o run.xyz"
        [ "$status" -eq 0 ]
        [ -z "$output" ]
    done
}
