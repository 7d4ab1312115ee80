# SPDX-License-Identifier: GPL-3.0-or-later
# deltaqmc: GNU make, one file. `make demo` and `make check` are all a newcomer types; `make help`.
VERSION  := 0.1.0
PREFIX   ?= /usr/local
CC       ?= cc
ARCH     ?= native
SANITIZE ?= 0
DEBUG    ?= 0
MPI      ?= 1
SHELL    := /bin/bash
ifeq ($(MAKELEVEL),0)  # on all processors; -j on the command line wins
MAKEFLAGS += -j$(shell nproc 2>/dev/null || echo 2)
endif
.SHELLFLAGS := -o pipefail -c
WARN     := -Wall -Wextra -Wshadow -Wconversion -Wno-sign-conversion -Wstrict-prototypes -Wmissing-prototypes -Wvla -Wno-psabi -Wno-pass-failed

# A variant is a kind of build and, if it is not the system's, a compiler; each has its own folder.
ifeq ($(SANITIZE),1)
KIND     := sanitize
OPTIMISE := -O1 -g -fno-omit-frame-pointer -fsanitize=address,undefined -fno-sanitize-recover=all
else ifeq ($(DEBUG),1)
KIND     := debug
OPTIMISE := -O0 -g
else
KIND     := release
OPTIMISE := -O3 -march=$(ARCH) -g
endif
VARIANT  := $(KIND)$(addprefix -,$(filter-out cc gcc,$(notdir $(firstword $(CC)))))
OUT      := build/$(VARIANT)
BIN      := $(if $(filter release,$(VARIANT)),build/bin,$(OUT)/bin)

all:

# build/config.mk is made by .ci/deps, which installs missing libraries first; make then starts over.
ifneq ($(filter-out clean help uninstall,$(or $(MAKECMDGOALS),all)),)
include build/config.mk
endif
build/config.mk: .ci/deps
	@mkdir -p build && CC='$(CC)' .ci/deps >$@.tmp && mv $@.tmp $@

ifeq ($(MPI),0)
undefine MPI_CFLAGS
undefine MPI_LIBS
undefine MPI_VERSION
endif
DEPS_LIBS     += $(MPI_LIBS)
DEPS_VERSIONS += $(or $(MPI_VERSION),no MPI)

CFLAGS   ?= $(OPTIMISE)
CSTD     := -std=gnu11 -D_XOPEN_SOURCE=700 -fopenmp -ffp-contract=fast -fno-math-errno -fno-trapping-math
COMPILE   = $(CC) $(CSTD) $(WARN) $(CFLAGS) $(DEPS_CFLAGS) -Ilibcommon -I. -MMD -MP
LINK      = $(CC) $(CFLAGS) $(LDFLAGS) -fopenmp $(filter %.o %.a,$^) $(DEPS_LIBS) -o $@
DEFINES   = -DDELTAQMC_VERSION='"$(VERSION)"' -DDELTAQMC_BUILD='"$(KIND) $(CFLAGS)"' -DDELTAQMC_LIBRARIES='"$(DEPS_VERSIONS)"'

