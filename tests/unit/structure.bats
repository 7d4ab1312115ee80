# SPDX-License-Identifier: GPL-3.0-or-later
load ../helper

@test "structure: determinants have the structure factor of their orbitals" { unit structure determinants_have_the_structure_factor_of_their_orbitals; }
@test "structure: electron repulsion is the sum over the structure factor" { unit structure electron_repulsion_is_the_sum_over_the_structure_factor; }
@test "structure: finite size energy is that of the dipole" { unit structure finite_size_energy_is_that_of_the_dipole; }
@test "structure: response is a derivative of the jastrow factor" { unit structure response_is_a_derivative_of_the_jastrow_factor; }
