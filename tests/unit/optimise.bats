# SPDX-License-Identifier: GPL-3.0-or-later
load ../helper

@test "optimiser: reweighted energies have the analytic slope in every parameter, cut-offs included" { unit optimise slope; }
@test "optimiser: a good start is not spoilt by few samples" { unit optimise good_start; }
@test "optimiser: few samples lead most of the way" { unit optimise few_samples; }
@test "optimiser: parameters of a smaller form are a start with the same Jastrow factor" { unit optimise another_form; }
