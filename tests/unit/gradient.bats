# SPDX-License-Identifier: GPL-3.0-or-later
load ../helper

@test "what is written of the orbital gradient is read again" { unit gradient round_trip; }
@test "its columns are in eV, replica slowest, noise in five digits" { unit gradient stream; }
@test "a frame without it, or with that of another trial function, is named" { unit gradient missing; }
