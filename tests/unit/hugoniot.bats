# SPDX-License-Identifier: GPL-3.0-or-later
load ../helper

@test "a cold ideal gas is compressed four times" { unit hugoniot ideal_gas_is_compressed_four_times; }
@test "a warm ideal gas follows its closed-form Hugoniot" { unit hugoniot warm_ideal_gas_follows_its_quadratic; }
@test "a Mie-Grueneisen solid follows its closed-form Hugoniot" { unit hugoniot mie_grueneisen_pressure_is_reproduced; }
@test "shock and particle velocities obey mass and momentum balance" { unit hugoniot velocities_obey_mass_and_momentum_balance; }
@test "without a root among the points nothing is extrapolated" { unit hugoniot nothing_is_extrapolated; }
@test "states are grouped within two percent" { unit hugoniot groups_are_told_apart_within_two_percent; }
@test "the error of E0 propagates to the compression" { unit hugoniot error_of_the_initial_energy_propagates; }
@test "the maximum compression is the vertex of a parabola" { unit hugoniot maximum_is_the_vertex_of_a_parabola; }
