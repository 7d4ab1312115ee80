#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Frames per second through md-average: 128 atoms with velocities and forces, means alone and everything.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

awk 'BEGIN { srand(1)
    for (f = 1; f <= 2000; f++) {
        printf "128\nLattice=\"8 0 0 0 8 0 0 0 9.6\" Properties=species:S:1:pos:R:3:velo:R:3:forces:R:3 "
        printf "pbc=\"T T T\" energy=%.12g stress=\"1 0 0 0 1 0 0 0 1\" temperature=8000 time=%d step=%d\n", rand(), f, f
        for (i = 0; i < 128; i++) {
            printf "H"
            for (c = 0; c < 9; c++) printf " %.12g", (c > 2) ? rand() : 1.6 * (int(i / 5 ^ c) % (5 + (c == 2)) + 0.5 * rand())
            printf "\n"
        } } }' >run.xyz

run() {
    start=$(date +%s.%N)
    md-average -j 1 "$@" run.xyz >/dev/null 2>&1
    end=$(date +%s.%N)
    awk -v c="$*" -v a="$start" -v b="$end" 'BEGIN {
        printf "md-average\tN=128 %s\t%.0f\tframes/s\n", c == "" ? "means" : c, 2000 / (b - a) }'
}

run
run --bond 1A
run --diffusion
run --rdf gr.tsv
