# SPDX-License-Identifier: GPL-3.0-or-later
load ../helper

@test "the change of the correction with the cut-off is its derivative, and it vanishes at high cut-offs" { unit dft_correction slope; }
@test "with the correction a cell at 30 Ha has energy, pressure and forces of a high cut-off" { unit dft_correction dense_cell; }
@test "with the correction a molecule at 30 Ha has energy and forces of a high cut-off" { unit dft_correction open_molecule; }
@test "a corrected stress is the slope of energies at constant cut-off" { unit dft_correction constant_cut_off; }
@test "stress at a fixed set of plane waves has no part of the cut-off" { unit dft_correction fixed_set; }
