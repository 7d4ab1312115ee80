# SPDX-License-Identifier: GPL-3.0-or-later
load ../helper

# Labels of an analytic potential on rattled cells: V = sum_pairs 4 eV exp(-r / 0.5 A), minimum images
# of a cubic cell of 4 A; energies and forces by awk. A model of it is fitted once for all tests.
labels() {
    cell-build -q --lattice sc --atoms 8 --rs 2.344 --rattle 0.25A --count 12 "$@" | awk '
        function flush_frame(   i, j, k, e, d, r, g) {
            for (i = 0; i < n; i++) for (k = 0; k < 3; k++) f[i, k] = 0
            for (i = 0; i < n; i++) for (j = 0; j < i; j++) {
                r = 0
                for (k = 0; k < 3; k++) {
                    d[k] = x[i, k] - x[j, k]; while (d[k] > l / 2) d[k] -= l; while (d[k] < -l / 2) d[k] += l
                    r += d[k] * d[k]
                }
                r = sqrt(r); e += 4 * exp(-r / 0.5)
                for (k = 0; k < 3; k++) { g = 8 * exp(-r / 0.5) * d[k] / r; f[i, k] += g; f[j, k] -= g }
            }
            print n
            printf "Lattice=\"%s 0 0 0 %s 0 0 0 %s\" Properties=species:S:1:pos:R:3:t_forces:R:3 pbc=\"T T T\" t_energy=%.10f config_type=toy\n", l, l, l, e
            for (i = 0; i < n; i++) print "H", x[i, 0], x[i, 1], x[i, 2], f[i, 0], f[i, 1], f[i, 2]
        }
        NF == 1 { n = $1; i = 0; next }
        /Lattice/ { match($0, /Lattice="[0-9.]+/); l = substr($0, RSTART + 9, RLENGTH - 9); next }
        { for (k = 0; k < 3; k++) x[i, k] = $(k + 2); if (++i == n) flush_frame() }'
}

setup_file() {
    cd "$BATS_FILE_TMPDIR"
    labels > labels.xyz
    kernel-fit -q -j 1 --target t --sparse 60 --cutoff 2.5A labels.xyz -o toy.model
    xyz-view --frames 0 labels.xyz > start.xyz
}

setup() {
    cd "$BATS_FILE_TMPDIR"
    model=$BATS_FILE_TMPDIR/toy.model
    start=$BATS_FILE_TMPDIR/start.xyz
    cd "$BATS_TEST_TMPDIR"
}

md() {
    delta-md -q --model "$model" "$@"
}

@test "NVE conserves the energy" {
    md --ensemble nve --temperature 600K --timestep 0.1fs --steps 400 --every 400 --log log.tsv "$start" > /dev/null
    # conserved energy: drift below 1e-4 eV per atom over 40 fs, while kinetic and potential exchange more
    awk -F'\t' 'NR == 2 { c = $7; e = $6 } NR > 2 { d = ($7 - c) / 8; if (d < 0) d = -d; if (d > 1e-4) bad = 1; moved = $6 - e }
        END { if (moved < 0) moved = -moved; exit bad || NR < 3 || moved < 1e-3 }' log.tsv
}

@test "the same bytes for one and for two threads, others for another seed" {
    md -j 1 --temperature 800K --steps 60 "$start" > a.xyz
    md -j 2 --temperature 800K --steps 60 "$start" > b.xyz
    md -j 1 --temperature 800K --steps 60 --seed 2 "$start" > c.xyz
    cmp a.xyz b.xyz
    ! cmp -s a.xyz c.xyz
}

@test "frames come every N steps after the equilibration, with their keys" {
    md --temperature 800K --equilibrate 30 --steps 50 --every 10 "$start" > t.xyz
    [ "$(xyz-view --count t.xyz | awk '{ print $NF }')" = 5 ]
    [ "$(xyz-view --table step t.xyz | tail -1)" = 80 ]
    xyz-view --table energy,temperature,thermostat_temperature,time,config_type t.xyz > table
    ! grep -q NA table
    [ "$(awk -F'\t' 'NR == 2 { print $3 }' table | cut -d. -f 1)" = 800 ]
    grep -q 'velo:R:3' t.xyz
    grep -q 'forces:R:3' t.xyz
}

@test "labels of the start frame do not travel with atoms that have moved" {
    md --temperature 800K --steps 10 "$start" > t.xyz
    ! grep -q 't_energy\|t_forces' t.xyz
    grep -q 'config_type=toy' t.xyz
}

@test "velocities of the frame are used in NVE" {
    md --ensemble nve --temperature 700K --timestep 0.2fs --steps 20 --every 10 "$start" > whole.xyz
    xyz-view --frames 0 whole.xyz > half.xyz
    md --ensemble nve --timestep 0.2fs --steps 10 --every 10 half.xyz > rest.xyz
    xyz-view --frames 1 whole.xyz | awk '/^H/ { print $2, $3, $4 }' > a
    awk '/^H/ { print $2, $3, $4 }' rest.xyz > b
    paste -d ' ' a b | awk '{ for (k = 1; k < 4; k++) { d = $k - $(k + 3); if (d > 1e-9 || d < -1e-9) exit 1 } n++ } END { if (n != 8) exit 1 }'
}

@test "every frame starts a trajectory with random numbers of its own" {
    cat "$start" "$start" > two.xyz
    md --temperature 800K --steps 10 --every 10 two.xyz > t.xyz
    [ "$(xyz-view --count t.xyz | awk '{ print $NF }')" = 2 ]
    [ "$(awk '/^H/ { print $2 }' t.xyz | sort -u | wc -l)" = 16 ]
}

@test "pipes and compressed input" {
    md --temperature 800K --steps 10 "$start" > a.xyz
    gzip -c "$start" | md --temperature 800K --steps 10 --compress never > b.xyz
    cmp a.xyz b.xyz
}

@test "models are added up" {
    md --ensemble nve --temperature 500K --steps 1 --every 1 --timestep 0.001fs "$start" > one.xyz
    delta-md -q --model "$model" --model "$model" --ensemble nve --temperature 500K --steps 1 --every 1 \
        --timestep 0.001fs "$start" > two.xyz
    e1=$(xyz-view --table energy one.xyz | tail -1)
    e2=$(xyz-view --table energy two.xyz | tail -1)
    awk -v a="$e1" -v b="$e2" 'BEGIN { d = b - 2 * a; exit !(d < 1e-4 && d > -1e-4) }'
}

@test "ASE reads the trajectory" {
    python=
    for p in python3 /usr/bin/python3; do "$p" -c 'import ase' 2> /dev/null && python=$p && break; done
    [ -n "$python" ] || skip "python3-ase is not installed"
    md --temperature 800K --steps 20 "$start" > t.xyz
    "$python" -c "
from ase.io import read
frames = read('t.xyz', ':')
assert len(frames) == 2 and frames[1].get_potential_energy() and frames[1].get_forces().shape == (8, 3)"
}

@test "an unstable run ends with status 1, a clear line and the frames before it" {
    run bash -c "delta-md -q --model '$model' --ensemble nve --temperature 300000K --timestep 3fs --steps 3000 --every 1 '$start' 2> message > t.xyz"
    [ "$status" -eq 1 ]
    grep -q '^delta-md: .*start.xyz:1: frame 1: ' message
    [ "$(wc -l < message)" = 1 ]
    xyz-view --check t.xyz
}

@test "usage errors" {
    run delta-md "$start"; [ "$status" -eq 2 ]; [[ "$output" == *"--model"* ]]
    run md "$start"; [ "$status" -eq 2 ]; [[ "$output" == *"--temperature"* ]]
    run md --temperature=-5K "$start"; [ "$status" -eq 2 ]
    run md --temperature 5fs "$start"; [ "$status" -eq 2 ]
    run md --temperature 500K --steps 5 --every 10 "$start"; [ "$status" -eq 2 ]
}

@test "a model that is missing or is none" {
    run delta-md --model nowhere.gz --temperature 500K "$start"
    [ "$status" -eq 4 ]
    run delta-md --model "$start" --temperature 500K "$start"
    [ "$status" -eq 3 ]
}

@test "an element that the model does not know is bad input" {
    sed 's/^H /He /' "$start" > he.xyz
    run md --temperature 500K --steps 10 he.xyz
    [ "$status" -eq 3 ]
    [[ "$output" == *"he.xyz:1: frame 1:"*"He"* ]]
}

@test "overlapping atoms are bad input" {
    awk '/^H/ && !n++ { first = $0 } /^H/ && n == 2 { print first; n++; next } 1' "$start" > overlap.xyz
    run md --temperature 500K --steps 10 overlap.xyz
    [ "$status" -eq 3 ]
}
