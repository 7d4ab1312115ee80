/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "eos/bootstrap.h"

#include <math.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/rng.h"

/* ---- replicas ---- */

/* A replica's normal deviates of every state, shared by all groups that contain it. */
static void draw_noise(int n, double noise[][2], bool redrawn, struct rng *rng)
{
    for (int i = 0; i < n; i++)
        for (int k = 0; k < 2; k++) {
            const double z = rng_normal(rng);
            noise[i][k] = redrawn ? z : 0;
        }
}

static const struct eos_model *draw_model(const struct eos_fit *fit, bool redrawn, struct rng *rng)
{
    double u = rng_uniform(rng);
    if (!redrawn)
        return &fit->model[fit->best];
    for (int k = 0; k < EOS_MODELS; k++) {
        if (u < fit->probability[k])
            return &fit->model[k];
        u -= fit->probability[k];
    }
    return &fit->model[fit->best];
}

/*
 * The replica's root by Newton's method from the central one: it may lie a little outside the range
 * of the points, where the central root may not.
 */
static bool replica_root(const struct eos_initial *initial, const struct eos_path *path,
                         double start, struct hugoniot_point *out)
{
    const struct eos_group *g = path->group;
    const double width = g->x[g->n - 1] - g->x[0], h = 1e-6 * width;
    double x = start;
    for (int i = 0; i < 60; i++) {
        const struct hugoniot_point p = eos_path_point(initial, path, x),
                                    q = eos_path_point(initial, path, x + h);
        const double step = -p.residual * h / (q.residual - p.residual);
        if (!(fabs(step) < width))
            return false;
        x += step;
        *out = p;
        if (fabs(step) < 1e-10 * width)
            return x > 0;
    }
    return false;
}

static struct hugoniot_point replica(const struct eos_initial *initial, const struct eos_group *g,
                                     double noise[][2], bool models, struct rng *rng,
                                     const struct hugoniot_point *centre)
{
    double energy_c[EOS_MODEL_TERMS], pressure_c[EOS_MODEL_TERMS];
    double *own = MEM_NEW(double, 2 * (size_t)g->n);
    for (int i = 0; i < g->n; i++) {
        own[i] = noise[g->index[i]][0];
        own[g->n + i] = noise[g->index[i]][1];
    }
    const struct eos_path path = {g, draw_model(&g->energy, models, rng),
                                  draw_model(&g->pressure, models, rng), energy_c, pressure_c};
    eos_model_redraw(path.energy, own, models ? rng : NULL, energy_c);
    eos_model_redraw(path.pressure, own + g->n, models ? rng : NULL, pressure_c);
    free(own);
    const double x = g->along == EOS_ISOTHERMS ? centre->density : centre->temperature;
    struct hugoniot_point p;
    if (!replica_root(initial, &path, x, &p))
        return (struct hugoniot_point){.temperature = NAN};
    p.residual = eos_path_point(initial, &path, x).residual;
    return p;
}

static int states_used(int n, const struct eos_group groups[])
{
    int count = 0;
    for (int i = 0; i < n; i++)
        for (int k = 0; k < groups[i].n; k++)
            count = groups[i].index[k] + 1 > count ? groups[i].index[k] + 1 : count;
    return count;
}

struct bootstrap bootstrap_make(const struct eos_initial *initial, int n,
                                const struct eos_group groups[],
                                const struct hugoniot_point points[], int samples, uint64_t seed,
                                int sources)
{
    struct bootstrap b = {samples, n, seed, points, NULL};
    const int states = states_used(n, groups);
    double(*noise)[2] = mem_new((size_t)states, sizeof *noise);
    b.point = MEM_NEW(struct hugoniot_point, (size_t)samples * n);
    for (int s = 0; s < samples; s++) {
        struct rng rng;
        rng_start(&rng, seed, RNG_BOOTSTRAP, 0, 0, (uint64_t)s);
        struct eos_initial start = *initial;
        const double z = rng_normal(&rng);
        if (sources & BOOTSTRAP_INITIAL)
            start.energy += initial->energy_error * z;
        draw_noise(states, noise, sources & BOOTSTRAP_STATES, &rng);
        for (int i = 0; i < n; i++)
            b.point[(size_t)s * n + i] =
                replica(&start, &groups[i], noise, sources & BOOTSTRAP_MODELS, &rng, &points[i]);
    }
    free(noise);
    return b;
}

