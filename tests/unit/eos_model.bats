# SPDX-License-Identifier: GPL-3.0-or-later
load ../helper

@test "exact data are followed" { unit eos_model exact_data_are_followed; }
@test "weights follow the error bars" { unit eos_model weights_follow_the_error_bars; }
@test "too few points are refused" { unit eos_model too_few_points_are_refused; }
@test "mean and variance of the process are those of the textbook" { unit eos_model process_is_the_one_of_the_book; }
@test "the evidence finds what the data follow" { unit eos_model evidence_finds_what_the_data_follow; }
