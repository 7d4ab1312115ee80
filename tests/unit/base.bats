# SPDX-License-Identifier: GPL-3.0-or-later
load ../helper

@test "errors carry a status and one text, which may contain the last one" { unit base errors; }
@test "memory is zero and aligned to cache lines" { unit base zero; }
@test "growing keeps the contents and clears the rest" { unit base grow; }
@test "texts are copied and printed" { unit base text; }
@test "the number of threads is what was set" { unit base threads; }

@test "running out of memory ends with status 4 and one line" {
    for case in overflow too_much; do
        [[ $case == overflow || $DRIVERS != *sanitize* ]] || continue # the sanitizer has its own opinion
        run "$DRIVERS/base" $case
        [ "$status" -eq 4 ]
        [ "${#lines[@]}" -eq 1 ]
        [[ "$output" == "base: out of memory: "* ]]
    done
}

@test "messages go to standard error, by verbosity, over an open progress line" {
    "$DRIVERS/base" messages >"$BATS_TEST_TMPDIR/out" 2>"$BATS_TEST_TMPDIR/err"
    [ ! -s "$BATS_TEST_TMPDIR/out" ]
    {
        printf 'made-up: %s\n' 'warning: warning 0' 'warning: warning 1' 'note 1' 'warning: warning 2' 'note 2' \
            'detail 2'
        printf '\rmade-up: half\033[K\r\033[Kmade-up: after\n'
    } | cmp - "$BATS_TEST_TMPDIR/err"
}
