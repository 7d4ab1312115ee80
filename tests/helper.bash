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

# random_cells: cells.xyz, six of eight deuterium atoms, and start.xyz, two.xyz of these; labels.xyz, the same with energies
# drawn at random
random_cells() {
    cell-build --fluid atomic --species D --atoms 8 --density 0.3g/cm3 --count 6 >cells.xyz
    awk 'BEGIN { srand(3) } /Lattice/ { $0 = $0 " t_energy=" (-120 + 0.1 * rand()) } 1' cells.xyz >labels.xyz
    xyz-view --frames 1 cells.xyz >start.xyz
    xyz-view --frames 1:3 cells.xyz >two.xyz
}

# random_model FILE OPTION...: a model of these labels, where only its being a model counts
random_model() {
    local file=$1
    shift
    kernel-fit -q -j 1 --target t "$@" labels.xyz -o "$file" 2>/dev/null
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

# need_mpi: skip, visibly, without mpirun or in programs that were built without MPI
need_mpi() {
    command -v mpirun >/dev/null || skip "no mpirun"
    qmc-sample --version | grep -q 'MPI (' || skip "built without MPI"
}

# ranks N COMMAND...: as N ranks on this machine, however few processors it has, ended after a minute
ranks() {
    local n=$1
    shift
    OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1 OMPI_MCA_rmaps_base_oversubscribe=1 \
        OMPI_MCA_hwloc_base_binding_policy=none PRTE_MCA_rmaps_default_mapping_policy=:oversubscribe \
        timeout 60 mpirun -n "$n" "$@"
}
