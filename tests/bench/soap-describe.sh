#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# CPU time per atom of a descriptor, liquid density rs 1.5, written to nowhere; one thread.
set -eu
BIN=${BIN:-build/bin}
TIMEFORMAT=%U
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
"$BIN/cell-build" --fluid atomic --atoms 128 --rs 1.5 --count 20 -o "$work/cells.xyz"
for cutoff in 2.5 3; do
    t=$({ time "$BIN/soap-describe" -j 1 --cutoff ${cutoff}A --select 1 "$work/cells.xyz" >/dev/null; } 2>&1)
    awk -v t="$t" -v c=$cutoff 'BEGIN { printf "soap-describe\tn 8 l 6 cutoff %s A\t%.3g\tus/atom\n", c, t * 1e6 / 2560 }'
done
