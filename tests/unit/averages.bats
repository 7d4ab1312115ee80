# SPDX-License-Identifier: GPL-3.0-or-later
load ../helper

@test "error bars are calibrated" { unit averages error_bars_are_calibrated; }
@test "error bars of dynamics are calibrated" { unit averages error_bars_of_dynamics_are_calibrated; }
@test "weights give the means of another potential" { unit averages weights_give_the_means_of_another_potential; }
@test "samples of the dynamics alone take noise from weighted means" { unit averages samples_of_the_dynamics_alone_take_noise_from_weighted_means; }
@test "frames may be weighted and control variates" { unit averages frames_may_be_weighted_and_control_variates; }
@test "the cumulant is exact for normal deviations" { unit averages the_cumulant_is_exact_for_normal_deviations; }
@test "the approach to equilibrium is cut off" { unit averages the_approach_to_equilibrium_is_cut_off; }
@test "analytic kinetic terms add no noise" { unit averages analytic_kinetic_terms_add_no_noise; }
@test "every run is cut by itself" { unit averages every_run_is_cut_by_itself; }
@test "an ideal gas has g one at any number of atoms" { unit averages an_ideal_gas_has_g_one_at_any_number_of_atoms; }
@test "a lattice has its shells" { unit averages a_lattice_has_its_shells; }
@test "molecules are mutual nearest neighbours" { unit averages molecules_are_mutual_nearest_neighbours; }
@test "molecules do not depend on a long bond" { unit averages molecules_do_not_depend_on_a_long_bond; }
@test "lifetime is time seen over pairs broken" { unit averages lifetime_is_time_seen_over_pairs_broken; }
@test "a random walk has its diffusion coefficient" { unit averages a_random_walk_has_its_diffusion_coefficient; }
@test "diffusion needs equal times" { unit averages diffusion_needs_equal_times; }
