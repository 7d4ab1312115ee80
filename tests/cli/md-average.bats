# SPDX-License-Identifier: GPL-3.0-or-later
load ../helper

setup() {
    cd "$BATS_TEST_TMPDIR" || exit 1
}

# gas ATOMS KELVIN SIDE FRAMES [KEYS]: an ideal gas of deuterium, its temperature on every frame
gas() {
    awk -v n="$1" -v t="$2" -v l="$3" -v frames="$4" -v keys="${5:-}" 'BEGIN {
        srand(3)
        for (f = 1; f <= frames; f++) {
            print n
            printf "Lattice=\"%g 0 0 0 %g 0 0 0 %g\" Properties=species:S:1:pos:R:3 pbc=\"T T T\" energy=0 ", l, l, l
            printf "stress=\"0 0 0 0 0 0 0 0 0\" temperature=%.17g time=%g step=%d %s\n", t, f * 2.5, f * 10, keys
            for (i = 0; i < n; i++) print "D", rand() * l, rand() * l, rand() * l
        } }'
}

# value KEY [FILE]: of the first frame
value() {
    xyz-view --table "$1" "${2:--}" | awk 'NR == 2 { print $NF }'
}

# near X Y TOLERANCE
near() {
    awk -v x="$1" -v y="$2" -v t="$3" 'BEGIN { d = x - y; if (d < 0) d = -d
        if (x == "" || !(d <= t)) { print x " is not " y " within " t; exit 1 } }'
}

exact_energy() { awk -v n="$1" -v t="$2" 'BEGIN { printf "%.15g", 1.5 * n * t * 8.617333262145e-5 }'; }
exact_pressure() { awk -v n="$1" -v t="$2" -v l="$3" 'BEGIN { printf "%.15g", n * t * 1.380649e-2 / l ^ 3 }'; }

@test "an ideal gas has its exact energy, pressure, temperature and density" {
    gas 16 8000 4.7 30 | md-average >point.xyz
    near "$(value internal_energy point.xyz)" "$(exact_energy 16 8000)" 1e-8
    near "$(value internal_energy_error point.xyz)" 0 1e-12
    near "$(value pressure_GPa point.xyz)" "$(exact_pressure 16 8000 4.7)" 1e-7
    near "$(value temperature point.xyz)" 8000 1e-8
    near "$(value density point.xyz)" "$(awk 'BEGIN { print 16 * 2.01410177812 * 1.66053906660 / 4.7 ^ 3 }')" 1e-5
    near "$(value samples point.xyz)" 30 0
    [ "$(head -n 1 point.xyz)" = 16 ]
}

@test "the ideal gas of the manual page has the numbers that the page says" {
    cell-build --fluid atomic --species D --atoms 16 --density 0.7g/cm3 --count 40 |
        awk '/Lattice/ { $0 = $0 " energy=0 stress=\"0 0 0 0 0 0 0 0 0\" temperature=8000" } 1' | md-average -o point.xyz
    side=$(sed -n '2s/^Lattice="\([0-9.]*\) .*/\1/p' point.xyz)
    says=$(printf 'E = %.3f eV and, in a cell of %.3f A, P = %.2f GPa:' \
        "$(value internal_energy point.xyz)" "$side" "$(value pressure_GPa point.xyz)")
    [[ "$(tr '\n' ' ' <"$BATS_TEST_DIRNAME/../../man/md-average.1")" == *"$says"* ]]
}

@test "with a thermostat the kinetic terms are analytic whatever the frames' temperatures are" {
    gas 16 7000 4.7 30 thermostat_temperature=8000 >run.xyz
    md-average -q run.xyz >analytic.xyz
    near "$(value internal_energy analytic.xyz)" "$(exact_energy 16 8000)" 1e-8
    near "$(value temperature analytic.xyz)" 8000 1e-8
    near "$(value temperature_error analytic.xyz)" 0 0
    md-average --kinetic sampled run.xyz >sampled.xyz
    near "$(value internal_energy sampled.xyz)" "$(exact_energy 16 7000)" 1e-8
    md-average -q --kinetic analytic --temperature 9000K run.xyz >given.xyz
    near "$(value pressure_GPa given.xyz)" "$(exact_pressure 16 9000 4.7)" 1e-7
}

