/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * From the series of a run to forces, stress and what else its samples tell. All means are those of the damped
 * distribution f |Psi|^2, <y>_f = <f y> / <f>. With E relative to E_0 a derivative is
 *   D = A - 2 e B,   A = <x>_f, B = <b>_f, e = <E>_f,
 * whose fluctuation to first order is that of f (x - 2 e b - 2 B E - A + 4 e B) / <f>, twist by twist.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "base/mem.h"
#include "qmc/force_run_parts.h"

struct combination { /* sum over k of weight_k times component_k */
    int n;
    const int *component;
    const double *weight;
};

static const double measurement = 1.5; /* its cost in sweeps, roughly: 1.7 at N = 16, 1.2 at 64 */

enum { LONGEST = 20 }; /* stride that is chosen, at most */

static int series_length(const struct force_run *r, int first)
{
    return r->batches / r->psi->twists * (r->series->blocks - first);
}

/* out[k] += factor times the mean of a quantity in block k of the batches of a twist, end to end */
static void add_quantity(const struct force_run *r, int twist, int quantity, double factor,
                         int first, double out[])
{
    const struct series *s = r->series;
    int per = r->batches / r->psi->twists, n = 0;
    double scale = factor / ((double)s->length * s->size);
    for (int b = twist * per; b < (twist + 1) * per; b++)
        for (int t = first; t < s->blocks; t++)
            out[n++] += scale * s->sums[b][(size_t)t * s->quantities + quantity];
}

/* The linearised series of one twist, damped within epsilon (twice: 2 epsilon), times factor: added to out. */
static void linearise(const struct force_run *r, int twist, const struct combination *c, int twice,
                      double factor, int first, double out[])
{
    const struct series *s = r->series;
    int length = series_length(r, first), weight = r->extra + FORCE_WEIGHT + twice;
    int energy = r->extra + FORCE_ENERGY + twice;
    double w = series_mean(s, twist, weight, first), a = 0, b = 0;
    double e = series_mean(s, twist, energy, first) / w;
    factor /= w;
    for (int k = 0; k < c->n; k++) {
        int x = r->first + 2 * twice * r->components + c->component[k];
        add_quantity(r, twist, x, factor * c->weight[k], first, out);
        add_quantity(r, twist, x + r->components, -2 * e * factor * c->weight[k], first, out);
        a += c->weight[k] * series_mean(s, twist, x, first) / w;
        b += c->weight[k] * series_mean(s, twist, x + r->components, first) / w;
    }
    add_quantity(r, twist, energy, -2 * b * factor, first, out);
    add_quantity(r, twist, weight, (4 * e * b - a) * factor, first, out);
    for (int t = 0; t < length; t++)
        out[t] += (a - 2 * e * b) * factor * w;
}

/* Mean over twists, which are independent; of[]: what damping within epsilon and within 2 epsilon counts. */
static struct estimate over_twists_of(const struct force_run *r, const struct combination *c,
                                      const double of[2], int first)
{
    int twists = r->psi->twists, length = series_length(r, first);
    double *series = MEM_NEW(double, length);
    struct estimate sum = {0};
    for (int t = 0; t < twists; t++) {
        memset(series, 0, (size_t)length * sizeof *series);
        for (int twice = 0; twice < 2; twice++)
            if (of[twice] != 0)
                linearise(r, t, c, twice, of[twice], first, series);
        struct estimate e = stats_series(length, series);
        sum.mean += e.mean / twists;
        sum.error += e.error * e.error / (twists * twists);
        sum.time = fmax(sum.time, e.time);
    }
    sum.error = sqrt(sum.error);
    free(series);
    return sum;
}

static struct estimate over_twists(const struct force_run *r, const struct combination *c,
                                   int first)
{
    return over_twists_of(r, c, (const double[2]){1, 0}, first);
}

