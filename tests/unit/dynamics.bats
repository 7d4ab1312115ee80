# SPDX-License-Identifier: GPL-3.0-or-later
load ../helper

@test "the energy error is second order" { unit dynamics energy_error_is_second_order; }
@test "the energy does not drift" { unit dynamics energy_does_not_drift; }
@test "velocity Verlet runs backwards to its start" { unit dynamics verlet_runs_backwards_to_its_start; }
@test "velocity Verlet keeps the centre of mass still" { unit dynamics verlet_keeps_the_centre_of_mass_still; }
@test "velocity Verlet oscillator has its known frequency" { unit dynamics verlet_oscillator_has_its_known_frequency; }
@test "velocities are maxwell boltzmann" { unit dynamics velocities_are_maxwell_boltzmann; }
@test "a harmonic crystal has <V> = 3/2 N kT" { unit dynamics harmonic_crystal_has_three_halves_kT; }
@test "BAOAB samples oscillators exactly at a coarse step" { unit dynamics baoab_samples_oscillators_exactly_at_a_coarse_step; }
@test "Langevin conserved quantity is second order" { unit dynamics langevin_conserved_quantity_is_second_order; }
@test "an ideal gas has its pressure" { unit dynamics ideal_gas_has_its_pressure; }
@test "the virial pressure is minus the volume derivative" { unit dynamics virial_pressure_is_minus_the_volume_derivative; }
@test "the same seed gives the same bits and another run differs" { unit dynamics same_seed_gives_the_same_bits_and_another_run_differs; }
@test "resumed dynamics has the same bits" { unit dynamics resumed_dynamics_has_the_same_bits; }
@test "given velocities are used unless drawn" { unit dynamics given_velocities_are_used_unless_drawn; }
@test "a sum adds its parts and uncertainties in quadrature" { unit dynamics sum_adds_its_parts_and_uncertainties_in_quadrature; }
@test "the guard stops an unstable run" { unit dynamics guard_stops_an_unstable_run; }
@test "the guard names what is wrong" { unit dynamics guard_names_what_is_wrong; }
@test "the guard stops energy from nowhere" { unit dynamics guard_stops_energy_from_nowhere; }
