# SPDX-License-Identifier: GPL-3.0-or-later
load ../helper

setup() {
    cd "$BATS_TEST_TMPDIR" || return 1
}

@test "series: memory is bounded" { unit series memory_is_bounded; }
@test "series: long series have the errors of their correlation" { unit series long_series_have_the_errors_of_their_correlation; }
@test "series: equilibration is found and left out" { unit series equilibration_is_found_and_left_out; }
@test "series: tails without variance are found" { unit series tails_without_variance_are_found; }
@test "series: normal tails are light" { unit series normal_tails_are_light; }
@test "series: a checkpoint gives back what was written" { unit series a_checkpoint_gives_back_what_was_written; }
@test "series: damaged checkpoints are refused" { unit series damaged_checkpoints_are_refused; }