@test "a kinetic temperature far from the thermostat's is said" {
    gas 16 7000 4.7 30 thermostat_temperature=8000 >run.xyz
    run md-average run.xyz -o point.xyz
    [ "$status" -eq 0 ]
    [[ "$output" == *"kinetic temperature of 7000"*"thermostat 8000"* ]]
}

@test "velocities stand in for a missing temperature" {
    gas 4 1 5 6 | sed -e 's/temperature=1 //' -e 's/pos:R:3/pos:R:3:velo:R:3/' -e '/^D/s/$/ 0.02 0.03 0.06/' |
        md-average >point.xyz
    # m v^2 = 2.01410177812 amu * (0.07 A/fs)^2; T = m v^2 / 3 k
    near "$(value temperature point.xyz)" \
        "$(awk 'BEGIN { print 2.01410177812 * 1.66053906660e-27 * 0.07 ^ 2 * 1e10 / 3 / 1.380649e-23 }')" 0.01
}

@test "the entropy of the electrons is added to the free energy" {
    gas 16 8000 4.7 30 entropy_energy=1.25 | sed 's/energy=0 /energy=-3.5 /' | md-average >point.xyz
    near "$(value internal_energy point.xyz)" "$(awk -v e="$(exact_energy 16 8000)" 'BEGIN { printf "%.12g", e - 2.25 }')" 1e-8
}

@test "the virial pressure is minus a third of the trace of the stress" {
    gas 16 8000 4.7 10 | sed 's/stress="0 0 0 0 0 0 0 0 0"/stress="-0.1 1 2 1 -0.2 3 2 3 -0.3"/' | md-average >point.xyz
    near "$(value pressure_GPa point.xyz)" \
        "$(awk -v p="$(exact_pressure 16 8000 4.7)" 'BEGIN { printf "%.10g", p + 0.2 * 160.21766208 }')" 1e-5
}

@test "every file is a state point, --group-by gathers by a key" {
    gas 16 8000 4.7 10 config_type=hot >a.xyz
    gas 8 4000 4.2 10 config_type=cold | gzip >b.xyz.gz
    gas 16 8000 4.7 12 config_type=hot >c.xyz
    md-average a.xyz b.xyz.gz c.xyz >points.xyz
    [ "$(xyz-view --table samples points.xyz | tail -n 3 | awk '{ print $NF }' | paste -sd ' ')" = "10 10 12" ]
    cat a.xyz c.xyz <(zcat b.xyz.gz) | md-average --group-by config_type >points.xyz
    [ "$(xyz-view --table samples points.xyz | tail -n 2 | awk '{ print $NF }' | paste -sd ' ')" = "22 10" ]
}

@test "two state points in one stream are told apart or refused" {
    { gas 16 8000 4.7 10 thermostat_temperature=8000; gas 16 4000 4.7 10 thermostat_temperature=4000; } >two.xyz
    run md-average two.xyz
    [ "$status" -eq 3 ]
    [[ "$output" == *"two.xyz:"*"frame 11: thermostat_temperature is 4000 K"*"--group-by"* ]]
    run md-average -q --group-by thermostat_temperature two.xyz
    [ "$status" -eq 0 ]
    { gas 16 8000 4.7 10; gas 8 8000 4.7 10; } >two.xyz
    run md-average two.xyz
    [ "$status" -eq 3 ]
    [[ "$output" == *"frame 11: 8 atoms where"*"has 16"* ]]
}

@test "labels of single structures do not reach the state point, the user's keys do" {
    gas 4 8000 4.7 10 'config_type=hot color="deep red" dft_energy=3' | md-average >point.xyz
    run cat point.xyz
    [[ "$output" != *" energy="* && "$output" != *dft_energy* && "$output" != *" step="* && "$output" != *" stress="* ]]
    [[ "$output" == *"config_type=hot"* && "$output" == *'color="deep red"'* && "$output" == *'history="md-average '* ]]
}

