# SPDX-License-Identifier: GPL-3.0-or-later
load ../helper

reference() {
    need_data dft-reference.xyz.gz
    unit dft_reference "$1"
}

@test "free energies agree with established codes to 1e-8 Ha per atom, PBE with the constants of libxc and LDA" { reference libxc_constants; }
@test "free energies, forces and stresses agree with established codes from 300 K to 20 kK" { reference every_temperature; }
@test "free energies, forces and stresses agree with established codes from 20 to 100 Ha" { reference every_cut_off; }
@test "bcc hydrogen on an 8x8x8 mesh agrees with established codes" { reference general_mesh; }
@test "a hydrogen molecule in a 16 bohr box agrees with established codes" { reference molecule; }
@test "a liquid of 128 atoms agrees with established codes" { reference liquid; }
@test "with the finite-basis correction 30, 40 and 60 Ha give the energy and stress of 160 Ha" { reference finite_basis; }
