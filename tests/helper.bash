# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash
# Loaded by every bats file: paths of the programs and the C drivers.
BIN=${BIN:-$BATS_TEST_DIRNAME/../../build/bin}
DRIVERS=${DRIVERS:-$BATS_TEST_DIRNAME/../../build/release/tests}
PATH=$BIN:$PATH

# unit MODULE CASE: run one case of a C driver
unit() {
    run "$DRIVERS/$1" "$2"
    [ "$status" -eq 0 ] || { echo "$output"; return 1; }
}

# need_slow: skip, visibly, what takes minutes, unless DELTAQMC_SLOW is set
need_slow() {
    [ -n "${DELTAQMC_SLOW:-}" ] || skip "takes minutes: DELTAQMC_SLOW=1 runs it"
}

# need_data FILE: skip, visibly, without the reference data
need_data() {
    [ -e "${DELTAQMC_DATA:-/nonexistent}/$1" ] || skip "no reference data (DELTAQMC_DATA)"
}

# need_ase: $ASE is a Python that has ASE (Debian's package belongs to Debian's Python); else skip, visibly
need_ase() {
    for ASE in python3 /usr/bin/python3; do
        "$ASE" -c 'import ase' 2>/dev/null && return
    done
    skip "no ASE"
}

# until_size FILE BYTES: wait, at most a minute, until a file that is being written has so many
until_size() {
    for _ in $(seq 3000); do
        [ "$(stat -c %s "$1" 2>/dev/null || echo 0)" -ge "$2" ] && return
        sleep 0.02
    done
    echo "$1 has not grown to $2 bytes"
    return 1
}
