# SPDX-License-Identifier: GPL-3.0-or-later
load ../helper

@test "derivatives of local energy and ln Psi with respect to nuclei, molecule" { unit forces nuclei_open; }
@test "derivatives of local energy and ln Psi with respect to nuclei, triclinic cell" { unit forces nuclei_periodic; }
@test "derivatives of local energy and ln Psi with respect to nuclei at a twist" { unit forces nuclei_twist; }
@test "derivatives along the space warp equal differences along moved electrons" { unit forces warp; }
@test "derivatives of local energy and ln Psi with respect to a strain, two twists" { unit forces strain; }
@test "derivatives of tr(A^-1 B) at given grad J equal finite differences of that trace" { unit forces trace; }
@test "warp weights add up to one and have the right gradient, in cells too" { unit forces_parts weights; }
@test "Coulomb gradients and strain derivative equal the exact Ewald sum's" { unit forces_parts coulomb; }
@test "contracted orbital derivatives of s, p, d and f shells equal finite differences" { unit forces_parts contraction; }
@test "which basis sets contraction is not made for is said" { unit forces_parts limits; }
@test "a sample close to a node is damped, others are left alone" { unit forces_parts nodes; }
@test "close to a node estimators of forces diverge, damped ones are bounded" { unit forces_parts bounded; }
@test "a sample of many electrons is not taken for one close to a node" { unit forces_parts large; }
@test "what damping takes away close to a node it gives back farther off, up to the fourth order" { unit forces_parts moments; }
@test "a piece of work that was given up leaves the run as it was: the same sums in the end" { unit force_run given_up; }
@test "a fit of control variates that was given up leaves the run as it was, too" { unit force_run given_up_early; }
@test "control variates of forces: what displaced electrons do to E_L and ln Psi, molecule" { unit controls open; }
@test "control variates of forces: what displaced electrons do to E_L and ln Psi, triclinic cell at a twist" { unit controls periodic; }
@test "control variates of stress: what displaced electrons do to E_L and ln Psi" { unit controls strain; }
@test "control variates of forces and stress: least squares finds known multiples, in spite of means and energies of twists" { unit controls known; }
