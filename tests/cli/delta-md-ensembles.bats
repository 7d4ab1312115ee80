# SPDX-License-Identifier: GPL-3.0-or-later
# delta-md --ensemble and what belongs to it; the algorithms themselves: tests/unit/dynamics_*.bats.
load ../helper

setup_file() {
    cd "$BATS_FILE_TMPDIR" || exit 1
    cell-build --fluid atomic --species D --atoms 8 --density 0.7g/cm3 --count 6 >cells.xyz
    dft-baseline -j 1 --ecut 12Ha --electron-temperature 8000K cells.xyz >labels.xyz
    kernel-fit -q -j 1 --target dft --sparse 48 labels.xyz -o a.model.gz
    xyz-view --frames 1 cells.xyz >start.xyz
}

setup() {
    cd "$BATS_TEST_TMPDIR" || exit 1
    ln -s "$BATS_FILE_TMPDIR"/* .
    MD="delta-md -q -j 1 --model a.model.gz --temperature 8000K"
    NPT="$MD --ensemble npt --pressure 60GPa"
    HUGONIOT="$MD --ensemble nvhug --initial-energy -0.53Ha --initial-density 0.25g/cm3"
}

column() {
    xyz-view --table "$1" "$2" | awk 'NR > 1 { print $NF }'
}

# means LOG COLUMN: of the rows after the first fifth, and its error from ten blocks
means() {
    cut -f "$2" "$1" | awk 'NR > 1 { x[n++] = $1 }
        END { first = int(n / 5); length_ = int((n - first) / 10)
              for (b = 0; b < 10; b++) { s = 0
                  for (i = 0; i < length_; i++) s += x[first + b * length_ + i] / length_
                  m += s / 10; q += s * s / 10 }
              print m, sqrt((q - m * m) / 9) }'
}

@test "velocity rescaling keeps its temperature, and its centre of mass at rest" {
    $MD --thermostat rescale --relaxation 20fs --steps 6000 --log run.tsv start.xyz -o run.xyz
    means run.tsv 4 | awk '{ if (!(($1 - 8000) ^ 2 < 16 * $2 ^ 2 && $2 < 300)) { print; exit 1 } }'
    awk '/^H/ { for (i = 6; i <= 8; i++) { p[i] += $i; q += $i * $i } if (++n % 8 == 0)
        { for (i = 6; i <= 8; i++) { if (p[i] ^ 2 > 1e-16 * q) exit 1; p[i] = 0 } } }' run.xyz
    [ "$(column thermostat_temperature run.xyz | awk '{ printf "%.6g\n", $1 }' | sort -u)" = 8000 ]
}

@test "at constant pressure the mean pressure is the one asked for, and the cell moves" {
    $NPT --barostat-relaxation 50fs --steps 8000 --log run.tsv start.xyz -o run.xyz
    means run.tsv 5 | awk '{ if (!(($1 - 60) ^ 2 < 16 * $2 ^ 2 && $2 < 4)) { print; exit 1 } }'
    # the density of the log is that of the frames; the cell is scaled, its shape stays
    tail -n 1 run.tsv | cut -f 9 >logged
    xyz-view --frames -1 run.xyz | sed -n '2s/^Lattice="\([^"]*\)".*/\1/p' | awk -v logged="$(cat logged)" '
        { v = $1 * ($5 * $9 - $6 * $8) - $2 * ($4 * $9 - $6 * $7) + $3 * ($4 * $8 - $5 * $7)
          if (v < 0) v = -v
          rho = 8 * 2.01410177812 * 1.66053906660 / v
          if ((rho / logged - 1) ^ 2 > 1e-12) { print rho, logged; exit 1 } }'
    paste -d ' ' <(sed -n '2s/^Lattice="\([^"]*\)".*/\1/p' start.xyz) \
        <(sed -n '2s/^Lattice="\([^"]*\)".*/\1/p' run.xyz) | awk '
        { if ($10 == $1) exit 1
          for (i = 1; i <= 9; i++) if (($(9 + i) * $1 - $i * $10) ^ 2 > 1e-18) exit 1 }'
}

@test "a flexible cell changes its shape" {
    $NPT --cell flexible --thermostat rescale --steps 20 --every 20 start.xyz -o run.xyz
    sed -n '2s/^Lattice="\([^"]*\)".*/\1/p' run.xyz | awk '{ if (($2 - $4) ^ 2 > 1e-6 || $2 == 0 || $1 == $5) { print; exit 1 } }'
}

