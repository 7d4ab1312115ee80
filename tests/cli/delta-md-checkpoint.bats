# SPDX-License-Identifier: GPL-3.0-or-later
# delta-md --checkpoint: killed at any moment, the same command gives the same bytes as an unbroken run.
load ../helper

# A small model of random labels: only its being a model counts.
setup_file() {
    cd "$BATS_FILE_TMPDIR" || exit 1
    random_cells
    random_model t.model.gz --sparse 16 --pair 1A
}

setup() {
    cd "$BATS_TEST_TMPDIR" || exit 1
    ln -s "$BATS_FILE_TMPDIR"/* .
    MD="delta-md -q -j 1 --model t.model.gz --temperature 500K --timestep 0.2fs"
}

# size FILE
size() { stat -c %s "$1"; }

# killed SECONDS COMMAND...: kill -9 after so long
killed() {
    local delay=$1
    shift
    "$@" 2>/dev/null &
    local pid=$!
    sleep "$delay"
    kill -9 $pid 2>/dev/null || true
    wait $pid 2>/dev/null || true
}

@test "killed at many moments and started again, trajectory and log are those of an unbroken run" {
    for name in run.xyz run.xyz.gz; do
        local run="$MD --steps 1500 --every 10 --checkpoint-every 100 two.xyz"
        $run --log whole.tsv --checkpoint whole.check -o "whole.$name"
        for delay in 0.15 0.3 0.2 0.25 0.1; do
            # shellcheck disable=SC2086
            killed $delay $run --checkpoint run.check --log run.tsv -o "$name"
        done
        $run --checkpoint run.check --log run.tsv -o "$name"
        cmp "$name" "whole.$name"
        cmp run.tsv whole.tsv
        rm ./*.check run.tsv
    done
    $run -o plain.xyz
    cmp plain.xyz run.xyz
    zcat run.xyz.gz | cmp - run.xyz
}

@test "whatever stands behind the checkpoint, half a frame too, is cut off and written again" {
    local run="$MD --steps 300 --every 5 start.xyz"
    $run --log whole.tsv --checkpoint whole.check -o whole.xyz.gz
    delta-md -q -j 1 --model t.model.gz --temperature 500K --timestep 0.2fs --steps 300 --every 5 \
        --checkpoint run.check --checkpoint-every 7 --log run.tsv start.xyz -o run.xyz.gz &
    local pid=$!
    until_size run.check 1
    kill -9 $pid 2>/dev/null || true
    wait $pid || true
    cp run.check kept
    local bytes
    bytes=$(size run.xyz.gz)
    for rest in 0 1 500 100000; do
        cp kept run.check
        { cat run.xyz.gz; head -c $rest /dev/urandom; } >new && mv new run.xyz.gz
        printf 'half a l' >>run.tsv
        $run --checkpoint run.check --checkpoint-every 7 --log run.tsv -o run.xyz.gz
        cmp run.xyz.gz whole.xyz.gz
        cmp run.tsv whole.tsv
    done
    [ "$bytes" -le "$(size whole.xyz.gz)" ]
}

@test "a frame that was written in part, because the disk was full, is written again" {
    local run="$MD --steps 300 --every 5 --checkpoint-every 4 two.xyz"
    for name in run.xyz run.xyz.gz; do
        $run --checkpoint whole.check --log whole.tsv -o whole.$name
        for kilobytes in 7 13 29; do
            # bash counts in blocks of 1024 bytes; the signal of the limit ends the program inside of a write
            (ulimit -f $kilobytes; ulimit -c 0; exec $run --checkpoint run.check --log run.tsv -o $name 2>/dev/null) || true
            [ "$(size $name)" -eq $((kilobytes * 1024)) ] || [ "$(size run.tsv)" -eq $((kilobytes * 1024)) ]
        done
        $run --checkpoint run.check --log run.tsv -o $name
        cmp $name whole.$name
        cmp run.tsv whole.tsv
        rm ./*.check
    done
}

@test "every ensemble, thermostat and cell goes on to the same bytes" {
    # whatever --help lists is tried: a new one is not forgotten
    local help choices
    help=$(delta-md --help)
    choices() { grep -oE -- "--$1[ =][a-z|]+" <<<"$help" | head -n 1 | grep -oE '[a-z]+[|].*' | tr '|' ' '; }
    [ "$(choices ensemble | wc -w)" -ge 5 ]
    local resumed=0
    for ensemble in $(choices ensemble); do
        for thermostat in $(choices thermostat); do
            for cell in $(choices cell); do
                local run="delta-md -q -j 1 --model t.model.gz --temperature 500K --timestep 0.2fs --steps 120 --every 3
                    --ensemble $ensemble --thermostat $thermostat --cell $cell --pressure 2GPa --initial-energy -15eV
                    --checkpoint-every 7 start.xyz"
                $run --checkpoint whole.check -o whole.xyz
                $run --checkpoint run.check -o run.xyz 2>/dev/null &
                local pid=$!
                while [ ! -e run.check ] && kill -0 $pid 2>/dev/null; do :; done
                kill -9 $pid 2>/dev/null || true
                wait $pid || resumed=$((resumed + 1))
                $run --checkpoint run.check -o run.xyz
                cmp run.xyz whole.xyz
                rm run.check whole.check
            done
        done
    done
    [ "$resumed" -ge 10 ] # of 20: killed before the end
}

@test "a signal ends the run after the present step, with a checkpoint" {
    local run="$MD --steps 20000 --every 10 start.xyz"
    for signal in TERM INT; do
        rm -f run.*
        # shellcheck disable=SC2086
        (trap - INT; exec $run --checkpoint run.check -o run.xyz) &
        local pid=$! status=0
        until_size run.xyz 20000
        kill -$signal $pid
        wait $pid || status=$?
        if [ $signal = TERM ]; then [ "$status" -eq 143 ]; else [ "$status" -eq 130 ]; fi
        [ -s run.check ] && [ ! -e run.xyz.part ]
        xyz-view --strict run.xyz >/dev/null
        local before bytes
        before=$(xyz-view --table step run.xyz | wc -l)
        bytes=$(size run.xyz)
        $MD --steps 20000 --every 10 --checkpoint run.check --timestep 0.2fs start.xyz -o run.xyz &
        pid=$!
        until_size run.xyz $((bytes + 1))
        kill -TERM $pid
        wait $pid || true
        [ "$(xyz-view --table step run.xyz | wc -l)" -gt "$before" ]
        # no frame twice, none missing
        xyz-view --table step run.xyz | awk 'NR > 1 && $NF != 10 * (NR - 1) { exit 1 }'
    done
}

@test "the trajectory can be read at every moment, compressed too" {
    local run="$MD --steps 4000 --every 5 start.xyz"
    for name in run.xyz run.xyz.gz; do
        # shellcheck disable=SC2086
        $run --checkpoint check.$name -o $name &
        local pid=$! looks=0
        while kill -0 $pid 2>/dev/null; do
            [ -e $name ] || continue
            kill -STOP $pid 2>/dev/null || break # a reader may see parts of a write that is under way
            xyz-view --strict $name >seen
            kill -CONT $pid 2>/dev/null || true
            sleep 0.01
            [ "$(wc -l <seen)" -eq "$((10 * $(grep -c '^8$' seen || true)))" ]
            looks=$((looks + 1))
        done
        wait $pid
        [ $looks -ge 3 ]
    done
}

@test "a run that has ended is left as it is" {
    local run="$MD --steps 50 --every 10 --checkpoint run.check --log run.tsv two.xyz -o run.xyz.gz"
    $run
    touch -d 2001-01-01 run.xyz.gz run.tsv run.check
    run ${run/-q/}
    [ "$status" -eq 0 ]
    [[ "$output" == *"has ended, run.xyz.gz is complete"* ]]
    [ "$(stat -c %Y run.xyz.gz)" = "$(date -d 2001-01-01 +%s)" ]
    [ "$(stat -c %Y run.tsv)" = "$(date -d 2001-01-01 +%s)" ]
    : >run.tsv
    run $run
    [ "$status" -eq 3 ]
    [[ "$output" == *"run.tsv has 0 bytes"*"remove run.check"* ]]
}

@test "a checkpoint of other options, models, input, or files is refused" {
    local common="--checkpoint run.check -o run.xyz"
    $MD --steps 50 two.xyz $common
    cp run.xyz kept.xyz
    for other in "--steps 60 two.xyz" "--steps 50 --seed 2 two.xyz" "--steps 50 --replicas 2 two.xyz" \
        "--steps 50 --log run.tsv two.xyz" "--steps 50 --ensemble nve two.xyz"; do
        run $MD $other $common
        [ "$status" -eq 3 ]
        [ "${#lines[@]}" -eq 1 ]
        [[ "$output" == "delta-md: checkpoint run.check is of "* ]]
    done
    random_model other.model.gz --sparse 12 --pair 1A
    cp other.model.gz here.gz
    rm t.model.gz && mv here.gz t.model.gz
    run $MD --steps 50 two.xyz $common
    [ "$status" -eq 3 ]
    [[ "$output" == *"run.check was made with other models"* ]]
    rm t.model.gz && ln -s "$BATS_FILE_TMPDIR/t.model.gz" .
    run $MD --steps 50 start.xyz $common
    [ "$status" -eq 3 ]
    [[ "$output" == *"made with more input"* ]]
    run $MD --steps 50 cells.xyz $common
    [ "$status" -eq 3 ]
    [[ "$output" == *"cells.xyz:"*"made with other input"* ]]
    run $MD --steps 50 two.xyz start.xyz $common
    [ "$status" -eq 3 ]
    [[ "$output" == *"has ended after 2 frames of input"* ]]
    run $MD --steps 50 two.xyz --checkpoint start.xyz -o run.xyz
    [ "$status" -eq 3 ]
    [[ "$output" == *"start.xyz is not a checkpoint"* ]]
    cmp run.xyz kept.xyz
}

@test "output that is missing or shorter than the checkpoint knows is an error, not a gap" {
    local run="$MD --steps 100000 --every 10 start.xyz --checkpoint run.check -o run.xyz"
    $run &
    local pid=$!
    until_size run.xyz 20000
    kill -TERM $pid
    wait $pid || true
    truncate -s 1000 run.xyz
    run $run
    [ "$status" -eq 3 ]
    [[ "$output" == *"'run.xyz' has 1000 bytes, "*"remove the checkpoint"* ]]
}

@test "--checkpoint needs a file to continue that is neither input nor in use" {
    run $MD --checkpoint run.check start.xyz
    [ "$status" -eq 2 ]
    [[ "$output" == *"--checkpoint needs -o FILE"* ]]
    run $MD --checkpoint run.xyz start.xyz -o run.xyz
    [ "$status" -eq 2 ]
    [[ "$output" == *"--checkpoint and --output are one file: 'run.xyz'"* ]]
    cp -L start.xyz same.xyz
    run $MD --checkpoint run.check same.xyz -o same.xyz
    [ "$status" -eq 2 ]
    cmp start.xyz same.xyz
    run $MD --checkpoint run.check start.xyz -o /dev/null
    [ "$status" -eq 2 ]
    [[ "$output" == *"not a regular file"* ]]
    $MD --steps 1000000 start.xyz --checkpoint run.check -o run.xyz &
    local pid=$!
    until_size run.xyz 1
    run $MD --steps 1000000 start.xyz --checkpoint run.check -o run.xyz
    kill -9 $pid
    wait $pid || true
    [ "$status" -eq 4 ]
    [[ "$output" == *"being written by another run"* ]]
}

@test "with bad frames passed over, the exit status after a restart is that of an unbroken run" {
    awk '/^[HD] / { $2 = $3 = $4 = 1 } 1' start.xyz >bad.xyz
    cat bad.xyz start.xyz bad.xyz two.xyz >mixed.xyz
    $MD --steps 50 --on-error=skip mixed.xyz -o whole.xyz 2>/dev/null
    killed 0.1 $MD --steps 50 --on-error=skip mixed.xyz --checkpoint run.check --checkpoint-every 5 -o run.xyz
    $MD --steps 50 --on-error=skip mixed.xyz --checkpoint run.check --checkpoint-every 5 -o run.xyz 2>/dev/null
    cmp run.xyz whole.xyz
}
