#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The table of H2 in dft-baseline(1), "Forces with orbitals that follow the nuclei":
#   tests/derive/response-curve.sh [FORCE_SAMPLES [ENERGY_SAMPLES [OPTION...]]]
# dE/dR (Ha/bohr) at seven bond lengths, one Jastrow factor for all: of forces at fixed orbitals, of forces with the
# response, and of a curve through the variational energies, which are sampled on their own; then the bond length
# (bohr), the harmonic wave number (1/cm) and the bend E(1.0) - 2 E(1.4) + E(1.8) (Ha) of each. Curves are those of
# Simons, Parr & Finlan, J. Chem. Phys. 59, 3229 (1973): E of fourth order in 1 - 1.4/R, by weighted least squares.
# OPTIONs are for dft-baseline. Five minutes.
set -eu
forces=${1:-1000000} energies=${2:-3000000}
shift $(($# < 2 ? $# : 2))
work=$(mktemp -d)
trap 'rm -r "$work"' EXIT
cd "$work"
options=(-q --electron-temperature 0K --orbital-fit overlap "$@")
for r in 1.0 1.2 1.3 1.4 1.5 1.6 1.8; do
    cell-build -q --molecule H2 --bond "${r}bohr"
done | dft-baseline "${options[@]}" --orbitals h-tz | qmc-sample -q --optimize-shared --samples 1000 -o trial.xyz
qmc-sample -q --jastrow trial.xyz --error 0 --samples "$energies" --seed 2 -o energy.xyz trial.xyz
qmc-force -q --error 0 --samples "$forces" --response trial.xyz | dft-baseline "${options[@]}" --response -o force.xyz

# R, E, its error, dE/dR at fixed orbitals, with the response, its error; of the bond, eV and A to Ha and bohr
paste <(xyz-view --table vmc_energy,vmc_energy_error energy.xyz | tail -n +2) \
    <(awk 'FNR % 4 == 2 { split("", at); match($0, /Properties=[^ ]*/); n = split(substr($0, RSTART + 11, RLENGTH - 11), p, ":")
             c = 1; for (i = 1; i <= n; i += 3) { at[p[i]] = c; c += p[i + 2] } }
         FNR % 4 == 3 { split($0, first) }
         FNR % 4 == 0 { r = f = g = e = 0
             for (x = 0; x < 3; x++) { d[x] = $(at["pos"] + x) - first[at["pos"] + x]; r += d[x]^2 }
             r = sqrt(r)
             for (x = 0; x < 3; x++) {
                 f -= ($(at["vmc_forces"] + x) - first[at["vmc_forces"] + x]) / 2 * d[x] / r
                 g -= ($(at["vmc_forces_response"] + x) - first[at["vmc_forces_response"] + x]) / 2 * d[x] / r
                 e += ($(at["vmc_forces_error"] + x) * d[x] / r)^2 }
             print r, f - g, f, sqrt(e) }' force.xyz) |
    awk '{ H = 27.211386245988; b = 0.529177210903; u = b / H
        printf "%.4f %.6f %.6f %.6f %.6f %.6f\n", $3 / b, $1 / H, $2 / H, $4 * u, $5 * u, $6 * u }' >points
awk '
    function basis(slope, r, k) { # of E, or of dE/dR
        return slope ? (k ? k * (1 - 1.4 / r)^(k - 1) * 1.4 / r^2 : 0) : (1 - 1.4 / r)^k
    }
    function fit(slope, y, s, a,    i, j, k, m, n, w, t) { # coefficients a[slope .. 4]
        for (j = slope; j < 5; j++) for (k = slope; k < 6; k++) m[j, k] = 0
        for (i = 1; i <= N; i++) {
            w = 1 / s[i]^2
            for (j = slope; j < 5; j++) {
                for (k = slope; k < 5; k++) m[j, k] += w * basis(slope, R[i], j) * basis(slope, R[i], k)
                m[j, 5] += w * basis(slope, R[i], j) * y[i]
            }
        }
        for (j = slope; j < 5; j++)
            for (n = slope; n < 5; n++) if (n != j) {
                t = m[n, j] / m[j, j]
                for (k = j; k < 6; k++) m[n, k] -= t * m[j, k]
            }
        for (j = slope; j < 5; j++) a[j] = m[j, 5] / m[j, j]
    }
    function at(a, r,    k, sum) { for (k = 1; k < 5; k++) sum += a[k] * basis(1, r, k); return sum }
    function minimum(a,    i, h) { # into length_ and wave
        length_ = 1.4; h = 1e-4
        for (i = 0; i < 30; i++) {
            wave = (at(a, length_ + h) - at(a, length_ - h)) / (2 * h)
            length_ -= at(a, length_) / wave
        }
        wave = sqrt(wave / (1836.15267343 / 2)) * 219474.6313632
    }
    function ends(a,    k, sum) { for (k = 1; k < 5; k++) sum += a[k] * (basis(0, 1, k) + basis(0, 1.8, k)); return sum }
    function report(name, slope, y, s,    i, k, z, a, r0, w0, b0, dr, dw, db) { # and slopes of this fit with errors
        fit(slope, y, s, a); minimum(a); r0 = length_; w0 = wave; b0 = ends(a)
        for (k = 1; k <= N; k++) { curve[k] = at(a, R[k]); curve_error[k] = 0 }
        for (i = 1; i <= N; i++) {
            for (k = 1; k <= N; k++) z[k] = y[k] + (k == i ? s[k] : 0)
            fit(slope, z, s, a); minimum(a)
            dr += (length_ - r0)^2; dw += (wave - w0)^2; db += (ends(a) - b0)^2
            for (k = 1; k <= N; k++) curve_error[k] += (at(a, R[k]) - curve[k])^2
        }
        summary = summary sprintf("%s\t%.4f\t%.4f\t%.0f\t%.0f\t%.5f\t%.5f\n", name, r0, sqrt(dr), w0, sqrt(dw), b0, sqrt(db))
    }
    { N++; R[N] = $1; E[N] = $2; e[N] = $3; fixed[N] = $4; full[N] = $5; s[N] = $6 }
    END {
        report("fixed", 1, fixed, s); report("response", 1, full, s); report("energy", 0, E, e)
        print "R\tE\terror\tfixed\tresponse\terror\tcurve\terror"
        for (i = 1; i <= N; i++)
            printf "%.2f\t%.5f\t%.5f\t%.5f\t%.5f\t%.5f\t%.5f\t%.5f\n", R[i], E[i], e[i], fixed[i], full[i], s[i], curve[i], sqrt(curve_error[i])
        printf "from\tR_e\terror\tomega\terror\tbend\terror\n%s", summary
    }' points
