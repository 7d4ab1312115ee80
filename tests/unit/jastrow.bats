# SPDX-License-Identifier: GPL-3.0-or-later
load ../helper

@test "Jastrow: gradient and Laplacian are the derivatives of the value" { unit jastrow gradient_and_laplacian; }
@test "Jastrow: the terms of one electron agree with the whole before and after a move" { unit jastrow one_electron; }
@test "Jastrow: two electrons, who are treated apart, have the terms of two among three" { unit jastrow two_electrons; }
@test "Jastrow: parameter derivatives of the value and the local energy" { unit jastrow parameters; }
@test "Jastrow: derivatives with respect to electrons equal finite differences" { unit jastrow electrons; }
@test "Jastrow: derivatives with respect to nuclei equal finite differences" { unit jastrow nuclei; }
@test "Jastrow: strain derivatives equal finite differences" { unit jastrow strain; }
@test "Jastrow: cusps are exact at electrons and nuclei" { unit jastrow cusps; }
@test "Jastrow: moving an electron by a lattice vector changes nothing" { unit jastrow periodic; }
@test "minimum images are the shortest in face-centred and very skewed cells" { unit jastrow images; }
@test "Jastrow: all spins turned round change nothing" { unit jastrow spins; }
@test "Jastrow: an atom without neighbours has no term of surroundings" { unit jastrow alone; }
@test "Jastrow: forms with and without terms of charges and surroundings are read" { unit jastrow forms; }
@test "Jastrow: bad forms, counts and cut-offs are refused" { unit jastrow refused; }