LIB      := $(OUT)/libdeltaqmc.a
LIB_OBJ  := $(patsubst %.c,$(OUT)/%.o,$(wildcard libcommon/*/*.c formats/*.c))
PROGRAMS := $(patsubst cmd/%.c,$(BIN)/%,$(wildcard cmd/*.c))
DRIVERS  := $(patsubst tests/unit/%.c,$(OUT)/tests/%,$(wildcard tests/unit/*.c))
MAN      := $(wildcard man/*.[157])
ENV      := PATH="$(abspath $(BIN)):$$PATH" BIN=$(abspath $(BIN)) DRIVERS=$(abspath $(OUT)/tests)

all: $(LIB) $(PROGRAMS)  ## build the programs (the default)
deps: build/config.mk    ## install the libraries that are missing
drivers: $(DRIVERS)

# Rewritten only when it changes: another compiler, flag or version compiles everything again.
$(OUT)/flags: FORCE
	@mkdir -p $(@D); echo $(call quote,$(COMPILE) $(DEFINES) $(DEPS_LIBS)) | cmp -s - $@ || echo $(call quote,$(COMPILE) $(DEFINES) $(DEPS_LIBS)) >$@
quote = '$(subst ','\'',$(1))'

$(OUT)/%.o: %.c $(OUT)/flags
	@mkdir -p $(@D)
	$(COMPILE) $(CPPFLAGS) -c $< -o $@
$(OUT)/libcommon/base/opt_%.o: CPPFLAGS += $(DEFINES)
$(OUT)/libcommon/base/ranks_mpi.o: CPPFLAGS += $(MPI_CFLAGS)
$(LIB): $(LIB_OBJ)
	rm -f $@ && $(AR) rcs $@ $^
$(BIN)/%: $(OUT)/cmd/%.o $(LIB)
	@mkdir -p $(@D)
	$(LINK)
$(OUT)/tests/%: $(OUT)/tests/unit/%.o $(LIB)
	@mkdir -p $(@D)
	$(LINK)

# the drivers of unit tests share the processors; programs see to this themselves (base/threads.h)
check: export GOMP_SPINCOUNT ?= 1000
check: export OPENBLAS_NUM_THREADS ?= 1
# Most tests use one processor: two files at a time, which bats leaves to GNU parallel.
check: BATSJOBS ?= 2
check: all drivers  ## run all tests
	@.ci/deps check
	@two=; if parallel --version 2>/dev/null | grep -q GNU; then two='--jobs $(BATSJOBS) --no-parallelize-within-files'; fi; \
	    $(ENV) bats $$two $(BATSFLAGS) -r tests
check-cluster: all  ## run programs and studies on a Slurm cluster that is started for it (MPI, Slurm and munge from Debian)
	@.ci/deps cluster
	@tests/cluster/cluster check
	@DELTAQMC_CLUSTER=1 $(ENV) bats $(BATSFLAGS) tests/cluster
bench: all  ## measure speed: a table on the screen and in build/bench.tsv
	@for b in tests/bench/*.sh; do $(ENV) bash $$b || exit 1; done | tee build/bench.tsv | \
	    awk -F'\t' '{ printf "%-16s %-44s %12s %s\n", $$1, $$2, $$3, $$4; fflush() }'
demo: all  ## deuterium cells to Hugoniot points with error bars, in five minutes
	@.ci/deps check
	@$(MAKE) --no-print-directory -C examples/demo BIN=$(abspath $(BIN))
lint:  ## formatting, static analysis, shell scripts, manual pages
	@.ci/deps lint
	@.ci/lint
man: all  ## refresh the lists of options in the manual pages from --help=mdoc
	@for p in $(notdir $(PROGRAMS)); do .ci/man-options $(BIN)/$$p man/$$p.1 || exit 1; done
install: all  ## programs and manual pages below DESTDIR and PREFIX (/usr/local)
	install -d $(DESTDIR)$(PREFIX)/bin
	$(if $(PROGRAMS),install -m 755 $(PROGRAMS) $(DESTDIR)$(PREFIX)/bin)
	@for m in $(MAN); do d=$(DESTDIR)$(PREFIX)/share/man/man$${m##*.}; install -d $$d && install -m 644 $$m $$d || exit 1; done
uninstall:  ## remove what `make install` put there
	rm -f $(addprefix $(DESTDIR)$(PREFIX)/bin/,$(notdir $(PROGRAMS)))
	@for m in $(MAN); do rm -f $(DESTDIR)$(PREFIX)/share/man/man$${m##*.}/$${m#man/}; done
clean:  ## remove everything that was built
	rm -rf build
help:  ## this list
	@awk -F':.*## ' '/^[a-z-]+:.*## / { printf "  make %-13s %s\n", $$1, $$2 }' Makefile
	@echo '  variants:       make SANITIZE=1, DEBUG=1, MPI=0, CC=clang, ARCH=x86-64-v3; also with check'

FORCE:
.PHONY: all deps drivers check check-cluster bench demo lint man install uninstall clean help FORCE
.SECONDARY:
-include $(shell find $(OUT) -name '*.d' 2>/dev/null)
