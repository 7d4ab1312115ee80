# SPDX-License-Identifier: GPL-3.0-or-later
load ../helper
bats_require_minimum_version 1.5.0

setup() {
    cd "$BATS_TEST_TMPDIR"
    cat >cell.xyz <<'END'
2
Lattice="1.6 0.0 0.1 0.0 1.7 0.0 0.0 0.1 1.5" Properties=species:S:1:pos:R:3 pbc="T T T" config_type=pair
H 0.0 0.0 0.0
D 0.8 0.7 0.9
END
    cat >molecule.xyz <<'END'
2
Properties=species:S:1:pos:R:3 pbc="F F F"
H 0.0 0.0 0.0
H 0.0 0.0 0.74
END
    fast="--ecut 8Ha --electron-temperature 8000K"
}

# value KEY < frames: the numbers of a key, one frame a line
value() { sed -n "s/.*[ ]$1=\"\{0,1\}\([^\" ]*\).*/\1/p"; }

@test "a cell gets energies, forces, stress, settings and history" {
    dft-baseline $fast cell.xyz >out.xyz
    for key in dft_free_energy dft_energy dft_entropy_energy dft_stress dft_settings config_type=pair; do
        grep -q " $key" out.xyz
    done
    grep -q 'dft_forces:R:3' out.xyz
    grep -q 'dft_settings="pbe 8Ha 1x1x1 basis-correction 8000K' out.xyz
    grep -q 'history=.*dft-baseline' out.xyz
}

@test "F = E - TS on the stream" {
    dft-baseline $fast --kmesh 2x1x1 cell.xyz >out.xyz
    f=$(value dft_free_energy <out.xyz) e=$(value dft_energy <out.xyz) ts=$(value dft_entropy_energy <out.xyz)
    awk -v f="$f" -v e="$e" -v ts="$ts" 'BEGIN { d = f - e + ts; exit !(ts > 0 && d < 1e-9 && d > -1e-9) }'
}

@test "--kspacing gives every cell its own mesh, with the numbers of --kmesh" {
    cell-build -q --lattice bcc --rs 2 -o one.xyz
    cell-build -q --lattice bcc --rs 2 --supercell 2x2x2 -o eight.xyz
    a=$(sed -n '2s/.*Lattice="\([0-9.]*\) .*/\1/p' one.xyz)
    dft-baseline $fast --kspacing "$(awk -v a="$a" 'BEGIN { printf "%.12f/A", 3.14159265358979 / a }')" one.xyz eight.xyz one.xyz >out.xyz
    [ "$(xyz-view --table dft_settings out.xyz | grep -o ' [0-9]x[0-9]x[0-9]' | tr -d '\n')" = " 2x2x2 1x1x1 2x2x2" ]
    dft-baseline $fast --kmesh 2x2x2 one.xyz | value dft_free_energy >mesh
    value dft_free_energy <out.xyz | sed -n 3p | cmp - mesh
    value dft_free_energy <out.xyz | awk '{ f[NR] = $1 } END { d = f[2] - 8 * f[1]; exit !(NR == 3 && d * d < 1e-8) }'
    for options in "--kspacing 0.3 --kmesh 2x2x2" "--kspacing 0Ha"; do
        run dft-baseline $fast $options one.xyz
        [ "$status" = 2 ]
    done
    run dft-baseline $fast --orbitals h-sz --kspacing 0.3 one.xyz
    [ "$status" = 3 ]
    [[ "$output" == *"would not be real"* ]]
}

@test "a molecule has no stress" {
    dft-baseline --ecut 8Ha --electron-temperature 0K --padding 4bohr molecule.xyz >out.xyz
    ! grep -q dft_stress out.xyz
    grep -q 'dft_settings="pbe 8Ha open basis-correction' out.xyz
}

@test "a stress left over from a cell is removed from a molecule" {
    sed 's/pbc=/dft_stress="1 0 0 0 1 0 0 0 1" pbc=/' molecule.xyz >old.xyz
    dft-baseline --ecut 8Ha --electron-temperature 0K --padding 4bohr old.xyz >out.xyz
    ! grep -q dft_stress out.xyz
}

