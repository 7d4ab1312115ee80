# SPDX-License-Identifier: GPL-3.0-or-later
load ../helper

@test "trial orbitals give the Kohn-Sham density in real space at all eight points with k = -k" { unit dft_trial orbitals_give_the_density; }
@test "larger bases spill less" { unit dft_trial larger_bases_spill_less; }
@test "norms of the trial orbitals and the spillage belong together" { unit dft_trial norms_and_spillage_belong_together; }
@test "coefficients of nearly dependent functions stay small" { unit dft_trial coefficients_stay_small; }
@test "a lone atom has one trial orbital" { unit dft_trial one_electron_has_one_orbital; }
@test "orbitals of the lowest energy in the basis span those by least squares" { unit dft_trial good_basis; }
@test "orbitals with a tail wider than the basis are those of the lowest energy" { unit dft_trial wide_tails; }
@test "trial orbitals after hot labels span the space of those that start afresh and converge tightly" { unit dft_trial hot_labels_do_not_matter; }
