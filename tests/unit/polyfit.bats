# SPDX-License-Identifier: GPL-3.0-or-later
load ../helper

@test "exact data are interpolated" { unit polyfit exact_data_are_interpolated; }
@test "the evidence finds the order of noisy data" { unit polyfit evidence_finds_the_order_of_noisy_data; }
@test "weights follow the error bars" { unit polyfit weights_follow_the_error_bars; }
@test "too few points are refused" { unit polyfit too_few_points_are_refused; }
