/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "qmc/optimise.h"
#include "qmc/configurations.h"
#include "base/mem.h"
#include "maths/linalg.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define SPACING 2     /* sweeps between configurations */
#define WARM 10       /* sweeps after a change of the parameters */
#define EFFECTIVE 0.5 /* least effective fraction of reweighted configurations */
#define WORTH 1e-4    /* Ha per electron: gain below which nothing is left to do */

/* Stabilisations tried, scaled so that the overlap has a unit diagonal: h + overlap S + unit 1. The
 * last ones are stochastic reconfiguration with a short step. */
static const struct {
    double overlap, unit;
} stabilisation[] = {{0, 1e-4}, {0, 1e-3}, {0, 1e-2}, {0, 0.1}, {1, 0.03}, {5, 0.15}, {50, 1.5}};
#define CANDIDATES ((int)(sizeof stabilisation / sizeof *stabilisation))

struct problem {
    int systems;
    struct wavefunction **psi;
    struct vmc **v;
    struct configurations **drawn;
    double variance; /* weight of it in the objective */
    int parameters;
    double *h, *s, *g; /* [p][p], [p][p], [p]: linear-method matrices, overlap, gradient */
    double *scratch;
};

struct objective {
    double value, energy, variance,
        effective; /* per electron; the worst system's effective fraction */
};

static struct objective evaluate(struct problem *p, bool derivatives)
{
    struct objective o = {.effective = 1};
    for (int m = 0; m < p->systems; m++) {
        struct configurations_mean mean = configurations_evaluate(p->drawn[m], derivatives);
        double share = 1.0 / (p->systems * p->psi[m]->electrons);
        o.energy += share * mean.energy;
        o.variance += share * mean.variance;
        o.effective = fmin(o.effective, mean.effective);
    }
    o.value = o.energy + p->variance * o.variance;
    return o;
}

static void set_parameters(struct problem *p, const double parameters[])
{
    for (int m = 0; m < p->systems; m++)
        jastrow_set(p->psi[m]->jastrow, parameters, NULL);
}

static void draw(struct problem *p, int samples)
{
    for (int m = 0; m < p->systems; m++) {
        vmc_warm(p->v[m], WARM, false);
        configurations_draw(p->drawn[m], p->v[m], samples, SPACING);
    }
}

/* Means over a twist of E_L, O_i = d ln Psi/dp_i and dE_L/dp_i into scratch[1 + 2 p] */
static double *twist_means(const struct problem *p, const struct configurations *c, int twist)
{
    int n = p->parameters;
    double *mean = p->scratch;
    memset(mean, 0, (1 + 2 * n) * sizeof *mean);
    for (int k = 0; k < c->n; k++) {
        if (c->twist[k] != twist)
            continue;
        mean[0] += c->weight[k] * c->energy[k];
        for (int i = 0; i < n; i++) {
            mean[1 + i] += c->weight[k] * c->dlog[(size_t)k * n + i];
            mean[1 + n + i] += c->weight[k] * c->denergy[(size_t)k * n + i];
        }
    }
    return mean;
}

/*
 * Toulouse & Umrigar (2007), eqs. (54): in the basis of derivatives made orthogonal to Psi
 *   S_ij = <dO_i dO_j>, g_i = <dO_i E_L>, h_ij = <dO_i dO_j (E_L - E)> + <dO_i dE_L/dp_j>,
 * not symmetrised (zero-variance principle); and the Gauss-Newton form for the variance (Umrigar &
 * Filippi, PRL 94, 150201 (2005)): its weight times <d(dE_L/dp_i) d(dE_L/dp_j)> and <dE_L
 * d(dE_L/dp_i)>.
 */
