# SPDX-License-Identifier: GPL-3.0-or-later
load ../helper
@test "numbers of a column are brought into written form" { unit number written; }
@test "malformed numbers are refused" { unit number malformed; }
@test "the comment line tells integers, reals and logicals from words" { unit number kinds; }
@test "integers keep 64 bits" { unit number integers; }
@test "integers of a column lose their plus and leading zeros only" { unit number column_integers; }
