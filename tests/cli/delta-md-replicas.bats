# SPDX-License-Identifier: GPL-3.0-or-later
# delta-md --replicas: several trajectories from one start, on the threads.
load ../helper

setup_file() {
    cd "$BATS_FILE_TMPDIR" || exit 1
    random_cells
    random_model a.model.gz --sparse 16 --pair 1A
}

setup() {
    cd "$BATS_TEST_TMPDIR" || exit 1
    ln -s "$BATS_FILE_TMPDIR"/* .
    MD="delta-md -q --model a.model.gz --temperature 500K --timestep 0.2fs --steps 40 --every 10"
}

# column KEY FILE
column() { xyz-view --table "$1" "$2" | awk 'NR > 1 { print $NF }'; }

@test "replicas come in turn, the first is the run without replicas, the others are others" {
    $MD -j 1 two.xyz -o single.xyz
    $MD -j 1 --replicas 3 --log run.tsv two.xyz -o run.xyz
    [ "$(column replica run.xyz | paste -sd '')" = "$(printf '123%.0s' {1..8})" ]
    [ "$(column step run.xyz | head -n 12 | paste -sd ' ')" = "10 10 10 20 20 20 30 30 30 40 40 40" ]
    xyz-view --where replica=1 run.xyz | grep '^[HD] ' | cmp - <(grep '^[HD] ' single.xyz)
    [ "$(column energy run.xyz | sort -u | wc -l)" -eq 24 ]
    head -n 1 run.tsv | grep -q $'^run\treplica\tstep\t'
    [ "$(tail -n +2 run.tsv | cut -f 1,2,3 | head -n 4 | tr '\t\n' '  ')" = "1 1 0 1 2 0 1 3 0 1 1 10 " ]
}

@test "the same bytes for any number of threads" {
    for j in 1 2 3; do $MD -j $j --replicas 3 two.xyz -o $j.xyz.gz; done
    cmp 1.xyz.gz 2.xyz.gz
    cmp 1.xyz.gz 3.xyz.gz
}

@test "velocities of the frame are the first replica's alone" {
    $MD -j 1 start.xyz >warm.xyz
    xyz-view --frames -1 warm.xyz | delta-md -q -j 1 --model a.model.gz --ensemble nve --timestep 1e-6fs \
        --temperature 3000K --replicas 2 --steps 1 --every 1 >run.xyz
    paste -d ' ' <(xyz-view --frames -1 warm.xyz | awk '/^H/ { print $6 }') <(xyz-view --where replica=1 run.xyz | awk '/^H/ { print $6 }') |
        awk '{ d = $1 - $2; if (d * d > 1e-12) exit 1 }'
    [ "$(column temperature run.xyz | awk 'NR == 1 { a = $1 } END { print ($1 > 1000 && a < 1500) }')" = 1 ]
    run delta-md -q -j 1 --model a.model.gz --ensemble nve --replicas 2 warm.xyz
    [ "$status" -eq 2 ]
    [[ "$output" == *"--temperature"* ]]
}

@test "killed and started again, replicas have the bytes of an unbroken run, for other threads too" {
    local run="$MD --steps 400 --replicas 3 --checkpoint-every 11 two.xyz"
    $run -j 1 --checkpoint whole.check -o whole.xyz
    for j in 1 2 3; do
        $run -j $j --checkpoint run.check -o run.xyz &
        local pid=$!
        sleep 0.2
        kill -9 $pid 2>/dev/null || true
        wait $pid || true
    done
    $run -j 2 --checkpoint run.check -o run.xyz
    cmp run.xyz whole.xyz
}

@test "each replica has a baseline of its own, and all of them end" {
    $MD -j 1 --replicas 3 start.xyz >direct.xyz
    $MD -j 2 --replicas 3 --baseline "kernel-predict -q -j 1 --model a.model.gz; : 98764.$$" start.xyz >twice.xyz
    run pgrep -f "98764.$$"
    [ -z "$output" ]
    delta-md -q -j 2 --temperature 500K --timestep 0.2fs --steps 40 --every 10 --replicas 3 \
        --baseline 'kernel-predict -q -j 1 --model a.model.gz' start.xyz >behind.xyz
    paste -d ' ' <(grep ^H direct.xyz) <(grep ^H behind.xyz) |
        awk '{ for (c = 2; c <= NF / 2; c++) { d = $c - $(c + NF / 2); if (!(d * d < 1e-14)) { print; exit 1 } } } END { exit NR != 96 }'
}

@test "a replica that fails ends all, and says which it was" {
    run $MD -j 2 --replicas 3 --timestep 20fs --temperature 20000K --steps 400 --every 1 start.xyz -o run.xyz
    [ "$status" -eq 1 ]
    [[ "$output" == "delta-md: start.xyz:1: frame 1: replica "[123]": step "*"unstable"* ]]
    run $MD --replicas 0 start.xyz
    [ "$status" -eq 2 ]
}

@test "md-average takes replicas as runs of one state point" {
    $MD -j 2 --replicas 3 --steps 200 --every 5 --equilibrate 50 start.xyz -o run.xyz
    md-average -q --discard 5 --diffusion --bond 1A --rdf mixed.tsv run.xyz -o mixed.xyz
    for r in 1 2 3; do xyz-view --where replica=$r run.xyz; done | awk '{ sub(/ replica=[0-9]/, "") } 1' >joined.xyz
    md-average -q --discard 5 --diffusion --bond 1A --rdf joined.tsv joined.xyz -o joined.av.xyz
    [ "$(column samples mixed.xyz)" -eq 105 ]
    for key in internal_energy internal_energy_error pressure_GPa pressure_GPa_error molecular_fraction diffusion_coefficient; do
        [ "$(column $key mixed.xyz)" = "$(column $key joined.av.xyz)" ]
    done
    cmp <(cut -f 2- mixed.tsv) <(cut -f 2- joined.tsv)
}
