# SPDX-License-Identifier: GPL-3.0-or-later
load ../helper

@test "fit recovers a known potential" { unit kernel_fit fit_recovers_a_known_potential; }
@test "fit recovers a potential of its own kind" { unit kernel_fit fit_recovers_a_potential_of_its_own_kind; }
@test "a label with a huge error has no influence" { unit kernel_fit a_label_with_a_huge_error_has_no_influence; }
@test "qr in pieces equals the normal equations" { unit kernel_fit qr_in_pieces_equals_the_normal_equations; }
@test "slopes in two precisions are slopes" { unit kernel_fit slopes_in_two_precisions_are_slopes; }
@test "noise is found and the uncertainty is honest" { unit kernel_fit noise_is_found_and_the_uncertainty_is_honest; }
@test "errors are normal in units of the uncertainty" { unit kernel_fit errors_are_normal_in_units_of_the_uncertainty; }
@test "variance of forces is that of the energy difference" { unit kernel_fit variance_of_forces_is_that_of_the_energy_difference; }
@test "farthest points are chosen and duplicates are not" { unit kernel_fit farthest_points_are_chosen_and_duplicates_are_not; }