static void add_twist(struct problem *p, const struct configurations *c, int twist, double share)
{
    int n = p->parameters;
    const double *mean = twist_means(p, c, twist);
    double *o = p->scratch + 1 + 2 * n, *e = o + n;
    for (int k = 0; k < c->n; k++) {
        if (c->twist[k] != twist)
            continue;
        double w = share * c->weight[k], energy = c->energy[k] - mean[0];
        for (int i = 0; i < n; i++) {
            o[i] = c->dlog[(size_t)k * n + i] - mean[1 + i];
            e[i] = c->denergy[(size_t)k * n + i] - mean[1 + n + i];
        }
        for (int i = 0; i < n; i++) {
            double wo = w * o[i], right = wo * energy, we = w * p->variance * e[i];
            p->g[i] += right + we * energy;
            for (int j = 0; j < n; j++) {
                p->s[i * n + j] += wo * o[j];
                p->h[i * n + j] += right * o[j] + wo * e[j] + we * e[j];
            }
        }
    }
}

static void make_matrices(struct problem *p)
{
    int n = p->parameters;
    memset(p->h, 0, n * n * sizeof *p->h);
    memset(p->s, 0, n * n * sizeof *p->s);
    memset(p->g, 0, n * sizeof *p->g);
    for (int m = 0; m < p->systems; m++)
        for (int t = 0; t < p->psi[m]->twists; t++)
            add_twist(p, p->drawn[m], t,
                      1.0 / (p->systems * p->psi[m]->electrons * p->psi[m]->twists));
}

/* (h + stabilisation) step = -g in scaled parameters; those without effect do not move. */
static bool solve_step(const struct problem *p, int candidate, double step[])
{
    int n = p->parameters;
    double *a = p->scratch;
    for (int i = 0; i < n; i++) {
        double si = sqrt(p->s[i * n + i]);
        bool dead = !(si > 0);
        step[i] = dead ? 0 : -p->g[i] / si;
        for (int j = 0; j < n; j++) {
            double sj = sqrt(p->s[j * n + j]);
            a[i * n + j] =
                dead || !(sj > 0)
                    ? 0
                    : (p->h[i * n + j] + stabilisation[candidate].overlap * p->s[i * n + j]) /
                          (si * sj);
        }
        a[i * n + i] += dead ? 1 : stabilisation[candidate].unit;
    }
    if (linalg_solve(n, a, 1, step, NULL) != ST_OK)
        return false;
    for (int i = 0; i < n; i++) {
        double si = sqrt(p->s[i * n + i]);
        step[i] = si > 0 ? step[i] / si : 0;
        if (!isfinite(step[i]))
            return false;
    }
    return true;
}

/* The best of the stabilised steps on the configurations drawn into parameters[]; returns the gain.
 */
static double best_step(struct problem *p, double parameters[], struct log *log)
{
    int n = p->parameters, count = n, chosen = -1;
    double *step = MEM_NEW(double, n), *trial = MEM_NEW(double, count),
           *best = MEM_NEW(double, count);
    struct objective now = evaluate(p, true), least = now;
    make_matrices(p);
    for (int m = 0; m < CANDIDATES; m++) {
        if (!solve_step(p, m, step))
            continue;
        memcpy(trial, parameters, count * sizeof *trial);
        for (int i = 0; i < n; i++)
            trial[i] += step[i];
        for (int s = 0; s < p->systems; s++)
            jastrow_limit(p->psi[s]->jastrow, trial);
        set_parameters(p, trial);
        struct objective o = evaluate(p, false);
        if (!(o.effective > EFFECTIVE) || !(o.value < least.value))
            continue;
        least = o;
        chosen = m;
        memcpy(best, trial, count * sizeof *best);
    }
    if (chosen >= 0)
        memcpy(parameters, best, count * sizeof *best);
    set_parameters(p, parameters);
    log_detail(
        log,
        "optimiser: energy %.5f, variance %.5f per electron; step %d: %.5f, %.5f (effective %.2f)",
        now.energy, now.variance, chosen, least.energy, least.variance, least.effective);
    free(step);
    free(trial);
    free(best);
    return now.value - least.value;
}

