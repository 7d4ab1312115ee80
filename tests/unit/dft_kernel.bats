# SPDX-License-Identifier: GPL-3.0-or-later
load ../helper

@test "the potential of a change of density is the difference of potentials, and self-adjoint: LDA" { unit dft_kernel lda; }
@test "the potential and strain derivative of a change of density: PBE" { unit dft_kernel pbe; }
@test "the potential and strain derivative of a change of density: BLYP by libxc" { unit dft_kernel blyp; }
@test "the potential of a change of density in open boundaries" { unit dft_kernel open_boundaries; }