@test "orbitals carry k points, basis, spillage and one coefficient per k, orbital and function" {
    dft-baseline $fast --kmesh 2x1x1 --orbitals h-dz cell.xyz >out.xyz
    grep -q 'orbitals:R:12' out.xyz # 2 k points, 1 orbital, 6 functions
    grep -q 'kpoints="0.0 0.0 0.0 0.5 0.0 0.0"' out.xyz
    grep -q 'orbital_basis=h-dz' out.xyz
    awk -v s="$(value orbital_spillage <out.xyz)" 'BEGIN { exit !(s > 0 && s < 0.2) }'
}

@test "a functional that is unknown brings the name that was meant" {
    run dft-baseline --functional pbee cell.xyz
    [ "$status" = 2 ]
    [[ "$output" == *"did you mean pbe?"* ]]
    for parts in '' lda_x+ +lda_x lda_x++lda_c_pw lda+lda_c_pw; do
        run -2 dft-baseline --functional "$parts" cell.xyz
        [ "${#lines[@]}" -eq 1 ]
        [[ $output != *"mean lda?"* ]]
    done
    run dft-baseline --functional gga_x_pbe+gga_c_pbbe cell.xyz
    [[ "$output" == *"did you mean gga_c_pbe?"* ]]
}

@test "short names are those of libxc" {
    for pair in lda=lda_xc_teter93 lda_pw=lda_x+lda_c_pw pbe=gga_x_pbe+gga_c_pbe; do
        dft-baseline $fast --functional "${pair%%=*}" cell.xyz | value dft_free_energy >short
        dft-baseline $fast --functional "${pair#*=}" cell.xyz | value dft_free_energy >long
        awk -v a="$(cat short)" -v b="$(cat long)" 'BEGIN { d = a - b; exit !(a < 0 && d < 1e-9 && d > -1e-9) }'
    done
}

@test "a shifted mesh is another mesh: half a step along a is the rest of twice the mesh" {
    # over 2x1x1: the mean of the points of 1x1x1 with and without the shift, to how far densities differ
    for mesh in "1x1x1 --kshift 0x0x0" "1x1x1 --kshift 0.5x0x0" "2x1x1"; do
        dft-baseline --ecut 12Ha --electron-temperature 20000K --kmesh $mesh cell.xyz >out.xyz
        value dft_free_energy <out.xyz
    done >energies
    grep -q 'dft_settings="pbe 12Ha 2x1x1 ' out.xyz
    awk '{ e[NR] = $1 } END { d = (e[1] + e[2]) / 2 - e[3]; s = e[1] - e[2]; exit !(s * s > 1 && d * d < 0.02 * s * s) }' energies
    dft-baseline $fast --kshift 0.5x0.25x0 cell.xyz | grep -q 'dft_settings="pbe 8Ha 1x1x1+0.5x0.25x0 '
}

@test "real orbitals are found at a zone boundary by a shift" {
    dft-baseline $fast --kshift 0.5x0x0 --orbitals h-sz cell.xyz | grep -q 'kpoints="0.5 0.0 0.0"'
}

@test "without the finite-basis correction the energy is higher and the settings say so" {
    dft-baseline $fast --ecut 20Ha cell.xyz >on.xyz
    dft-baseline $fast --ecut 20Ha --basis-correction off cell.xyz >off.xyz
    grep -q 'dft_settings="pbe 20Ha 1x1x1 8000K"' off.xyz
    awk -v a="$(value dft_free_energy <on.xyz)" -v b="$(value dft_free_energy <off.xyz)" \
        'BEGIN { d = (b - a) / 2; exit !(d > 0.08 && d < 0.3) }' # eV per atom
}

basis_file() {
    cat <<'FILE'
# the numbers of h-dz
BASIS "ao basis" SPHERICAL PRINT
H    S
      6.645          0.2403
      0.1423D+01     1.0
H    S
      0.3978  2
h    s
      0.1140  1
He   S
      3.0     1
H    P
      0.9753  1
END
FILE
}

