# SPDX-License-Identifier: GPL-3.0-or-later
load ../helper

@test "optimiser: reweighted energies have the analytic slope in every parameter, cut-offs included" { unit optimise slope; }
@test "optimiser: a good start is not spoilt by few samples" { unit optimise good_start; }
@test "optimiser: few samples lead most of the way" { unit optimise few_samples; }
@test "optimiser: parameters of a smaller form are a start with the same Jastrow factor" { unit optimise another_form; }
@test "samples of former steps lead to the minimum that their model had" { unit optimise remembered; }
@test "matrices are averaged by their samples, without those to be forgotten" { unit optimise averaged; }
@test "optimiser: a place that samples hardly reach, two electrons on one nucleus of a small cell, is no trap" { unit optimise trap; }
@test "optimiser: where a cut-off meets its limit the others take the steps that are best with it there" { unit optimise limited; }
