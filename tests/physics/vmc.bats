# SPDX-License-Identifier: GPL-3.0-or-later
# Energies of the whole chain: orbitals from dft-baseline, Jastrow factor optimised, sampled.
load ../helper

setup() {
    cd "$BATS_TEST_TMPDIR" || return 1
}

# energy FILE: energy and error of the cell in Ha
energy() {
    xyz-view --table vmc_energy,vmc_energy_error "$1" | tail -n 1 | awk '{ print $1 / 27.211386245988, $2 / 27.211386245988 }'
}

# Exact: -1.1744757142 Ha (Sims & Hagstrom, J. Chem. Phys. 124, 094101 (2006))
@test "the hydrogen molecule lies below -1.16 Ha and above the exact energy" {
    cell-build --molecule H2 --bond 1.4bohr | dft-baseline --functional lda --orbitals h-tz |
        qmc-sample --error 0.5mHa -o h2.xyz
    run energy h2.xyz
    awk -v r="$output" 'BEGIN { split(r, x); exit !(x[2] <= 1e-3 && x[1] < -1.16 && x[1] > -1.1744757 - 4 * x[2]) }'
}

@test "the hydrogen atom lies within 5 mHa above -0.5 Ha with orbitals of a solid's basis" {
    cell-build --molecule H | dft-baseline --functional lda --orbitals h-tz | qmc-sample --error 1mHa -o h.xyz
    run energy h.xyz
    awk -v r="$output" 'BEGIN { split(r, x); exit !(x[2] <= 1e-3 && x[1] < -0.495 && x[1] > -0.5 - 4 * x[2]) }'
}

@test "dense liquid hydrogen: a variance below 0.05 Ha^2 per electron, twists near each other" {
    cell-build --fluid molecular --atoms 8 --rs 1.5 | dft-baseline --functional lda --orbitals h-tz --ecut 30Ha --kmesh 2x1x1 |
        qmc-sample --error 4mHa --optimize-samples 1500 -o cell.xyz
    xyz-view --table vmc_variance cell.xyz | tail -n 1 | awk '{ exit !($1 / 27.211386245988 ^ 2 / 8 < 0.05) }'
    run energy cell.xyz
    awk -v r="$output" 'BEGIN { split(r, x); exit !(x[2] <= 0.032 && x[1] / 8 < -0.45 && x[1] / 8 > -0.60) }'
}