@test "an error bar of a correlated series covers the truth" {
    # energies of an AR(1) process of mean -3, variance 0.01, inefficiency 19
    gas 4 8000 4.7 4000 thermostat_temperature=8000 | awk '
        function normal() { return sqrt(-2 * log(1 - rand())) * cos(6.283185307179586 * rand()) }
        BEGIN { srand(7); x = normal() }
        /^Lattice/ { sub(/energy=0/, "energy=" (-3 + 0.1 * x)); x = 0.9 * x + sqrt(0.19) * normal() } 1' |
        md-average -q --discard 0 >point.xyz
    error=$(value internal_energy_error point.xyz)
    near "$error" 0.00689 0.0021 # 0.1 sqrt(19 / 4000), its own error 15 %
    near "$(value internal_energy point.xyz)" \
        "$(awk -v e="$(exact_energy 4 8000)" 'BEGIN { printf "%.10g", e - 3 }')" \
        "$(awk -v e="$error" 'BEGIN { print 4 * e }')"
}

@test "--discard leaves out the start of every run" {
    { gas 4 8000 4.7 10; gas 4 8000 4.7 20; } | md-average --discard 4 >point.xyz
    near "$(value samples point.xyz)" 22 0
    run md-average --discard 10 <(gas 4 8000 4.7 10)
    [ "$status" -eq 3 ]
    [[ "$output" == *"0 of 10 frames are left"* ]]
}

@test "g(r) of an ideal gas is one, as a table that appears when it is complete" {
    gas 16 8000 4.7 400 | md-average --rdf gr.tsv --rdf-bins 5 >point.xyz
    [ "$(head -n 1 gr.tsv)" = "$(printf 'state_point\tr_A\tg\tneighbours')" ]
    awk 'NR > 2 { if ($(NF - 1) < 0.95 || $(NF - 1) > 1.05) { print; exit 1 } } END { if (NR != 6) exit 1 }' gr.tsv
    run md-average --rdf never.tsv <(gas 4 8000 4.7 10 | sed '$d')
    [ "$status" -eq 3 ]
    [ ! -e never.tsv ]
}

@test "the table has the numbers of the frames, and the figure g(r)" {
    gas 16 8000 4.7 100 thermostat_temperature=8000 >a.xyz
    gas 9 4000 5.1 100 | sed 's/pbc="T T T"/pbc="F F F"/' >open.xyz
    md-average --bond 1A --table points.tsv a.xyz open.xyz >points.xyz
    [ "$(wc -l <points.tsv)" -eq 3 ]
    awk -F '\t' 'NF != 13 { exit 1 }' points.tsv
    [ "$(awk -F '\t' 'NR == 1 { print $1, $4, $6, $8, $10, $12 }' points.tsv)" = "state_point temperature_K density_g_cm3 pressure_GPa energy_Ha_per_atom molecular_fraction" ]
    field() { awk -F '\t' -v r="$1" -v c="$2" 'NR == r { print $c }' points.tsv; }
    [ "$(field 2 1) $(field 2 2) $(field 2 3)" = "a.xyz 16 $(value samples points.xyz)" ]
    near "$(field 2 4)" 8000 1e-6
    near "$(field 2 6)" "$(value density points.xyz)" 1e-8
    near "$(field 2 8)" "$(value pressure_GPa points.xyz)" 1e-7
    near "$(awk -v x="$(field 2 10)" 'BEGIN { print x * 16 * 27.211386245988 }')" "$(value internal_energy points.xyz)" 1e-4
    near "$(field 2 12)" "$(value molecular_fraction points.xyz)" 1e-8
    near "$(field 2 13)" "$(value molecular_fraction_error points.xyz)" 1e-5
    [ "$(field 3 1)$(field 3 6)$(field 3 8)" = open.xyz ]
    run md-average --table never.tsv <(gas 4 8000 4.7 10 | sed '$d')
    [ "$status" -eq 3 ]
    [ ! -e never.tsv ]
    # found before the work: no frame is read, no table written
    run md-average --plot gr.pdf --table never.tsv -o never.xyz missing.xyz
    [ "$status" -eq 2 ]
    [ "$output" = "md-average: --plot 'gr.pdf': the name must end in .svg or .png" ]
    run ls
    [[ "$output" != *never* ]]
    run md-average --plot gr.svg open.xyz
    [ "$status" -eq 3 ]
    [[ "$output" == *"g(r)"* ]] && [ ! -e gr.svg ]
    command -v gnuplot >/dev/null || skip "gnuplot is not installed"
    md-average --plot gr.svg a.xyz >again.xyz
    grep -q 'a.xyz' gr.svg
    # neither is part of how the numbers came to be
    md-average a.xyz | cmp - again.xyz
}

