# SPDX-License-Identifier: GPL-3.0-or-later
load ../helper

@test "the minimum image in a skewed cell is that of a brute-force search" { unit system minimum_image; }
@test "the inradius is half the shortest lattice vector however the cell is skewed" { unit system inradius; }
@test "reciprocal vectors and inverse satisfy their definitions" { unit system cells; }
@test "the check finds singular cells, bad positions and overlaps across images" { unit system check_finds; }
@test "the check of a million crowded atoms is linear in their number" { unit system check_is_fast; }
@test "species know their symbols, isotopes and masses" { unit system species; }
@test "a copy of a system has all its parts" { unit system copy; }
