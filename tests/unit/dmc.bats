# SPDX-License-Identifier: GPL-3.0-or-later
load ../helper

@test "dmc: proposals are drawn from their density" { unit dmc proposals_are_drawn_from_their_density; }
@test "dmc: moves alone sample psi squared" { unit dmc moves_alone_sample_psi_squared; }
@test "dmc: hydrogen atom is exact" { unit dmc hydrogen_atom_is_exact; }
@test "dmc: energy behind an exact node is exact" { unit dmc energy_behind_an_exact_node_is_exact; }
@test "dmc: walkers never cross a node" { unit dmc walkers_never_cross_a_node; }
@test "dmc: hydrogen molecule is exact" { unit dmc hydrogen_molecule_is_exact; }
@test "dmc: hydrogen anion is exact" { unit dmc hydrogen_anion_is_exact; }
@test "dmc: fewest blocks enlarge the error bar" { unit dmc fewest_blocks_enlarge_the_error_bar; }
@test "dmc: few walkers give the energy of many" { unit dmc few_walkers_give_the_energy_of_many; }
@test "dmc: molecules far apart keep their energy" { unit dmc molecules_far_apart_keep_their_energy; }
@test "dmc: error bars are calibrated" { unit dmc error_bars_are_calibrated; }
@test "dmc: error bars that stop a run are calibrated" { unit dmc error_bars_that_stop_a_run_are_calibrated; }
@test "dmc: results depend on the seed and not on threads" { unit dmc results_depend_on_the_seed_and_not_on_threads; }
@test "dmc: rejections in a row are counted" { unit dmc rejections_in_a_row_are_counted; }
@test "dmc: lost populations are an error" { unit dmc lost_populations_are_an_error; }
@test "dmc: extrapolation takes the order that the energies demand" { unit dmc extrapolation_takes_the_order_that_the_energies_demand; }
@test "dmc: runs go on after every piece, settling included, and pieces are short" { unit dmc runs_go_on_after_every_piece_and_pieces_are_short; }
