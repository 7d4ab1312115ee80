# SPDX-License-Identifier: GPL-3.0-or-later
load ../helper

@test "multiple time steps: without a difference a step is its parts" { unit respa without_a_difference_a_step_is_its_parts; }
@test "multiple time steps: the error is of second order, and that of the difference" { unit respa the_error_is_second_order_and_that_of_the_difference; }
@test "multiple time steps run backwards to their start" { unit respa it_runs_backwards_to_its_start; }
@test "multiple time steps: an oscillator has the frequency of its kicks" { unit respa an_oscillator_has_the_frequency_of_its_kicks; }
@test "multiple time steps: the distribution is that of all forces" { unit respa the_distribution_is_that_of_all_forces; }
@test "multiple time steps, resumed, have the same bits" { unit respa resumed_it_has_the_same_bits; }
