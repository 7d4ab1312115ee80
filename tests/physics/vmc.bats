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

# variance FILE: of the local energy of the cell in Ha^2
variance() {
    xyz-view --table vmc_variance "$1" | tail -n 1 | awk '{ print $1 / 27.211386245988 ^ 2 }'
}

# Exact: -1.1744757142 Ha (Sims & Hagstrom, J. Chem. Phys. 124, 094101 (2006)); a variational energy lies
# above. -1.1735 Ha and a variance of 0.0056 Ha^2 are what a Jastrow-geminal function of a published
# code (TurboRVB) reaches.
@test "the hydrogen molecule is within 1 mHa of the exact energy, its variance below 0.0056 Ha^2" {
    cell-build --molecule H2 --bond 1.4bohr | dft-baseline --functional lda --orbitals h-tz |
        qmc-sample --error 0.1mHa -o h2.xyz
    run energy h2.xyz
    awk -v r="$output" 'BEGIN { split(r, x); exit !(x[2] <= 2e-4 && x[1] < -1.1735 + 2 * x[2] && x[1] > -1.1744757 - 4 * x[2]) }'
    awk -v v="$(variance h2.xyz)" 'BEGIN { exit !(v < 0.0056) }'
}

# J alone makes the cusp and the decay that the pseudo-orbital of a solid's basis lacks.
@test "the hydrogen atom has -0.5 Ha within its error bar and a variance below 1e-3 Ha^2" {
    cell-build --chain 1 --spacing 1A | dft-baseline --functional lda --orbitals h-tz |
        qmc-sample --error 0.2mHa -o h.xyz
    run energy h.xyz
    awk -v r="$output" 'BEGIN { split(r, x); exit !(x[2] <= 2e-4 && x[1] < -0.5 + 3 * x[2] && x[1] > -0.5 - 3 * x[2]) }'
    awk -v v="$(variance h.xyz)" 'BEGIN { exit !(v < 1e-3) }'
}

# Two electrons at Gamma, bcc with a = 3.77945227 bohr, by QMCPACK: -1.84135(8) Ha of diffusion Monte Carlo, exact as there are
# no nodes, and -1.83403 of a variational one; without a correction for the finite size, here and there. With this seed a place
# that samples hardly reach once made a function with a variance of 2 Ha^2.
@test "the two-electron cell of bcc hydrogen: between the exact energy and 1 mHa above, its variance below 0.004 Ha^2" {
    cell-build --lattice bcc --rs 1.86089840408729 | dft-baseline --functional lda --orbitals h-tz -o orbitals.xyz
    qmc-sample --seed 6 --error 0.25mHa orbitals.xyz -o bcc.xyz
    run energy bcc.xyz
    awk -v r="$output" 'BEGIN { split(r, x); exit !(x[2] <= 6e-4 && x[1] < -1.84135 + 1e-3 + 2 * x[2] && x[1] > -1.84135 - 3 * x[2]) }'
    awk -v v="$(variance bcc.xyz)" 'BEGIN { exit !(v < 0.004) }'
}

@test "dense liquid hydrogen: a variance below 0.02 Ha^2 per electron" {
    cell-build --fluid molecular --atoms 16 --rs 1.5 | dft-baseline --functional lda --orbitals h-tz --ecut 30Ha |
        qmc-sample --error 3mHa --optimize-samples 1024 --optimize-steps 6 -o cell.xyz
    awk -v v="$(variance cell.xyz)" 'BEGIN { exit !(v / 16 < 0.02) }'
    run energy cell.xyz
    awk -v r="$output" 'BEGIN { split(r, x); exit !(x[2] <= 0.048 && x[1] / 16 < -0.50 && x[1] / 16 > -0.60) }'
}

@test "two twists of a cell lie near each other" {
    cell-build --fluid molecular --atoms 8 --rs 1.5 | dft-baseline --functional lda --orbitals h-tz --ecut 30Ha --kmesh 2x1x1 |
        qmc-sample --error 4mHa --optimize-samples 1024 --optimize-steps 4 -o cell.xyz
    run energy cell.xyz
    awk -v r="$output" 'BEGIN { split(r, x); exit !(x[2] <= 0.032 && x[1] / 8 < -0.45 && x[1] / 8 > -0.60) }'
}

# Motta et al., Phys. Rev. X 7, 031059 (2017), LDA orbitals: VMC -4.40614(10) Ha, and -4.42093(9) with the same nodes
# without the error of the Jastrow factor. The fifth orbital has a tail that the basis cannot follow: by least squares
# -4.362 and a variance of 0.33 Ha^2 come out.
@test "the chain of ten atoms at 1 bohr has the published energy" {
    need_data hydrogen-chain.tsv
    read -r vmc lrdmc < <(awk '$1 == "open" && $2 == "1.0" { print $3, $5 }' "$DELTAQMC_DATA/hydrogen-chain.tsv")
    cell-build --chain 10 --spacing 1bohr | dft-baseline -q --functional lda --orbitals h-tz --ecut 15Ha --padding 6bohr |
        qmc-sample --error 0.5mHa --optimize-samples 1024 --optimize-steps 6 -o chain.xyz
    run energy chain.xyz
    awk -v r="$output" -v v="$vmc" -v d="$lrdmc" 'BEGIN { split(r, x)
        exit !(x[2] <= 5e-3 && x[1] < v + 0.005 + 2 * x[2] && x[1] > d - 0.01 - 3 * x[2]) }'
    awk -v v="$(variance chain.xyz)" 'BEGIN { exit !(v / 10 < 0.009) }'
}

# The same source: every distance within 0.3 mHa per atom of the published VMC energy and not below the published energy
# of the same nodes. The last 0.5 mHa per atom come slowly: more steps of the optimiser than by default.
@test "chains of ten atoms have the published energies at every distance" {
    need_slow
    need_data hydrogen-chain.tsv
    while read -r r vmc error lrdmc; do
        cell-build --chain 10 --spacing "${r}bohr" | dft-baseline -q --functional lda --orbitals h-tz |
            qmc-sample --error 0.12mHa --variance-weight 0.05 --optimize-steps 40 -o "$r.xyz"
        run energy "$r.xyz"
        echo "$r bohr: $output against $vmc"
        awk -v r="$output" -v v="$vmc" -v e="$error" -v d="$lrdmc" 'BEGIN {
            split(r, x); s = sqrt(x[2] ^ 2 + e ^ 2)
            exit !(x[2] <= 1.5e-3 && x[1] < v + 3e-3 + 2 * s && x[1] > d - 3 * s) }'
    done < <(awk '$1 == "open" { print $2, $3, $4, $5 }' "$DELTAQMC_DATA/hydrogen-chain.tsv")
}
