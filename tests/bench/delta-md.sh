#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# delta-md: steps per second of one model with 1000 sparse environments, one thread and two.
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cell-build -q --fluid atomic --species D --atoms 64 --rs 1.5 --count 20 > "$dir/cells.xyz"
# only the speed counts: random labels on liquid-like cells make a model of the right shape
awk 'BEGIN { srand(2) } /Lattice/ { $0 = $0 " t_energy=" (rand() - 500) } 1' "$dir/cells.xyz" > "$dir/labels.xyz"
kernel-fit -q --target t --sparse 1000 --pair 1A "$dir/labels.xyz" -o "$dir/model.gz" 2> /dev/null
speed() { # ATOMS THREADS STEPS
    cell-build -q --fluid atomic --species D --atoms "$1" --rs 1.5 > "$dir/start.xyz"
    local begin end
    begin=$(date +%s.%N)
    delta-md -q -j "$2" --model "$dir/model.gz" --temperature 1000K --timestep 0.01fs --steps "$3" \
        --every "$3" "$dir/start.xyz" > /dev/null
    end=$(date +%s.%N)
    awk -v a="$begin" -v b="$end" -v n="$1" -v j="$2" -v s="$3" 'BEGIN {
        printf "delta-md\tN=%d, 1000 sparse, %d thread%s\t%.1f\tsteps/s\n", n, j, (j > 1 ? "s" : ""), s / (b - a) }'
}
speed 16 1 1500
speed 128 1 200
speed 128 2 200
speed 1024 1 30
