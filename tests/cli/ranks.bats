# SPDX-License-Identifier: GPL-3.0-or-later
# Programs under mpirun: shared work, the same bytes for any number of ranks, one voice, one end.
load ../helper
bats_require_minimum_version 1.5.0

setup() {
    cd "$BATS_TEST_TMPDIR" || return 1
}

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
