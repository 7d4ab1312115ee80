# SPDX-License-Identifier: GPL-3.0-or-later
load ../helper

@test "the polynomials of the solid harmonics are the recurrences' values" { unit ao polynomials; }
@test "orbital values are direct lattice sums of the definition" { unit ao values; }
@test "orbitals obey Bloch's theorem when a point or an atom moves by a lattice vector" { unit ao bloch; }
@test "gradients, Hessians, Laplacians and their gradients are finite differences" { unit ao derivatives; }
@test "the analytic Bloch overlap is the integral over the cell" { unit ao overlap; }
@test "Bloch overlaps of diffuse shells, made in reciprocal space, are sums over images" { unit ao overlap_of_diffuse_shells; }
@test "the overlap matrix is symmetric, normalised and positive definite" { unit ao overlap_is_a_metric; }
@test "orbitals made at once are sums over functions" { unit ao few_orbitals; }
@test "where no lattice vector can be counted all orbitals of a cell are zero" { unit ao far_places; }
@test "complex k points and foreign elements are refused with a reason" { unit ao refusals; }
@test "all of this holds in rectangular cells, where diffuse shells are summed in reciprocal space" { unit ao in_rectangular_cells; }
