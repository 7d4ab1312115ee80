# SPDX-License-Identifier: GPL-3.0-or-later
load ../helper

@test "with the response of the orbitals the force is the slope of the variational energy: compressed H2" { need_slow && unit response_force molecule_short; }
@test "with the response of the orbitals the force is the slope of the variational energy: stretched H2" { need_slow && unit response_force molecule_long; }
@test "forces of a rattled 8-atom cell with the response of the orbitals: bonds stretched" { need_slow && unit response_force cell_one; }
@test "forces of a rattled 8-atom cell with the response of the orbitals: another direction" { need_slow && unit response_force cell_two; }
@test "pressure of a rattled 8-atom cell with the response of the orbitals" { need_slow && unit response_force cell_volume; }
