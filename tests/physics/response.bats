# SPDX-License-Identifier: GPL-3.0-or-later
# The curve of H2: forces with orbitals that follow the nuclei are slopes of the variational energy over re-converged
# orbitals, forces at fixed orbitals are not.
load ../helper

# A Jastrow factor that was not optimised makes a large bias; slopes by correlated sampling.
@test "H2 at three bond lengths: slopes, bond length and frequency are those of the energy" { unit response_force molecule_curve; }

# The recipe of the manual, with the shared Jastrow factor optimised and energies sampled on their own: seven bond
# lengths, the table of dft-baseline(1). The last lines: from, R_e, error, omega, error, bend, error.
@test "H2 at seven bond lengths by the programs: bond length and frequency from forces and energies" {
    need_slow
    OMP_NUM_THREADS=2 "$BATS_TEST_DIRNAME/../derive/response-curve.sh" 300000 1000000 2>/dev/null >"$BATS_TEST_TMPDIR/table"
    sed 's/^/# /' "$BATS_TEST_TMPDIR/table" >&3
    awk '
        function apart(x, dx, y, dy) { return (x - y) / sqrt(dx^2 + dy^2) }
        function within(z, limit) { return z < limit && z > -limit }
        $1 == "fixed" || $1 == "response" || $1 == "energy" { for (i = 2; i <= 7; i++) v[$1, i] = $i }
        END {
            for (i = 2; i <= 6; i += 2) near[i] = apart(v["response", i], v["response", i + 1], v["energy", i], v["energy", i + 1])
            far = apart(v["fixed", 6], v["fixed", 7], v["energy", 6], v["energy", 7])
            small = v["response", 3] < 0.003 && v["energy", 3] < 0.003 && v["response", 5] < 50 && v["energy", 5] < 90 && v["energy", 7] < 0.001 && v["response", 7] < 0.001
            print near[2], near[4], near[6], far
            exit !(within(near[2], 3) && within(near[4], 3) && within(near[6], 3) && !within(far, 3) && small)
        }' "$BATS_TEST_TMPDIR/table"
}
