# SPDX-License-Identifier: GPL-3.0-or-later
load ../helper

@test "ideal gas settles at its temperature" { unit dynamics_hugoniostat ideal_gas_settles_at_its_temperature; }
@test "residual decays in the relaxation time" { unit dynamics_hugoniostat residual_decays_in_the_relaxation_time; }
@test "ideal gas settles at its volume" { unit dynamics_hugoniostat ideal_gas_settles_at_its_volume; }
@test "soft spheres settle on their hugoniot" { unit dynamics_hugoniostat soft_spheres_settle_on_their_hugoniot; }
@test "soft spheres settle at pressure and residual" { unit dynamics_hugoniostat soft_spheres_settle_at_pressure_and_residual; }
@test "too high a compression is named" { unit dynamics_hugoniostat too_high_a_compression_is_named; }
@test "energy balance is second order" { unit dynamics_hugoniostat energy_balance_is_second_order; }
