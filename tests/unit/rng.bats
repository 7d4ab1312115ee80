# SPDX-License-Identifier: GPL-3.0-or-later
load ../helper

@test "random words are the published known answers" { unit rng known; }
@test "the same name gives the same random numbers" { unit rng same; }
@test "every part of a stream's name matters" { unit rng name; }
@test "uniform numbers have the moments of the interval" { unit rng uniform; }
@test "normal numbers invert the error function" { unit rng inverse; }
@test "many normal numbers at once are those of one after another" { unit rng many; }
@test "the extreme normal numbers are finite" { unit rng extreme; }
@test "normal numbers have the moments of the distribution" { unit rng normal; }
@test "every face of a die is as likely" { unit rng die; }
@test "gamma numbers have their distribution" { unit rng gamma; }
