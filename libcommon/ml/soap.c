/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "base/mem.h"
#include "base/units.h"
#include "ml/soap_radial.h"
#include "ml/soap.h"
#include "ml/soap_product.h"
#include "ml/sphere.h"

enum { V = SOAP_LANES };

/* Found on liquid hydrogen between rs 1.2 and 1.6 with PBE labels: see kernel-fit(1). */
const struct soap_settings soap_defaults = {.cutoff = 3 / UNITS_BOHR_A,
                                            .transition = 1.5 / UNITS_BOHR_A,
                                            .sigma = 0.475 / UNITS_BOHR_A,
                                            .scale = 1 / UNITS_BOHR_A,
                                            .exponent = 3,
                                            .centre = 1,
                                            .n_max = 8,
                                            .l_max = 6};

static enum status check(const struct soap_settings *s, struct err *err)
{
    if (!(s->cutoff > 0 && s->sigma > 0 && s->transition > 0 && s->transition <= s->cutoff))
        return err_set(
            err, ST_USAGE,
            "SOAP needs a positive cut-off and sigma, and a transition no wider than the cut-off");
    if (!(s->cutoff <= SOAP_MAX_CUTOFF))
        return err_set(err, ST_USAGE, "SOAP takes a cut-off of at most %g A",
                       SOAP_MAX_CUTOFF * UNITS_BOHR_A);
    if (!(s->scale >= 0 && s->centre > 0) || (s->scale > 0 && !(s->exponent >= 2)))
        return err_set(err, ST_USAGE,
                       "SOAP needs a centre weight above 0 and a radial exponent of at least 2");
    if (s->n_max < 1 || s->n_max > SOAP_MAX_N || s->l_max < 0 || s->l_max > SPHERE_MAX)
        return err_set(err, ST_USAGE, "SOAP takes n from 1 to %d and l from 0 to %d", SOAP_MAX_N,
                       SPHERE_MAX);
    if (s->elements < 1 || s->elements > SOAP_MAX_ELEMENTS)
        return err_set(err, ST_USAGE, "SOAP takes 1 to %d elements", SOAP_MAX_ELEMENTS);
    return ST_OK;
}

struct soap *soap_new(const struct soap_settings *settings, struct err *err)
{
    if (check(settings, err))
        return NULL;
    struct soap *s = MEM_NEW(struct soap, 1);
    s->settings = *settings;
    s->width = settings->elements * settings->n_max;
    s->harmonics = (settings->l_max + 1) * (settings->l_max + 1);
    s->functions = (settings->l_max + 1) * settings->n_max;
    s->pairs = s->width * (s->width + 1) / 2;
    s->size = s->pairs * (settings->l_max + 1);
    s->pack = MEM_NEW(int, s->width * s->width);
    for (int a = 0, next = 0; a < s->width; a++)
        for (int b = a; b < s->width; b++, next++)
            s->pack[a * s->width + b] = s->pack[b * s->width + a] = next;
    s->factor = MEM_NEW(double, SPHERE_FACTORS);
    sphere_factors(settings->l_max, s->factor);
    s->radial = soap_radial_new(settings, err);
    if (s->radial)
        return s;
    soap_free(s);
    return NULL;
}

void soap_free(struct soap *s)
{
    if (!s)
        return;
    soap_radial_free(s->radial);
    free(s->pack);
    free(s->factor);
    free(s);
}

int soap_channel(const struct soap *s, int element)
{
    for (int i = 0; i < s->settings.elements; i++)
        if (s->settings.element[i] == element)
            return i;
    return -1;
}

bool soap_settings_equal(const struct soap_settings *a, const struct soap_settings *b)
{
    return a->cutoff == b->cutoff && a->transition == b->transition && a->sigma == b->sigma &&
           a->scale == b->scale && a->exponent == b->exponent && a->centre == b->centre &&
           a->n_max == b->n_max && a->l_max == b->l_max && a->elements == b->elements &&
           !memcmp(a->element, b->element, a->elements * sizeof *a->element);
}

struct soap_local *soap_local_new(const struct soap *s)
{
    struct soap_local *local = MEM_NEW(struct soap_local, 1);
    local->c = MEM_NEW(double, s->harmonics * s->width);
    local->dc = MEM_NEW(double, s->harmonics * s->width);
    local->square = MEM_NEW(double, s->width * s->width);
    local->turned = MEM_NEW(double, 2 * s->functions * V);
    local->p = MEM_NEW(double, s->size);
    return local;
}

static void release_blocks(struct soap_local *local)
{
    free(local->slot);
    free(local->channel);
    free(local->inverse);
    free(local->unit);
    free(local->value);
    free(local->slope);
    free(local->y);
    free(local->dy);
}

void soap_local_free(struct soap_local *local)
{
    if (!local)
        return;
    release_blocks(local);
    free(local->c);
    free(local->dc);
    free(local->square);
    free(local->turned);
    free(local->p);
    free(local);
}

static void reserve(const struct soap *s, struct soap_local *local, int blocks)
{
    if (blocks <= local->capacity)
        return;
    int n = blocks + blocks / 2;
    release_blocks(local);
    local->capacity = n;
    local->slot = MEM_NEW(int, n *V);
    local->channel = MEM_NEW(int, n);
    local->inverse = MEM_NEW(double, n *V);
    local->unit = MEM_NEW(double, n * 3 * V);
    local->value = MEM_NEW(double, (size_t)n *V * s->functions);
    local->slope = MEM_NEW(double, (size_t)n *V * s->functions);
    local->y = MEM_NEW(double, (size_t)n *V * s->harmonics);
    local->dy = MEM_NEW(double, (size_t)n *V * s->harmonics * 3);
}

