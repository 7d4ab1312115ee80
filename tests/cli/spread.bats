# SPDX-License-Identifier: GPL-3.0-or-later
# Frames over ranks: groups of ranks do frames of their own, and rank 0 writes what one process would, in its order.
load ../helper
bats_require_minimum_version 1.5.0

# cells.xyz, five different cells; bare.xyz, three of them with orbitals, trial.xyz, these with Jastrow factors, too
setup_file() {
    cd "$BATS_FILE_TMPDIR" || return 1
    command -v mpirun >/dev/null || return 0
    cell-build --fluid molecular --atoms 4 --rs 1.8 --count 5 -o cells.xyz
    xyz-view --frames :3 cells.xyz | dft-baseline -q --orbitals h-sz --ecut 12Ha -o bare.xyz
    qmc-sample -q "${quick[@]}" bare.xyz -o trial.xyz
}

setup() {
    cd "$BATS_TEST_TMPDIR" || return 1
    ln -s "$BATS_FILE_TMPDIR"/*.xyz . || true
}

quick=(--error 0 --samples 640 --walkers 64 --warmup 10 --optimize-samples 256 --optimize-steps 2)
force=(qmc-force -j 1 --error 0 --samples 640)
dft=(dft-baseline -j 1 --ecut 12Ha)

# letters FILE: how many went to and from rank 0 in the run whose -v this is
letters() { sed -n 's/.* MB in \([0-9]*\) letters.*/\1/p' "$1"; }

# two FILE: its first two frames, as they stand; entry: length of what the run has added to the history of each
two() { head -n 12 "$1"; }
entry() { two one.xyz | head -n 2 | grep -o '; qmc-force [^"]*' | tr -d '\n' | wc -c; }

@test "frames that do not depend on one another: the bytes and messages of one rank, a letter there and back for each" {
    need_mpi
    local n
    "${force[@]}" -v trial.xyz -o one.xyz 2>one.log
    for n in 2 3; do
        ranks $n "${force[@]}" -v trial.xyz -o $n.xyz 2>$n.log
        cmp one.xyz $n.xyz
        grep -v ' ranks: ' $n.log | cmp one.log -
    done
    [ "$(letters 3.log)" -eq 6 ] # two frames there and back, and the end
    # as deltaqmc-scaling counts: 4 bytes for the end, 16 and 64 with a frame, whose new history is not yet there
    said=$(head -n $(($(wc -l <one.log) * 2 / 3)) one.log | wc -c)
    expected=$((2 * (4 + 16 + 64) + $(two trial.xyz | wc -c) + $(two one.xyz | wc -c) - 2 * $(entry) + said))
    grep -q "$(awk -v n=$expected 'BEGIN { printf "%.4g", n * 1e-6 }') MB in 6 letters" 3.log
}

@test "a frame that needs those before it waits for them: parameters, tables and messages of one rank" {
    need_mpi
    local n sample=(qmc-sample -v -j 1 "${quick[@]}")
    cat trial.xyz bare.xyz trial.xyz >mixed.xyz
    "${sample[@]}" --opt-log log.1 --structure-factor table.1 mixed.xyz -o 1.xyz 2>say.1
    for n in 2 3; do
        ranks $n "${sample[@]}" --opt-log log.$n --structure-factor table.$n mixed.xyz -o $n.xyz 2>say.$n
        for f in log table; do cmp $f.1 $f.$n; done
        cmp 1.xyz $n.xyz
        grep -v ' ranks: ' say.$n | cmp say.1 -
        [ "$(letters say.$n)" -gt 0 ]
    done
}

# near FILE: each frame of cells.xyz, then the same moved a little, twice
near() {
    local i k
    for i in 0 1 2 3 4; do
        for k in 0 1 2; do
            xyz-view --frames $i cells.xyz |
                awk -v k=$k 'NR > 2 { $2 += 0.01 * k * (NR - 2) } { print }'
        done
    done >"$1"
}

@test "frames near one another are done by the same rank, which starts from the one before" {
    need_mpi
    local n
    near near.xyz
    "${dft[@]}" --scf-log log -v near.xyz -o 1.xyz 2>say.1
    mv log log.1
    for n in 2 4; do
        ranks $n "${dft[@]}" --scf-log log -v near.xyz -o $n.xyz 2>say.$n
        cmp 1.xyz $n.xyz
        cmp log.1 log
        grep -v ' ranks: ' say.$n | cmp say.1 -
        ranks $n "${dft[@]}" --scf-log log -q - <near.xyz | cmp 1.xyz -
    done
    [ "$(letters say.4)" -ge $((2 * 3 * 3)) ] # at least three of the five are done elsewhere
}

@test "a bad frame between: those before it are written, or all others" {
    need_mpi
    { xyz-view --frames :2 trial.xyz; xyz-view --drop orbitals --frames 1 trial.xyz; xyz-view --frames 2 trial.xyz; } >bad.xyz
    ranks 3 "${force[@]}" -q bad.xyz -o out.xyz 2>message || status=$?
    [ "${status:-0}" -eq 3 ]
    [ "$(grep -c '^qmc-force: ' message)" -eq 1 ]
    [ "$(grep -c "^qmc-force: bad.xyz:13: frame 3: column 'orbitals' is missing" message)" -eq 1 ]
    [ ! -e out.xyz ]
    "${force[@]}" -q trial.xyz | xyz-view --frames :2 >two.xyz
    cmp two.xyz out.xyz.part
    ranks 3 "${force[@]}" --on-error skip bad.xyz -o skipped.xyz 2>message
    [ "$(grep -c '1 frame skipped' message)" -eq 1 ]
    "${force[@]}" -q --on-error skip bad.xyz -o one.xyz
    cmp one.xyz skipped.xyz
    ranks 3 "${force[@]}" -q trial.xyz none.xyz 2>message >out.xyz || status=$?
    [ "$status" -eq 4 ]
    "${force[@]}" -q trial.xyz | cmp out.xyz -
}

@test "output that cannot be written ends all groups" {
    need_mpi
    ranks 3 sh -c 'exec qmc-force -j 1 --error 0 --samples 640 trial.xyz >/dev/full' 2>message || status=$?
    [ "${status:-0}" -eq 4 ]
    [ "$(grep -c '^qmc-force: ' message)" -eq 1 ]
}

@test "one frame in, one frame out, as long as the writer waits" {
    need_mpi
    mkfifo to from
    ranks 3 "${dft[@]}" -q - <to >from &
    exec 7>to 8<from
    for i in 0 1 2; do
        xyz-view --frames $i cells.xyz >&7
        read -r -t 30 -u 8 count
        [ "$count" -eq 4 ]
        for _ in 1 2 3 4 5; do read -r -t 30 -u 8 _; done
    done
    exec 7>&-
    wait $!
    exec 8<&-
}

@test "frames in work elsewhere are in the checkpoint, and go on with another number of ranks" {
    need_mpi
    local run long=(qmc-force -q -j 1 --error 0 --samples 12800 trial.xyz -o out.xyz)
    ranks 3 "${long[@]}" --checkpoint state --checkpoint-every 0 2>message &
    run=$!
    until_size state 10000 # three frames' walkers
    sleep 0.3
    kill -9 "$(pgrep -n -x -f "${long[*]} --checkpoint state .*")"
    wait "$run" || status=$?
    [ "${status:-0}" -ne 0 ]
    [ ! -e out.xyz ]
    ranks 2 "${long[@]}" --checkpoint state --checkpoint-every 0
    mv out.xyz resumed.xyz
    "${long[@]}"
    cmp out.xyz resumed.xyz
    ranks 2 "${long[@]}" --checkpoint state # nothing is left to do
    cmp out.xyz resumed.xyz
}

@test "--max-time and a signal to rank 0 save what all groups have" {
    need_mpi
    local run long=(qmc-force -q -j 1 --error 0 --samples 64000 --checkpoint state trial.xyz -o out.xyz)
    # stopped at once, a frame is its walkers: three are kept where one process has come to one
    "${long[@]}" --max-time 0.000001 2>message || status=$?
    [ "${status:-0}" -eq 1 ]
    one=$(stat -c %s state)
    rm state
    status=0
    ranks 3 "${long[@]}" --max-time 3 2>message || status=$? # by then all groups have begun
    [ "$status" -eq 1 ]
    [ "$(grep -c '^qmc-force: .*max-time is over' message)" -eq 1 ]
    [ "$(stat -c %s state)" -gt $((29 * one / 10)) ]
    rm state
    ranks 3 "${long[@]}" 2>message &
    run=$!
    sleep 2
    kill -TERM "$(pgrep -o -x -f "${long[*]}")"
    wait "$run" || status=$?
    [ "$status" -eq 143 ]
    [ "$(stat -c %s state)" -gt 10000 ]
}
