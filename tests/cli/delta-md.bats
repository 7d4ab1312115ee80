# SPDX-License-Identifier: GPL-3.0-or-later
load ../helper

# Two models of eight deuterium atoms, from labels at different cut-offs, made once.
setup_file() {
    cd "$BATS_FILE_TMPDIR" || exit 1
    cell-build --fluid atomic --species D --atoms 8 --density 0.7g/cm3 --count 6 >cells.xyz
    dft-baseline -j 1 --ecut 12Ha --electron-temperature 8000K cells.xyz >labels.xyz
    kernel-fit -q -j 1 --target dft --sparse 48 labels.xyz -o a.model.gz
    kernel-fit -q -j 1 --target dft --sparse 24 labels.xyz -o b.model.gz
    xyz-view --frames 0 labels.xyz >labelled.xyz
    xyz-view --frames 1:3 cells.xyz >two.xyz
    xyz-view --frames 1 cells.xyz >start.xyz
}

setup() {
    cd "$BATS_TEST_TMPDIR" || exit 1
    ln -s "$BATS_FILE_TMPDIR"/* .
    MD="delta-md -j 1 --model a.model.gz"
    NVT="$MD --temperature 8000K"
}

# column KEY FILE: its values, a line each
column() {
    xyz-view --table "$1" "$2" | awk 'NR > 1 { print $NF }'
}

@test "a run writes every N-th frame after the equilibration, with the keys of the stream" {
    $NVT --equilibrate 30 --steps 40 --every 20 --timestep 0.2fs start.xyz -o run.xyz
    [ "$(column step run.xyz | paste -sd ' ')" = "50 70" ]
    [ "$(column time run.xyz | awk '{ printf "%.6g ", $1 }')" = "10 14 " ]
    [ "$(column thermostat_temperature run.xyz | awk '{ printf "%.6g ", $1 }')" = "8000 8000 " ]
    run sed -n 2p run.xyz
    [[ "$output" == *'Properties=species:S:1:pos:R:3:masses:R:1:velo:R:3:forces:R:3'* ]]
    [[ "$output" == *' energy='* && "$output" == *' stress="'* && "$output" == *' temperature='* ]]
    [[ "$output" == *'history="cell-build '*'; delta-md '* ]]
}

@test "energy, forces and stress of a frame are those that kernel-predict gives there" {
    delta-md -j 1 --model a.model.gz --model b.model.gz --temperature 8000K --steps 20 start.xyz -o run.xyz
    kernel-predict -j 1 --model a.model.gz --model b.model.gz run.xyz -o again.xyz
    for key in energy stress; do
        paste <(column $key run.xyz) <(column $key again.xyz) |
            awk '{ d = $1 - $2; if (d * d > 1e-18) { print; exit 1 } } END { if (NR != 2) exit 1 }'
    done
    # forces are the last three columns
    paste -d ' ' <(grep '^H' run.xyz) <(grep '^H' again.xyz) |
        awk '{ for (i = 0; i < 3; i++) { d = $(NF / 2 - i) - $(NF - i); if (d * d > 1e-18) { print; exit 1 } } }
            END { if (NR != 16) exit 1 }'
}

@test "constant energy is constant and second order in the time step" {
    for dt in 0.2 0.1; do
        $MD --ensemble nve --temperature 4000K --timestep ${dt}fs --steps "$(awk "BEGIN { print 40 / $dt }")" \
            --every 10 --log $dt.tsv start.xyz >/dev/null
        awk 'NR == 2 { start = $7 } NR > 1 { d = $7 - start; if (d < 0) d = -d; if (d > worst) worst = d }
            END { print worst }' $dt.tsv >>worst
    done
    awk 'NR == 1 { coarse = $1 } END { r = coarse / $1; if (!(r > 2.5 && r < 6 && coarse < 0.2)) { print coarse, $1; exit 1 } }' worst
}

@test "a constant-energy run turned round in time comes back to its start" {
    $MD --ensemble nve --temperature 4000K --timestep 0.2fs --steps 50 --every 50 start.xyz -o there.xyz
    awk '/^H/ { for (i = 6; i <= 8; i++) if (!sub(/^-/, "", $i)) $i = "-" $i } 1' there.xyz |
        $MD --ensemble nve --timestep 0.2fs --steps 50 --every 50 >back.xyz
    paste -d ' ' <(grep '^[HD] ' start.xyz) <(grep '^H' there.xyz) <(grep '^H' back.xyz) | awk '
        { n = NF - 22 # columns of the start
          for (c = 2; c <= 4; c++) {
            d = $c - $(n + 11 + c); if (d * d > 1e-16) { print "off by", d; exit 1 }
            m = $c - $(n + c); if (m * m > moved) moved = m * m } }
        END { if (NR != 8 || moved < 0.01) { print NR, moved; exit 1 } }'
}

@test "multiple time steps: with the same model inside the trajectory of short steps, with another nearly that" {
    $NVT --steps 24 --every 8 --timestep 0.2fs start.xyz -o short.xyz
    $NVT --inner a.model.gz --inner-steps 4 --steps 6 --every 2 --timestep 0.8fs start.xyz -o same.xyz
    $NVT --inner b.model.gz --inner-steps 4 --steps 6 --every 2 --timestep 0.8fs --checkpoint c start.xyz -o near.xyz
    [ "$(column time same.xyz | paste -sd ' ')" = "1.6 3.2 4.8" ]
    column energy short.xyz >one
    column energy same.xyz >two
    column energy near.xyz >three
    paste one two three | awk '{ d = $1 - $2; e = $1 - $3; bad = bad || d * d > 1e-12; near = near + e * e }
        END { exit bad || NR != 3 || near == 0 || near > 1 }'
    # forces, the last three columns, are those of all, not of the kicks
    kernel-predict -q -j 1 --model a.model.gz near.xyz -o again.xyz
    paste -d ' ' <(grep '^[HD] ' near.xyz) <(grep '^[HD] ' again.xyz) |
        awk '{ for (i = 0; i < 3; i++) { d = $(NF / 2 - i) - $(NF - i); bad = bad || d * d > 1e-18 } } END { exit bad || NR != 24 }'
}

@test "the thermostat keeps its temperature and md-average reads the run" {
    $NVT --relaxation 10fs --equilibrate 200 --steps 4000 --every 10 start.xyz -o run.xyz.gz
    md-average --kinetic sampled --discard 0 run.xyz.gz -o point.xyz
    paste <(column temperature point.xyz) <(column temperature_error point.xyz) |
        awk '{ d = ($1 - 8000) / $2; if (!(d * d < 16 && $2 < 300)) { print; exit 1 } }'
    grep -q ' pressure_GPa=' point.xyz
    [ "$(head -c 2 run.xyz.gz | od -An -tx1 | tr -d ' ')" = 1f8b ]
}

@test "velocities of the frame are used, or drawn again when asked to" {
    $NVT --steps 10 start.xyz >one.xyz
    $MD --ensemble nve --steps 1 --every 1 --timestep 1e-6fs one.xyz >same.xyz
    paste -d ' ' <(awk '/^H/ { print $6 }' one.xyz) <(awk '/^H/ { print $6 }' same.xyz) |
        awk '{ d = $1 - $2; if (d * d > 1e-12) exit 1 }'
    $MD --ensemble nve --steps 1 --every 1 --timestep 1e-6fs --draw-velocities --temperature 300K one.xyz >drawn.xyz
    [ "$(column temperature drawn.xyz | awk '{ print ($1 < 1500) }')" = 1 ]
    run $MD --ensemble nve start.xyz
    [ "$status" -eq 2 ]
    [[ "$output" == *velo*--temperature* ]]
}

@test "at constant energy drawn velocities have the centre of mass at rest" {
    $MD --ensemble nve --temperature 8000K --steps 10 start.xyz | awk '/^H/ { for (i = 6; i <= 8; i++) { p[i] += $i; q += $i * $i } }
        END { for (i = 6; i <= 8; i++) if (p[i] ^ 2 > 1e-16 * q) exit 1 }'
}

@test "the start's labels are dropped and the user's keys stay" {
    sed '2s/$/ config_type=warm shade="light grey"/' labelled.xyz | $NVT --steps 10 >run.xyz
    run sed -n 2p run.xyz
    [[ "$output" == *config_type=warm* && "$output" == *'shade="light grey"'* ]]
    [[ "$output" != *dft_* ]]
}

@test "every frame of the input starts a trajectory with its own random numbers" {
    $NVT --steps 20 two.xyz >both.xyz
    [ "$(column step both.xyz | paste -sd ' ')" = "10 20 10 20" ]
    $NVT --steps 20 start.xyz start.xyz >twice.xyz
    [ "$(column energy twice.xyz | awk 'NR == 1 || NR == 3' | sort -u | wc -l)" -eq 2 ]
}

@test "the same bytes for any number of threads, from file, pipe and compressed input" {
    $NVT --steps 30 start.xyz >one
    delta-md -j 2 --model a.model.gz --temperature 8000K --steps 30 start.xyz >two
    cmp one two
    $NVT --steps 30 <start.xyz | cmp - one
    gzip -c start.xyz >start.xyz.gz
    $NVT --steps 30 start.xyz.gz | zcat | cmp - one
    gzip -c start.xyz | $NVT --steps 30 --compress never | cmp - one
    $NVT --steps 30 --seed 2 start.xyz >other
    if cmp -s <(grep '^H' one) <(grep '^H' other); then false; fi
}

@test "the log has a row for every N-th step and appears at the end" {
    $NVT --equilibrate 20 --steps 30 --log run.tsv start.xyz >/dev/null
    [ "$(head -n 1 run.tsv | tr '\t' ' ')" = "run step time_fs temperature_K pressure_GPa energy_eV conserved_eV uncertainty_eV density_g_cm3" ]
    [ "$(tail -n +2 run.tsv | cut -f 2 | paste -sd ' ')" = "0 10 20 30 40 50" ]
    [ ! -e run.tsv.part ]
    awk -F '\t' 'NF != 9 { exit 1 }' run.tsv
}

@test "an unstable run ends with status 1, a clear line and the trajectory up to then" {
    run $NVT --timestep 2fs --steps 400 --every 1 --log run.tsv start.xyz -o run.xyz
    [ "$status" -eq 1 ]
    [[ "$output" == *"delta-md: start.xyz:1: frame 1: step "*"unstable"*"time step"* ]]
    [ ! -e run.xyz ] && [ ! -e run.tsv ]
    frames=$(grep -c '^8$' run.xyz.part || true)
    $NVT --timestep 2fs --steps 400 --every 1 start.xyz >run.xyz 2>/dev/null || [ $? -eq 1 ]
    xyz-view --strict run.xyz >/dev/null
    [ "$(column step run.xyz | wc -l)" -eq "$frames" ]
}

@test "a limit of the uncertainty ends a run" {
    run $NVT --max-uncertainty 1e-9eV --steps 10 start.xyz
    [ "$status" -eq 1 ]
    [[ "$output" == *"uncertainty is "*"above the limit of 1e-09 (atoms "* ]]
    # the pair is the closest one of the start
    local closest
    closest=$(awk 'NR == 2 { match($0, /Lattice="[0-9.]+/); l = substr($0, RSTART + 9, RLENGTH - 9) }
        NR > 2 { for (c = 1; c <= 3; c++) x[NR - 2, c] = $(c + 1) }
        END { best = 9e9; for (i = 1; i <= 8; i++) for (j = 1; j < i; j++) {
                  r = 0; for (c = 1; c <= 3; c++) { d = x[i, c] - x[j, c]; d -= l * int(d / l + (d < 0 ? -0.5 : 0.5)); r += d * d }
                  if (r < best) { best = r; pair = j " and " i } }
              printf "atoms %s are closest, %.3g A apart", pair, sqrt(best) }' start.xyz)
    [[ "$output" == *"$closest"* ]]
}

@test "a run that is interrupted leaves whole frames and says so by its status" {
    $NVT --steps 1000000 --every 10 start.xyz >run.xyz &
    pid=$!
    for _ in $(seq 100); do
        [ "$(wc -c <run.xyz)" -gt 4000 ] && break
        sleep 0.05
    done
    kill -TERM $pid
    status=0
    wait $pid || status=$?
    [ "$status" -eq 143 ]
    xyz-view --strict run.xyz >/dev/null
}

@test "a missing model ends with status 4, something else than a model with 3" {
    run $NVT --inner missing start.xyz
    [ "$status" -eq 4 ]
    run delta-md --model nothing.gz --temperature 8000K start.xyz
    [ "$status" -eq 4 ]
    [[ "$output" == *nothing.gz* ]]
    run delta-md --model start.xyz --temperature 8000K start.xyz
    [ "$status" -eq 3 ]
    [[ "$output" == *start.xyz* ]]
}

@test "an element that the model does not know ends with status 3" {
    run $NVT --steps 10 <(sed 's/^[HD] /He /' start.xyz)
    [ "$status" -eq 3 ]
    [[ "$output" == *"frame 1: "*He* ]]
}

@test "bad frames end with status 3 and are passed over when asked to" {
    awk '/^[HD] / { $2 = $3 = $4 = 1 } 1' start.xyz >bad.xyz
    run $NVT --steps 10 bad.xyz
    [ "$status" -eq 3 ]
    [[ "$output" == "delta-md: bad.xyz:1: frame 1: "* ]]
    cat bad.xyz start.xyz | $NVT --steps 20 --on-error=skip >run.xyz 2>/dev/null
    [ "$(column step run.xyz | paste -sd ' ')" = "10 20" ]
}

@test "usage errors end with status 2" {
    for option in --temperature=-5K --temperature=3A --timestep=0 --timestep=-1fs --steps=0 --every=0 \
        --ensemble=npt-and-more --relaxation=0fs --equilibrate=-1 "--steps=5 --every=10"; do
        # shellcheck disable=SC2086
        run $NVT $option start.xyz
        [ "$status" -eq 2 ]
    done
    run delta-md --temperature 8000K start.xyz
    [ "$status" -eq 2 ]
    [[ "$output" == *--model* ]]
    run $MD start.xyz
    [ "$status" -eq 2 ]
    [[ "$output" == *"needs --temperature"* ]]
    run $NVT --inner a.model.gz --ensemble npt --pressure 50GPa start.xyz
    [ "$status" -eq 2 ]
    [[ "$output" == *"--inner is for --ensemble nve and nvt"* ]]
    run $NVT --inner-steps 4 --timestep 1.2fs start.xyz
    [ "$status" -eq 2 ]
    [[ "$output" == *"--inner-steps without --inner"* ]]
}

@test "no frames give no trajectories and status 0" {
    run $NVT </dev/null
    [ "$status" -eq 0 ]
    [ -z "$output" ]
}

@test "ASE reads the trajectory with its calculator's results" {
    need_ase
    $NVT --steps 20 start.xyz >run.xyz
    run "$ASE" -c "
from ase.io import read
a = read('run.xyz', ':')
assert len(a) == 2 and a[1].get_forces().shape == (8, 3)
assert a[0].get_potential_energy() != a[1].get_potential_energy() and a[1].get_stress().shape == (6,)
assert abs(a[0].get_masses()[0] - 2.014) < 1e-3"
    [ "$status" -eq 0 ] || { echo "$output"; false; }
}
