/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The lattice sum of a Gaussian in a rectangular cell is a product of three one-dimensional ones
 * (ao_fourier.c), D^n(x) the n-th derivative of such a sum. Solid harmonics (Hobson's theorem) and all
 * that l and e are made of turn it into sums of products D^i(x) D^j(y) D^k(z). For the strain each image
 * comes with its displacement d; from d exp(-a d^2) = -(1/2a) d/dd exp(-a d^2), by n differentiations,
 *   sum_t d g^(n) = M^n = -D^(n+1)/(2a) - n D^(n-1).
 * With the weights q of l and x of e, for one product f(x) f(y) f(z) of these,
 *   l = q f f f,   e = - x f f f - q [Pf f f + f Pf f + f f Pf],   Pf^n = g f^(n+1) + 1/2 f^(n+2)
 * along each axis, g = grad J. All atoms at once: arrays run over atoms.
 */
#include "basis/ao_contract_fourier.h"
#include <stdlib.h>
#include <string.h>
#include "base/mem.h"
#include "basis/ao_parts.h"

enum { ORDERS = AO_FOURIER_ORDERS, SUMS = 12, MOST_L = 1, MOST_M = 2 * MOST_L + 1 };
enum { LANES = 4, KINDS = 4 }; /* of one-dimensional sums: D, M, and P of either */

typedef double lanes __attribute__((vector_size(8 * LANES), aligned(8)));

struct ao_contract_fourier {
    struct ao *ao;
    int padded;
};

struct room { /* arrays of `padded` */
    double *phase;
    double *d;              /* [KINDS][axis][order]: D, M, PD and PM */
    double *q, *x;          /* [m], weights */
    double *value, *energy; /* [SUMS]: gradient, then 3 x + y for the strain */
};

static bool takes(const struct ao_shell *s)
{
    return s->fourier && s->l <= MOST_L;
}

struct ao_contract_fourier *ao_contract_fourier_new(const struct system *s, const struct basis *b,
                                                    const double kpoint[3])
{
    bool any = false;
    double k[1][3] = {{kpoint[0], kpoint[1], kpoint[2]}};
    struct err err;
    struct ao *ao = ao_new(s, b, 1, (const double(*)[3])k, &err);
    for (int i = 0; ao && ao->fourier && i < ao->shells; i++)
        any |= takes(&ao->shell[i]);
    if (!any) {
        ao_free(ao);
        return NULL;
    }
    struct ao_contract_fourier *f = MEM_NEW(struct ao_contract_fourier, 1);
    f->ao = ao;
    f->padded = ao_fourier_padded(ao);
    return f;
}

void ao_contract_fourier_free(struct ao_contract_fourier *f)
{
    if (f)
        ao_free(f->ao);
    free(f);
}

bool ao_contract_fourier_has(const struct ao_contract_fourier *f, int first)
{
    for (int i = 0; f && i < f->ao->shells; i++)
        if (f->ao->shell[i].offset == first && takes(&f->ao->shell[i]))
            return true;
    return false;
}

static struct room room_new(const struct ao_contract_fourier *f)
{
    int n = f->padded;
    size_t arrays = (size_t)n * (KINDS * 3 * ORDERS + 2 * MOST_M + 2 * SUMS);
    struct room w;
    w.d = MEM_NEW(double, arrays + (size_t)ao_fourier_phases(f->ao));
    w.q = w.d + KINDS * 3 * ORDERS * n;
    w.x = w.q + MOST_M * n;
    w.value = w.x + MOST_M * n;
    w.energy = w.value + SUMS * n;
    w.phase = w.energy + SUMS * n;
    return w;
}

/* M from D, both [axis][order] */
static void moments(int n, int orders, double exponent, const double *d, double *m)
{
    for (int axis = 0; axis < 3; axis++)
        for (int order = 0; order + 1 < orders; order++) {
            const double *at = d + (axis * ORDERS + order) * n;
            const double *below = order ? at - n : at;
            double *to = m + (axis * ORDERS + order) * n, c = -0.5 / exponent;
#pragma omp simd
            for (int i = 0; i < n; i++)
                to[i] = c * at[n + i] - order * below[i];
        }
}

/* P of D or M, two orders fewer */
static void advance(int n, int orders, const double g[3], const double *from, double *to)
{
    for (int axis = 0; axis < 3; axis++)
        for (int order = 0; order + 2 < orders; order++) {
            const double *at = from + (axis * ORDERS + order) * n;
            double *out = to + (axis * ORDERS + order) * n;
#pragma omp simd
            for (int i = 0; i < n; i++)
                out[i] = g[axis] * at[n + i] + 0.5 * at[2 * n + i];
        }
}

/* One monomial of a solid harmonic, of LANES atoms: gradient of l and e (along each axis one order more), and the same
 * with M in the place of D along each axis in turn. at[axis]: the monomial's order, D. */
static inline __attribute__((always_inline)) void add_lanes(int n, int kind,
                                                            const double *const at[3], lanes q,
                                                            lanes x, double *value, double *energy)
{
    for (int along = 0; along < 3; along++)
        for (int moment = -1; moment < 3; moment++) {
            lanes f[3], p[3];
            for (int axis = 0; axis < 3; axis++) {
                const double *from =
                    at[axis] + (axis == along ? n : 0) + (axis == moment ? kind : 0);
                f[axis] = *(const lanes *)from;
                p[axis] = *(const lanes *)(from + 2 * kind);
            }
            lanes yz = f[1] * f[2], all = f[0] * yz, more = p[1] * f[2];
            more += f[1] * p[2];
            more = f[0] * more;
            more += p[0] * yz;
            int out = (moment < 0 ? along : 3 + 3 * along + moment) * n;
            *(lanes *)(value + out) += q * all;
            lanes sum = *(lanes *)(energy + out);
            sum -= x * all;
            sum -= q * more;
            *(lanes *)(energy + out) = sum;
        }
}

static void add_monomial(const struct room *w, int n, const signed char power[3], double c, int m)
{
    const double *q = w->q + m * n, *x = w->x + m * n;
    for (int i = 0; i < n; i += LANES) {
        const double *const at[3] = {w->d + power[0] * n + i, w->d + (ORDERS + power[1]) * n + i,
                                     w->d + (2 * ORDERS + power[2]) * n + i};
        add_lanes(n, 3 * ORDERS * n, at, c * *(const lanes *)(q + i), c * *(const lanes *)(x + i),
                  w->value + i, w->energy + i);
    }
}

static void add_shell(const struct ao_contract_fourier *f, const struct room *w, int shell,
                      const double g[3])
{
    const struct ao_shell *s = &f->ao->shell[shell];
    int kind = 3 * ORDERS * f->padded;
    int orders = s->l + 5; /* gradient of the Laplacian, and one for M */
    for (int p = 0; p < s->primitives; p++) {
        ao_fourier_axes(f->ao, shell, p, orders, w->phase, w->d);
        moments(f->padded, orders, s->exponent[p], w->d, w->d + kind);
        advance(f->padded, orders, g, w->d, w->d + 2 * kind);
        advance(f->padded, orders - 1, g, w->d + kind, w->d + 3 * kind);
        for (int m = 0; m <= 2 * s->l; m++)
            for (int t = 0; t < s->s[m].terms; t++)
                add_monomial(w, f->padded, s->s[m].power[t], s->s[m].c[t], m);
    }
}

static void load_weights(const struct ao_contract_fourier *f, const struct ao_shell *s, int points,
                         const double from[], double *to)
{
    for (int m = 0; m <= 2 * s->l; m++)
        for (int a = 0; a < f->ao->atoms; a++)
            to[m * f->padded + a] =
                from[(size_t)(a * f->ao->per_atom + s->offset + m) * (size_t)points];
}

static void unload(const struct ao_contract_fourier *f, const double *sum, double gradient[][3],
                   double strain[9])
{
    int n = f->padded, atoms = f->ao->atoms;
    for (int a = 0; a < atoms; a++)
        for (int x = 0; x < 3; x++)
            gradient[a][x] += sum[x * n + a];
    for (int k = 0; k < 9; k++)
        for (int a = 0; a < atoms; a++)
            strain[k] += sum[(3 + k) * n + a];
}

void ao_contract_fourier_add(const struct ao_contract_fourier *f, int points, const double r[][3],
                             const double g[][3], const double q[], const double x[],
                             const struct ao_contract_sums *sums)
{
    struct room w = room_new(f); /* weights of padding stay zero */
    size_t all = 2 * SUMS * (size_t)f->padded;
    for (int p = 0; p < points; p++) {
        size_t at = (size_t)p * (size_t)f->ao->atoms;
        memset(w.value, 0, all * sizeof(double));
        ao_fourier_point(f->ao, r[p], w.phase);
        for (int i = 0; i < f->ao->shells; i++) {
            const struct ao_shell *s = &f->ao->shell[i];
            if (!takes(s))
                continue;
            load_weights(f, s, points, q + p, w.q);
            load_weights(f, s, points, x + p, w.x);
            add_shell(f, &w, i, g[p]);
        }
        unload(f, w.value, sums->l + at, sums->l_strain[p]);
        unload(f, w.energy, sums->e + at, sums->e_strain[p]);
    }
    free(w.d);
}