@test "a basis from a file gives the orbitals of the same numbers built in" {
    basis_file >mine.nw
    dft-baseline $fast -j 1 --orbitals h-dz cell.xyz >one.xyz
    dft-baseline $fast -j 1 --orbitals ./mine.nw cell.xyz >two.xyz
    grep -q 'orbital_basis=mine.nw orbital_shells="0.0 2.0 6.645 0.2403 1.423 1.0 0.0 1.0 0.3978 2.0 ' two.xyz
    ! grep -q orbital_shells one.xyz
    diff <(sed 1,2d one.xyz) <(sed 1,2d two.xyz)
    # the next run with a built-in set takes the list away
    dft-baseline $fast --orbitals h-sz two.xyz >three.xyz
    ! grep -q orbital_shells three.xyz
}

@test "a basis from a file travels to qmc-sample and qmc-force" {
    basis_file >mine.nw
    dft-baseline -q --ecut 8Ha --electron-temperature 0K --padding 5bohr --orbitals ./mine.nw molecule.xyz >file.xyz
    grep -q orbital_shells= file.xyz
    # the same orbitals said to be those of the built-in set
    sed 's/orbital_basis=mine.nw orbital_shells="[^"]*"/orbital_basis=h-dz/' file.xyz >name.xyz
    for frame in file name; do
        qmc-sample -q --optimize --samples 2000 $frame.xyz >$frame.vmc
        qmc-force -q --samples 500 $frame.vmc >$frame.force
        sed 's/orbital_basis=.*orbital_spillage/orbital_spillage/' $frame.force >$frame
    done
    grep -q 'orbital_shells=.*vmc_forces_estimator' file.force
    cmp file name
}

@test "bad basis files name file and line" {
    basis_file | sed 's/0.9753/0.97x/' >number.nw
    basis_file | sed 's/^H    P/H    G/' >high.nw
    basis_file | sed 's/^H /Li /I' >other.nw
    basis_file | sed 's/^H    P/H    Q/' >kind.nw
    basis_file | sed 's/SPHERICAL/CARTESIAN/' >cartesian.nw
    basis_file | sed '1,/^He/d' | sed 1d >start.nw
    basis_file | sed '/6.645/d; /0.1423/d' >empty.nw
    basis_file | sed 's/0.1140  1/0.1140/' >short.nw
    basis_file | sed 's/0.1140  1/-0.1140 1/' >negative.nw
    basis_file | sed 's/0.1140  1/0.1140 0/' >zero.nw
    while IFS=: read -r file line text; do
        run dft-baseline $fast --orbitals ./$file.nw cell.xyz
        [ "$status" = 3 ] || { echo "$file: $status $output"; return 1; }
        [[ "$output" == *"$file.nw$line"*"$text"* ]] || { echo "$file: $output"; return 1; }
    done <<'END'
number::13: '0.97x' is not a number
kind::12: this is no kind of shell
cartesian::2: functions are spherical
empty::4: a shell without exponents
short::9: an exponent and as many
negative::9: an exponent greater than 0
zero::10: a shell whose coefficients are all zero
other:: there is no shell of H
high:: l = 4
END
    run dft-baseline --orbitals ./none.nw cell.xyz
    [ "$status" = 4 ]
}

@test "pipe, file and compressed file give the same frame" {
    gzip -k cell.xyz
    dft-baseline $fast -o file.xyz cell.xyz
    dft-baseline $fast <cell.xyz >pipe.xyz
    dft-baseline $fast --compress=never cell.xyz.gz >gzip.xyz
    cmp file.xyz pipe.xyz
    cmp file.xyz gzip.xyz
}

@test "a co-process that is given one frame and asked for one agrees with the file" {
    for x in 0.80 0.81 0.82; do sed "s/0.8 0.7 0.9/$x 0.7 0.9/" cell.xyz; done >three.xyz
    dft-baseline $fast three.xyz | value dft_free_energy >file
    coproc baseline { dft-baseline $fast; }
    for frame in 0 1 2; do
        sed -n "$((4 * frame + 1)),$((4 * frame + 4))p" three.xyz >&"${baseline[1]}"
        for line in 1 2 3 4; do
            IFS= read -r -t 60 text <&"${baseline[0]}"
            printf '%s\n' "$text"
        done
    done >back.xyz
    value dft_free_energy <back.xyz >process
    [ "$(wc -l <process)" = 3 ]
    paste file process | awk '{ d = $1 - $2; if (!($1 < 0 && d < 1e-6 && d > -1e-6)) exit 1 }'
}

