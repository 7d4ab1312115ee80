# SPDX-License-Identifier: GPL-3.0-or-later
load ../helper
@test "the table of powers of ten is exact" { unit decimal table; }
@test "any double reads back bit-identical from the fewest digits" { unit decimal round_trip; }
@test "the limits of the doubles read back bit-identical" { unit decimal limits; }
@test "long texts and ties are rounded as strtod does" { unit decimal long_texts; }
