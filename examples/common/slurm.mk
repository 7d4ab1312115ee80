# SPDX-License-Identifier: GPL-3.0-or-later
# The rules of a study as Slurm jobs. Included by its Makefile under `make SLURM=1 -j 100`, or beside it:
#     make -f Makefile -f ../common/slurm.mk -j 100
# Dependencies are make's, and so is how many jobs stand in the queue at once (-j). Killing make cancels its jobs; the
# next make does what is missing. Every line of a recipe is a job (slurm-job says which are not).
#     JOB  options of sbatch; a rule may have its own:  $(OUT)/vmc.xyz.gz: JOB = -n 64 -t 4:00:00
#          local: the rule is run by make itself
#     RUN  stands before the programs that share their work among ranks; how many is said by the job's -n
JOB ?= -n 1
RUN := $(or $(RUN),srun --overlap --mpi=pmix)
export JOB
%: SHELL := $(dir $(abspath $(lastword $(MAKEFILE_LIST))))slurm-job