@test "molecules are counted" {
    for f in 1 2 3 4; do
        printf '%s\n' 5 "Lattice=\"9 0 0 0 9 0 0 0 9\" pbc=\"T T T\" Properties=species:S:1:pos:R:3 energy=0 \
stress=\"0 0 0 0 0 0 0 0 0\" temperature=300 time=$f" "H 0.1 0 0" "H 8.4 0 0" "H 4 4 4" "H 4 4 4.75" "H 7 7 7"
    done | md-average --bond 1A >point.xyz
    near "$(value molecular_fraction point.xyz)" 0.8 1e-12
    run md-average --bond 1K </dev/null
    [ "$status" -eq 2 ]
}

@test "a bond longer than the cell is no more work, and gives what one as long as the cell does" {
    gas 16 8000 4.7 5 >run.xyz
    md-average --bond 4.7A run.xyz -o cell.xyz
    timeout 60 md-average --bond 1e9A run.xyz -o point.xyz # not for ever
    near "$(value molecular_fraction point.xyz)" "$(value molecular_fraction cell.xyz)" 0
    [ "$(value molecular_fraction cell.xyz)" != 0.0 ]
}

@test "g(r) has a largest cut-off, and as many bins as one likes" {
    gas 16 8000 4.7 2 >run.xyz
    run timeout 60 md-average --rdf gr.tsv --rdf-cutoff 1e9A run.xyz -o point.xyz # not for ever
    [ "$status" -eq 2 ]
    [[ "$output" == *"run.xyz:1: frame 1: --rdf-cutoff 1e+09A reaches"*"at most 98.93A"* ]]
    # it is not the frames that are bad
    run timeout 60 md-average --on-error=skip --rdf gr.tsv --rdf-cutoff 1e9A run.xyz -o point.xyz
    [ "$status" -eq 2 ]
    [ ! -e gr.tsv ]
    # 15 others in the volume of the cell: of 4/3 pi 9.4^3 there are 33.5
    md-average --rdf gr.tsv --rdf-cutoff 9.4A run.xyz -o point.xyz
    near "$(tail -n 1 gr.tsv | cut -f 4)" 502.7 25
    timeout 120 md-average --rdf fine.tsv --rdf-cutoff 9.4A --rdf-bins 1000000 run.xyz -o point.xyz
    [ "$(wc -l <fine.tsv)" -eq 1000001 ]
    [ "$(tail -n 1 fine.tsv | cut -f 4)" = "$(tail -n 1 gr.tsv | cut -f 4)" ]
}

@test "the diffusion coefficient of free flight grows with time and of atoms at rest is zero" {
    gas 4 8000 4.7 1 >one.xyz
    for i in $(seq 80); do sed "s/time=2.5 step=10/time=$i step=$i/" one.xyz; done | md-average --diffusion >point.xyz
    near "$(value diffusion_coefficient point.xyz)" 0 1e-20
    run md-average --diffusion <(gas 4 8000 4.7 20)
    [ "$status" -eq 0 ]
    [[ "$output" == *"too few frames"* ]]
}

