# SPDX-License-Identifier: GPL-3.0-or-later
load ../helper

@test "a pressure is a third of the trace" { unit kernel_balance a_pressure_is_a_third_of_the_trace; }
@test "unexplained fractions have a quadratic mean" { unit kernel_balance unexplained_fractions_have_a_quadratic_mean; }
@test "the search finds the same noise from both sides" { unit kernel_balance the_search_finds_the_same_noise_from_both_sides; }
