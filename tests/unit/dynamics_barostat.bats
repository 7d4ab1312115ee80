# SPDX-License-Identifier: GPL-3.0-or-later
load ../helper

@test "ideal gas has its volume distribution with Langevin" { unit dynamics_barostat ideal_gas_has_its_volume_distribution_with_langevin; }
@test "ideal gas has its volume distribution with rescale" { unit dynamics_barostat ideal_gas_has_its_volume_distribution_with_rescale; }
@test "soft spheres fulfil the virial relations with Langevin" { unit dynamics_barostat soft_spheres_fulfil_the_virial_relations_with_langevin; }
@test "soft spheres fulfil the virial relations with rescale" { unit dynamics_barostat soft_spheres_fulfil_the_virial_relations_with_rescale; }
@test "flexible cell has its metric distribution" { unit dynamics_barostat flexible_cell_has_its_metric_distribution; }
@test "flexible crystal has its pressure tensor" { unit dynamics_barostat flexible_crystal_has_its_pressure_tensor; }
@test "conserved quantities converge with the time step" { unit dynamics_barostat conserved_quantities_converge_with_the_time_step; }
