/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include "check.h"
#include "maths/harmonics.h"

enum { LMAX = 7, N = (LMAX + 1) * (LMAX + 1) };

static void explicit_forms(void)
{
    double r[3] = {0.731, -1.262, 0.918}, s[N], x = r[0], y = r[1], z = r[2];
    double c0 = sqrt(1 / (4 * M_PI)), c1 = sqrt(3 / (4 * M_PI)), c2 = sqrt(15 / (4 * M_PI));
    double want[9] = {c0,
                      c1 * y,
                      c1 * z,
                      c1 * x,
                      c2 * x * y,
                      c2 * y * z,
                      c2 / sqrt(12) * (2 * z * z - x * x - y * y),
                      c2 * x * z,
                      c2 / 2 * (x * x - y * y)};
    harmonics_solid(LMAX, r, s, NULL);
    for (int i = 0; i < 9; i++)
        CHECK_NEAR(s[i], want[i], 1e-14);
    CHECK_NEAR(s[9], sqrt(35 / (32 * M_PI)) * y * (3 * x * x - y * y), 1e-14);
    CHECK_NEAR(s[12], sqrt(7 / (16 * M_PI)) * z * (2 * z * z - 3 * x * x - 3 * y * y), 1e-14);
}

/* The addition theorem: sum_m S_lm(a) S_lm(b) =
 * (2 l + 1)/(4 pi) (|a||b|)^l P_l(cos). Together with harmonicity it fixes the normalisation. */
static void addition_theorem(void)
{
    double a[3] = {0.4, -0.7, 1.2}, b[3] = {-0.9, 0.35, 0.6}, sa[N], sb[N];
    double dot = 0, a2 = 0, b2 = 0;
    for (int x = 0; x < 3; x++) {
        dot += a[x] * b[x];
        a2 += a[x] * a[x];
        b2 += b[x] * b[x];
    }
    harmonics_solid(LMAX, a, sa, NULL);
    harmonics_solid(LMAX, b, sb, NULL);
    double t = dot / sqrt(a2 * b2), last = 0, p = 1;
    for (int l = 0; l <= LMAX; l++) {
        double sum = 0;
        for (int i = l * l; i < (l + 1) * (l + 1); i++)
            sum += sa[i] * sb[i];
        CHECK_NEAR(sum, (2 * l + 1) / (4 * M_PI) * pow(a2 * b2, l / 2.0) * p, 1e-12);
        double next = ((2 * l + 1) * t * p - l * last) / (l + 1);
        last = p;
        p = next;
    }
}

static void gradients(void)
{
    double r[3] = {0.731, -0.562, 0.418}, s[N], g[N][3], h = 1e-5;
    harmonics_solid(LMAX, r, s, g);
    for (int x = 0; x < 3; x++) {
        double up[3] = {r[0], r[1], r[2]}, down[3] = {r[0], r[1], r[2]}, su[N], sd[N];
        up[x] += h;
        down[x] -= h;
        harmonics_solid(LMAX, up, su, NULL);
        harmonics_solid(LMAX, down, sd, NULL);
        for (int i = 0; i < N; i++)
            CHECK_NEAR(g[i][x], (su[i] - sd[i]) / (2 * h), 1e-8);
    }
    for (int l = 0; l <= LMAX; l++) /* Euler: r . grad S = l S */
        for (int i = l * l; i < (l + 1) * (l + 1); i++)
            CHECK_NEAR(r[0] * g[i][0] + r[1] * g[i][1] + r[2] * g[i][2], l * s[i], 1e-13);
}

static void at_the_origin(void)
{
    double r[3] = {0, 0, 0}, s[N], g[N][3], c1 = sqrt(3 / (4 * M_PI));
    harmonics_solid(LMAX, r, s, g);
    for (int i = 1; i < N; i++)
        CHECK(s[i] == 0);
    CHECK_NEAR(g[1][1], c1, 1e-15);
    CHECK_NEAR(g[2][2], c1, 1e-15);
    CHECK_NEAR(g[3][0], c1, 1e-15);
    CHECK(g[4][0] == 0 && g[4][1] == 0);
}

int main(int argc, char **argv)
{
    static const struct check_case cases[] = {{"explicit_forms", explicit_forms},
                                              {"addition_theorem", addition_theorem},
                                              {"gradients", gradients},
                                              {"at_the_origin", at_the_origin},
                                              {0}};
    return check_main(argc, argv, cases);
}
