# SPDX-License-Identifier: GPL-3.0-or-later
load ../helper

@test "curves are the sum of their functions" { unit kernel_two_body curves_are_the_sum_of_their_functions; }
@test "curves are smooth to the reach" { unit kernel_two_body curves_are_smooth_to_the_reach; }
@test "a pair potential is recovered to the noise" { unit kernel_two_body a_pair_potential_is_recovered_to_the_noise; }
@test "errors are normal in units of the uncertainty" { unit kernel_two_body errors_are_normal_in_units_of_the_uncertainty; }
@test "closer pairs than any in the fit do not explode" { unit kernel_two_body closer_pairs_than_any_in_the_fit_do_not_explode; }
@test "models survive being stored with and without the term" { unit kernel_two_body models_survive_being_stored_with_and_without_the_term; }
