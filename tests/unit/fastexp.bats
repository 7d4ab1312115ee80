# SPDX-License-Identifier: GPL-3.0-or-later
load ../helper

@test "the fast exponential agrees with the library's to the last digits and underflows quietly" { unit fastexp exponential; }
@test "the fast complementary error function agrees with the library's" { unit fastexp error_function; }