# walk SEED FRAMES FS: atoms that walk at random, a frame every FS
walk() {
    awk -v seed="$1" -v frames="$2" -v dt="$3" 'BEGIN {
        srand(seed)
        for (f = 1; f <= frames; f++) {
            printf "4\nLattice=\"9 0 0 0 9 0 0 0 9\" Properties=species:S:1:pos:R:3 pbc=\"T T T\" energy=0 "
            printf "stress=\"0 0 0 0 0 0 0 0 0\" temperature=8000 time=%.10g\n", f * dt
            for (i = 0; i < 4; i++) print "D", x[i] += rand() - 0.5, y[i] += rand() - 0.5, z[i] += rand() - 0.5
        } }'
}

@test "runs with other times between frames count for diffusion with their lengths in time, in any order" {
    walk 1 200 1 >a.xyz
    walk 2 100 10 >b.xyz
    md-average --discard 0 --diffusion a.xyz b.xyz -o alone.xyz
    mean=$(xyz-view --table diffusion_coefficient alone.xyz | awk 'NR > 1 { t = NR == 2 ? 199 : 990; s += t * $1 } END { printf "%.15g", s / 1189 }')
    error=$(xyz-view --table diffusion_coefficient_error alone.xyz |
        awk 'NR > 1 { t = NR == 2 ? 199 : 990; s += (t * $1) ^ 2 } END { printf "%.15g", sqrt(s) / 1189 }')
    for order in "a.xyz b.xyz" "b.xyz a.xyz"; do
        cat $order | md-average --discard 0 --diffusion -o both.xyz
        near "$(value diffusion_coefficient both.xyz)" "$mean" 1e-12
        near "$(value diffusion_coefficient_error both.xyz)" "$error" 1e-12
    done
}

@test "a run whose frames are not equally spaced in time does not count for diffusion, and that is said" {
    walk 1 100 1 >a.xyz
    walk 2 100 1 | sed 's/time=100$/time=110/' >b.xyz
    md-average --discard 0 --diffusion a.xyz -o alone.xyz
    for order in "a.xyz b.xyz" "b.xyz a.xyz"; do
        cat $order >both.xyz
        run md-average --discard 0 --diffusion both.xyz -o point.xyz
        [ "$status" -eq 0 ]
        [[ "$output" == *"'both.xyz': 1 of 2 runs do not count"*"not equally spaced in time"* ]]
        near "$(value samples point.xyz)" 200 0
        [ "$(value diffusion_coefficient point.xyz)" = "$(value diffusion_coefficient alone.xyz)" ]
    done
    run md-average --discard 0 --diffusion b.xyz -o point.xyz
    [ "$status" -eq 0 ]
    [[ "$output" == *"1 of 1 runs"* ]]
    grep -q diffusion_coefficient point.xyz && return 1
    # without times nothing is known
    run md-average --diffusion <(sed 's/ time=[0-9]*//' a.xyz) -o point.xyz
    [ "$status" -eq 0 ]
    [[ "$output" == *"not all frames have a time"* ]]
}

# As many frames that are at 0 in both potentials as ones that the second has ln 3 kT higher.
two_levels() {
    gas 4 8000 5 60 "thermostat_temperature=8000 md_energy=0" | awk '/^Lattice/ { if (k++ % 2) {
        sub(/energy=0/, sprintf("energy=%.17g", log(3) * 8000 * 8.617333262145e-5)); sub(/stress="0/, "stress=\"-3") } } 1'
}

@test "frames of another potential count with their Boltzmann factor" {
    two_levels >run.xyz
    md-average -q --reweight md --bond 1e-3A run.xyz -o point.xyz
    near "$(value internal_energy point.xyz)" \
        "$(awk -v e="$(exact_energy 4 8000)" 'BEGIN { printf "%.15g", e + log(3) * 8000 * 8.617333262145e-5 / 4 }')" 1e-9
    near "$(value pressure_GPa point.xyz)" \
        "$(awk -v p="$(exact_pressure 4 8000 5)" 'BEGIN { printf "%.15g", p + 160.21766208 / 4 }')" 1e-6
    near "$(value samples point.xyz)" 60 0
    near "$(value effective_samples point.xyz)" 48 1e-9
    grep -q 'md_energy\|molecular_lifetime' point.xyz && return 1
    # a constant between the potentials is nothing, however large
    sed 's/md_energy=0/md_energy=-1e4/' run.xyz | md-average -q --reweight md | xyz-view --table internal_energy >shifted.tsv
    near "$(value internal_energy point.xyz)" "$(awk 'NR == 2' shifted.tsv)" 1e-7
}

