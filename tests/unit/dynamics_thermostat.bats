# SPDX-License-Identifier: GPL-3.0-or-later
load ../helper

@test "Langevin kinetic energy is chi squared" { unit dynamics_thermostat langevin_kinetic_energy_is_chi_squared; }
@test "rescale kinetic energy is chi squared" { unit dynamics_thermostat rescale_kinetic_energy_is_chi_squared; }
@test "rescale solves its equation exactly" { unit dynamics_thermostat rescale_solves_its_equation_exactly; }
@test "rescale is canonical at any time step" { unit dynamics_thermostat rescale_is_canonical_at_any_time_step; }
@test "rescale turns velocities round" { unit dynamics_thermostat rescale_turns_velocities_round; }
@test "Langevin gives a harmonic crystal its energy and fluctuation" { unit dynamics_thermostat langevin_gives_a_harmonic_crystal_its_energy_and_fluctuation; }
@test "both thermostats give a quartic crystal its energy and fluctuation" { unit dynamics_thermostat both_thermostats_give_a_quartic_crystal_its_energy_and_fluctuation; }
@test "rescale gives a harmonic crystal its mean energy" { unit dynamics_thermostat rescale_gives_a_harmonic_crystal_its_mean_energy; }
@test "rescale conserved quantity is second order" { unit dynamics_thermostat rescale_conserved_quantity_is_second_order; }
@test "rescale conserved quantity does not drift" { unit dynamics_thermostat rescale_conserved_quantity_does_not_drift; }
@test "Langevin conserved quantity walks without drift" { unit dynamics_thermostat langevin_conserved_quantity_walks_without_drift; }
@test "rescale keeps the centre of mass still" { unit dynamics_thermostat rescale_keeps_the_centre_of_mass_still; }