/* Fresh configurations drawn with the new parameters: are the old ones better on them? */
static bool worse_than(struct problem *p, const double before[], const double after[],
                       struct objective *now)
{
    *now = evaluate(p, false);
    set_parameters(p, before);
    struct objective old = evaluate(p, false);
    set_parameters(p, after);
    return !isfinite(now->value) || (old.effective > EFFECTIVE && old.value < now->value);
}

static struct problem *problem_new(int systems, struct wavefunction *psi[], struct vmc *v[],
                                   double variance)
{
    struct problem *p = mem_new(1, sizeof *p);
    const struct jastrow *j = psi[0]->jastrow;
    int n = jastrow_count(j);
    *p = (struct problem){
        .systems = systems, .psi = psi, .v = v, .variance = variance, .parameters = n};
    p->h = MEM_NEW(double, n *n);
    p->s = MEM_NEW(double, n *n);
    p->g = MEM_NEW(double, n);
    p->scratch = MEM_NEW(double, (n + 4) * (n + 4));
    p->drawn = mem_new(systems, sizeof *p->drawn);
    for (int m = 0; m < systems; m++)
        p->drawn[m] = configurations_new(psi[m]);
    return p;
}

static void problem_free(struct problem *p)
{
    for (int m = 0; m < p->systems; m++)
        configurations_free(p->drawn[m]);
    free(p->drawn);
    free(p->h);
    free(p->s);
    free(p->g);
    free(p->scratch);
    free(p);
}

/* Fewer configurations as long as the steps are large */
static int samples_of(const struct optimise_settings *settings, int iteration)
{
    int n = iteration == 0   ? settings->samples / 4
            : iteration == 1 ? settings->samples / 2
                             : settings->samples;
    return n > 64 ? n : 64;
}

/* Returns with the last parameters that were found better than those before them. A step that is taken
 * back although it promised much is tried again on other configurations. */
static void iterate(struct problem *p, const struct optimise_settings *settings, struct log *log,
                    struct optimise_report *report)
{
    int count = p->parameters;
    bool idle = false;
    double *now = MEM_NEW(double, count), *before = MEM_NEW(double, count);
    memcpy(now, jastrow_parameters(p->psi[0]->jastrow), count * sizeof *now);
    draw(p, samples_of(settings, 0));
    struct objective o = evaluate(p, false);
    *report = (struct optimise_report){o.energy, o.energy, o.variance, o.variance, 0};
    for (int it = 0; it < settings->iterations && !idle; it++) {
        memcpy(before, now, count * sizeof *now);
        double gain = best_step(p, now, log);
        if (gain > 0)
            draw(p, samples_of(settings, it + 1));
        bool back = gain > 0 && worse_than(p, before, now, &o);
        idle = gain < WORTH || (back && gain < 10 * WORTH);
        if (back) {
            log_detail(log, "optimiser: taken back");
            memcpy(now, before, count * sizeof *now);
            set_parameters(p, now);
        }
        if (back || !(gain > 0))
            draw(p, samples_of(settings, it + 1));
        o = evaluate(p, false);
        *report = (struct optimise_report){report->start_energy, o.energy, report->start_variance,
                                           o.variance, it + 1};
    }
    free(now);
    free(before);
}

enum status optimise_jastrow(int systems, struct wavefunction *psi[], struct vmc *v[],
                             const struct optimise_settings *settings, struct log *log,
                             struct optimise_report *report, struct err *err)
{
    struct problem *p = problem_new(systems, psi, v, settings->variance);
    iterate(p, settings, log, report);
    problem_free(p);
    for (int m = 0; m < systems; m++)
        vmc_warm(v[m], WARM, true);
    if (!isfinite(report->energy))
        return err_set(err, ST_COMPUTE,
                       "the local energy is not finite while the Jastrow factor is optimised");
    return ST_OK;
}