@test "the cumulant is the first order of the weights" {
    # of 60 levels at 0 and ln 3 kT the mean is (1/2 - ln 3 / 4 60/59) ln 3 kT; of a quantity that is 0 and 1, 1/2 - ln 3 / 4 60/59
    two_levels >run.xyz
    md-average -q --reweight md --reweight-by cumulant run.xyz -o point.xyz
    near "$(value internal_energy point.xyz)" \
        "$(awk -v e="$(exact_energy 4 8000)" 'BEGIN { printf "%.15g", e + (1 / 2 - log(3) * 15 / 59) * log(3) * 8000 * 8.617333262145e-5 }')" 1e-9
    near "$(value pressure_GPa point.xyz)" \
        "$(awk -v p="$(exact_pressure 4 8000 5)" 'BEGIN { printf "%.15g", p + 160.21766208 * (1 / 2 - log(3) * 15 / 59) }')" 1e-6
    near "$(value effective_samples point.xyz)" 48 1e-9
    # a constant is nothing here, either; where weights would leave a frame nothing is warned of
    sed 's/md_energy=0/md_energy=-1e4/' run.xyz | md-average -q --reweight md --reweight-by cumulant | xyz-view --table internal_energy >shifted.tsv
    near "$(value internal_energy point.xyz)" "$(awk 'NR == 2' shifted.tsv)" 1e-7
    awk '/^Lattice/ && k++ { sub(/ energy=/, " energy=9") } 1' run.xyz >far.xyz
    run md-average --reweight md --reweight-by cumulant --discard 0 far.xyz -o point.xyz
    [ "$status" -eq 0 ] && [[ "$output" != *leave* ]]
    # the difference is 0 once and otherwise some 9e4 eV: of 60 frames it scatters by more than 2.86 kT, the extreme of as many
    [[ "$output" == *"scatters by "*" kT"*"these 60"* ]]
    run md-average --reweight md --reweight-by cumulant run.xyz -o point.xyz
    [ "$status" -eq 0 ] && [[ "$output" != *scatters* ]]
    run md-average --reweight-by cumulants run.xyz
    [ "$status" -eq 2 ]
}

@test "frames of the dynamics alone correct weighted means for the chance in these" {
    # alike but for a constant: of what energy and stress are, the mean over all frames of the dynamics is known better
    gas 4 8000 5 60 "thermostat_temperature=8000" | awk '/^Lattice/ { k++; sub(/energy=0/, "energy=" 2 + k % 2 " md_energy=" k % 2)
        sub(/stress=/, sprintf("md_stress=\"%g 0 0 0 0 0 0 0 0\" stress=", k % 2)); sub(/ stress="0/, " stress=\"" k % 2) } 1' >few.xyz
    gas 4 8000 5 400 "thermostat_temperature=8000" | awk '/^Lattice/ { k++; sub(/energy=0/, "md_energy=" (k % 4 > 0))
        sub(/ stress="0/, " md_stress=\"" (k % 4 > 0)) } 1' >all.xyz
    cat few.xyz all.xyz | md-average -q --discard 0 --reweight md -o point.xyz
    near "$(value internal_energy point.xyz)" "$(awk -v e="$(exact_energy 4 8000)" 'BEGIN { printf "%.15g", e + 2.75 }')" 1e-9
    near "$(value pressure_GPa point.xyz)" \
        "$(awk -v p="$(exact_pressure 4 8000 5)" 'BEGIN { printf "%.15g", p - 160.21766208 / 4 }')" 1e-6
    near "$(value samples point.xyz)" 60 0
    near "$(value effective_samples point.xyz)" 60 1e-9
    # without their stress the pressure is that of the few
    sed 's/md_stress=/old_stress=/' all.xyz | cat few.xyz - | md-average -q --discard 0 --reweight md -o less.xyz
    near "$(value pressure_GPa less.xyz)" \
        "$(awk -v p="$(exact_pressure 4 8000 5)" 'BEGIN { printf "%.15g", p - 160.21766208 / 6 }')" 1e-6
    run md-average --reweight md all.xyz
    [ "$status" -eq 3 ] && [[ "$output" == *"0 of 400 frames"* ]]
}

