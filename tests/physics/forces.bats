# SPDX-License-Identifier: GPL-3.0-or-later
# Forces and stress against the derivative of the energy by correlated sampling at fixed coefficients.
load ../helper

# Every component, minutes each: only where DELTAQMC_SLOW=1.
slow() {
    need_slow
    unit force_run "$1"
    echo "# $output" >&3
}

@test "force of H2 at five bond lengths equals the derivative of correlated-sampled energies" { unit force_run bonds; }
@test "forces of two molecules side by side equal the derivative along a direction" { unit force_run rectangle; }
@test "forces of a rattled 8-atom cell equal the derivative along a direction, and add up to zero" { unit force_run cell; }
@test "stress of a rattled 8-atom cell equals the derivative along a strain" { unit force_run stress; }
@test "forces of a metallic 16-atom cell equal the derivative along a direction" { unit force_run metal; }
@test "the force on a molecule does not depend on how nodes far from it are damped" { unit force_run far; }
@test "every force component of two molecules side by side" { slow rectangle_all; }
@test "every force and stress component of the 8-atom cell" { slow cell_all; }
@test "every force and stress component of the metallic 16-atom cell" { slow metal_all; }
