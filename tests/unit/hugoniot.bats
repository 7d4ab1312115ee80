# SPDX-License-Identifier: GPL-3.0-or-later
load ../helper

@test "a cold ideal gas is compressed four times" { unit hugoniot ideal_gas_is_compressed_four_times; }
@test "a warm ideal gas follows its closed-form Hugoniot" { unit hugoniot warm_ideal_gas_follows_its_quadratic; }
@test "a Mie-Grueneisen solid follows its closed-form Hugoniot" { unit hugoniot mie_grueneisen_pressure_is_reproduced; }
@test "van der Waals isochores give the closed-form Hugoniot" { unit hugoniot van_der_waals_isochores_are_exact; }
@test "a process follows van der Waals isotherms to 1e-5" { unit hugoniot van_der_waals_isotherms_are_followed; }
@test "a van der Waals gas has its limiting compression" { unit hugoniot van_der_waals_has_its_limiting_compression; }
@test "a Mie-Grueneisen solid has the line of velocities that it was made of" { unit hugoniot velocities_of_a_mie_grueneisen_solid_are_on_its_line; }
@test "points off the line of velocities have a scatter, which is in its errors" { unit hugoniot points_off_the_line_have_a_scatter; }
@test "shock and particle velocities obey mass and momentum balance" { unit hugoniot velocities_obey_mass_and_momentum_balance; }
@test "without a root among the points nothing is extrapolated" { unit hugoniot nothing_is_extrapolated; }
@test "states are grouped within two percent" { unit hugoniot groups_are_told_apart_within_two_percent; }
@test "the error of E0 propagates to the compression" { unit hugoniot error_of_the_initial_energy_propagates; }
@test "the maximum compression is the vertex of a parabola" { unit hugoniot maximum_is_the_vertex_of_a_parabola; }
@test "states are suggested where they help" { unit hugoniot states_are_suggested_where_they_help; }
