#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# md-average: frames averaged per second, read from a file.
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cell-build -q --fluid atomic --species D --atoms 128 --density 0.7g/cm3 --count 2000 |
    awk 'BEGIN { srand(3) } /Lattice/ { $0 = $0 " energy=" rand() " stress=\"0 0 0 0 0 0 0 0 0\" temperature=8000" } 1' > "$dir/gas.xyz"
begin=$(date +%s.%N)
md-average -q "$dir/gas.xyz" > /dev/null
end=$(date +%s.%N)
awk -v a="$begin" -v b="$end" 'BEGIN { printf "md-average\tN=128\t%.0f\tframes/s\n", 2000 / (b - a) }'
