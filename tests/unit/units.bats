# SPDX-License-Identifier: GPL-3.0-or-later
load ../helper

@test "the constants follow from the SI values of CODATA 2018" { unit units constants; }
@test "quantities with every unit become atomic units" { unit units quantities; }
@test "what is no decimal number is refused" { unit units refused; }
@test "a unit of another dimension is named" { unit units dimension; }
@test "every dimension has its unit of the stream" { unit units stream; }
