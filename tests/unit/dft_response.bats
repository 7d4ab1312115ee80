# SPDX-License-Identifier: GPL-3.0-or-later
load ../helper

@test "derivatives of a function of the trial orbitals are finite differences over re-converged systems: LDA" { unit dft_response gamma_lda; }
@test "derivatives of a function of the trial orbitals: PBE" { unit dft_response gamma_pbe; }
@test "derivatives of a function of the trial orbitals: PBE, all eight points with k = -k" { unit dft_response all_points; }
@test "derivatives of a function of the trial orbitals: open boundaries" { unit dft_response open_boundaries; }
@test "a gap that levels keep leaves out little, of second order, where they are further apart" { unit dft_response levels_apart; }
@test "response: what is given up ends within a step of the equations" { unit dft_response stopped_responses; }
