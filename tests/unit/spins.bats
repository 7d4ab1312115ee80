# SPDX-License-Identifier: GPL-3.0-or-later
load ../helper

@test "spins: hydrogen ion at 1.4 bohr" { unit spins hydrogen_ion_at_1_4_bohr; }
@test "spins: hydrogen ion at 2 bohr" { unit spins hydrogen_ion_at_2_bohr; }
@test "spins: both kinetic energies agree for any spins" { unit spins both_kinetic_energies_agree_for_any_spins; }
