# SPDX-License-Identifier: GPL-3.0-or-later
load ../helper
@test "values have the kind and shape that the grammar gives them" { unit value kinds; }
@test "syntax errors in values are found" { unit value syntax; }
@test "written values read back the same" { unit value round_trip; }
@test "nine old-style numbers are a matrix, column after column" { unit value nine; }
