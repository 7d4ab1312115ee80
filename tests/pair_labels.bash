# SPDX-License-Identifier: GPL-3.0-or-later
# pair_labels PREFIX [SCALE]: label the frames of standard input (cubic cells) with the pair energy
# SCALE (e^(-2 r) - 0.4 e^(-r)) (1 - r/2)^3 eV, r < 2 A, minimum images: PREFIX_energy, PREFIX_forces, PREFIX_stress
pair_labels() {
    awk -v p="$1" -v scale="${2:-30}" '
    left == 0 { n = left = $1; print; getline; split($0, q, "\""); split(q[2], c, " "); a = c[1]
        sub(/pos:R:3/, "pos:R:3:" p "_forces:R:3"); comment = $0; m = 0; next }
    { name[m] = $1; for (k = 1; k <= 3; k++) x[m, k] = $(k + 1)
      rest = ""; for (k = 5; k <= NF; k++) rest = rest " " $k
      tail[m] = rest; m++
      if (--left == 0) label() }
    function label(  i, j, k, l, e, r, v, s, g, d, w) {
        e = 0; split("", f); split("", w)
        for (i = 0; i < n; i++) for (j = 0; j < i; j++) {
            r = 0
            for (k = 1; k <= 3; k++) { d[k] = x[i, k] - x[j, k]; d[k] -= a * nint(d[k] / a); r += d[k] ^ 2 }
            r = sqrt(r)
            if (r >= 2) continue
            g = 1 - r / 2; v = exp(-2 * r) - 0.4 * exp(-r); e += scale * v * g ^ 3
            s = scale * ((-2 * exp(-2 * r) + 0.4 * exp(-r)) * g ^ 3 - 1.5 * v * g ^ 2)
            for (k = 1; k <= 3; k++) {
                f[i, k] -= s * d[k] / r; f[j, k] += s * d[k] / r
                for (l = 1; l <= 3; l++) w[k, l] += s * d[k] * d[l] / r / a ^ 3
            } }
        printf "%s %s_energy=%.12g %s_stress=\"", comment, p, e, p
        for (k = 1; k <= 3; k++) for (l = 1; l <= 3; l++) printf "%s%.12g", (k + l > 2) ? " " : "", w[k, l]
        printf "\"\n"
        for (i = 0; i < n; i++)
            printf "%s %.17g %.17g %.17g %.12g %.12g %.12g%s\n", name[i], x[i, 1], x[i, 2], x[i, 3], f[i, 1], f[i, 2], f[i, 3], tail[i] }
    function nint(t) { return t < 0 ? -int(0.5 - t) : int(t + 0.5) }'
}
