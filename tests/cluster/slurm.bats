# SPDX-License-Identifier: GPL-3.0-or-later
# Studies on a Slurm cluster that is started for these tests and stopped after them: `make check-cluster`.
load ../helper
bats_require_minimum_version 1.5.0

COMMON=$BATS_TEST_DIRNAME/../../examples/common

setup_file() {
    [ -n "${DELTAQMC_CLUSTER:-}" ] || return 0
    cd "$BATS_FILE_TMPDIR" || return 1
    "$BATS_TEST_DIRNAME/cluster" start "$BATS_FILE_TMPDIR/cluster"
    cell-build --molecule H2 --bond 1.5bohr | dft-baseline -q --orbitals h-sz --ecut 15Ha -o h2.xyz
    qmc-sample -q --error 0 --samples 640 --optimize-samples 256 --optimize-steps 2 h2.xyz -o trial.xyz
}

teardown_file() {
    [ -n "${DELTAQMC_CLUSTER:-}" ] || return 0
    "$BATS_TEST_DIRNAME/cluster" stop "$BATS_FILE_TMPDIR/cluster"
}

setup() {
    [ -n "${DELTAQMC_CLUSTER:-}" ] || skip "make check-cluster runs it"
    export SLURM_CONF=$BATS_FILE_TMPDIR/cluster/slurm.conf
    cd "$BATS_TEST_TMPDIR" || return 1
    ln -s "$BATS_FILE_TMPDIR"/*.xyz .
}

# study: a Makefile of three stages, two of which depend on nothing but the first
study() {
    cat >Makefile <<'EOF'
SHELL := /bin/bash
.SHELLFLAGS := -o pipefail -ec
RUN ?=
.DELETE_ON_ERROR:
all: sum.tsv
three.xyz: trial.xyz
	@printf 'three frames\n'
	cat $< $< $< >$@
vmc.xyz: three.xyz
	$(RUN) qmc-sample -q -j 1 --error 0 --samples 1000 $< -o $@
force.xyz: three.xyz
	xyz-view $< | $(RUN) qmc-force -q -j 1 --error 0 --samples 1000 -o $@
vmc.xyz force.xyz: JOB = -n 2
sum.tsv: vmc.xyz force.xyz
	xyz-view --table vmc_energy $^ | sort >$@
EOF
}

# jobs: how many of ours stand in the queue or run
jobs_left() { squeue -h -t PENDING,RUNNING,CONFIGURING | wc -l; }

# make_jobs ARGUMENT...: the study as jobs, at most two minutes
make_jobs() { timeout 120 make --no-print-directory -f Makefile -f "$COMMON/slurm.mk" -j 4 "$@"; }

@test "srun starts ranks, which write the bytes of one" {
    qmc-sample -q -j 1 --error 0 --samples 1000 trial.xyz -o one.xyz
    timeout 60 srun --mpi=pmix -n 4 qmc-sample -q -j 1 --error 0 --samples 1000 trial.xyz -o four.xyz
    cmp one.xyz four.xyz
    timeout 60 srun --mpi=pmix -n 2 qmc-sample -q -j 1 --error 0 --samples 1000 <trial.xyz >two.xyz
    cmp one.xyz two.xyz
}

@test "processes that srun does not connect say so" {
    timeout 60 srun --mpi=none -n 2 qmc-sample -j 1 --error 0 --samples 640 trial.xyz >out.xyz 2>message
    [ "$(grep -c 'not connected by MPI' message)" -eq 1 ]
}

@test "a rank that is killed ends the job step" {
    timeout 60 srun --mpi=pmix -K -n 2 qmc-sample -q -j 1 --error 0 --samples 1000000000 --checkpoint state \
        --checkpoint-every 0 trial.xyz -o out.xyz 2>message &
    local run=$!
    until_size state 1
    kill -9 "$(pgrep -n -f '^[^ ]*qmc-sample .* --checkpoint state')"
    wait "$run" || status=$?
    [ "${status:-0}" -ne 0 ]
    [ ! -e out.xyz ]
}

@test "the rules of a study are jobs, and give what they give without" {
    study
    make_jobs >log
    grep -q '^three frames' log
    mkdir local
    cp Makefile trial.xyz local
    make -C local -s >/dev/null
    for f in vmc.xyz force.xyz sum.tsv; do cmp $f local/$f; done
    [ "$(jobs_left)" -eq 0 ]
    run -0 make_jobs
    [[ $output == *"Nothing to be done"* || $output == *"up to date"* ]]
}

@test "a job that fails fails its rule, with its last lines, and the rest is done" {
    study
    sed -i 's/qmc-force -q/qmc-force -q --nonsense/' Makefile
    run make_jobs -k
    [ "$status" -ne 0 ]
    [[ $output == *"has failed with status 2"*"unknown option '--nonsense'"* ]]
    [ -e vmc.xyz ]
    [ ! -e force.xyz ]
    [ ! -e sum.tsv ]
}

@test "killing make cancels its jobs, and the next make does what is missing" {
    study
    sed -i 's/--samples 1000 \(.*\) -o/--samples 1000000000 --checkpoint vmc.state --checkpoint-every 0 \1 -o/' Makefile
    make --no-print-directory -f Makefile -f "$COMMON/slurm.mk" -j 4 >log 2>&1 &
    local run=$! made
    until_size vmc.state 1
    made=$(stat -c %y three.xyz)
    kill "$run"
    wait "$run" || true
    for _ in $(seq 100); do [ "$(jobs_left)" -gt 0 ] || break; sleep 0.2; done
    [ "$(jobs_left)" -eq 0 ]
    [ ! -e vmc.xyz ]
    for _ in $(seq 100); do pgrep -f -- '--checkpoint vmc.state' >/dev/null || break; sleep 0.2; done
    run -1 pgrep -f -- '--checkpoint vmc.state'
    sed -i 's/--samples 1000000000 --checkpoint vmc.state --checkpoint-every 0/--samples 1000/' Makefile
    make_jobs >log
    [ -e sum.tsv ]
    [ "$(stat -c %y three.xyz)" = "$made" ]
}

@test "an array of jobs over the shards of a stream, joined, is the whole" {
    for _ in 1 2 3 4; do cat trial.xyz; done | xyz-view --split 2 -o shard.xyz
    timeout 60 sbatch --wait -Q --array=1-2 -n 1 <<'EOF'
#!/bin/bash
shard=$(printf 'shard-%04d.xyz' "$SLURM_ARRAY_TASK_ID")
qmc-sample -q -j 1 --error 0 --samples 640 "$shard" -o "done-$shard"
EOF
    xyz-view done-shard-*.xyz -o whole.xyz
    [ "$(xyz-view --count whole.xyz)" -eq 4 ]
    qmc-sample -q -j 1 --error 0 --samples 640 shard-0001.xyz -o first.xyz
    xyz-view --frames :2 whole.xyz | cmp - first.xyz
}
