# SPDX-License-Identifier: GPL-3.0-or-later
load ../helper

@test "harmonics equal those of maths" { unit soap harmonics_equal_those_of_maths; }
@test "radial functions resolve the overlap" { unit soap radial_functions_resolve_the_overlap; }
@test "radial functions vanish smoothly at the cutoff" { unit soap radial_functions_vanish_smoothly_at_the_cutoff; }
@test "gradient is the finite difference" { unit soap gradient_is_the_finite_difference; }
@test "gradient holds for three elements" { unit soap gradient_holds_for_three_elements; }
@test "descriptor survives rotation and permutation" { unit soap descriptor_survives_rotation_and_permutation; }
@test "isolated atom has a descriptor" { unit soap isolated_atom_has_a_descriptor; }
@test "settings out of range are refused" { unit soap settings_out_of_range_are_refused; }