@test "--scf-log is a table of all iterations that ends converged" {
    cat cell.xyz cell.xyz | dft-baseline --ecut 12Ha --electron-temperature 20000K --orbitals h-sz --scf-log log.tsv >out.xyz
    head -1 log.tsv | grep -q '^frame	occupations	iteration	free_energy_Ha	change_Ha	density_residual_Ha	orbital'
    awk -F'\t' -v f="$(value dft_free_energy <out.xyz | head -1)" '
        NF != 10 { exit 1 }
        NR > 1 && $1 == 1 && $2 == "thermal" { n++; last = $4 * 27.211386245988; residual = $6 }
        $2 == "fixed" { fixed++ }
        $1 == 2 { second++ }
        END { d = last - f; exit !(n > 2 && fixed && second && residual < 1e-8 && d * d < 1e-10) }' log.tsv
    { echo before >&3; dft-baseline $fast --scf-log /dev/fd/3 cell.xyz -o same.xyz; echo after >&3; } 3>open
    [ "$(head -n 1 open)" = before ] && [ "$(tail -n 1 open)" = after ] && grep -q ^frame open
    run -4 dft-baseline $fast --scf-log /dev/full cell.xyz -o same.xyz
    [[ $output == *"cannot write /dev/full: No space left on device"* ]]
    run dft-baseline $fast --scf-log /nonexistent/log.tsv cell.xyz
    [ "$status" = 4 ]
}

@test "several frames keep their order and an empty stream is no error" {
    cat molecule.xyz cell.xyz | sed 's/0.74/0.80/' >both.xyz
    dft-baseline $fast --padding 3bohr both.xyz >out.xyz
    [ "$(grep -c dft_free_energy out.xyz)" = 2 ]
    sed -n 2p out.xyz | grep -q 'pbc="F F F"'
    run dft-baseline </dev/null
    [ "$status" = 0 ]
}

@test "an element without a pseudopotential is bad data and says what would be right" {
    sed 's/^D /He /' cell.xyz >helium.xyz
    run dft-baseline $fast helium.xyz
    [ "$status" = 3 ]
    [[ "$output" == *"helium.xyz"*"frame 1"*"pseudopotential"*"H or D"* ]]
}

@test "too few --bands for the temperature bring a warning" {
    run --separate-stderr dft-baseline $fast -q --bands 1 cell.xyz
    [ "$status" = 0 ]
    [[ "$stderr" == *"warning: frame 1: "*"more --bands"* ]]
    run --separate-stderr dft-baseline $fast -q cell.xyz
    [ -z "$stderr" ]
}

@test "a frame that does not converge ends with 1 and no number, and -o leaves no file" {
    run dft-baseline $fast --max-iterations 1 -o out.xyz cell.xyz
    [ "$status" = 1 ]
    [[ "$output" == *"self-consistent"*"--max-iterations"* ]]
    [ ! -e out.xyz ]
    run --separate-stderr dft-baseline $fast --max-iterations 1 cell.xyz
    [[ "$output" != *dft_* ]]
}

@test "truncated input, overlapping atoms and missing positions are bad data" {
    head -3 cell.xyz >short.xyz
    run dft-baseline $fast short.xyz
    [ "$status" = 3 ]
    sed 's/^D .*/D 0.01 0 0/' cell.xyz >overlap.xyz
    run dft-baseline $fast overlap.xyz
    [ "$status" = 3 ]
}

@test "wrong options are usage errors" {
    for options in "--orbital-fit energy" "--functional nonsense" "--functional mgga_x_scan" "--kmesh 2x2" "--kmesh 0x1x1" \
        "--ecut 30K" "--ecut -3Ha" "--orbitals h-none" "--orbitals h-sz --kmesh 3x1x1" "--max-iterations 0" \
        "--kshift 0.5x0.5" "--kshift 1x0x0" "--kshift 0.5x0.5xa" "--basis-correction maybe" \
        "--orbitals h-sz --kshift 0.3x0x0" "--orbitals h-sz --kmesh 2x1x1 --kshift 0.5x0x0" "--nonsense"; do
        run dft-baseline $options cell.xyz
        [ "$status" = 2 ] || { echo "$options: $status $output"; return 1; }
    done
}

