# SPDX-License-Identifier: GPL-3.0-or-later
load ../helper

@test "shells of the built-in sets are normalised" { unit basis normalised; }
@test "the built-in sets hold the functions that their names promise" { unit basis contents; }
@test "the Fourier transform of a shell is the radial integral" { unit basis fourier; }
@test "Fourier transforms keep the norm" { unit basis parseval; }
@test "a basis as a list of numbers is the basis" { unit basis lists; }
@test "lists that are no basis are refused" { unit basis bad_lists; }
