# SPDX-License-Identifier: GPL-3.0-or-later
load ../helper

@test "force of a compressed H2 equals the derivative of correlated-sampled energies" { unit force_run short; }
@test "force of a stretched H2 equals the derivative of correlated-sampled energies" { unit force_run long; }
@test "forces of a rattled 8-atom cell equal the derivative along a direction, and add up to zero" { unit force_run cell; }
@test "stress of a rattled 8-atom cell equals the derivative along a strain" { unit force_run stress; }
