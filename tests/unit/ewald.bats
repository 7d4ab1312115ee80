# SPDX-License-Identifier: GPL-3.0-or-later
load ../helper

@test "Madelung constants of NaCl, CsCl and zincblende come out to twelve digits" { unit ewald madelung; }
@test "the Wigner crystals have their Madelung energies" { unit ewald wigner_crystals; }
@test "protons in a background at rs 1.31 have the energies of the targets" { unit ewald protons; }
@test "nothing depends on the splitting parameter" { unit ewald any_splitting; }
@test "the total energy is the sum over pairs of psi and of the self term" { unit ewald pairs; }
@test "energies do not change under translations, wrapping and other cells of the lattice" { unit ewald invariances; }
@test "Ewald gradients are finite differences" { unit ewald gradients; }
@test "Ewald strain derivatives are finite differences and obey the virial theorem" { unit ewald strain; }
@test "a loose tolerance costs no more accuracy than it says" { unit ewald tolerance; }
