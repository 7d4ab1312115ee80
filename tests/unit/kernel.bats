# SPDX-License-Identifier: GPL-3.0-or-later
load ../helper

@test "forces and stress are finite differences" { unit kernel forces_and_stress_are_finite_differences; }
@test "forces hold for two elements in open boundaries" { unit kernel forces_hold_for_two_elements_in_open_boundaries; }
@test "supercell has twice the energy" { unit kernel supercell_has_twice_the_energy; }
@test "energy survives rotation permutation and lattice vectors" { unit kernel energy_survives_rotation_permutation_and_lattice_vectors; }
@test "results do not depend on threads" { unit kernel results_do_not_depend_on_threads; }
@test "isolated atom and close pair have finite energies" { unit kernel isolated_atom_and_close_pair_have_finite_energies; }
@test "pair term is smooth and repulsive" { unit kernel pair_term_is_smooth_and_repulsive; }
