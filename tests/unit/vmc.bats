# SPDX-License-Identifier: GPL-3.0-or-later
load ../helper

@test "vmc: update equals inversion" { unit vmc update_equals_inversion; }
@test "vmc: kinetic energy is that of psi" { unit vmc kinetic_energy_is_that_of_psi; }
@test "vmc: moves keep what walkers know" { unit vmc moves_keep_what_walkers_know; }
@test "vmc: absurd moves are rejected" { unit vmc absurd_moves_are_rejected; }
@test "vmc: samples are sweeps and measurements" { unit vmc samples_are_sweeps_and_measurements; }
@test "vmc: coulomb energy is the ewald sum" { unit vmc coulomb_energy_is_the_ewald_sum; }
@test "vmc: coulomb energy of open boundaries is the sum over pairs of every walker" { unit vmc coulomb_energy_of_open_boundaries; }
@test "vmc: local energy is finite at coalescences" { unit vmc local_energy_is_finite_at_coalescences; }
@test "vmc: large box is open space" { unit vmc large_box_is_open_space; }
@test "vmc: molecules far apart do not feel each other" { unit vmc molecules_far_apart_do_not_feel_each_other; }
@test "vmc: without jastrow energies are those of the orbitals" { unit vmc without_jastrow_energies_are_those_of_the_orbitals; }
@test "vmc: error bars are calibrated" { unit vmc error_bars_are_calibrated; }
@test "vmc: results depend on the seed and not on threads" { unit vmc results_depend_on_the_seed_and_not_on_threads; }
@test "vmc: hydrogen atom is nearly exact" { unit vmc hydrogen_atom_is_nearly_exact; }
@test "vmc: optimised jastrow lowers energy and variance" { unit vmc optimised_jastrow_lowers_energy_and_variance; }
@test "vmc: two spins and their limits" { unit vmc two_spins_and_their_limits; }
@test "vmc: pieces are short where the basis is small" { unit vmc pieces_are_short_where_the_basis_is_small; }
