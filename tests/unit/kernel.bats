# SPDX-License-Identifier: GPL-3.0-or-later
load ../helper

@test "forces and stress are finite differences" { unit kernel forces_and_stress_are_finite_differences; }
@test "forces hold for two elements in open boundaries" { unit kernel forces_hold_for_two_elements_in_open_boundaries; }
@test "supercell has twice the energy" { unit kernel supercell_has_twice_the_energy; }
@test "energy survives rotation permutation and lattice vectors" { unit kernel energy_survives_rotation_permutation_and_lattice_vectors; }
@test "fit recovers a known potential" { unit kernel fit_recovers_a_known_potential; }
@test "fit recovers a potential of its own kind" { unit kernel fit_recovers_a_potential_of_its_own_kind; }
@test "a label with a huge error has no influence" { unit kernel a_label_with_a_huge_error_has_no_influence; }
@test "qr in pieces equals the normal equations" { unit kernel qr_in_pieces_equals_the_normal_equations; }
@test "noise is found and the uncertainty is honest" { unit kernel noise_is_found_and_the_uncertainty_is_honest; }
@test "errors are normal in units of the uncertainty" { unit kernel errors_are_normal_in_units_of_the_uncertainty; }
@test "variance of forces is that of the energy difference" { unit kernel variance_of_forces_is_that_of_the_energy_difference; }
@test "results do not depend on threads" { unit kernel results_do_not_depend_on_threads; }
@test "isolated atom and close pair have finite energies" { unit kernel isolated_atom_and_close_pair_have_finite_energies; }
@test "pair term is smooth and repulsive" { unit kernel pair_term_is_smooth_and_repulsive; }
@test "farthest points are chosen and duplicates are not" { unit kernel farthest_points_are_chosen_and_duplicates_are_not; }