void bootstrap_free(struct bootstrap *b)
{
    free(b->point);
    *b = (struct bootstrap){0};
}

/* ---- what they say ---- */

static double root_mean(double square, int count)
{
    return count < 2 ? INFINITY : sqrt(square / count);
}

void bootstrap_errors(const struct bootstrap *b, struct hugoniot_point error[])
{
    enum { MEMBERS = sizeof(struct hugoniot_point) / sizeof(double) };
    for (int i = 0; i < b->n; i++) {
        double square[MEMBERS] = {0};
        int count = 0;
        for (int s = 0; s < b->samples; s++) {
            const struct hugoniot_point *p = &b->point[(size_t)s * b->n + i];
            if (isnan(p->temperature))
                continue;
            count++;
            for (int k = 0; k < MEMBERS; k++)
                square[k] += pow(((const double *)p)[k] - ((const double *)&b->centre[i])[k], 2);
        }
        for (int k = 0; k < MEMBERS; k++)
            ((double *)&error[i])[k] = root_mean(square[k], count);
    }
}

/* The points of replica s; NULL: it lacks one. */
static const struct hugoniot_point *whole(const struct bootstrap *b, int s)
{
    const struct hugoniot_point *p = b->point + (size_t)s * b->n;
    for (int i = 0; i < b->n; i++)
        if (isnan(p[i].temperature))
            return NULL;
    return p;
}

void bootstrap_maximum(const struct bootstrap *b, const struct maximum *m,
                       struct hugoniot_maximum *error, double *inside)
{
    double compression = 0, pressure = 0;
    int count = 0, within = 0;
    for (int s = 0; s < b->samples; s++) {
        const struct hugoniot_point *p = whole(b, s);
        if (!p)
            continue;
        struct rng rng;
        rng_start(&rng, b->seed, RNG_BOOTSTRAP, 1, 0, (uint64_t)s);
        const struct hugoniot_maximum top = maximum_replica(m, p, &rng);
        compression += pow(top.compression - m->centre.compression, 2);
        pressure += pow(top.pressure - m->centre.pressure, 2);
        within += top.inside;
        count++;
    }
    *error = (struct hugoniot_maximum){.inside = m->centre.inside,
                                       .compression = root_mean(compression, count),
                                       .pressure = root_mean(pressure, count)};
    *inside = count ? (double)within / count : 0;
}

void bootstrap_off_line(const struct bootstrap *b, double slope, double error[])
{
    for (int i = 0; i < b->n; i++) {
        double square = 0;
        int count = 0;
        for (int s = 0; s < b->samples; s++) {
            const struct hugoniot_point *p = &b->point[(size_t)s * b->n + i], *c = &b->centre[i];
            if (isnan(p->temperature))
                continue;
            square += pow(p->shock_velocity - c->shock_velocity -
                              slope * (p->particle_velocity - c->particle_velocity),
                          2);
            count++;
        }
        error[i] = root_mean(square, count);
    }
}

/* ---- the line ---- */

static double chi2_of(const struct hugoniot_line *line, int n, const struct hugoniot_point p[],
                      const double variance[], double scatter)
{
    double sum = 0;
    for (int i = 0; i < n; i++) {
        const double d =
            p[i].shock_velocity - line->intercept - line->slope * p[i].particle_velocity;
        sum += d * d / (variance[i] + scatter * scatter);
    }
    return sum;
}

