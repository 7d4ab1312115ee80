# SPDX-License-Identifier: GPL-3.0-or-later
load ../helper

# states FILE E/kT DENSITY... : ideal-gas atoms at 9000 K, one frame per density (g/cm3), D atoms
states() {
    local file=$1 factor=$2
    shift 2
    for density in "$@"; do
        awk -v d="$density" -v f="$factor" 'BEGIN {
            m = 2.01410177812; kt = 9000 * 8.617333262e-5           # eV
            v = m * 1.66053906660 / d                                # A^3 per atom
            p = kt / v * 160.2176634                                 # GPa
            printf "1\nLattice=\"%.12f 0 0 0 %.12f 0 0 0 %.12f\" Properties=species:S:1:pos:R:3:masses:R:1 pbc=\"T T T\"", v^(1/3), v^(1/3), v^(1/3)
            printf " temperature=9000 internal_energy=%.12f pressure_GPa=%.12f config_type=ideal\nD 0 0 0 %.11f\n", f * kt, p, m }'
    done > "$file"
}

setup() {
    cd "$BATS_TEST_TMPDIR"
}

@test "an ideal gas has maximum compression 4 to 1e-6" {
    states s.xyz 1.5 0.55 0.65 0.75
    hugoniot -q --initial-energy 0 --table t.tsv s.xyz > points.xyz
    awk -F'\t' 'NR == 2 { exit !($5 > 4 - 1e-6 && $5 < 4 + 1e-6) }' t.tsv
}

@test "diatomic molecules (E = 7/4 kT per atom, P = kT/2V) are compressed eight times" {
    # H = 7/4 kT + kT/(4V) (V - V0) = 0 gives V0/V = 8
    states s.xyz 1.75 1.2 1.3 1.4
    awk '/pressure_GPa=/ { match($0, /pressure_GPa=[0-9.]+/); p = substr($0, RSTART + 13, RLENGTH - 13)
         sub(/pressure_GPa=[0-9.]+/, sprintf("pressure_GPa=%.12f", p / 2)) } 1' s.xyz > half.xyz
    hugoniot -q --initial-energy 0 --table t.tsv half.xyz > points.xyz
    awk -F'\t' 'NR == 2 { exit !($5 > 8 - 1e-6 && $5 < 8 + 1e-6) }' t.tsv
}

@test "the table has the columns of the contract, each followed by its error" {
    states s.xyz 1.5 0.55 0.65 0.75
    hugoniot -q --initial-energy 0 --table t.tsv s.xyz > /dev/null
    [ "$(head -1 t.tsv | tr '\t' ' ')" = "temperature_K temperature_K_error density_g_cm3 density_g_cm3_error compression compression_error pressure_GPa pressure_GPa_error energy_Ha_per_atom energy_Ha_per_atom_error shock_velocity_km_s shock_velocity_km_s_error particle_velocity_km_s particle_velocity_km_s_error" ]
    [ "$(awk -F'\t' '{ print NF }' t.tsv | sort -u)" = 14 ]
}

@test "the published averages give the published VMC Hugoniot" {
    need_data eos-vmc-pbe.xyz
    hugoniot -q --initial-energy=-0.58460Ha --initial-energy-error 0.00003Ha --table t.tsv \
        "$DELTAQMC_DATA/eos-vmc-pbe.xyz" > /dev/null
    # Tenti et al., PRB 110, L041107: temperature, compression, pressure
    awk -F'\t' 'BEGIN { split("4000 6000 7000 8000 10000 15000 20000 35000", t, " ")
        split("3.213 3.969 4.358 4.516 4.681 4.645 4.559 4.396", c, " ")
        split("17.75 29.57 35.35 39.51 48.77 66.90 85.73 141.24", p, " ")
        for (i = 1; i <= 8; i++) { comp[t[i]] = c[i]; pres[t[i]] = p[i] } }
        NR > 1 { n++; if ((d = $5 - comp[$1]) > 0.02 || d < -0.02 || (d = $7 - pres[$1]) > 0.5 || d < -0.5) { print; bad = 1 }
                 if (!($6 > 0.001 && $6 < 0.03)) bad = 1 }
        END { exit bad || n != 8 }' t.tsv
}

@test "states in a pipe, compressed or not, give the same points" {
    states s.xyz 1.5 0.55 0.65 0.75
    hugoniot -q --initial-energy 0 s.xyz > a.xyz
    gzip -c s.xyz | hugoniot -q --initial-energy 0 --compress never > b.xyz
    cmp a.xyz b.xyz
}

