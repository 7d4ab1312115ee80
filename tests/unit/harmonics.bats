# SPDX-License-Identifier: GPL-3.0-or-later
load ../helper

@test "solid harmonics up to f have their textbook forms, order and signs" { unit harmonics explicit_forms; }
@test "solid harmonics satisfy the addition theorem" { unit harmonics addition_theorem; }
@test "gradients of solid harmonics are finite differences and satisfy Euler's relation" { unit harmonics gradients; }
@test "solid harmonics and their gradients are finite at the origin" { unit harmonics at_the_origin; }
