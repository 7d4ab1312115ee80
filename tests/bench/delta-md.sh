#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# delta-md: steps per second of one model with 1000 sparse environments, 128 to 8192 atoms, one thread and two, memory; target
# above 150 steps/s for 128 atoms on one thread, linear in the number of atoms. On a busy machine what counts is the
# CPU time of one thread. `delta-md.sh 128` measures only that size.
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cell-build -q --fluid atomic --species D --atoms 64 --rs 1.5 --count 20 > "$dir/cells.xyz"
# only the speed counts: random labels on liquid-like cells make a model of the right shape
awk 'BEGIN { srand(2) } /Lattice/ { $0 = $0 " t_energy=" (rand() - 500) } 1' "$dir/cells.xyz" > "$dir/labels.xyz"
kernel-fit -q --target t --sparse 1000 --pair 1A --uncertainty no "$dir/labels.xyz" -o "$dir/model.gz" 2> /dev/null

run() { # THREADS STEPS REPLICAS: "wall user+system kilobytes"
    /usr/bin/time -f '%e %U %S %M' delta-md -q -j "$1" --model "$dir/model.gz" --temperature 1000K --timestep 0.01fs --steps "$2" \
        --every "$2" --replicas "$3" "$dir/start.xyz" 2>&1 > /dev/null | awk '{ print $1, $2 + $3, $4 }'
}
row() { printf 'delta-md\tN=%d, 1000 sparse, %s\t%s\t%s\n' "$@"; }
speed() { # ATOMS STEPS
    cell-build -q --fluid atomic --species D --atoms "$1" --rs 1.5 > "$dir/start.xyz"
    local begin one two
    begin=$(run 1 1 1) # what reading the model and the first forces cost
    one=$(run 1 $(($2 + 1)) 1)
    two=$(run 2 $(($2 + 1)) 1)
    per() { awk -v a="$begin" -v b="$1" -v n="$2" -v c="$3" 'BEGIN { split(a, x); split(b, y); printf "%.4g", n / (y[c] - x[c]) }'; }
    row "$1" "1 thread, CPU" "$(per "$one" "$2" 2)" "steps/s"
    row "$1" "1 thread" "$(per "$one" "$2" 1)" "steps/s"
    row "$1" "2 threads" "$(per "$two" "$2" 1)" "steps/s"
    row "$1" "memory" "$(awk '{ printf "%.0f", $3 / 1024 }' <<< "$two")" "MB"
}
replicas() { # ATOMS STEPS REPLICAS
    cell-build -q --fluid atomic --species D --atoms "$1" --rs 1.5 > "$dir/start.xyz"
    local begin many
    begin=$(run 2 1 "$3")
    many=$(run 2 $(($2 + 1)) "$3")
    row "$1" "$3 replicas on 2 threads" "$(awk -v a="$begin" -v b="$many" -v n="$2" -v r="$3" 'BEGIN { split(a, x); split(b, y); printf "%.4g", n * r / (y[1] - x[1]) }')" "steps/s"
}
declare -A steps=([16]=1500 [128]=200 [1024]=30 [8192]=4)
for atoms in ${1:-16 128 1024 8192}; do speed "$atoms" "${steps[$atoms]}"; done
if [ $# -eq 0 ] || [ "$1" = 128 ]; then replicas 128 100 4; fi
