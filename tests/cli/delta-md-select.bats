# SPDX-License-Identifier: GPL-3.0-or-later
# delta-md --select-uncertain: frames worth labelling.
load ../helper

setup_file() {
    cd "$BATS_FILE_TMPDIR" || exit 1
    random_cells
    random_model a.model.gz --sparse 16 --pair 1A
    random_model sure.model.gz --sparse 16 --pair 1A --uncertainty no
    delta-md -q -j 1 --model a.model.gz --temperature 3000K --timestep 0.2fs --steps 300 --every 5 two.xyz -o run.xyz
    # a threshold that half of the frames pass
    xyz-view --table energy_uncertainty run.xyz | awk 'NR > 1' | sort -g | awk '{ x[NR] = $1 } END { printf "%.10g\n", (x[NR / 2] + x[NR / 2 + 1]) / 16 }' >median
}

setup() {
    cd "$BATS_TEST_TMPDIR" || exit 1
    ln -s "$BATS_FILE_TMPDIR"/* .
    MD="delta-md -q -j 1 --model a.model.gz --temperature 3000K --timestep 0.2fs --steps 300 --every 5"
    SELECT="--select-uncertain $(cat median) --select-file chosen.xyz"
}

# column KEY FILE
column() { xyz-view --table "$1" "$2" | awk 'NR > 1 { print $NF }'; }

@test "all frames above the threshold are chosen, as they stand in the trajectory" {
    $MD $SELECT --select-count 1000 two.xyz -o again.xyz
    cmp run.xyz again.xyz
    xyz-view --where "energy_uncertainty>$(awk '{ print 8 * $1 }' median)" run.xyz >above.xyz
    [ "$(grep -c '^8$' above.xyz)" -eq 60 ]
    cmp above.xyz chosen.xyz
}

@test "without a file for them the chosen frames are the output" {
    $MD $SELECT --select-count 50 two.xyz -o again.xyz
    $MD --select-uncertain "$(cat median)" --select-count 50 two.xyz -o instead.xyz
    # they differ in what the history says of the options
    diff <(column time,step,energy chosen.xyz) <(column time,step,energy instead.xyz)
    [ "$(grep -c '^8$' instead.xyz)" -eq 50 ]
    $MD --select-uncertain 1e6 two.xyz -o nothing.xyz
    [ ! -s nothing.xyz ]
    run $MD --select-uncertain 1meV --checkpoint run.ckpt two.xyz -o instead.xyz
    [ "$status" = 2 ]
    [[ "$output" == *"--select-file"* ]]
}

@test "a few are those farthest from each other, as soap-describe chooses them" {
    $MD $SELECT --select-count 50 two.xyz -o again.xyz
    xyz-view --where "energy_uncertainty>$(awk '{ print 8 * $1 }' median)" run.xyz >above.xyz
    soap-describe -q -j 1 --select 50 above.xyz >expected.xyz
    [ "$(grep -c '^8$' chosen.xyz)" -eq 50 ]
    # the model's descriptor is the default one, so the choice is the same
    diff <(column time,step,energy expected.xyz) <(column time,step,energy chosen.xyz)
}

@test "many are thinned on the way and the choice stays varied" {
    $MD $SELECT --select-count 4 --replicas 2 two.xyz -o again.xyz
    [ "$(grep -c '^8$' chosen.xyz)" -eq 4 ]
    # smallest distance of mean descriptors: above that of most choices of four in a row
    nearest() {
        soap-describe -q -j 1 "$1" | awk '/Lattice/ { f++; match($0, /soap:R:[0-9]+/); n = substr($0, RSTART + 7, RLENGTH - 7) }
            /^[HD] / { for (k = 1; k <= n; k++) s[f, k] += $(NF - n + k) }
            END { for (i = 1; i <= f; i++) { l = 0; for (k = 1; k <= n; k++) l += s[i, k] ^ 2; for (k = 1; k <= n; k++) s[i, k] /= sqrt(l) }
                  m = 9; for (i = 1; i <= f; i++) for (j = 1; j < i; j++) { d = 0; for (k = 1; k <= n; k++) d += (s[i, k] - s[j, k]) ^ 2; if (d < m) m = d }
                  print m }'
    }
    local first=0
    for i in 0 8 16 24 32 40; do
        xyz-view --frames $i:$((i + 4)) again.xyz >four.xyz
        awk -v a="$(nearest chosen.xyz)" -v b="$(nearest four.xyz)" 'BEGIN { exit !(a > b) }' && first=$((first + 1))
    done
    [ $first -eq 6 ]
}

@test "the choice can be labelled and fitted" {
    $MD $SELECT --select-count 3 two.xyz -o again.xyz
    dft-baseline -q -j 1 --ecut 8Ha --electron-temperature 8000K chosen.xyz | kernel-fit -q -j 1 --target dft --sparse 8 -o new.model.gz 2>/dev/null
    [ -s new.model.gz ]
}

@test "the frame that ends a run for its uncertainty is chosen, and the file is there" {
    run $MD $SELECT --max-uncertainty "$(awk '{ print $1 * 1.02 }' median)" two.xyz -o failed.xyz
    [ "$status" -eq 1 ]
    [[ "$output" == *"uncertainty is"* ]]
    [ -s chosen.xyz ] && [ -e failed.xyz.part ]
    column energy_uncertainty chosen.xyz | awk -v m="$(cat median)" '{ u = $1 } END { exit !(u > 8 * 1.02 * m) }'
    local step
    step=$(column step chosen.xyz | tail -n 1)
    [[ "$output" == *"step $step: "* ]]
}

@test "killed and started again, the choice is that of an unbroken run" {
    local run="$MD $SELECT --select-count 6 --checkpoint-every 7 two.xyz"
    $run --checkpoint whole.check -o whole.xyz
    mv chosen.xyz whole.chosen.xyz
    for delay in 0.1 0.2 0.15; do
        $run --checkpoint run.check -o again.xyz &
        local pid=$!
        sleep $delay
        kill -9 $pid 2>/dev/null || true
        wait $pid || true
    done
    $run --checkpoint run.check -o again.xyz
    cmp again.xyz whole.xyz
    cmp chosen.xyz whole.chosen.xyz
    $run --checkpoint run.check -o again.xyz
    rm chosen.xyz
    run $run --checkpoint run.check -o again.xyz
    [ "$status" -eq 3 ]
    [[ "$output" == *chosen.xyz* ]]
}

@test "none that is uncertain gives an empty file, a compressed name a compressed one" {
    $MD --select-uncertain 1000eV --select-file none.xyz two.xyz -o again.xyz
    [ -e none.xyz ] && [ ! -s none.xyz ]
    $MD $SELECT --select-file chosen.xyz.gz two.xyz -o again.xyz
    zcat chosen.xyz.gz | grep -c '^8$' | grep -qx 20
}

@test "usage errors end with status 2, a file that cannot be written with 4" {
    for option in "--select-uncertain 1eV --checkpoint x" "--select-file x.xyz" "$SELECT --select-count 0"; do
        run $MD $option two.xyz -o again.xyz
        echo "$option: $output"
        [ "$status" -eq 2 ]
    done
    run ${MD/a.model.gz/sure.model.gz} $SELECT two.xyz -o again.xyz
    [ "$status" -eq 2 ]
    [[ "$output" == *"knows its uncertainty"* ]]
    run $MD --select-uncertain 1e-9eV --select-file no/such/folder.xyz two.xyz -o again.xyz
    [ "$status" -eq 4 ]
    [ ! -e again.xyz.part ] # known before the run
}
