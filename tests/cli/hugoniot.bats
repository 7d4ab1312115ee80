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

# maximum FILE: what the JSON says of the largest compression, a line "name value" each
maximum() {
    sed -e 's/.*"maximum": {\([^}]*\)}.*/\1/' "$1" | tr ',' '\n' | tr -d '":'
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

@test "the published averages have their largest compression inside, and its error" {
    need_data eos-vmc-pbe.xyz
    hugoniot --initial-energy=-0.58460Ha --initial-energy-error 0.00003Ha --json t.json --suggest s.tsv \
        "$DELTAQMC_DATA/eos-vmc-pbe.xyz" 2>err > /dev/null
    ! grep -q bound err
    grep -q 'chi2 .* scatter by' err # through the dissociation u_s(u_p) is no line
    # Tenti et al.: 4.681(5) at 10000 K and 48.8 GPa, 4.645(5) at 66.9: the top between them is little higher
    maximum t.json | awk '{ x[$1] = $2 } END { exit !(x["bound_only"] == "false" && x["inside_probability"] > 0.9 &&
        x["compression"] > 4.67 && x["compression"] < 4.72 && x["compression_error"] > 0.003 && x["compression_error"] < 0.02 &&
        x["pressure_GPa"] > 47 && x["pressure_GPa"] < 58 && x["pressure_GPa_error"] < 3) }'
    grep -q refine s.tsv
}

@test "the JSON is one object, with what the table says and null for what is not a number" {
    command -v python3 >/dev/null || skip "no python3"
    states s.xyz 1.5 0.55 0.65 0.75
    hugoniot -q --initial-energy 0 --json t.json --table t.tsv s.xyz > /dev/null
    python3 - <<'END'
import json
t = json.load(open("t.json"), parse_constant=lambda name: 1 / 0)
names, values = (line.rstrip("\n").split("\t") for line in open("t.tsv"))
[point] = t["points"]
for name, value in zip(names, values):
    assert abs(point[name] - float(value)) < 1e-6 * (1 + abs(point[name])), name
assert point["states"] == 3 and point["energy_fit"]["model"] == "quadratic" and t["along"] == "isotherms"
assert "maximum" not in t # a point is no curve
END
}

@test "a curve whose largest compression is at its end says that it is a bound" {
    need_data eos-vmc-pbe.xyz
    xyz-view --where 'temperature<9000' "$DELTAQMC_DATA/eos-vmc-pbe.xyz" >cold.xyz
    hugoniot --initial-energy=-0.58460Ha --json t.json --suggest s.tsv cold.xyz 2>err > /dev/null
    grep -q 'a lower bound of the maximum' err
    maximum t.json | grep -q 'bound_only true'
    awk -F'\t' '$3 == "maximum" && $1 > 9000 { n++ } END { exit n != 2 }' s.tsv
}

@test "the budget tells the errors apart: without an error of E0 that part is zero" {
    for t in 8000 9000 10000; do
        states s.xyz 1.5 0.55 0.65 0.75
        sed -e "s/temperature=9000/temperature=$t/" -e 's/pressure_GPa=/pressure_GPa_error=0.4 pressure_GPa=/' s.xyz
    done >all.xyz
    hugoniot -q --group-tolerance 0.01 --initial-energy 0 --budget b.tsv all.xyz > /dev/null
    awk -F'\t' 'NR == 1 { for (i = 1; i <= NF; i++) c[$i] = i; next }
        { n++; if (!($c["compression_error"] > 0.001 && $c["compression_error_states"] > 0.001 && $c["compression_error_initial_energy"] == 0)) bad = 1 }
        END { exit bad || n != 3 }' b.tsv
}

