#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The numbers f of the finite-basis correction (libcommon/dft/correction.h), for libcommon/dft/pseudo.c:
#   tests/derive/basis-correction.sh FUNCTIONAL F0 F1 F2
# F0 F1 F2: those that dft-baseline was built with. Free energies of four fluids of 8 atoms at many cut-offs,
# without and with the correction as it is, against 160 Ha without it: the factor that the correction lacks
# at each cut-off, by least squares over the structures; then ln s = f0 + f1 E + f2 ln E through all cut-offs,
# each weighted by its correction. Where the numbers are right, they come out again. Half an hour.
set -eu
functional=$1 f0=$2 f1=$3 f2=$4
work=$(mktemp -d)
trap 'rm -r "$work"' EXIT
{
    cell-build -q --fluid atomic --atoms 8 --rs 1.25 --seed 11
    cell-build -q --fluid atomic --atoms 8 --rs 1.6 --seed 12
    cell-build -q --fluid molecular --atoms 8 --rs 1.8 --rattle 0.05A --seed 13
    cell-build -q --fluid molecular --atoms 8 --rs 2.4 --rattle 0.03A --seed 14
} >"$work/cells.xyz"

# energies CUT-OFF on|off: Ha per atom, one line a structure
energies() {
    dft-baseline -q --functional "$functional" --ecut "$1Ha" --basis-correction "$2" --kmesh 2x2x2 --electron-temperature 3000K \
        --tolerance 1e-8Ha "$work/cells.xyz" | sed -n 's/.* dft_free_energy=\([^ ]*\).*/\1/p' |
        awk '{ printf "%.12f\n", $1 / 27.211386245988 / 8 }'
}

energies 160 off >"$work/limit"
for ecut in 20 25 30 35 40 50 60 80 100; do
    energies "$ecut" off >"$work/off"
    energies "$ecut" on >"$work/on"
    paste "$work/limit" "$work/off" "$work/on" | awk -v e="$ecut" -v s="$(awk -v e="$ecut" -v a="$f0" -v b="$f1" \
        -v c="$f2" 'BEGIN { print a + b * e + c * log(e) }')" '
        { want[NR] = $1 - $2; made[NR] = $3 - $2; x += made[NR]^2; y += made[NR] * want[NR]; sum += want[NR] }
        END { for (i = 1; i <= NR; i++) { d = want[i] - y / x * made[i]; if (d < 0) d = -d; if (d > worst) worst = d }
              printf "%g %.5f %.5f %.5f\n", e, s + log(y / x), 1000 * sum / NR, 1000 * worst }'
done | tee "$work/table" | sed '1i ecut_Ha ln_s correction_mHa_per_atom worst_left'
awk '{ u[1] = 1; u[2] = $1; u[3] = log($1); w = -$3
       for (i = 1; i <= 3; i++) { for (j = 1; j <= 3; j++) m[i, j] += w * u[i] * u[j]; m[i, 4] += w * u[i] * $2 } }
     END { for (k = 1; k <= 3; k++)
               for (i = 1; i <= 3; i++) if (i != k) {
                   f = m[i, k] / m[k, k]
                   for (j = 1; j <= 4; j++) m[i, j] -= f * m[k, j]
               }
           printf "f = %.4f %.6f %.4f\n", m[1, 4] / m[1, 1], m[2, 4] / m[2, 2], m[3, 4] / m[3, 3] }' "$work/table"