static struct hugoniot_line weighted_line(int n, const struct hugoniot_point p[],
                                          const double variance[], double scatter, double weight[])
{
    for (int i = 0; i < n; i++)
        weight[i] = 1 / (variance[i] + scatter * scatter);
    struct hugoniot_line line = hugoniot_line(n, p, weight);
    line.scatter = scatter;
    return line;
}

/* With the least scatter that makes chi^2 no more than the freedom, by bisection from twice the largest
 * distance, at which it surely is less. */
static struct hugoniot_line scattered_line(int n, const struct hugoniot_point p[],
                                           const double variance[], double weight[])
{
    struct hugoniot_line line = weighted_line(n, p, variance, 0, weight);
    const double chi2 = chi2_of(&line, n, p, variance, 0);
    double low = 0, high = 0;
    for (int i = 0; i < n; i++)
        high = fmax(high, 2 * sqrt(n) *
                              fabs(p[i].shock_velocity - line.intercept -
                                   line.slope * p[i].particle_velocity));
    for (int i = 0; i < 60 && line.freedom > 0 && chi2 > line.freedom; i++) {
        const double scatter = 0.5 * (low + high);
        line = weighted_line(n, p, variance, scatter, weight);
        *(chi2_of(&line, n, p, variance, scatter) > line.freedom ? &low : &high) = scatter;
    }
    line.chi2 = chi2;
    return line;
}

/* Squared errors of intercept and slope from a scatter of the points of their own. */
static void add_scatter(int n, const struct hugoniot_point p[], const double weight[],
                        double scatter, double *intercept, double *slope)
{
    double sum = 0, mean = 0, square = 0;
    for (int i = 0; i < n; i++) {
        sum += weight[i];
        mean += weight[i] * p[i].particle_velocity;
    }
    mean /= sum;
    for (int i = 0; i < n; i++)
        square += weight[i] * pow(p[i].particle_velocity - mean, 2);
    for (int i = 0; i < n; i++) {
        const double a = weight[i] * (p[i].particle_velocity - mean) / square;
        *slope += pow(scatter * a, 2);
        *intercept += pow(scatter * (weight[i] / sum - mean * a), 2);
    }
}

/* Mean squared deviations of the replicas' lines; infinite with fewer than two. */
static void line_errors(const struct bootstrap *b, const struct hugoniot_line *line,
                        const double weight[], double *intercept, double *slope)
{
    int count = 0;
    *intercept = *slope = 0;
    for (int s = 0; s < b->samples; s++) {
        const struct hugoniot_point *p = whole(b, s);
        if (!p)
            continue;
        const struct hugoniot_line l = hugoniot_line(b->n, p, weight);
        *intercept += pow(l.intercept - line->intercept, 2);
        *slope += pow(l.slope - line->slope, 2);
        count++;
    }
    *intercept = pow(root_mean(*intercept, count), 2);
    *slope = pow(root_mean(*slope, count), 2);
}

struct hugoniot_line bootstrap_line(const struct bootstrap *b, struct hugoniot_line *error)
{
    double *variance = MEM_NEW(double, 2 * (size_t)b->n), *weight = variance + b->n;
    double intercept, slope;
    bool weighted = true;
    struct hugoniot_line line = hugoniot_line(b->n, b->centre, NULL);
    for (int round = 0; round < 5; round++) { /* the variances hardly depend on the slope */
        bootstrap_off_line(b, line.slope, variance);
        for (int i = 0; i < b->n; i++) {
            weighted = weighted && variance[i] > 0 && isfinite(variance[i]);
            variance[i] *= variance[i];
        }
        if (!weighted)
            break;
        line = scattered_line(b->n, b->centre, variance, weight);
    }
    line_errors(b, &line, weighted ? weight : NULL, &intercept, &slope);
    if (weighted)
        add_scatter(b->n, b->centre, weight, line.scatter, &intercept, &slope);
    *error = (struct hugoniot_line){.intercept = sqrt(intercept), .slope = sqrt(slope)};
    free(variance);
    return line;
}