/* Deal the neighbours into blocks of one element, in their order; empty lanes point up and weigh 0. */
static void deal(const struct soap *s, struct soap_local *local, int count, const int channel[])
{
    int blocks = 0;
    reserve(s, local, count / V + s->settings.elements);
    for (int e = 0; e < s->settings.elements; e++) {
        int lane = V;
        for (int j = 0; j < count; j++) {
            if (channel[j] != e)
                continue;
            if (lane == V) {
                local->channel[blocks] = e;
                for (lane = 0; lane < V; lane++)
                    local->slot[blocks * V + lane] = -1;
                blocks++;
                lane = 0;
            }
            local->slot[(blocks - 1) * V + lane++] = j;
        }
    }
    local->count = count;
    local->blocks = blocks;
}

/* Radial functions and harmonics of one block, with their gradients or (slopes false) without */
static void fill(const struct soap *s, struct soap_local *local, int block, const double d[][3],
                 bool slopes)
{
    double *unit = local->unit + block * 3 * V, *inverse = local->inverse + block * V;
    double *y = local->y + block * V * s->harmonics;
    size_t row = (size_t)block * V * s->functions;
    for (int k = 0; k < V; k++, row += s->functions) {
        int j = local->slot[block * V + k];
        const double up[3] = {0, 0, 2 * s->settings.cutoff}, *x = j < 0 ? up : d[j];
        double r = sqrt(x[0] * x[0] + x[1] * x[1] + x[2] * x[2]);
        inverse[k] = 1 / r;
        for (int a = 0; a < 3; a++)
            unit[a * V + k] = x[a] * inverse[k];
        soap_radial_values(s->radial, r, local->value + row, slopes ? local->slope + row : NULL);
    }
    if (slopes)
        sphere_harmonics(s->settings.l_max, s->factor, unit, y,
                         local->dy + block * V * s->harmonics * 3);
    else
        sphere_values(s->settings.l_max, s->factor, unit, y);
}

/* c[lm][n] += sum over the lanes Y_lm R_nl; n is a constant where it is called, for the vectoriser */
static inline __attribute__((always_inline)) void gather(const int n, int l_max, int functions,
                                                         int width, const double *restrict value,
                                                         const double *restrict y,
                                                         double *restrict c)
{
    for (int l = 0; l <= l_max; l++)
        for (int lm = l * l; lm < (l + 1) * (l + 1); lm++) {
            double sum[24] = {0};
            for (int k = 0; k < V; k++) {
                double f = y[lm * V + k];
                const double *r = value + k * functions + l * n;
#pragma omp simd
                for (int i = 0; i < n; i++)
                    sum[i] += f * r[i];
            }
            for (int i = 0; i < n; i++)
                c[lm * width + i] += sum[i];
        }
}

static double pair_weight(int a, int b)
{
    return a == b ? 1 : M_SQRT2;
}

static void power(const struct soap *s, struct soap_local *local)
{
    double sum = 0;
    for (int l = 0; l <= s->settings.l_max; l++) {
        double f = 1 / sqrt(2 * l + 1), *p = local->p + l * s->pairs;
        soap_product(s->width, l, local->c, 0, s->width, local->c, local->square);
        for (int a = 0; a < s->width; a++)
            for (int b = a; b < s->width; b++)
                *p++ = f * pair_weight(a, b) * local->square[a * s->width + b];
    }
#pragma omp simd reduction(+ : sum)
    for (int i = 0; i < s->size; i++)
        sum += local->p[i] * local->p[i];
    local->norm = sqrt(sum);
    double inverse = 1 / local->norm;
    for (int i = 0; i < s->size; i++)
        local->p[i] *= inverse;
}

static void expand(const struct soap *s, int centre, int count, const double d[][3],
                   const int channel[], struct soap_local *local, bool slopes)
{
    int n = s->settings.n_max, l_max = s->settings.l_max;
    memset(local->c, 0, s->harmonics * s->width * sizeof *local->c);
    for (int i = 0; i < n; i++)
        local->c[centre * n + i] = s->radial->origin[i] / sqrt(4 * M_PI);
    deal(s, local, count, channel);
    for (int b = 0; b < local->blocks; b++) {
        fill(s, local, b, d, slopes);
        const double *value = local->value + (size_t)b * V * s->functions;
        const double *y = local->y + (size_t)b * V * s->harmonics;
        double *c = local->c + local->channel[b] * n;
        if (n == SOAP_USUAL)
            gather(SOAP_USUAL, l_max, s->functions, s->width, value, y, c);
        else
            gather(n, l_max, s->functions, s->width, value, y, c);
    }
    power(s, local);
}

void soap_expand(const struct soap *s, int centre, int count, const double d[][3],
                 const int channel[], struct soap_local *local)
{
    expand(s, centre, count, d, channel, local, true);
}

void soap_describe(const struct soap *s, int centre, int count, const double d[][3],
                   const int channel[], struct soap_local *local, struct soap_kept *kept)
{
    expand(s, centre, count, d, channel, local, false);
    memcpy(kept->c, local->c, s->harmonics * s->width * sizeof *kept->c);
    memcpy(kept->p, local->p, s->size * sizeof *kept->p);
    kept->norm = local->norm;
}

void soap_resume(const struct soap *s, int count, const double d[][3], const int channel[],
                 const struct soap_kept *kept, struct soap_local *local)
{
    deal(s, local, count, channel);
    for (int b = 0; b < local->blocks; b++)
        fill(s, local, b, d, true);
    memcpy(local->c, kept->c, s->harmonics * s->width * sizeof *kept->c);
    memcpy(local->p, kept->p, s->size * sizeof *kept->p);
    local->norm = kept->norm;
}