/* The same of one quantity. */
static struct estimate single(const struct force_run *r, int quantity, int first)
{
    int twists = r->psi->twists, length = series_length(r, first);
    struct estimate sum = {0};
    for (int t = 0; t < twists; t++) {
        double *series = MEM_NEW(double, length);
        add_quantity(r, t, quantity, 1, first, series);
        struct estimate e = stats_series(length, series);
        sum.mean += e.mean / twists;
        sum.error += e.error * e.error / (twists * twists);
        free(series);
    }
    sum.error = sqrt(sum.error);
    return sum;
}

double force_average_forces(const struct force_run *r, int first, double force[][3],
                            double error[][3])
{
    double sum = 0;
    for (int c = 0; c < r->forces; c++) {
        struct estimate e =
            over_twists(r, &(struct combination){1, &c, (const double[]){-1}}, first);
        force[c / 3][c % 3] = e.mean;
        error[c / 3][c % 3] = e.error;
        sum += e.error * e.error / r->forces;
    }
    return sqrt(sum);
}

static void net_of(const struct force_run *r, int first, struct force_result *result)
{
    int *component = MEM_NEW(int, result->atoms);
    double *weight = MEM_NEW(double, result->atoms);
    for (int x = 0; x < 3; x++) {
        for (int a = 0; a < result->atoms; a++) {
            component[a] = 3 * a + x;
            weight[a] = -1;
        }
        struct estimate e =
            over_twists(r, &(struct combination){result->atoms, component, weight}, first);
        result->net[x] = e.mean;
        result->net_error[x] = e.error;
    }
    free(component);
    free(weight);
}

static void stress_of(const struct force_run *r, int first, struct force_result *result)
{
    double half = 0.5 / system_volume(r->psi->system);
    for (int x = 0; x < 3; x++)
        for (int y = 0; y <= x; y++) {
            const int both[2] = {r->forces + 3 * x + y, r->forces + 3 * y + x};
            struct estimate e =
                over_twists(r, &(struct combination){2, both, (const double[]){half, half}}, first);
            result->stress[x][y] = result->stress[y][x] = e.mean;
            result->stress_error[x][y] = result->stress_error[y][x] = e.error;
        }
}

static void virial_of(const struct force_run *r, int first, struct force_result *result)
{
    const struct series *s = r->series;
    double third = 1 / (3 * system_volume(r->psi->system)), square = 0;
    double *weight = MEM_NEW(double, s->quantities);
    weight[0] = 2 * third;
    weight[1] = weight[2] = third;
    result->virial = third * vmc_batch(r->v, 0)->coulomb[0].nn;
    for (int t = 0; t < s->twists; t++) {
        struct estimate e = series_combination(s, t, weight, first);
        result->virial += e.mean / s->twists;
        square += e.error * e.error;
    }
    result->virial_error = sqrt(square) / s->twists;
    free(weight);
}

/*
 * Correlation of two components' means from blocks that are longer than their correlation, times the
 * errors found by reblocking: the matrix agrees with the error bars and is positive.
 */
static void add_products(const double *const x[3], int n, int block, double product[6])
{
    double mean[3] = {0};
    int blocks = n / block;
    for (int c = 0; c < 3; c++)
        for (int k = 0; k < blocks * block; k++)
            mean[c] += x[c][k] / (blocks * block);
    for (int k = 0; k < blocks; k++) {
        double d[3] = {0};
        for (int c = 0; c < 3; c++)
            for (int i = 0; i < block; i++)
                d[c] += x[c][k * block + i] - mean[c];
        for (int c = 0, at = 0; c < 3; c++)
            for (int e = c; e < 3; e++)
                product[at++] += d[c] * d[e];
    }
}

