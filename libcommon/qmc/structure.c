/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "qmc/structure.h"
#include "qmc/structure_parts.h"
#include "base/mem.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MOST = 1000, RANGE = 24 }; /* wave vectors; |n_i| searched */

static const double reach = 5; /* cut-off in units of 1/r_s */

static int by_length(const void *p, const void *q)
{
    const struct wave *a = p, *b = q;
    for (int x = 0; fabs(a->length - b->length) < 1e-8 && x < 3; x++)
        if (a->n[x] != b->n[x])
            return a->n[x] - b->n[x];
    return a->length < b->length ? -1 : a->length > b->length;
}

/* One of G and -G: the first component that is not zero is positive. */
static bool half_space(const int n[3])
{
    return n[0] > 0 || (n[0] == 0 && (n[1] > 0 || (n[1] == 0 && n[2] > 0)));
}

static struct wave *list_waves(const double rec[3][3], const int limit[3], double cutoff,
                               int *count)
{
    int room = 64, m = 0, n[3];
    struct wave *w = mem_new(room, sizeof *w);
    for (n[0] = 0; n[0] <= limit[0]; n[0]++)
        for (n[1] = -limit[1]; n[1] <= limit[1]; n[1]++)
            for (n[2] = -limit[2]; n[2] <= limit[2]; n[2]++) {
                struct wave new = {0};
                memcpy(new.n, n, sizeof new.n);
                for (int x = 0; x < 3; x++)
                    for (int i = 0; i < 3; i++)
                        new.g[x] += n[i] * rec[i][x];
                new.length = sqrt(new.g[0] * new.g[0] + new.g[1] * new.g[1] + new.g[2] * new.g[2]);
                if (!half_space(n) || new.length > cutoff)
                    continue;
                if (m == room) {
                    w = mem_grow(w, room, 2 * (size_t)room, sizeof *w);
                    room *= 2;
                }
                w[m++] = new;
            }
    qsort(w, m, sizeof *w, by_length);
    *count = m;
    return w;
}

/* |G| <= cutoff needs |n_i| <= cutoff |a_i| / 2 pi. */
static void find_limits(struct structure *s, double cutoff)
{
    for (int i = 0; i < 3; i++) {
        const double *a = s->psi->system->cell[i];
        double size = sqrt(a[0] * a[0] + a[1] * a[1] + a[2] * a[2]);
        s->limit[i] = (int)fmin(cutoff * size / (2 * M_PI) * (1 + 1e-9), RANGE);
    }
}

static void find_shells(struct structure *s)
{
    s->first = MEM_NEW(int, s->waves + 1);
    for (int g = 0; g < s->waves; g++)
        if (g == 0 || s->wave[g].length > s->wave[g - 1].length * (1 + 1e-7))
            s->first[s->shells++] = g;
    s->first[s->shells] = s->waves;
    s->fitted = 0;
    while (s->fitted < s->shells &&
           (s->fitted < 3 || s->wave[s->first[s->fitted]].length < 2.01 * s->wave[0].length))
        s->fitted++;
    s->responses = s->first[s->fitted];
}

/* Shortest waves first; a shell that MOST cuts in two is left out. */
static void find_waves(struct structure *s, double cutoff)
{
    double rec[3][3];
    system_reciprocal(s->psi->system->cell, rec);
    find_limits(s, cutoff);
    s->wave = list_waves((const double(*)[3])rec, s->limit, cutoff, &s->waves);
    if (s->waves > MOST) {
        int m = MOST;
        while (m > 1 && s->wave[m].length <= s->wave[m - 1].length * (1 + 1e-7))
            m--;
        s->waves = m;
    }
}

static double wigner_seitz(const struct wavefunction *psi)
{
    return cbrt(3 * system_volume(psi->system) / (4 * M_PI * psi->electrons));
}

/* J of one electron alone */
static struct jastrow *one_body(const struct wavefunction *psi, struct err *err)
{
    const struct jastrow *j = psi->jastrow;
    return jastrow_new(psi->system, 1, 0, jastrow_form(j), jastrow_count(j), jastrow_parameters(j),
                       err);
}