@test "weights that leave few frames are said" {
    two_levels | awk '/^Lattice/ && k++ { sub(/ energy=/, " energy=9") } 1' >run.xyz
    run md-average --reweight md --discard 0 run.xyz -o point.xyz
    [ "$status" -eq 0 ]
    [[ "$output" == *"leave 1.0 of 60 frames"* ]]
    near "$(value internal_energy point.xyz)" "$(exact_energy 4 8000)" 1e-8
}

@test "weights need what the dynamics had, its temperature, and means" {
    two_levels >run.xyz
    run md-average --reweight other run.xyz
    [ "$status" -eq 3 ] && [[ "$output" == *other_energy* ]]
    sed 's/thermostat_temperature=8000//' run.xyz >none.xyz
    run md-average --reweight md none.xyz
    [ "$status" -eq 3 ] && [[ "$output" == *"--reweight needs thermostat_temperature"* ]]
    md-average -q --reweight md --temperature 8000K none.xyz -o point.xyz
    run md-average --reweight md --diffusion run.xyz
    [ "$status" -eq 2 ]
    run md-average --reweight md --rdf g.tsv run.xyz
    [ "$status" -eq 2 ] && [ ! -e g.tsv ]
}

@test "open boundaries have an energy but neither pressure nor density" {
    gas 4 8000 4.7 10 | sed -e 's/Lattice="[^"]*" //' -e 's/pbc="T T T"/pbc="F F F"/' -e 's/stress="[^"]*" //' | md-average >point.xyz
    near "$(value internal_energy point.xyz)" "$(exact_energy 4 8000)" 1e-8
    run cat point.xyz
    [[ "$output" != *pressure* && "$output" != *density* ]]
}

@test "bad input ends with status 3 and file, line and frame" {
    gas 4 8000 4.7 10 >good.xyz
    sed 's/ energy=0//' good.xyz >bad.xyz
    run md-average bad.xyz
    [ "$status" -eq 3 ]
    [[ "$output" == *"md-average: bad.xyz:"*"frame 1: key 'energy' is missing"* ]]
    sed 's/stress="[^"]*" //' good.xyz >bad.xyz
    run md-average bad.xyz
    [ "$status" -eq 3 ]
    [[ "$output" == *"'stress'"* ]]
    sed 's/temperature=8000 //' good.xyz >bad.xyz
    run md-average bad.xyz
    [ "$status" -eq 3 ]
    [[ "$output" == *temperature* ]]
    run md-average --group-by config_type good.xyz
    [ "$status" -eq 3 ]
    [[ "$output" == *"'config_type' is missing"* ]]
    head -c 900 good.xyz >bad.xyz
    run md-average bad.xyz -o never.xyz
    [ "$status" -eq 3 ]
    [ ! -e never.xyz ]
    run md-average missing.xyz
    [ "$status" -eq 4 ]
}

@test "a key of the wrong kind or range is bad input, needed or not" {
    gas 4 8000 4.7 10 >good.xyz
    for change in 's/$/ thermostat_temperature=hot/' 's/temperature=8000/temperature="8000 8000"/' \
        's/temperature=8000/temperature=-8000/' 's/$/ thermostat_temperature=0/' 's/$/ replica=a/' \
        's/$/ replica=1.5/' 's/step=[0-9]*/step=x/' 's/time=[^ ]*/time=y/' 's/$/ entropy_energy=T/'; do
        sed "/^Lattice/ $change" good.xyz >bad.xyz
        run md-average --temperature 8000K bad.xyz
        [ "$status" -eq 3 ]
        [[ "$output" == "md-average: bad.xyz:1: frame 1: "*temperature* || "$output" == *" key '"*"' is "* ]]
        [ "${#lines[@]}" -eq 1 ]
    done
    sed 's/temperature=8000/temperature=0/' good.xyz >cold.xyz
    md-average cold.xyz -o point.xyz
    near "$(value internal_energy point.xyz)" 0 0
}