@test "a group without a root is reported with a state to add, not extrapolated" {
    states low.xyz 1.5 0.30 0.35 0.40
    run bash -c "hugoniot --initial-energy 0 --suggest s.tsv low.xyz 2> messages"
    [ "$status" -eq 1 ]
    [ -z "$output" ]
    grep -q "nothing is extrapolated" messages
    [ "$(sed -n 1p s.tsv)" = "$(printf 'temperature_K\tdensity_g_cm3')" ]
    awk 'NR == 2 { exit !($1 > 8999 && $1 < 9001 && $2 > 0.4) }' s.tsv
}

@test "the initial energy is required" {
    states s.xyz 1.5 0.55 0.75
    run hugoniot s.xyz
    [ "$status" -eq 2 ]
    [[ "$output" == *"--initial-energy"* ]]
}

@test "a frame without internal_energy is bad input that names the key, file and frame" {
    states s.xyz 1.5 0.55 0.65 0.75
    sed 's/internal_energy/internal_energie/' s.xyz > bad.xyz
    run hugoniot --initial-energy 0 bad.xyz
    [ "$status" -eq 3 ]
    [[ "$output" == "hugoniot: bad.xyz:"*"frame 1:"*"internal_energy"* ]]
}

@test "open boundaries have no density: bad input" {
    printf '1\nProperties=species:S:1:pos:R:3 temperature=9000 internal_energy=1 pressure_GPa=1 pbc="F F F"\nH 0 0 0\n' > open.xyz
    run hugoniot --initial-energy 0 open.xyz
    [ "$status" -eq 3 ]
    [[ "$output" == *"periodic"* ]]
}

@test "isotopes are not mixed" {
    states s.xyz 1.5 0.55 0.65
    sed -e 's/2.01410177812/1.008/' s.xyz > h.xyz
    run hugoniot --initial-energy 0 s.xyz h.xyz
    [ "$status" -eq 3 ]
    [[ "$output" == *"mass per atom"* ]]
}

@test "no state points is no error" {
    run hugoniot --initial-energy 0 /dev/null
    [ "$status" -eq 0 ]
    [ -z "$output" ]
}

@test "the figure is drawn as SVG and PNG with the compared curves" {
    command -v gnuplot > /dev/null || skip "gnuplot is not installed"
    states s.xyz 1.5 0.55 0.65 0.75
    printf 'curve\tcompression\tpressure_GPa\tpressure_GPa_error\nold\t4.1\t60\t2\nnew\t4.2\t70\t3\n' > other.tsv
    LC_ALL=C hugoniot -q --initial-energy 0 --label mine --compare theirs=other.tsv --plot f.svg --plot f.png s.xyz > /dev/null 2> err
    [ ! -s err ] || { cat err; false; }
    grep -q 'theirs, old' f.svg
    grep -q 'mine' f.svg
    [ "$(head -c 4 f.png | tail -c 3)" = PNG ]
}

@test "a comparison without the columns is bad input and leaves no figure" {
    states s.xyz 1.5 0.55 0.65 0.75
    printf 'x\ty\n1\t2\n' > other.tsv
    run hugoniot -q --initial-energy 0 --compare theirs=other.tsv --plot f.svg s.xyz
    [ "$status" -eq 3 ]
    [[ "$output" == *"compression"* ]]
    [ ! -e f.svg ]
}

@test "a figure of an unknown kind is a usage error" {
    states s.xyz 1.5 0.55 0.65 0.75
    run hugoniot -q --initial-energy 0 --plot f.pdf s.xyz
    [ "$status" -eq 2 ]
}

@test "the same seed gives the same errors, another seed others" {
    states s.xyz 1.5 0.55 0.65 0.75
    sed -i 's/pressure_GPa=/pressure_GPa_error=0.4 pressure_GPa=/' s.xyz
    hugoniot -q --initial-energy 0 --table a.tsv -j 1 s.xyz > /dev/null
    hugoniot -q --initial-energy 0 --table b.tsv -j 2 s.xyz > /dev/null
    hugoniot -q --initial-energy 0 --table c.tsv --seed 5 s.xyz > /dev/null
    cmp a.tsv b.tsv
    ! cmp -s a.tsv c.tsv
}