static void covariance_of(const struct force_run *r, int first, int atom, const double error[3],
                          double out[6])
{
    static const int diagonal[3] = {0, 3, 5};
    int n = series_length(r, first);
    double *x = MEM_NEW(double, 3 * (size_t)n), product[6] = {0}, time = 1;
    for (int t = 0; t < r->psi->twists; t++) {
        for (int c = 0; c < 3; c++) {
            int component = 3 * atom + c;
            struct combination one = {1, &component, (const double[]){-1}};
            memset(x + (size_t)c * n, 0, (size_t)n * sizeof *x);
            linearise(r, t, &one, 0, 1, first, x + (size_t)c * n);
            time = fmax(time, stats_series(n, x + (size_t)c * n).time);
        }
        int block = (int)fmin(ceil(4 * time), fmax(n / 32, 1));
        add_products((const double *const[]){x, x + n, x + 2 * (size_t)n}, n, block, product);
    }
    for (int c = 0, at = 0; c < 3; c++)
        for (int e = c; e < 3; e++, at++)
            out[at] =
                error[c] * error[e] *
                (c == e ? 1 : product[at] / sqrt(product[diagonal[c]] * product[diagonal[e]]));
    free(x);
}

/* Of order epsilon^5: what doubling it changes is 31 times the bias. */
static void bias_of(const struct force_run *r, int first, struct force_result *result)
{
    const double change[2] = {-1.0 / 31, 1.0 / 31};
    double sum = 0, noise = 0;
    for (int c = 0; c < r->forces; c++) {
        struct estimate e =
            over_twists_of(r, &(struct combination){1, &c, (const double[]){1}}, change, first);
        sum += e.mean * e.mean / r->forces;
        noise += e.error * e.error / r->forces;
    }
    result->bias = sqrt(fmax(sum - noise, 0));
    result->bias_error = sqrt(noise);
}

static void tails_of(const struct force_run *r, struct force_result *result)
{
    struct tails all = {0};
    double samples = (double)series_sweeps(r->series) * r->walkers, squares = 0;
    for (int b = 0; b < r->batches; b++)
        tails_join(&all, &r->tails[b]);
    for (int t = 0; t < r->psi->twists; t++)
        squares += series_mean(r->series, t, r->extra + FORCE_SQUARE, 0) / r->psi->twists;
    result->tails = tails_judge(&all, samples, squares * samples);
    result->heavy = tails_heavy(&result->tails, samples);
}

void force_average_rest(const struct force_run *r, int first, struct force_result *result)
{
    result->energy = series_total(r->series, first, r->series->blocks);
    result->damped = single(r, r->extra + FORCE_DAMPED, first).mean;
    net_of(r, first, result);
    bias_of(r, first, result);
    tails_of(r, result);
    for (int a = 0; a < result->atoms; a++)
        covariance_of(r, first, a, result->force_error[a], result->covariance[a]);
    if (!r->psi->system->periodic)
        return;
    virial_of(r, first, result);
    stress_of(r, first, result);
}

/* Mean over batches and forces of products of measurements `lag` apart */
static double products(const struct force_run *r, int lag)
{
    const struct series *s = r->series;
    int per = r->batches / r->psi->twists, pairs = s->blocks - lag;
    double sum = 0;
    for (int c = 0; c < r->forces; c++)
        for (int b = 0; b < r->batches; b++) {
            double mean = series_mean(s, b / per, r->first + c, 0) * (double)s->length * s->size;
            const double *x = s->sums[b] + r->first + c;
            for (int t = 0; t < pairs; t++)
                sum += (x[(size_t)t * s->quantities] - mean) *
                       (x[(size_t)(t + lag) * s->quantities] - mean);
        }
    return sum / pairs;
}

/* From measurements after every sweep. Their correlation falls at once, then geometrically, rho_k = rho_1 q^(k-1), q =
 * rho_2 / rho_1; those k sweeps apart have the statistical inefficiency 1 + 2 rho_k / (1 - q^k), and cost k + measurement. */
int force_average_stride(const struct force_run *r)
{
    double square = products(r, 0), least = INFINITY;
    double rho = fmin(fmax(products(r, 1) / square, 1e-3), 0.999);
    double q = fmin(fmax(products(r, 2) / square / rho, 0), 0.999), decay = 1;
    int best = 1;
    for (int k = 1; k <= LONGEST; k++, rho *= q) {
        decay *= q;
        double effort = (k + measurement) * (1 + 2 * rho / (1 - decay));
        if (effort < least) {
            least = effort;
            best = k;
        }
    }
    return best;
}
