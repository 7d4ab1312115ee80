# SPDX-License-Identifier: GPL-3.0-or-later
# What the Makefiles of all studies begin with. Variables for the user:
#     OUT   folder of the results
#     JOBS  programs at a time, of one thread each where there are as many: no core waits for another
#     THREADS  of Monte Carlo and of its orbitals, which everything behind them waits for
#     RUN   'mpirun -n 16': ranks for what can use them
#     SLURM 1, with JOBS=100 or so: the rules are jobs (slurm.mk)
#     BIN   where the programs are
OUT          ?= out
JOBS         ?= 2
THREADS      ?= $(if $(SLURM),1,2)
RUN          ?=
BIN          ?= $(abspath ../../build/bin)
export PATH  := $(BIN):$(PATH)
SHELL        := /bin/bash
.SHELLFLAGS  := -o pipefail -ec
ifeq ($(MAKELEVEL),0)
MAKEFLAGS    += -j$(JOBS)
endif
ifdef SLURM
include $(dir $(lastword $(MAKEFILE_LIST)))slurm.mk
endif
.DELETE_ON_ERROR:
# Files of pattern rules that no other rule names, which make would take away again; none listed: all files are such, and make
# follows every path between them, which is slow where rounds follow on each other.
.SECONDARY: $(CHAINS)
.SECONDEXPANSION:
say           = @printf '== %s\n' '$(1)' >&2
# What dynamics writes to until it is complete: make deletes a target whose recipe is interrupted, and a checkpoint goes on
# with what was written.
part          = $(@D)/part-$(@F)
# A Jastrow factor of a configuration's own, from that of file 1, in at most 2 steps; of least energy, whatever the variance:
# forces and pressures are derivatives of the energy only there (qmc-sample(1)).
OWN_SAMPLES  ?= 5120
own           = --optimize --jastrow-charges on --jastrow $(1) --optimize-steps $(2) --optimize-samples $(OWN_SAMPLES) --variance-weight 0