@test "--help names every option and --version the version" {
    run dft-baseline --help
    [ "$status" = 0 ]
    for option in functional ecut kmesh electron-temperature orbitals bands tolerance max-iterations padding; do
        [[ "$output" == *"--$option"* ]]
    done
    run dft-baseline --version
    [ "$status" = 0 ]
    [[ "$output" == *dft-baseline* ]]
}

@test "one and two threads agree within the tolerance" {
    dft-baseline $fast --kmesh 2x2x1 -j 1 cell.xyz | value dft_free_energy >one
    dft-baseline $fast --kmesh 2x2x1 -j 2 cell.xyz | value dft_free_energy >two
    awk -v a="$(cat one)" -v b="$(cat two)" 'BEGIN { d = a - b; exit !(a < 0 && d < 1e-6 && d > -1e-6) }'
}

@test "a perfect crystal with an open shell converges in less than 150 steps" {
    cell-build -q --lattice bcc --atoms 16 --rs 1.31 |
        dft-baseline -q --ecut 8Ha --electron-temperature 0K --scf-log log.tsv > out.xyz
    grep -q dft_free_energy out.xyz
    awk -F'\t' '$2 == "minimise" { n = $3 } END { exit !(n > 0 && n < 150) }' log.tsv
}

@test "an open shell of degenerate levels converges by minimising the energy" {
    # bcc with a simple cubic pair of k points: the lowest orbitals change from iteration to iteration
    cell-build -q --lattice bcc --atoms 16 --rs 1.31 --rattle 0.02A |
        dft-baseline -v --ecut 10Ha --tolerance 1e-6Ha --orbitals h-sz > out.xyz 2> log
    grep -q 'step 1: F' log # the minimiser was needed
    # its energy never rises
    awk '/step [0-9]*: F/ { split($0, a, "F "); e = a[2] + 0; if (n++ && e > last + 1e-9) exit 1; last = e }' log
    grep -q 'orbital_spillage' out.xyz
}

@test "--response corrects forces and stress of qmc-force --response, once, with the options of the orbitals only" {
    cell-build --fluid molecular --atoms 4 --rs 2 | dft-baseline -q --ecut 10Ha --orbitals h-dz |
        qmc-sample -q --error 0 --samples 640 --optimize-samples 256 --optimize-steps 2 2>/dev/null |
        qmc-force -q --response --error 0 --samples 640 -o f.xyz
    run -0 dft-baseline --ecut 10Ha --response f.xyz -o r.xyz
    # more steps than iterations: they are cheap, and many where occupied and empty levels nearly touch
    run -0 dft-baseline -v --ecut 10Ha --max-iterations 8 --response f.xyz -o /dev/null
    [ "$(sed -n 's/.*response: \([0-9]*\) steps.*/\1/p' <<<"$output" | head -n 1)" -gt 8 ]
    # the sum is what was there and the correction
    for k in vmc_stress vmc_stress_response; do xyz-view --table $k r.xyz | tail -n 1; done >two
    xyz-view --table vmc_stress f.xyz | tail -n 1 >one
    awk 'NR == FNR { split($0, a); next } FNR == 1 { split($0, s) } FNR == 2 { split($0, c); n = 0
        for (i = 1; i <= 9; i++) { d = a[i] + c[i] - s[i]; n += d < 0 ? -d : d; m += c[i] < 0 ? -c[i] : c[i] }
        exit !(n < 1e-12 && m > 1e-6) }' one two
    grep -q 'vmc_forces_response' r.xyz
    grep -q 'vmc_forces_estimator=.*orbitals following the nuclei' r.xyz
    run ! grep -q 'orbital_gradient\|_replicas' r.xyz
    # dft labels and everything else stay
    [ "$(xyz-view --table dft_energy r.xyz)" = "$(xyz-view --table dft_energy f.xyz)" ]
    run -3 dft-baseline --ecut 10Ha --response r.xyz
    [[ $output == *vmc_orbital_gradient* ]]
    dft-baseline --ecut 10Ha --response --response-gap 0.02Ha f.xyz -o g.xyz
    grep -q 'vmc_forces_estimator=.*orbitals following the nuclei across 0.02Ha"' g.xyz
    run ! cmp -s r.xyz g.xyz
    run -2 dft-baseline --ecut 10Ha --response-gap 0.02Ha f.xyz
    run -3 dft-baseline --ecut 12Ha --response f.xyz
    [[ $output == *dft_settings*10Ha*12Ha* ]]
    run -2 dft-baseline --response --orbitals h-dz f.xyz
}