@test "models can be demanded; one that the states do not determine leaves no point" {
    states s.xyz 1.5 0.55 0.65 0.75
    for model in linear quadratic process; do
        hugoniot -q --initial-energy 0 --model $model --table $model.tsv s.xyz > /dev/null
        awk -F'\t' 'NR == 2 { exit !($5 > 4 - 1e-5 && $5 < 4 + 1e-5) }' $model.tsv
    done
    states two.xyz 1.5 0.55 0.75
    hugoniot -q --initial-energy 0 --table two.tsv two.xyz > /dev/null
    awk -F'\t' 'NR == 2 { exit !($5 > 4 - 1e-6 && $5 < 4 + 1e-6) }' two.tsv
    run hugoniot -q --initial-energy 0 --model quadratic two.xyz
    [ "$status" -eq 1 ]
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
    [ "$(sed -n 1p s.tsv)" = "$(printf 'temperature_K\tdensity_g_cm3\treason')" ]
    awk 'NR > 1 { if (!($1 > 8999 && $1 < 9001 && $2 > 0.4 && $3 == "missing")) exit 1; n++ } END { exit n != 2 }' s.tsv
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

@test "no state points give tables without rows, in place of those of an earlier run, and no figure" {
    states s.xyz 1.5 0.55 0.65 0.75
    for input in s.xyz /dev/null; do
        hugoniot -q --initial-energy 0 --table t.tsv --budget b.tsv --suggest n.tsv --json j.json -o points.xyz "$input"
        head -qn 1 t.tsv b.tsv n.tsv >"header.$(basename "$input")"
    done
    cmp header.s.xyz header.null
    [ "$(cat t.tsv b.tsv n.tsv | wc -l)" -eq 3 ]
    [ ! -s points.xyz ]
    grep -q '"mass_amu_per_atom": null.*"points": \[\], "suggestions": \[\]}' j.json
    run hugoniot --initial-energy 0 --plot f.svg /dev/null
    [ "$status" -eq 3 ]
    [[ "$output" == *"no state points: a figure needs some" ]]
}

@test "no error bar of a state may be negative" {
    for key in temperature_error internal_energy_error pressure_GPa_error; do
        states s.xyz 1.5 0.55 0.65 0.75
        sed -i "s/config_type=ideal/$key=-5/" s.xyz
        run hugoniot --initial-energy 0 s.xyz
        [ "$status" -eq 3 ]
        [ "$output" = "hugoniot: s.xyz:1: frame 1: an error bar must not be negative" ]
    done
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

@test "published curves are drawn in both figures, as points or lines with error bars" {
    command -v gnuplot > /dev/null || skip "gnuplot is not installed"
    need_data eos-vmc-pbe.xyz
    common=$BATS_TEST_DIRNAME/../../examples/common
    hugoniot -q --initial-energy=-0.58460Ha --compare "=$common/deuterium-experiments.tsv" \
        --compare "=$common/deuterium-calculations.tsv" --plot f.svg --plot-velocity v.svg \
        "$DELTAQMC_DATA/eos-vmc-pbe.xyz" > /dev/null 2> err
    [ ! -s err ] || { cat err; false; }
    for name in 'this work' 'Nellis et al. 1983' 'Fernandez-Panella et al. 2019' 'Ruggeri et al. 2020, RQMC'; do
        grep -q "$name" f.svg
        grep -q "$name" v.svg
    done
    grep -q 'u_s = ' v.svg
}

@test "a table of --table is drawn as a curve beside another, by lines that differ" {
    command -v gnuplot > /dev/null || skip "gnuplot is not installed"
    need_data eos-vmc-pbe.xyz
    hugoniot -q --initial-energy=-0.5846Ha --table a.tsv "$DELTAQMC_DATA/eos-vmc-pbe.xyz" > /dev/null
    cut -f 5-8 a.tsv >b.tsv # no temperatures: points
    lines() { # dashed and solid paths of a figure, axes and error bars apart: of more than five points
        hugoniot -q --initial-energy=-0.5841Ha --compare "other=$1" --plot "$2" "$DELTAQMC_DATA/eos-vmc-pbe.xyz" > /dev/null
        grep -cE "^[[:space:]]*<path.* d='M[^L]*(L[^L]*){6,}'|<path.*( L?[0-9.]+,[0-9.]+){6,}" "$2" || true
    }
    a=$(lines a.tsv a.svg)
    b=$(lines b.tsv b.svg)
    [ "$a" -eq $((b + 1)) ]
    grep -q stroke-dasharray a.svg
}

@test "a style that does not exist is bad input" {
    states s.xyz 1.5 0.55 0.65 0.75
    printf 'style\tcompression\tpressure_GPa\ndotted\t4\t60\n' > other.tsv
    run hugoniot -q --initial-energy 0 --compare theirs=other.tsv --plot f.svg s.xyz
    [ "$status" -eq 3 ]
    [[ "$output" == *"dotted"*"points, curve"* ]]
}

@test "a comparison without the columns is bad input and leaves no figure" {
    states s.xyz 1.5 0.55 0.65 0.75
    printf 'x\ty\n1\t2\n' > other.tsv
    run hugoniot -q --initial-energy 0 --compare theirs=other.tsv --plot f.svg s.xyz
    [ "$status" -eq 3 ]
    [[ "$output" == *"compression"* ]]
    [ ! -e f.svg ]
}

@test "a figure that cannot be written is one line and nothing on standard output but frames" {
    states s.xyz 1.5 0.55 0.65 0.75
    command -v gnuplot >/dev/null || skip "gnuplot is not installed"
    status=0
    hugoniot -q --initial-energy 0 --plot none/f.svg s.xyz >out 2>err || status=$?
    [ "$status" -eq 4 ]
    [ "$(wc -l <err)" -eq 1 ]
    grep -q 'none/f.svg' err
    xyz-view --strict out >/dev/null
}

@test "a figure of one point has a range, and no warning" {
    command -v gnuplot >/dev/null || skip "gnuplot is not installed"
    states s.xyz 1.5 0.55 0.65 0.75
    run hugoniot -q --initial-energy 0 --plot f.svg s.xyz
    [ "$status" -eq 0 ]
    [[ "$output" != *arning* ]]
}

@test "a figure of an unknown kind is a usage error" {
    states s.xyz 1.5 0.55 0.65 0.75
    # found before the work: no state is read, no table written
    for option in --plot --plot-velocity; do
        run hugoniot -q --initial-energy 0 "$option" a.svg "$option" f.pdf --table t.tsv -o points.xyz s.xyz missing.xyz
        [ "$status" -eq 2 ]
        [ "$output" = "hugoniot: $option 'f.pdf': the name must end in .svg or .png" ]
        [ "$(ls)" = s.xyz ]
    done
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
