# SPDX-License-Identifier: GPL-3.0-or-later
load ../helper

@test "the fast exponential agrees with the library's to the last digits and underflows quietly" { unit fastexp exponential; }
@test "the fast log and log1p are those of the C library to 5e-16" { unit fastexp logarithm; }
@test "the fast complementary error function agrees with the library's" { unit fastexp error_function; }