struct structure *structure_new(const struct wavefunction *psi, int batches, double cutoff,
                                struct err *err)
{
    struct structure *s = mem_new(1, sizeof *s);
    s->psi = psi;
    if (psi->jastrow && !(s->alone = one_body(psi, err))) {
        free(s);
        return NULL;
    }
    double first = cutoff > 0 ? cutoff : reach / wigner_seitz(psi);
    for (double c = first; s->waves < 8; c *= 1.5) { /* very small or very long cells */
        free(s->wave);
        find_waves(s, c);
    }
    find_shells(s);
    s->batches = batches;
    s->scratch = mem_new(batches, sizeof *s->scratch);
    s->work = mem_new(batches, sizeof *s->work);
    for (int b = 0; b < batches; b++) {
        s->scratch[b] = MEM_NEW(double, structure_scratch(s));
        s->work[b] = s->alone ? jastrow_work_new(s->alone, 32) : NULL;
    }
    return s;
}

void structure_free(struct structure *s)
{
    if (!s)
        return;
    for (int b = 0; b < s->batches; b++) {
        free(s->scratch[b]);
        jastrow_work_free(s->work[b]);
    }
    free(s->scratch);
    free(s->work);
    free(s->wave);
    free(s->first);
    jastrow_free(s->alone);
    free(s);
}

int structure_shells(const struct structure *s)
{
    return s->shells;
}

/* Means of one twist that everything follows from, and where they stand in the series. */
struct means {
    double re, im, square, a_re, a_im, product;
    int at; /* of re; im and square follow */
    int response;
};

static struct means means_of(const struct structure *s, const struct structure_samples *v,
                             int twist, int g)
{
    const struct series *series = v->series;
    int first = v->first;
    struct means m = {.at = VMC_OBSERVED + STRUCTURE_DENSITY * g,
                      .response =
                          VMC_OBSERVED + STRUCTURE_DENSITY * s->waves + STRUCTURE_RESPONSE * g};
    m.re = series_mean(series, twist, m.at, first);
    m.im = series_mean(series, twist, m.at + 1, first);
    m.square = series_mean(series, twist, m.at + 2, first);
    if (g >= s->responses)
        return m;
    m.a_re = series_mean(series, twist, m.response, first);
    m.a_im = series_mean(series, twist, m.response + 1, first);
    m.product = series_mean(series, twist, m.response + 2, first);
    return m;
}

/* Adds `scale` times (the variance of rho) to the weights, linearised about the means: to first order
 * d(<|rho|^2> - |<rho>|^2) = d<|rho|^2> - 2 <rho>.d<rho>. (The bias of |<rho>|^2, of the size of its
 * squared error, is far below the error of S.) */
static double add_variance(const struct means *m, double scale, double *weight)
{
    weight[m->at] -= 2 * scale * m->re;
    weight[m->at + 1] -= 2 * scale * m->im;
    weight[m->at + 2] += scale;
    return m->square - m->re * m->re - m->im * m->im;
}

/* The same for Re cov(A, rho). */
static double add_covariance(const struct means *m, double scale, double *weight)
{
    weight[m->at] -= scale * m->a_re;
    weight[m->at + 1] -= scale * m->a_im;
    weight[m->response] -= scale * m->re;
    weight[m->response + 1] -= scale * m->im;
    weight[m->response + 2] += scale;
    return m->product - m->a_re * m->re - m->a_im * m->im;
}

/* Error of sum_q weight_q q, weights per twist [twist][quantity], twists independent. */
static double error_of(const struct structure_samples *v, const double *weight)
{
    const struct series *series = v->series;
    double square = 0;
    for (int t = 0; t < series->twists; t++) {
        struct estimate e =
            series_combination(series, t, weight + (size_t)t * series->quantities, v->first);
        square += e.error * e.error;
    }
    return sqrt(square);
}

/* Mean over twists and the vectors of a shell of the variance (or covariance) of rho, per electron */
static double shell_mean(const struct structure *s, const struct structure_samples *v, int shell,
                         double scale,
                         double (*add)(const struct means *m, double scale, double *weight),
                         double *weight)
{
    const struct series *series = v->series;
    int count = s->first[shell + 1] - s->first[shell];
    double each = 1.0 / (count * s->psi->electrons * series->twists), sum = 0;
    for (int t = 0; t < series->twists; t++)
        for (int g = s->first[shell]; g < s->first[shell + 1]; g++) {
            struct means m = means_of(s, v, t, g);
            sum += each * add(&m, scale * each, weight + (size_t)t * series->quantities);
        }
    return sum;
}

static double *weights_new(const struct structure_samples *v)
{
    const struct series *series = v->series;
    return MEM_NEW(double, (size_t)series->twists * series->quantities);
}