@test "--response tells orbitals of other positions from those of a cell without a gap, which little energy turns" {
    local lda="dft-baseline -q -j 1 --ecut 8Ha --kmesh 2x2x2 --functional lda --electron-temperature 0K"
    cell-build --fluid atomic --atoms 8 --rs 1.4 --seed 54 | $lda --orbitals h-dz |
        qmc-sample -q -j 1 --error 0 --samples 640 --optimize-samples 256 --optimize-steps 1 2>/dev/null |
        qmc-force -q -j 1 --response --error 0 --samples 640 2>/dev/null >f.xyz
    run -0 $lda --response f.xyz -o r.xyz
    awk 'NR == 3 { $2 += 0.1 } 1' f.xyz >moved.xyz
    run -3 $lda --response moved.xyz
    [[ $output == *"column 'orbitals' is off by"* ]]
    awk 'NR == 3 { $2 += 0.5 } 1' f.xyz >apart.xyz # whatever energy is taken for converged
    run -3 $lda --tolerance 0.01Ha --response apart.xyz
    [[ $output =~ "column 'orbitals' is off by "[1-9].[0-9]e-01 ]]
}

@test "the next configuration starts with the bands that the last had need of, and has the same energy" {
    cell-build --fluid molecular --atoms 16 --rs 1.9 -o one.xyz
    cat one.xyz one.xyz >two.xyz
    dft-baseline -q -j 1 --ecut 8Ha --electron-temperature 5000K --scf-log log.tsv two.xyz -o out.xyz
    awk -F '\t' 'NR == 1 { for (i = 1; i <= NF; i++) c[$i] = i; next } { bands[$c["frame"]] = $c["bands"]; top[$c["frame"]] = $c["top_occupation"] }
        END { exit !(bands[2] >= 10 && bands[2] < bands[1] && top[2] < 1e-6) }' log.tsv
    value dft_free_energy <out.xyz | awk '{ e[NR] = $1 } END { d = e[1] - e[2]; exit !(NR == 2 && d * d < (16 * 1e-7 * 27.2114) ^ 2) }'
}

# The second frame would take minutes.
@test "a signal gives the frame at hand up; frames done before are kept" {
    cell-build --molecule H2 >two.xyz
    printf '2\nLattice="30 0 0 0 30 0 0 0 30" Properties=species:S:1:pos:R:3 pbc="T T T"\nH 0 0 0\nH 0.8 0 0\n' >>two.xyz
    for signal in TERM INT; do
        dft-baseline -q -j 1 --ecut 40Ha --bands 60 --scf-log log.tsv two.xyz -o out.xyz 3>&- &
        pid=$!
        for ((i = 0; i < 1200; i++)); do
            ! grep -q '^2' log.tsv 2>/dev/null || break
            sleep 0.05
        done
        kill -$signal $pid
        status=0
        wait $pid || status=$?
        if [ $signal = TERM ]; then [ "$status" -eq 143 ]; else [ "$status" -eq 130 ]; fi
        [ ! -e out.xyz ]
        [ "$(xyz-view --count out.xyz.part)" = 1 ] # what is finished first, and signalled then, would be 2
        rm out.xyz.part log.tsv
    done
}

@test "a cell that has no room in memory is refused in one line that names the frame; the others are done" {
    cell-build --molecule H2 >three.xyz
    printf '2\nLattice="1e6 0 0 0 1e6 0 0 0 1e6" Properties=species:S:1:pos:R:3 pbc="T T T"\nH 0 0 0\nH 0.8 0 0\n' >>three.xyz
    cell-build --molecule H2 >>three.xyz
    run -1 dft-baseline --ecut 8Ha three.xyz -o out.xyz
    [ "${#lines[@]}" -le 2 ] # and where the first frame is
    [[ ${lines[0]} == "dft-baseline: three.xyz:"*"frame 2: the cell takes "*" GB of memory and there are "* ]]
    run -1 dft-baseline -q --ecut 8Ha --on-error=skip three.xyz -o out.xyz
    [ "$(xyz-view --count out.xyz)" = 2 ]
}
