#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# hugoniot: state points solved per second, bootstrap included.
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
awk 'BEGIN { for (t = 4000; t <= 40000; t += 2000) for (d = 0.6; d < 0.8; d += 0.04) {
    kt = t * 8.617333262e-5; v = 2.01410177812 * 1.66053906660 / d; l = v ^ (1 / 3)
    printf "1\nLattice=\"%.9f 0 0 0 %.9f 0 0 0 %.9f\" Properties=species:S:1:pos:R:3:masses:R:1 pbc=\"T T T\" temperature=%d internal_energy=%.9f internal_energy_error=0.01 pressure_GPa=%.9f pressure_GPa_error=0.2\nH 0 0 0 2.01410177812\n",
        l, l, l, t, 1.5 * kt, kt / v * 160.2176634 } }' > "$dir/states.xyz"
start=$(date +%s.%N)
hugoniot -q --initial-energy 0 --bootstrap 2000 "$dir/states.xyz" > /dev/null
end=$(date +%s.%N)
awk -v a="$start" -v b="$end" 'BEGIN { printf "hugoniot\t19 isotherms, 2000 replicas\t%.3f\ts\n", b - a }'
