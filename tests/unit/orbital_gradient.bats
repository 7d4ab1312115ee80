# SPDX-License-Identifier: GPL-3.0-or-later
load ../helper

@test "d ln Psi / d coefficients equals finite differences, two twists, equal and unequal spins" { unit orbital_gradient derivative; }
@test "in every sample the derivative along the occupied orbitals is that of a determinant" { unit orbital_gradient span; }
@test "the orbital gradient has no component along the occupied orbitals" { unit orbital_gradient projection; }
@test "the orbital gradient equals the slope of the energy by correlated sampling" { unit orbital_gradient slope; }
@test "replicas have the variance of gradient, force, stress and of their sums over many runs" { unit orbital_gradient replicas; }
@test "five walkers of each twist are needed and enough" { unit orbital_gradient walkers; }