void structure_evaluate(const struct structure *s, const struct structure_samples *v,
                        struct structure_shell shell[])
{
    for (int k = 0; k < s->shells; k++) {
        double *weight = weights_new(v);
        shell[k].length = s->wave[s->first[k]].length;
        shell[k].vectors = s->first[k + 1] - s->first[k];
        shell[k].s = shell_mean(s, v, k, 1, add_variance, weight);
        shell[k].s_error = error_of(v, weight);
        free(weight);
    }
}

/* c[k] such that sum_k c_k y_k is the value at G = 0 of the straight line in G^2 through the shells, each
 * with the weight of its vectors; shells with use[k] false left out. False: fewer than two shells. */
static bool intercept(const struct structure *s, const bool use[], double c[])
{
    double sum = 0, x1 = 0, x2 = 0;
    int used = 0;
    for (int k = 0; k < s->fitted; k++) {
        double w = use[k] ? s->first[k + 1] - s->first[k] : 0;
        double x = pow(s->wave[s->first[k]].length, 2);
        used += use[k];
        sum += w, x1 += w * x, x2 += w * x * x;
    }
    for (int k = 0; k < s->fitted; k++) {
        double w = use[k] ? s->first[k + 1] - s->first[k] : 0;
        double x = pow(s->wave[s->first[k]].length, 2);
        c[k] = used > 1 ? w * (x2 - x1 * x) / (sum * x2 - x1 * x1) : 0;
    }
    return used > 1;
}

/* lim S/G^2 */
static bool potential_limit(const struct structure *s, const struct structure_samples *v, double *c,
                            double scale, double *value, double *weight)
{
    bool *use = mem_new(s->fitted, sizeof *use);
    double *y = MEM_NEW(double, s->fitted), *slope = MEM_NEW(double, s->fitted);
    for (int k = 0; k < s->fitted; k++) {
        double *none = weights_new(v), g2 = pow(s->wave[s->first[k]].length, 2);
        double sk = shell_mean(s, v, k, 0, add_variance, none);
        free(none);
        use[k] = sk > 0 && sk < 0.95;
        y[k] = use[k] ? -log1p(-sk) / g2 : 0;
        slope[k] = use[k] ? 1 / ((1 - sk) * g2) : 0;
    }
    bool found = intercept(s, use, c);
    *value = 0;
    for (int k = 0; found && k < s->fitted; k++) {
        *value += scale * c[k] * y[k];
        shell_mean(s, v, k, scale * c[k] * slope[k], add_variance, weight);
    }
    free(use);
    free(y);
    free(slope);
    return found;
}

/* lim cov(A, rho)/var(rho) */
static void kinetic_limit(const struct structure *s, const struct structure_samples *v, double *c,
                          double scale, double *value, double *weight)
{
    bool *use = mem_new(s->fitted, sizeof *use);
    for (int k = 0; k < s->fitted; k++)
        use[k] = true;
    intercept(s, use, c);
    *value = 0;
    for (int k = 0; k < s->fitted; k++) {
        double *none = weights_new(v), each = scale * c[k];
        double variance = shell_mean(s, v, k, 0, add_variance, none);
        double ratio = shell_mean(s, v, k, 0, add_covariance, none) / variance;
        free(none);
        *value += each * ratio;
        shell_mean(s, v, k, each / variance, add_covariance, weight);
        shell_mean(s, v, k, -each * ratio / variance, add_variance, weight);
    }
    free(use);
}

enum status structure_finite_size(const struct structure *s, const struct structure_samples *v,
                                  struct finite_size *f, struct err *err)
{
    double volume = system_volume(s->psi->system), n = s->psi->electrons;
    double *potential = weights_new(v), *kinetic = weights_new(v);
    double *c = MEM_NEW(double, s->fitted);
    size_t all = (size_t)v->series->twists * v->series->quantities;
    bool found = potential_limit(s, v, c, 2 * M_PI * n / volume, &f->potential, potential);
    f->kinetic = 0;
    if (s->alone)
        kinetic_limit(s, v, c, 0.25, &f->kinetic, kinetic);
    f->potential_error = error_of(v, potential);
    f->kinetic_error = error_of(v, kinetic);
    for (size_t q = 0; q < all; q++)
        potential[q] += kinetic[q];
    f->energy = f->potential + f->kinetic;
    f->energy_error = error_of(v, potential);
    f->plasmon = sqrt(4 * M_PI * n / volume) / 2;
    free(potential);
    free(kinetic);
    free(c);
    if (found && isfinite(f->energy) && isfinite(f->energy_error))
        return ST_OK;
    return err_set(err, ST_COMPUTE,
                   "the structure factor is below 0.95 on fewer than two shells: sample longer, or "
                   "take a larger cell");
}
