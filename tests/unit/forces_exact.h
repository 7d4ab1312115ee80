/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Local energies that are smooth where differences are made: plain sums over images and exact Ewald sums. */
#ifndef TESTS_FORCES_EXACT_H
#define TESTS_FORCES_EXACT_H

#include <stdlib.h>
#include "base/mem.h"
#include "crystal/ewald.h"
#include "maths/harmonics.h"
#include "maths/linalg.h"
#include "tests/unit/forces_model.h"

/* Of point charges; the exact Ewald sum in a cell */
static double potential(const struct system *s, const double r[][3], const double charge[])
{
    double sum = 0;
    if (s->periodic) {
        struct ewald *e = ewald_new((const double(*)[3])s->cell);
        sum = ewald_energy(e, N + ATOMS, r, charge, NULL, NULL);
        ewald_free(e);
    }
    for (int i = 0; i < N + ATOMS && !s->periodic; i++)
        for (int j = 0; j < i; j++)
            sum += charge[i] * charge[j] /
                   sqrt(pow(r[i][0] - r[j][0], 2) + pow(r[i][1] - r[j][1], 2) +
                        pow(r[i][2] - r[j][2], 2));
    return sum;
}

/*
 * Value, gradient and Laplacian of every function at r by plain sums over all images that matter: programs
 * end a function where it has fallen to 1e-10, and differences would see images come and go. With
 * R(r^2) = sum_p c_p exp(-a_p r^2): grad R S = R grad S + 2 R' d S, lap R S = (4 r^2 R'' + (4 l + 6) R') S.
 */
static void add_image(const struct shell *shell, const double d[3], double sign, double *out,
                      int stride)
{
    double solid[16], gradient[16][3], r2 = d[0] * d[0] + d[1] * d[1] + d[2] * d[2], f[3] = {0};
    int l = shell->l;
    harmonics_solid(l, d, solid, gradient);
    for (int p = 0; p < shell->primitives; p++) {
        double a = shell->exponent[p], e = sign * shell->coefficient[p] * exp(-a * r2);
        f[0] += e;
        f[1] -= a * e;
        f[2] += a * a * e;
    }
    for (int m = 0; m <= 2 * l; m++) {
        double s = solid[l * l + m], *g = gradient[l * l + m];
        out[m] += f[0] * s;
        for (int x = 0; x < 3; x++)
            out[(1 + x) * stride + m] += f[0] * g[x] + 2 * f[1] * d[x] * s;
        out[4 * stride + m] += (4 * r2 * f[2] + (4 * l + 6) * f[1]) * s;
    }
}

static void exact_orbitals(const struct system *s, const struct basis *basis, const double k[3],
                           const double r[3], double *out)
{
    const int n = s->n * basis->functions, reach = s->periodic ? 4 : 0;
    const double far2 = 18 * 18; /* exp(-0.1089 r^2) = 5e-16 */
    memset(out, 0, 5 * (size_t)n * sizeof *out);
    for (int t = 0; t < (2 * reach + 1) * (2 * reach + 1) * (2 * reach + 1); t++) {
        int side = 2 * reach + 1;
        double T[3] = {t / side / side - reach, t / side % side - reach, t % side - reach};
        double sign = cos(2 * M_PI * (k[0] * T[0] + k[1] * T[1] + k[2] * T[2]));
        for (int a = 0; a < s->n; a++) {
            double d[3], r2 = 0;
            for (int x = 0; x < 3; x++) {
                d[x] = r[x] - s->pos[a][x];
                for (int i = 0; i < 3 && s->periodic; i++)
                    d[x] -= T[i] * s->cell[i][x];
                r2 += d[x] * d[x];
            }
            double *at = out + a * basis->functions;
            for (int b = 0; b < basis->shells && r2 < far2; at += 2 * basis->shell[b++].l + 1)
                add_image(&basis->shell[b], d, sign, at, n);
        }
    }
}

/* tr(A^-1 B) of both determinants, A_io = phi_o(r_i), B_io = -1/2 lap phi_o - g_i . grad phi_o, and ln|det A|. */
static double trace(const struct system *s, const struct model *m, int twist, const double r[][3],
                    const double g[][3], double *log_det)
{
    int n = s->n * m->basis->functions;
    double *out = MEM_NEW(double, 5 * n), sum = 0;
    *log_det = 0;
    for (int spin = 0; spin < 2; spin++) {
        double a[4], b[4], ln;
        for (int i = 0; i < 2; i++) {
            const double *at = g[2 * spin + i];
            exact_orbitals(s, m->basis, twists[twist], r[2 * spin + i], out);
            for (int o = 0; o < 2; o++) {
                const double *c = m->coefficient + (twist * m->orbitals + o) * n;
                a[2 * i + o] = b[2 * i + o] = 0;
                for (int f = 0; f < n; f++) {
                    a[2 * i + o] += c[f] * out[f];
                    b[2 * i + o] -= c[f] * (0.5 * out[4 * n + f] + at[0] * out[n + f] +
                                            at[1] * out[2 * n + f] + at[2] * out[3 * n + f]);
                }
            }
        }
        CHECK(linalg_invert(2, a, &ln, NULL, NULL) == ST_OK);
        *log_det += ln;
        for (int i = 0; i < 4; i++)
            sum += a[i] * b[2 * (i % 2) + i / 2];
    }
    free(out);
    return sum;
}

/* ln|Psi| and E_L of one configuration, with exact orbitals and Ewald sums. */
static void look(const struct system *s, const struct model *m, int twist, const double pos[][3],
                 double *log_psi, double *energy)
{
    struct wavefunction *psi = wave(s, m, true);
    struct jastrow_work *work = jastrow_work_new(psi->jastrow, 1);
    double r[N + ATOMS][3], charge[N + ATOMS], value, gradient[N][3], laplacian[N], log_det;
    jastrow_all(psi->jastrow, work, 1, pos, &value, gradient, laplacian);
    *energy = trace(s, m, twist, pos, (const double(*)[3])gradient, &log_det);
    *log_psi = log_det + value;
    for (int i = 0; i < N; i++)
        *energy -= 0.5 * (laplacian[i] + gradient[i][0] * gradient[i][0] +
                          gradient[i][1] * gradient[i][1] + gradient[i][2] * gradient[i][2]);
    memcpy(r, pos, N * sizeof *pos);
    memcpy(r + N, s->pos, ATOMS * sizeof *pos);
    for (int i = 0; i < N + ATOMS; i++)
        charge[i] = i < N ? -1 : 1;
    *energy += potential(s, (const double(*)[3])r, charge);
    jastrow_work_free(work);
    wavefunction_free(psi);
}

#endif