@test "on the Hugoniot at constant volume the mean residual is zero" {
    $HUGONIOT --steps 8000 --log run.tsv start.xyz -o run.xyz
    [ "$(head -n 1 run.tsv | cut -f 10)" = hugoniot_residual_eV_per_atom ]
    means run.tsv 10 | awk '{ if (!($1 ^ 2 < 16 * $2 ^ 2 && $2 < 0.02)) { print; exit 1 } }'
    means run.tsv 4 | awk '{ if (!($1 > 12000 && $1 < 21000)) { print; exit 1 } }'
    # the residual of a row by hand, eV per atom: 3/2 kT + (U - E0) - P (V0 - V)/2
    awk -F '\t' 'NR == 400 { v0 = 2.01410177812 * 1.66053906660 / 0.25; v = v0 * 0.25 / $9
        h = $6 / 8 + 1.5 * $4 / 11604.518 + 0.53 * 27.211386246 - $5 / 160.21766 * (v0 - v) / 2
        if ((h - $10) ^ 2 > 1e-10) { print h, $10; exit 1 } }' run.tsv
}

@test "on the Hugoniot at constant pressure pressure and residual are what they should be" {
    $HUGONIOT --ensemble nphug --pressure 60GPa --steps 8000 --log run.tsv start.xyz -o run.xyz
    means run.tsv 10 | awk '{ if (!($1 ^ 2 < 16 * $2 ^ 2 + 1e-6 && $2 < 0.01)) { print; exit 1 } }'
    means run.tsv 5 | awk '{ if (!(($1 - 60) ^ 2 < 16 * $2 ^ 2 + 0.01 && $2 < 3)) { print; exit 1 } }'
}

@test "the Hugoniostat finds the state that hugoniot finds from averages of canonical runs" {
    for kelvin in 14000 17000 20000; do
        delta-md -q -j 1 --model a.model.gz --temperature ${kelvin}K --equilibrate 1000 --steps 8000 start.xyz -o $kelvin.xyz
    done
    md-average -q 14000.xyz 17000.xyz 20000.xyz |
        hugoniot -q --along isochores --initial-energy -0.53Ha --initial-density 0.25g/cm3 --table curve.tsv >curve.xyz
    $HUGONIOT --temperature 16000K --equilibrate 2000 --steps 16000 start.xyz | md-average -q >point.xyz
    for key in temperature pressure_GPa; do
        paste <(column $key curve.xyz) <(column ${key}_error curve.xyz) <(column $key point.xyz) \
            <(column ${key}_error point.xyz) | awk '
            { if (!(($1 - $3) ^ 2 < 16 * ($2 ^ 2 + $4 ^ 2) && $2 < 0.03 * $1 && $4 < 0.03 * $3)) { print; exit 1 } }
            END { if (NR != 1) exit 1 }'
    done
}

@test "the same bytes for any number of threads, with a checkpoint or without" {
    for ensemble in "npt --pressure 60GPa --cell flexible" "nphug --pressure 60GPa --initial-energy -0.53Ha"; do
        # shellcheck disable=SC2086
        $MD --ensemble $ensemble --steps 60 start.xyz -o one.xyz
        # shellcheck disable=SC2086
        delta-md -q -j 2 --model a.model.gz --temperature 8000K --ensemble $ensemble --steps 60 start.xyz -o two.xyz
        cmp one.xyz two.xyz
        # shellcheck disable=SC2086
        $MD --ensemble $ensemble --steps 60 --checkpoint run.check start.xyz -o run.xyz
        cmp one.xyz run.xyz
        rm one.xyz two.xyz run.xyz run.check
    done
}

@test "a run of constant pressure goes on from its checkpoint to the same bytes" {
    run="$NPT --thermostat rescale --steps 3000 --checkpoint-every 50 start.xyz"
    $run --checkpoint whole.check -o whole.xyz
    $run --checkpoint run.check -o run.xyz &
    pid=$!
    for _ in $(seq 200); do [ -e run.check ] && break; sleep 0.01; done
    kill -9 $pid 2>/dev/null || true
    wait $pid 2>/dev/null || true
    $run --checkpoint run.check -o run.xyz
    cmp run.xyz whole.xyz
}

@test "what an ensemble needs and lacks is a usage error, no cell bad data" {
    for wrong in "npt|--pressure" "nphug --initial-energy -0.5Ha|--pressure" "nvhug|--initial-energy" \
        "npt --pressure=-1GPa|--compressibility" "npt --pressure=5K|pressure" "nvhug --initial-energy 0 --temperature 0K|above 0"; do
        # shellcheck disable=SC2086
        run $MD --ensemble ${wrong%|*} start.xyz
        [ "$status" -eq 2 ]
        [[ "$output" == *"${wrong#*|}"* ]]
    done
    $NPT --pressure=-1GPa --compressibility 0.01/GPa --steps 10 start.xyz >/dev/null
    for ensemble in "npt --pressure 60GPa" "nvhug --initial-energy -0.5Ha"; do
        # shellcheck disable=SC2086
        run $MD --ensemble $ensemble <(sed '2s/pbc="T T T"/pbc="F F F"/' start.xyz)
        [ "$status" -eq 3 ]
        [[ "$output" == *"open boundaries"* ]]
    done
}
