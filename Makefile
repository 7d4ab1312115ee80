# deltaqmc: GNU make, one file. `make demo` and `make check` are all a newcomer types.
VERSION  := 0.1.0
PREFIX   ?= /usr/local
CC       ?= cc
SANITIZE ?= 0
ARCH     ?= native
WARN     := -Wall -Wextra -Wshadow -Wconversion -Wno-sign-conversion -Wstrict-prototypes -Wmissing-prototypes -Wvla
ifeq ($(SANITIZE),1)
VARIANT  := sanitize
OPTIMISE := -O1 -g -fno-omit-frame-pointer -fsanitize=address,undefined -fno-sanitize-recover=all
BIN      := build/sanitize/bin
else ifeq ($(DEBUG),1)
VARIANT  := debug
OPTIMISE := -O0 -g
BIN      := build/debug/bin
else
VARIANT  := release
OPTIMISE := -O3 -march=$(ARCH) -g
BIN      := build/bin
endif
OUT      := build/$(VARIANT)

# build/config.mk is made by .ci/deps, which installs missing libraries first; make then starts over.
NODEPS   := clean help uninstall
ifneq ($(filter-out $(NODEPS),$(or $(MAKECMDGOALS),all)),)
include build/config.mk
endif

CFLAGS   ?= $(OPTIMISE)
CSTD     := -std=gnu11 -D_XOPEN_SOURCE=700 -DDELTAQMC_VERSION='"$(VERSION)"' -fopenmp -ffp-contract=fast
COMPILE   = $(CC) $(CSTD) $(WARN) $(CFLAGS) $(DEPS_CFLAGS) -Ilibcommon -I. -MMD -MP

LIB_SRC  := $(wildcard libcommon/*/*.c formats/*.c)
CMD_SRC  := $(wildcard cmd/*.c)
TEST_SRC := $(wildcard tests/unit/*.c)
LIB_OBJ  := $(LIB_SRC:%.c=$(OUT)/%.o)
PROGRAMS := $(CMD_SRC:cmd/%.c=$(BIN)/%)
DRIVERS  := $(TEST_SRC:tests/unit/%.c=$(OUT)/tests/%)

all: $(OUT)/libdeltaqmc.a $(PROGRAMS)

build/config.mk: .ci/deps
	@mkdir -p build && .ci/deps > $@.tmp && mv $@.tmp $@

deps: build/config.mk

$(OUT)/libdeltaqmc.a: $(LIB_OBJ)
	rm -f $@ && $(AR) rcs $@ $^
$(OUT)/%.o: %.c | build/config.mk
	@mkdir -p $(@D)
	$(COMPILE) -c $< -o $@
$(BIN)/%: $(OUT)/cmd/%.o $(OUT)/libdeltaqmc.a
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) -fopenmp $^ $(DEPS_LIBS) -o $@
$(OUT)/tests/%: $(OUT)/tests/unit/%.o $(OUT)/libdeltaqmc.a
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) -fopenmp $^ $(DEPS_LIBS) -o $@

drivers: $(DRIVERS)

check: all drivers
	BIN=$(abspath $(BIN)) DRIVERS=$(abspath $(OUT)/tests) bats -r tests

clean:
	rm -rf build

.PHONY: all deps drivers check clean
.SECONDARY:
-include $(shell find $(OUT) -name '*.d' 2>/dev/null)
