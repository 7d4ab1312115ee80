/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Bloch overlaps with diffuse shells: hundreds of images in real space, a few plane waves here. By
 * Parseval's theorem
 *
 *   S_k = 1/V sum_q conj(chi_mu(q)) chi_nu(q), q = k + G,
 *   chi_mu(q) = exp(-i q.R) (-i)^l S_lm(q) sum_p c_p (pi/a)^(3/2) (2a)^-l exp(-q^2/4a),
 *
 * and the more diffuse of the two ends the sum. As k = -k, q and -q are both there and complex conjugate:
 * one of them is visited.
 */
#include <complex.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "base/mem.h"
#include "basis/ao_parts.h"
#include "maths/harmonics.h"
#include "maths/linalg.h"

enum { PIECE = 256, HARMONICS = (SOLID_LMAX + 1) * (SOLID_LMAX + 1) };

static const double diffuse = 0.4;      /* 1/bohr^2: the largest exponent */
static const double negligible = 1e-16; /* of exp(-q^2/4a) */

bool overlap_diffuse(const struct ao *a, const struct ao_shell *s)
{
    return a->periodic && s->highest < diffuse;
}

/* Half of the vectors q with |q| < most, and sqrt(weight / V) of each. */
struct half {
    int n, room;
    double (*q)[3], *scale;
};

static void add(struct half *h, const double rec[3][3], const int twice[3], double most,
                double volume)
{
    double q[3], q2 = 0;
    for (int x = 0; x < 3; x++) {
        q[x] = 0.5 * (twice[0] * rec[0][x] + twice[1] * rec[1][x] + twice[2] * rec[2][x]);
        q2 += q[x] * q[x];
    }
    const int sign = twice[0] ? twice[0] : twice[1] ? twice[1] : twice[2];
    if (sign < 0 || q2 > most * most)
        return;
    if (h->n == h->room) {
        const size_t old = (size_t)h->room, new = old ? 2 * old : 256;
        h->q = mem_grow(h->q, old, new, sizeof *h->q);
        h->scale = mem_grow(h->scale, old, new, sizeof *h->scale);
        h->room = (int)new;
    }
    memcpy(h->q[h->n], q, sizeof q);
    h->scale[h->n++] = sqrt((sign ? 2 : 1) / volume);
}

static struct half make_half(const struct ao *a, int k, double most)
{
    struct half h = {0};
    double rec[3][3];
    int n[3], t[3];
    const int *given = a->given[k];
    system_reciprocal(a->system->cell, rec);
    for (int i = 0; i < 3; i++) { /* m_i + k_i = q.a_i / 2 pi */
        const double *c = a->system->cell[i];
        n[i] = (int)ceil(most * sqrt(c[0] * c[0] + c[1] * c[1] + c[2] * c[2]) / (2 * M_PI)) + 1;
    }
    for (t[0] = -n[0]; t[0] <= n[0]; t[0]++)
        for (t[1] = -n[1]; t[1] <= n[1]; t[1]++)
            for (t[2] = -n[2]; t[2] <= n[2]; t[2]++)
                add(&h, rec,
                    (int[3]){2 * t[0] + (given[0] & 1), 2 * t[1] + (given[1] & 1),
                             2 * t[2] + (given[2] & 1)},
                    most, system_volume(a->system));
    return h;
}

/* F(q) S_lm(q) scale of the functions of an atom without its phase, times (-i)^l in two parts. */
static void form(const struct ao *a, const double q[3], double scale, double complex *out)
{
    static const double complex power[4] = {1, -I, -1, I};
    double s[HARMONICS], q2 = q[0] * q[0] + q[1] * q[1] + q[2] * q[2];
    harmonics_solid(SOLID_LMAX, q, s, NULL);
    for (int i = 0; i < a->shells; i++) {
        const struct ao_shell *u = &a->shell[i];
        double radial = 0;
        for (int p = 0; p < u->primitives; p++) {
            const double e = u->exponent[p];
            radial +=
                u->coefficient[p] * pow(M_PI / e, 1.5) * pow(2 * e, -u->l) * exp(-q2 / (4 * e));
        }
        for (int m = 0; m <= 2 * u->l; m++)
            out[u->offset + m] = scale * radial * s[u->l * u->l + m] * power[u->l];
    }
}

/* chi[function][n], real and imaginary parts, at n vectors. */
static void transforms(const struct ao *a, int n, const double (*q)[3], const double *scale,
                       double complex *chi)
{
    double complex *one = MEM_RAW(double complex, a->per_atom);
    for (int g = 0; g < n; g++) {
        form(a, q[g], scale[g], one);
        for (int i = 0; i < a->atoms; i++) {
            const double *r = a->system->pos[i];
            const double complex phase =
                cexp(-I * (q[g][0] * r[0] + q[g][1] * r[1] + q[g][2] * r[2]));
            for (int f = 0; f < a->per_atom; f++)
                chi[(size_t)(i * a->per_atom + f) * (size_t)n + g] = phase * one[f];
        }
    }
    free(one);
}

/* The functions of diffuse shells, and the reach of the sum: returns how many. */
static int list_diffuse(const struct ao *a, int *list, double *most)
{
    int count = 0;
    *most = 0;
    for (int i = 0; i < a->atoms; i++)
        for (int s = 0; s < a->shells; s++)
            if (overlap_diffuse(a, &a->shell[s])) {
                for (int m = 0; m <= 2 * a->shell[s].l; m++)
                    list[count++] = i * a->per_atom + a->shell[s].offset + m;
                *most = fmax(*most, sqrt(-4 * log(negligible) * a->shell[s].highest));
            }
    return count;
}

void overlap_fourier(const struct ao *a, int k, double *overlap)
{
    const size_t n = (size_t)a->functions;
    double most;
    int *list = MEM_RAW(int, a->functions), rows = list_diffuse(a, list, &most);
    struct half h = make_half(a, k, rows ? most : 0);
    double complex *chi = MEM_RAW(double complex, n *PIECE),
                   *some = MEM_RAW(double complex, (size_t)rows *PIECE);
    double *part = MEM_NEW(double, (size_t)rows *n);
    for (int from = 0; from < h.n && rows; from += PIECE) {
        const int count = h.n - from < PIECE ? h.n - from : PIECE;
        transforms(a, count, (const double(*)[3])h.q + from, h.scale + from, chi);
        for (int i = 0; i < rows; i++)
            memcpy(some + (size_t)i * (size_t)count, chi + (size_t)list[i] * (size_t)count,
                   (size_t)count * sizeof *chi);
        linalg_gemm(LINALG_N, LINALG_T, rows, a->functions, 2 * count, 1, (const double *)some,
                    (const double *)chi, 1, part);
    }
    for (int i = 0; i < rows; i++)
        for (size_t f = 0; f < n; f++)
            overlap[(size_t)list[i] * n + f] = overlap[f * n + (size_t)list[i]] =
                part[(size_t)i * n + f];
    free(part);
    free(some);
    free(chi);
    free(list);
    free(h.q);
    free(h.scale);
}
