#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Time per frame of cell-build, and of the sums that everything else is made of (tests/unit/crystal-bench).
set -eu
BIN=${BIN:-build/bin}
DRIVERS=${DRIVERS:-build/release/tests}
TIMEFORMAT=%U
for n in 16 32 64 128; do
    for kind in atomic molecular; do
        t=$({ time "$BIN/cell-build" --fluid $kind --atoms $n --rs 1.5 --count 100 >/dev/null; } 2>&1)
        awk -v t="$t" -v n="$n" -v k="$kind" 'BEGIN { printf "cell-build\t%s fluid N=%d\t%.4g\tms/frame\n", k, n, t * 10 }'
    done
done
"$DRIVERS/crystal-bench" run
