# SPDX-License-Identifier: GPL-3.0-or-later
# Programs under mpirun: shared work, the same bytes for any number of ranks, one voice, one end.
load ../helper
bats_require_minimum_version 1.5.0

# h2.xyz, a molecule, and cell.xyz, four atoms at two twists, with orbitals; trial.xyz, both with Jastrow factors. Made once.
setup_file() {
    cd "$BATS_FILE_TMPDIR" || return 1
    command -v mpirun >/dev/null || return 0
    cell-build --molecule H2 --bond 1.5bohr | dft-baseline -q --orbitals h-sz --ecut 15Ha -o h2.xyz
    cell-build --fluid molecular --atoms 4 --rs 1.8 | dft-baseline -q --orbitals h-sz --ecut 15Ha --kmesh 2x1x1 -o cell.xyz
    qmc-sample -q "${quick[@]}" cell.xyz h2.xyz -o trial.xyz
}

setup() {
    cd "$BATS_TEST_TMPDIR" || return 1
    ln -s "$BATS_FILE_TMPDIR"/*.xyz . || true
}

quick=(--error 0 --samples 640 --walkers 64 --warmup 10 --optimize-samples 256 --optimize-steps 2)

@test "a program that does not share its work is done once" {
    need_mpi
    ranks 3 cell-build --lattice bcc --rs 1.5 >many.xyz
    cell-build --lattice bcc --rs 1.5 >one.xyz
    cmp many.xyz one.xyz
    ranks 3 cell-build --nonsense 2>message || status=$?
    [ "${status:-0}" -eq 2 ]
    [ "$(grep -c '^cell-build:' message)" -eq 1 ]
}

@test "the variables of a job, without a launcher, do not make ranks" {
    SLURM_PROCID=0 SLURM_NTASKS=4 SLURM_JOB_ID=7 cell-build --lattice bcc --rs 1.5 >job.xyz
    cell-build --lattice bcc --rs 1.5 >one.xyz
    cmp job.xyz one.xyz
}

# same N NAME COMMAND...: one rank and N write the same bytes
same() {
    "${@:3}" >"$2.1"
    ranks "$1" "${@:3}" >"$2.$1"
    cmp "$2.1" "$2.$1"
}

@test "ranks sample and optimise to the same bytes; rank 0 reads standard input, passes it on, and writes the tables" {
    need_mpi
    local n
    for n in 1 4; do
        cat h2.xyz cell.xyz | ranks $n qmc-sample -q -j 1 "${quick[@]}" --opt-log log.$n --structure-factor table.$n - >out.$n
    done
    for f in out log table; do cmp $f.1 $f.4; done
}

@test "ranks diffuse to the same bytes" {
    need_mpi
    same 4 diffused qmc-sample -q -j 1 --method dmc --error 0 --samples 3000 --walkers 64 trial.xyz
}

@test "ranks measure forces and the response of orbitals to the same bytes" {
    need_mpi
    same 4 forces qmc-force -q -j 2 --error 100mHa/bohr --response --covariance trial.xyz
}

@test "ranks share k points: the same energies and forces within rounding (orbitals: within convergence), and what rank 0 logs" {
    need_mpi
    local n options=(-q -j 1 --ecut 12Ha --kmesh 2x2x1 --electron-temperature 15000K)
    cell-build --fluid atomic --atoms 4 --rs 1.6 --count 2 -o cells.xyz
    dft-baseline "${options[@]}" --orbitals h-sz cells.xyz -o one.xyz
    for n in 2 5; do
        ranks $n dft-baseline "${options[@]}" --orbitals h-sz --scf-log log.$n cells.xyz -o $n.xyz
        for f in one $n; do xyz-view --drop orbitals,orbital_spillage,history --json $f.xyz | tr -s '[]{},:" ' '\n' >$f.words; done
        [ "$(cut -f 2 log.$n | sort -u | wc -l)" -gt 1 ]
        paste one.words $n.words | awk '$1 != $2 && ($1 - $2) ^ 2 > 1e-18 { bad = 1; print } END { exit bad || NR < 100 }'
    done
}

@test "ranks share the labels of a fit: the same model, report and learning curve" {
    need_mpi
    cell-build --fluid atomic --atoms 4 --rs 1.6 --count 7 |
        dft-baseline -q --ecut 8Ha --electron-temperature 15000K -o labels.xyz
    mkdir 1 2 5
    for n in 1 2 5; do
        (cd $n && ranks $n kernel-fit -q -j 1 --target dft --sparse 6 --two-body 0 --validate ../labels.xyz \
            --report report --learning-curve curve ../labels.xyz -o model) # 133 labels, 6 columns: all lanes
    done
    for f in model report curve; do
        cmp 1/$f 2/$f
        cmp 1/$f 5/$f
    done
    run -4 ranks 2 kernel-fit -q --target dft --validate none.xyz labels.xyz -o model
    [[ $output == *"none.xyz: cannot open"* ]]
}

# Rank 1 has two of the four batches of 16 walkers; of each it sends 8 bytes at each of 60 / 5 looks at the time step and at
# the end, 16 reference energies, the largest 256 samples with their number, and for each sweep 2 * 16 + 3 numbers.
@test "rank 0 gathers what deltaqmc-scaling says" {
    need_mpi
    qmc-sample -q --error 0 --samples 640 --optimize-samples 256 --optimize-steps 1 h2.xyz -o trial2.xyz
    for sweeps in 10 20; do
        ranks 2 qmc-sample -v -j 1 --error 0 --samples $((64 * sweeps)) trial2.xyz 2>message >/dev/null
        expected=$(awk -v n=$sweeps 'BEGIN { printf "%.4g", 2e-6 * (8 * 13 + 8 * 16 + 8 * 257 + 8 * n * 35) }')
        grep -q "2 ranks: rank 0 gathered $expected MB" message || { cat message; return 1; }
    done
}

@test "numbers of ranks that do not divide the batches, other options: the same bytes" {
    need_mpi
    need_slow
    random_cells
    for n in 2 3 5; do
        same $n shared qmc-sample -q -j 1 "${quick[@]}" --walkers 24 --optimize-shared cell.xyz h2.xyz
        same $n error qmc-sample -q -j 1 --error 20mHa --walkers 40 --twist-energies trial.xyz
        same $n diffused qmc-sample -q -j 1 --method dmc --error 0 --samples 4000 --walkers 48 trial.xyz
        same $n forces qmc-force -q -j 2 --error 80mHa/bohr --walkers 40 trial.xyz
        same $n tuned sh -c 'exec kernel-fit -q -j 2 --target t --tune cutoff --tune-objective evidence labels.xyz'
        same $n given qmc-sample -q -j 2 "${quick[@]}" --optimize --jastrow trial.xyz cell.xyz
    done
}

@test "a bad frame ends all ranks with one message, and what was finished is on the disk" {
    need_mpi
    { cat cell.xyz; printf '2\nProperties=species:S:1:pos:R:3\nH 0 0 0\nH 0 0 nought\n'; cat h2.xyz; } >bad.xyz
    ranks 2 qmc-sample -j 1 "${quick[@]}" bad.xyz -o out.xyz 2>message || status=$?
    [ "${status:-0}" -eq 3 ]
    [ "$(grep -c '^qmc-sample: .*frame 2' message)" -eq 1 ]
    [ ! -e out.xyz ]
    qmc-sample -j 1 "${quick[@]}" cell.xyz -o one.xyz
    cmp one.xyz out.xyz.part
    ranks 2 qmc-sample -j 1 "${quick[@]}" --on-error skip bad.xyz -o skipped.xyz 2>message
    [ "$(grep -c '1 frame skipped' message)" -eq 1 ]
    qmc-sample -q -j 1 "${quick[@]}" --on-error skip bad.xyz -o both.xyz
    cmp skipped.xyz both.xyz
}

@test "what rank 0 cannot write ends all ranks" {
    need_mpi
    ranks 2 qmc-sample -j 1 "${quick[@]}" trial.xyz -o none/out.xyz 2>message || status=$?
    [ "${status:-0}" -eq 4 ]
    [ "$(grep -c '^qmc-sample: ' message)" -eq 1 ]
    ranks 2 qmc-sample -j 1 --error 0 --samples 640 --checkpoint none/state --checkpoint-every 0 trial.xyz 2>message ||
        status=$?
    [ "${status:-0}" -eq 4 ]
    [ "$(grep -c '^qmc-sample: ' message)" -eq 1 ]
}

@test "ranks that were given different options do not begin" {
    need_mpi
    # shellcheck disable=SC2016 # the ranks expand it
    ranks 2 sh -c 'exec qmc-sample --samples $((1000 + ${OMPI_COMM_WORLD_RANK:-${PMI_RANK:-0}})) trial.xyz' 2>message ||
        status=$?
    [ "${status:-0}" -eq 2 ]
    [ "$(grep -c 'different options' message)" -eq 1 ]
}

# killed PROGRAM OPTION...: 2 ranks, one of which is killed after the first checkpoint
killed() {
    ranks 2 "$@" --checkpoint state --checkpoint-every 0 trial.xyz -o out.xyz 2>message &
    local run=$! rank
    until_size state 1
    rank=$(pgrep -n -x -f "$* --checkpoint state .*")
    kill -9 "$rank"
    wait "$run" || status=$?
    [ "${status:-0}" -ne 0 ]
    [ ! -e out.xyz ]
}

@test "when a rank is killed the run ends, and goes on from its checkpoint with any number of ranks" {
    need_mpi
    local sample=(qmc-sample -q -j 1 --error 0 --samples 60000) force=(qmc-force -q -j 1 --error 0 --samples 10000)
    killed "${sample[@]}"
    ranks 4 "${sample[@]}" --checkpoint state --checkpoint-every 0 trial.xyz -o out.xyz
    "${sample[@]}" trial.xyz -o whole.xyz
    cmp whole.xyz out.xyz
    rm state out.xyz
    killed "${force[@]}"
    "${force[@]}" --checkpoint state --checkpoint-every 0 trial.xyz -o out.xyz
    "${force[@]}" trial.xyz -o whole.xyz
    cmp whole.xyz out.xyz
}
