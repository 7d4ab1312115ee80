# SPDX-License-Identifier: GPL-3.0-or-later
load ../helper

@test "LDA forces and stress are derivatives of the free energy in a cold triclinic cell" { unit dft derivatives_lda_cold; }
@test "LDA forces and stress are derivatives of the free energy at 20 kK on a mesh" { unit dft derivatives_lda_hot; }
@test "PBE forces and stress are derivatives of the free energy in a cold cell on a mesh" { unit dft derivatives_pbe_cold; }
@test "PBE forces and stress are derivatives of the free energy at 20 kK" { unit dft derivatives_pbe_hot; }
@test "BLYP forces and stress are derivatives of the free energy at a k point with complex orbitals" { unit dft derivatives_blyp_complex; }
@test "forces on a molecule in open boundaries are derivatives of its energy" { unit dft derivatives_open; }
@test "the entropy is minus the slope of the free energy with temperature" { unit dft entropy_is_the_temperature_slope; }
@test "at low temperature the free energy is that of fixed occupations" { unit dft cold_limit_is_fixed_occupations; }
@test "more bands than the program chooses change nothing" { unit dft more_bands_change_nothing; }
@test "density and occupations hold all electrons" { unit dft electrons_are_counted; }
@test "real and complex arithmetic agree at a zone boundary" { unit dft real_and_complex_agree; }
@test "a doubled cell at Gamma is the cell at two k points" { unit dft mesh_folds_into_the_supercell; }
@test "order, images, rotation and translation of the atoms do not matter" { unit dft invariances; }
@test "each frame of a trajectory is what it is alone, with fewer iterations" { unit dft trajectories_are_frames_alone; }
@test "each frame of a trajectory in a breathing cell is what it is alone" { unit dft breathing_trajectories_are_frames_alone; }
@test "a jump to another structure forgets the frames before" { unit dft a_jump_forgets_the_past; }
@test "a frame that does not follow those before it gives the bits of a new session" { unit dft what_does_not_follow_starts_anew; }
@test "frames follow where they move on, boxes with their molecules" { unit dft what_moves_on_follows; }
@test "the energy of a molecule does not depend on the padding" { unit dft padding_does_not_matter; }
@test "the cut-off Coulomb interaction of two Gaussian charges has no images" { unit dft cut_off_coulomb_has_no_images; }
@test "slopes of the pseudopotential are its derivatives" { unit dft pseudopotential_slopes; }
@test "grids are the smallest even ones with factors 2, 3, 5 that hold the density" { unit dft grid_has_the_right_size; }
@test "the fast PBE is that of libxc to 12 digits" { unit dft pbe_is_the_one_of_libxc; }
@test "functionals that are unknown, hybrid or beyond GGA are refused" { unit dft unknown_functionals_are_refused; }
@test "a frame that does not converge is an error and gives no number" { unit dft unconverged_is_an_error; }
@test "dft: a run that is given up at any iteration leaves nothing behind" { unit dft stopped_iterations; }
@test "dft: what has no room in memory is refused before it is made" { unit dft what_has_no_room_is_refused; }
