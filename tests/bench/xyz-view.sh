#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Speed of the stream: MB of plain text per second through xyz-view, one thread, beside bgzip.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# frames FORMAT: 128-atom frames with forces, 300 different ones repeated to about 100 MB
frames() {
    awk -v format="$1" 'BEGIN {
        srand(1)
        for (f = 0; f < 300; f++) {
            print 128
            print "Lattice=\"12 0 0 0 12 0 0 0 12\" Properties=species:S:1:pos:R:3:forces:R:3 pbc=\"T T T\" energy=" (rand() - 4057)
            for (i = 0; i < 128; i++) {
                line = "H"
                for (k = 0; k < 3; k++) line = line sprintf(format, 12 * rand() + rand() * 1e-7)
                for (k = 0; k < 3; k++) line = line sprintf(format, 4 * rand() - 2 + rand() * 1e-7)
                print line
            }
        }
    }' >"$work/some"
    for ((n = 0; n < 26; n++)); do cat "$work/some"; done
}

# rate NAME FILE COMMAND...: the best of three runs, as MB of FILE per second
rate() {
    local name=$1 file=$2 best=999999999 start took
    shift 2
    for _ in 1 2 3; do
        start=$(date +%s%N)
        "$@" >/dev/null
        took=$(($(date +%s%N) - start))
        [ $took -lt $best ] && best=$took
    done
    printf 'xyz-view\t%s\t%.0f\tMB/s\n' "$name" "$(awk -v b="$(stat -c %s "$file")" -v t=$best 'BEGIN { print b / t * 1e3 }')"
}

# full precision as we write it ourselves (the shortest text that reads back) and as C's printf has it
for kind in '8 decimals:%16.8f' 'full precision: %.17g' '17 digits: %.17g'; do
    frames "${kind#*:}" >"$work/text"
    if [[ $kind == full* ]]; then
        xyz-view "$work/text" >"$work/ours"
        mv "$work/ours" "$work/text"
    fi
    name="N=128, ${kind%%:*}"
    rate "read and write, $name" "$work/text" xyz-view -j1 "$work/text"
    head -c 20000000 "$work/text" | xyz-view -q --on-error=skip >"$work/part" 2>/dev/null || true
    for level in 1 6; do
        rate "compress, level $level, $name" "$work/part" xyz-view -j1 --compress=always --level $level "$work/part"
        if command -v bgzip >/dev/null; then
            rate "compress, level $level, $name (bgzip)" "$work/part" bgzip -l $level -c "$work/part"
        fi
    done
    xyz-view -j1 "$work/part" -o "$work/part.gz"
    rate "decompress, read, write, $name" "$work/part" xyz-view -j1 --compress=never "$work/part.gz"
    if command -v bgzip >/dev/null; then
        rate "decompress, $name (bgzip)" "$work/part" bgzip -dc "$work/part.gz"
    fi
done
