# SPDX-License-Identifier: GPL-3.0-or-later
# Fixed-node energies of the whole chain against exact and published ones.
load ../helper

setup() {
    cd "$BATS_TEST_TMPDIR" || return 1
}

# agree FILE ENERGY TOLERANCE LARGEST: the energy of the cell is ENERGY within TOLERANCE and two standard errors, which
# are below LARGEST (all in Ha)
agree() {
    xyz-view --table dmc_energy,dmc_energy_error "$1" | tail -n 1 |
        awk -v exact="$2" -v tolerance="$3" -v largest="$4" '{
            e = $1 / 27.211386245988; s = $2 / 27.211386245988; d = e - exact
            printf "%.6f(%.6f) against %.6f\n", e, s, exact
            exit !(s < largest && (d < 0 ? -d : d) < tolerance + 2 * s) }'
}

# Exact Born-Oppenheimer energies: Sims & Hagstrom, J. Chem. Phys. 124, 094101 (2006)
@test "the hydrogen molecule: exact at the minimum, stretched to 3 bohr and compressed to 0.8 bohr" {
    while read -r bond exact; do
        cell-build --molecule H2 --bond "${bond}bohr" | dft-baseline -q --functional lda --orbitals h-tz |
            qmc-sample -q --error 2mHa | qmc-sample -q --method dmc --dmc-timesteps 0.04,0.16 --error 0.25mHa -o "$bond.xyz"
        agree "$bond.xyz" "$exact" 5e-5 5e-4
    done <<-END
	1.4011 -1.1744759314
	3.0 -1.0573262689
	0.8 -1.0200566664
	END
}

# Other distances of the same source; the mean of their differences is known better than each.
@test "the hydrogen molecule: exact from 1 to 4 bohr" {
    need_slow
    while read -r bond exact; do
        cell-build --molecule H2 --bond "${bond}bohr" | dft-baseline -q --functional lda --orbitals h-tz |
            qmc-sample -q --error 2mHa | qmc-sample -q --method dmc --dmc-timesteps 0.04,0.16 --error 0.25mHa -o "$bond.xyz"
        xyz-view --table dmc_energy,dmc_energy_error "$bond.xyz" | tail -n 1 |
            awk -v exact="$exact" -v bond="$bond" '{ h = 27.211386245988; printf "%s %.6f %.6f %.6f\n", bond, $1 / h, $2 / h, exact }' |
            tee -a energies
    done <<-END
	1.0 -1.1245397195
	1.2 -1.1649352434
	1.4 -1.1744757142
	1.6 -1.1685833734
	2.0 -1.1381329571
	4.0 -1.0163902529
	END
    awk '{ d = $2 - $4; w = 1 / $3 ^ 2; sum += w * d; weight += w; far = far || d * d > (5e-5 + 3 * $3) ^ 2 || $3 > 5e-4 }
        END { d = sum / weight; s = 1 / sqrt(weight); printf "mean difference %.6f(%.6f)\n", d, s
            exit far || NR < 6 || d * d > (5e-5 + 2 * s) ^ 2 }' energies
}

# The cell of tests/physics/vmc.bats: -1.84135(8) Ha (QMCPACK), without nodes. 0.05/Ha is worth less than 1e-4 Ha.
@test "the two-electron cell of bcc hydrogen is exact" {
    cell-build --lattice bcc --rs 1.86089840408729 | dft-baseline -q --functional lda --orbitals h-tz |
        qmc-sample -q --error 1mHa | qmc-sample -q --method dmc --dmc-timesteps 0.05 --error 0.08mHa -o bcc.xyz
    agree bcc.xyz -1.84135 2.6e-4 2e-4
}

# Motta et al., Phys. Rev. X 7, 031059 (2017): lattice-regularised DMC with LDA nodes -5.66255(7)
@test "a chain of ten atoms has the published energy for nodes of this kind" {
    need_data hydrogen-chain.tsv
    read -r lrdmc error < <(awk '$1 == "open" && $2 == 1.8 { print $5, $6 }' "$DELTAQMC_DATA/hydrogen-chain.tsv")
    cell-build --chain 10 --spacing 1.8bohr | dft-baseline -q --functional lda --orbitals h-tz |
        qmc-sample -q --error 1mHa | qmc-sample -q --method dmc --dmc-timesteps 0.1 --walkers 64 --error 0.2mHa -o chain.xyz
    agree chain.xyz "$lrdmc" "$(awk -v e="$error" 'BEGIN { print 1e-3 + 2 * e }')" 3e-3
}