@test "the largest step may be given, and a frame without a step goes on with the run" {
    gas 4 8000 4.7 10 | awk '/^Lattice/ { sub(/step=[0-9]*/, k++ ? "" : "step=9223372036854775807") } 1' >run.xyz
    md-average --discard 1 run.xyz -o point.xyz
    near "$(value samples point.xyz)" 9 0
}

@test "--on-error=skip passes over a state point that fails, under its own name, and leaves the others complete" {
    gas 4 8000 4.7 1 config_type=short >a.xyz
    gas 4 8000 4.7 20 config_type=long >b.xyz
    gas 4 8000 4.7 8 config_type=bad | sed 's/energy=0//' >c.xyz
    md-average b.xyz -o alone.xyz
    for order in "a.xyz b.xyz" "b.xyz a.xyz" "a.xyz c.xyz b.xyz" "c.xyz b.xyz a.xyz"; do
        run md-average --on-error=skip --table points.tsv $order -o points.xyz
        [ "$status" -eq 0 ]
        [[ "$output" == *"md-average: warning: state point 'a.xyz': 1 of 1 frames are left"* ]]
        [[ "$output" == *"1 state point skipped"* && "$output" != *"'c.xyz'"* ]]
        [ "$(xyz-view --table samples,internal_energy points.xyz)" = "$(xyz-view --table samples,internal_energy alone.xyz)" ]
        [ "$(cut -f 1 points.tsv | paste -sd ' ')" = "state_point b.xyz" ]
    done
    run md-average --on-error=skip --group-by config_type a.xyz b.xyz -o points.xyz
    [ "$status" -eq 0 ]
    [[ "$output" == *"state point 'short': 1 of 1 frames are left"*"1 state point skipped"* ]]
    [ "$(xyz-view --table samples points.xyz)" = "$(xyz-view --table samples alone.xyz)" ]
    # without it those before the first that fails are written
    run md-average b.xyz a.xyz c.xyz -o points.xyz
    [ "$status" -eq 3 ]
    [[ "$output" == "md-average: state point 'a.xyz': 1 of 1"* ]]
    [ "$(xyz-view --table samples points.xyz.part)" = "$(xyz-view --table samples alone.xyz)" ]
}

@test "usage errors end with status 2" {
    for option in --temperature=-5K --bond=-1A --discard=-2 --rdf-bins=0 --kinetic=guess --temperature=3eV/A; do
        run md-average "$option" </dev/null
        [ "$status" -eq 2 ]
    done
}

@test "no frames give no state points and status 0" {
    run md-average </dev/null
    [ "$status" -eq 0 ]
    [ -z "$output" ]
}

@test "from a file, a pipe and a compressed file the result is the same" {
    gas 4 8000 4.7 10 >run.xyz
    gzip -k run.xyz
    md-average run.xyz >a
    md-average <run.xyz >b
    md-average run.xyz.gz >c
    md-average -j 2 run.xyz -o d
    cmp a b && cmp a c && cmp a d
}

@test "ASE reads the state point" {
    need_ase
    gas 4 8000 4.7 10 | sed -e 's/pos:R:3/pos:R:3:masses:R:1/' -e '/^D/s/$/ 2.014/' -e 's/^D/H/' | md-average >point.xyz
    run "$ASE" -c "
from ase.io import read
a = read('point.xyz')
assert abs(a.info['temperature'] - 8000) < 1e-6 and len(a) == 4
assert abs(a.get_masses()[0] - 2.014) < 1e-3"
    [ "$status" -eq 0 ]
}
