#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# soap-describe, kernel-fit, kernel-predict: time per atom or frame on one thread. Labels are energies alone.
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
clock() { # PROGRAM CASE UNITS UNIT COMMAND...: wall time of the command divided by UNITS
    local program=$1 case=$2 units=$3 unit=$4 start end
    shift 4
    start=$(date +%s.%N)
    "$@" >/dev/null
    end=$(date +%s.%N)
    awk -v p="$program" -v c="$case" -v n="$units" -v u="$unit" -v a="$start" -v b="$end" \
        'BEGIN { printf "%s\t%s\t%.1f\t%s\n", p, c, 1e6 * (b - a) / n, u }'
}
cell-build --fluid atomic --atoms 128 --rs 1.5 --count 8 -o "$dir/cells.xyz"
awk '/Lattice/ { $0 = $0 " new_energy=" (-1700 + ++n) } 1' "$dir/cells.xyz" >"$dir/l.xyz"
clock soap-describe "128 atoms, n 8, l 6" 1024 us/atom soap-describe -q -j 1 -o "$dir/d.xyz" "$dir/cells.xyz"
clock kernel-fit "8 energies of 128 atoms, 500 sparse" 1024 us/atom \
    kernel-fit -q -j 1 --target new --sparse 500 -o "$dir/m.xyz" "$dir/l.xyz"
clock kernel-predict "128 atoms, 500 sparse, loading included" 1024 us/atom \
    kernel-predict -q -j 1 --uncertainty no --model "$dir/m.xyz" "$dir/cells.xyz"
