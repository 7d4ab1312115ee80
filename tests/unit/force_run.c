/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Sampled forces and stress against the derivative of the variational energy by correlated sampling:
 * other samples, of the undisplaced function without a space warp, reweighted to displaced nuclei (or a
 * strained cell) at fixed coefficients and Jastrow parameters.
 */
#include <limits.h>
#include <stdlib.h>
#include "base/mem.h"
#include "base/rng.h"
#include "base/threads.h"
#include "dft/dft.h"
#include "qmc/force_run.h"
#include "qmc/warp.h"
#include "tests/unit/check.h"
#include "tests/unit/hydrogen.h"

static const double twists[2][3] = {{0, 0, 0}, {0.5, 0, 0.5}};

/* Molecules: atoms 2 m and 2 m + 1 share bonding orbital m, so any even number of atoms will do. */
struct model {
    struct system *system;
    struct basis *basis;
    int orbitals, twists;
    double *coefficient;
    struct jastrow *jastrow; /* of the undisplaced system */
};

static struct model model_new(int n, const double pos[][3], double edge)
{
    const double cell[3][3] = {{edge, 0, 0}, {0, edge, 0}, {0, 0, edge}};
    struct model m = {.system = hydrogen_at(n, pos, edge > 0 ? cell : NULL),
                      .basis = basis_builtin("h-tz", NULL)};
    m.orbitals = n / 2;
    m.twists = edge > 0 ? 2 : 1;
    int f = m.basis->functions;
    m.coefficient = MEM_NEW(double, m.twists *m.orbitals *n *f);
    for (int k = 0; k < m.twists * m.orbitals; k++)
        for (int a = 0; a < 2; a++)
            for (int s = 0; s < 3; s++) /* the three s functions of h-tz */
                m.coefficient[(size_t)(k * n + 2 * (k % m.orbitals) + a) * f + s] =
                    0.3 + 0.15 * (s == 1);
    m.jastrow = jastrow_start(m.system, n / 2, n / 2);
    double p[128]; /* cut-offs that fit into every strained cell */
    memcpy(p, jastrow_parameters(m.jastrow), (size_t)jastrow_count(m.jastrow) * sizeof *p);
    if (edge > 0) {
        for (int k = 0; k < 6; k++)
            p[k] *= 0.98;
        jastrow_set(m.jastrow, p, NULL);
    }
    return m;
}

static void model_free(struct model *m)
{
    system_free(m->system);
    basis_free(m->basis);
    jastrow_free(m->jastrow);
    free(m->coefficient);
}

static struct wavefunction *wave(const struct model *m, const struct system *s)
{
    struct wavefunction *psi = wavefunction_new(s, m->basis, m->twists, twists, m->orbitals,
                                                m->coefficient, s->n / 2, s->n / 2, NULL);
    wavefunction_set_jastrow(psi, jastrow_new(s, s->n / 2, s->n / 2, jastrow_form(m->jastrow),
                                              jastrow_count(m->jastrow),
                                              jastrow_parameters(m->jastrow), NULL));
    return psi;
}

static struct force_result forces(const struct model *m, const struct forces_settings *settings,
                                  long samples, uint64_t seed)
{
    struct wavefunction *psi = wave(m, m->system);
    struct forces *f = forces_new(psi, m->basis, twists, settings, NULL);
    struct vmc_settings vs = {.seed = seed, .walkers = 64};
    struct force_run_settings fs = {.samples = samples, .stride = 2};
    struct force_result r;
    struct vmc *v = vmc_new(psi, &vs, NULL);
    vmc_warm(v, 100, true);
    struct force_run *run = force_run_new(v, f, NULL, &fs);
    CHECK(force_run(run, NULL, NULL, &r, NULL) == ST_OK);
    force_run_free(run);
    vmc_free(v);
    forces_free(f);
    wavefunction_free(psi);
    return r;
}

/* Displacement: of the nuclei, and of everything with a strain. */
struct path {
    const double (*nuclei)[3];
    const double (*strain)[3];
};

static void strained(const double strain[3][3], double h, int n, double r[][3])
{
    for (int i = 0; i < n; i++) {
        double old[3] = {r[i][0], r[i][1], r[i][2]};
        for (int x = 0; x < 3; x++)
            for (int y = 0; y < 3; y++)
                r[i][x] += h * strain[x][y] * old[y];
    }
}

/* Warp electrons by h sum_I w_I(r) u_I. Returns ln of the Jacobian. */
static double warped(const struct system *s, const double u[][3], double h, int n, double r[][3])
{
    struct images im;
    double w[16], g[16][3], ln = 0;
    images_start(&im, s);
    for (int i = 0; i < n; i++) {
        double jacobian[3][3] = {{1, 0, 0}, {0, 1, 0}, {0, 0, 1}};
        warp_weights(&im, s->n, (const double(*)[3])s->pos, r[i], w, g);
        for (int a = 0; a < s->n; a++)
            for (int x = 0; x < 3; x++) {
                r[i][x] += h * w[a] * u[a][x];
                for (int y = 0; y < 3; y++)
                    jacobian[x][y] += h * u[a][x] * g[a][y];
            }
        ln += log(system_det((const double(*)[3])jacobian));
    }
    return ln;
}

/* Energies at displacement h over the samples of one batch of walkers: weight and weight times energy. */
static void reweight(const struct wavefunction *psi, const struct walkers *from, struct walkers *to,
                     const struct path *p, double h, double *weight, double *energy)
{
    int n = psi->electrons;
    double ln[64] = {0}, now, old;
    memcpy(to->pos, from->pos, (size_t)from->n * n * sizeof *to->pos);
    if (p->strain)
        strained(p->strain, h, from->n * n, to->pos);
    else
        for (int k = 0; k < from->n; k++)
            ln[k] = warped(psi->system, p->nuclei, h, n, to->pos + k * n);
    CHECK(walkers_refresh(to) < 0);
    walkers_measure(to);
    for (int k = 0; k < from->n; k++) {
        wavefunction_log(to->psi, to->twist, (const double(*)[3])to->pos + k * n, &now);
        wavefunction_log(psi, from->twist, (const double(*)[3])from->pos + k * n, &old);
        double w = exp(2 * (now - old) + ln[k]);
        *weight += w;
        *energy += w * to->energy[k];
    }
}

struct slope { /* what correlated sampling adds up */
    const struct wavefunction *psi;
    const struct path *path;
    struct walkers *to[2][16]; /* [side][batch] */
    double weight[2][16], energy[2][16];
};

static const double h = 0.01;

static void add_sample(void *context, const struct walkers *w, int step)
{
    struct slope *s = context;
    int b = w->index;
    (void)step;
    for (int k = 0; k < 2; k++)
        reweight(s->psi, w, s->to[k][b], s->path, k ? h : -h, &s->weight[k][b], &s->energy[k][b]);
}

static struct wavefunction *displaced(const struct model *m, const struct path *p, double by)
{
    struct system *s = system_copy(m->system);
    for (int a = 0; p->nuclei && a < s->n; a++)
        for (int x = 0; x < 3; x++)
            s->pos[a][x] += by * p->nuclei[a][x];
    if (p->strain) {
        strained(p->strain, by, s->n, s->pos);
        strained(p->strain, by, 3, s->cell);
    }
    struct wavefunction *psi = wave(m, s);
    system_free(s);
    return psi;
}

/* (E(h) - E(-h)) / 2h of the samples so far, mean over twists */
static double difference(const struct slope *s, int batches)
{
    double sum = 0, e[2][2] = {{0}}, w[2][2] = {{0}};
    int twists_used = s->psi->twists;
    for (int b = 0; b < batches; b++)
        for (int k = 0; k < 2; k++) {
            e[s->to[k][b]->twist][k] += s->energy[k][b];
            w[s->to[k][b]->twist][k] += s->weight[k][b];
        }
    for (int t = 0; t < twists_used; t++)
        sum += (e[t][1] / w[t][1] - e[t][0] / w[t][0]) / (2 * h * twists_used);
    return sum;
}

/* dE/dh along a path by correlated sampling: mean over independent runs, and its error. */
static struct estimate slope(const struct model *m, const struct path *p, int runs, int steps,
                             uint64_t seed)
{
    struct slope s = {.psi = wave(m, m->system), .path = p};
    struct wavefunction *side[2] = {displaced(m, p, -h), displaced(m, p, h)};
    double *value = MEM_NEW(double, runs);
    for (int i = 0; i < runs; i++) {
        struct vmc_settings vs = {.seed = seed + (uint64_t)i, .walkers = 64};
        struct vmc *v = vmc_new(s.psi, &vs, NULL);
        memset(s.weight, 0, sizeof s.weight);
        memset(s.energy, 0, sizeof s.energy);
        for (int k = 0; k < 2; k++)
            for (int b = 0; b < vmc_batches(v); b++)
                s.to[k][b] = walkers_new(side[k], vmc_batch(v, b)->twist, vmc_batch(v, b)->n);
        vmc_warm(v, 50, true);
        vmc_observe(v, steps, 3, add_sample, &s);
        value[i] = difference(&s, vmc_batches(v));
        for (int k = 0; k < 2; k++)
            for (int b = 0; b < vmc_batches(v); b++)
                walkers_free(s.to[k][b]);
        vmc_free(v);
    }
    struct estimate e = {0};
    for (int i = 0; i < runs; i++) {
        e.mean += value[i] / runs;
        e.variance += value[i] * value[i] / runs;
    }
    e.error = sqrt((e.variance - e.mean * e.mean) / (runs - 1));
    for (int k = 0; k < 2; k++)
        wavefunction_free(side[k]);
    wavefunction_free((struct wavefunction *)s.psi);
    free(value);
    return e;
}

static const struct forces_settings plain = {.warp = true, .epsilon = 0.2, .controls = true};

static void agree(const char *what, double x, double x_error, struct estimate y, double most)
{
    double joint = sqrt(x_error * x_error + y.error * y.error);
    printf("%s: %.5f(%.5f), correlated sampling %.5f(%.5f)\n", what, x, x_error, y.mean, y.error);
    CHECK(fabs(x - y.mean) < 4 * joint);
    CHECK(joint < most);
}

/* chi^2 of one number sampled in two ways */
static double deviation(double x, double x_error, struct estimate y)
{
    double d = x - y.mean;
    return d * d / (x_error * x_error + y.error * y.error);
}

static void nets_vanish(const struct force_result *r, double most)
{
    for (int x = 0; x < 3; x++) {
        CHECK(fabs(r->net[x]) < 4 * r->net_error[x] + 1e-12);
        CHECK(r->net_error[x] < most);
    }
}

static double molecule(double bond)
{
    const double pos[2][3] = {{0, 0, 0}, {0.6 * bond, 0, 0.8 * bond}};
    const double pull[2][3] = {{0, 0, 0}, {0.6, 0, 0.8}};
    struct model m = model_new(2, pos, 0);
    struct force_result r = forces(&m, &plain, 30000, 1);
    double force = 0.6 * r.force[1][0] + 0.8 * r.force[1][2], error = r.force_error[1][2];
    struct estimate e = slope(&m, &(struct path){pull, NULL}, 16, 25, 200);
    agree("dE/dbond", -force, error, e, 0.02);
    nets_vanish(&r, 0.01);
    CHECK(fabs(r.force[1][1]) < 4 * r.force_error[1][1]); /* nothing pulls across the bond */
    force_result_free(&r);
    model_free(&m);
    return deviation(-force, error, e);
}

/* H2 from far inside to far outside its equilibrium */
static void bonds(void)
{
    static const double bond[5] = {0.8, 1.0, 1.4, 2.0, 3.0};
    double chi2 = 0;
    for (int i = 0; i < 5; i++)
        chi2 += molecule(bond[i]);
    printf("chi^2 %.2f of 5\n", chi2);
    CHECK(chi2 < 20.5); /* exceeded once in a thousand times */
}

static struct model rectangle(void)
{
    static const double pos[4][3] = {{0, 0, 0}, {1.4, 0, 0}, {0, 2.3, 0}, {1.4, 2.3, 0}};
    return model_new(4, pos, 0);
}

/* H4: two molecules side by side, drawn apart and stretched */
static void side_by_side(void)
{
    struct model m = rectangle();
    const double pull[4][3] = {{-0.3, -0.5, 0}, {0.3, -0.5, 0}, {-0.3, 0.5, 0}, {0.3, 0.5, 0}};
    struct force_result r = forces(&m, &plain, 30000, 1);
    double sum = 0, square = 0;
    for (int c = 0; c < 12; c++) {
        sum -= pull[c / 3][c % 3] * r.force[c / 3][c % 3];
        square += pow(pull[c / 3][c % 3] * r.force_error[c / 3][c % 3], 2);
    }
    agree("dE/ds", sum, sqrt(square), slope(&m, &(struct path){pull, NULL}, 16, 16, 300), 0.04);
    nets_vanish(&r, 0.01);
    force_result_free(&r);
    model_free(&m);
}

/* Four molecules in a cubic cell, rattled. */
static struct model fluid(void)
{
    static const double pos[8][3] = {{0.3, 0.2, -0.1}, {1.6, 0.1, 0.5}, {3.4, 3.1, 0.2},
                                     {4.7, 3.3, -0.3}, {3.2, 0.3, 3.3}, {3.6, -0.2, 4.6},
                                     {0.1, 3.3, 3.2},  {0.5, 4.6, 2.9}};
    return model_new(8, pos, 6.2);
}

static void periodic_force(void)
{
    struct model m = fluid();
    const double pull[8][3] = {{0.6, 0, 0},  {0, 0.8, 0}, {-0.5, 0, 0.3}, {0, 0, 0},
                               {0, -0.7, 0}, {0, 0, 0.4}, {0.2, 0.5, 0},  {0, 0, -0.9}};
    struct force_result r = forces(&m, &plain, 16000, 3);
    double sum = 0, square = 0;
    for (int a = 0; a < 8; a++)
        for (int x = 0; x < 3; x++) {
            sum -= pull[a][x] * r.force[a][x];
            square += pow(pull[a][x] * r.force_error[a][x], 2);
        }
    agree("dE/ds", sum, sqrt(square), slope(&m, &(struct path){pull, NULL}, 12, 16, 400), 0.1);
    for (int x = 0; x < 3; x++)
        CHECK(fabs(r.net[x]) < 4 * r.net_error[x]);
    force_result_free(&r);
    model_free(&m);
}

static void periodic_stress(void)
{
    struct model m = fluid();
    const double strain[3][3] = {{0.5, 0.2, 0}, {0.2, -0.1, 0}, {0, 0, 0.4}};
    struct force_result r = forces(&m, &plain, 16000, 5);
    double sum = 0, square = 0, volume = system_volume(m.system);
    for (int x = 0; x < 3; x++)
        for (int y = 0; y < 3; y++) {
            sum += strain[x][y] * r.stress[x][y] * volume;
            square += pow(strain[x][y] * r.stress_error[x][y] * volume, 2);
        }
    agree("dE/dstrain", sum, sqrt(square), slope(&m, &(struct path){NULL, strain}, 12, 16, 600),
          0.1);
    force_result_free(&r);
    model_free(&m);
}

/* A rattled body-centred crystal of 16 atoms at r_s = 1.31, with orbitals as dft-baseline makes them. */
static struct model metal(void)
{
    const double edge = 2 * 1.31 * cbrt(8 * M_PI / 3);
    double pos[16][3];
    struct rng rng;
    rng_start(&rng, 17, RNG_TEST, 0, 0, 0);
    for (int a = 0; a < 16; a++)
        for (int x = 0; x < 3; x++)
            pos[a][x] =
                edge / 2 * ((a / 2 >> x & 1) + 0.5 * (a % 2)) + 0.3 * (rng_uniform(&rng) - 0.5);
    struct model m = model_new(16, (const double(*)[3])pos, edge);
    struct dft_settings t = dft_defaults;
    struct dft_orbitals o;
    struct err err;
    t.ecut = 12;
    struct dft *d = dft_new(&t, &err);
    CHECK(dft_trial(d, m.system, m.basis, &o, &err) == ST_OK);
    free(m.coefficient);
    m.coefficient = o.coefficient;
    o.coefficient = NULL;
    m.twists = 1;
    dft_orbitals_free(&o);
    dft_free(d);
    return m;
}

/* A compressed molecule far from four others, so close together that all samples are damped: the force on it, from
 * the same samples, is not. */
static void far_from_nodes(void)
{
    static const double pos[10][3] = {
        {60, 0, 0},       {60.8, 0, 0},    {0.2, 0.1, 0},    {0.9, 0, 0.3},   {1.7, 1.6, 0.1},
        {2.4, 1.7, -0.2}, {1.6, 0.2, 1.7}, {1.8, -0.1, 2.3}, {0.1, 1.7, 1.6}, {0.3, 2.3, 1.5}};
    struct model m = model_new(10, pos, 0);
    struct forces_settings settings = {.warp = true};
    struct force_result all = forces(&m, &settings, 8000, 21);
    settings.epsilon = 1.2;
    struct force_result damped = forces(&m, &settings, 8000, 21);
    printf("force %.4f(%.4f), damped %.4f(%.4f)\n", all.force[1][0], all.force_error[1][0],
           damped.force[1][0], damped.force_error[1][0]);
    CHECK(damped.damped > 0.99);
    CHECK(fabs(damped.force[1][0] - all.force[1][0]) < 0.5 * all.force_error[1][0]);
    CHECK(all.force_error[1][0] < 0.03 && damped.force_error[1][0] < 0.03);
    force_result_free(&all);
    force_result_free(&damped);
    model_free(&m);
}

static void metallic(void)
{
    struct model m = metal();
    double pull[16][3], sum = 0, square = 0;
    struct rng rng;
    rng_start(&rng, 18, RNG_TEST, 0, 0, 0);
    struct force_result r = forces(&m, &plain, 10000, 5);
    for (int c = 0; c < 48; c++) {
        pull[c / 3][c % 3] = 0.5 * (rng_uniform(&rng) - 0.5);
        sum -= pull[c / 3][c % 3] * r.force[c / 3][c % 3];
        square += pow(pull[c / 3][c % 3] * r.force_error[c / 3][c % 3], 2);
    }
    agree("dE/ds", sum, sqrt(square),
          slope(&m, &(struct path){(const double(*)[3])pull, NULL}, 12, 4, 700), 0.1);
    nets_vanish(&r, 0.01);
    printf("bias %.6f(%.6f), error %.6f\n", r.bias, r.bias_error, r.error);
    CHECK(r.bias < 0.1 * r.error && r.bias_error < 0.05 * r.error);
    printf("damped %g, tail index %.2f(%.2f), largest %.3f\n", r.damped, r.tails.alpha,
           r.tails.alpha_error, r.tails.largest);
    CHECK(r.damped > 0 && !r.heavy);
    force_result_free(&r);
    model_free(&m);
}

/* Every component of force and stress: chi^2 over all of them. */
static void all_components(const char *name, struct model m, long samples, int runs, int steps)
{
    struct force_result r = forces(&m, &plain, samples, 9);
    int n = 3 * m.system->n, all = n + (m.system->periodic ? 6 : 0);
    double chi2 = 0, worst = 0, volume = m.system->periodic ? system_volume(m.system) : 0;
    for (int c = 0; c < all; c++) {
        double pull[16][3] = {{0}}, strain[3][3] = {{0}}, x, error;
        struct path p = {(const double(*)[3])pull, NULL};
        if (c < n) {
            pull[c / 3][c % 3] = 1;
            x = -r.force[c / 3][c % 3];
            error = r.force_error[c / 3][c % 3];
        } else {
            static const int row[6] = {0, 1, 2, 1, 2, 2}, column[6] = {0, 1, 2, 0, 0, 1};
            int i = row[c - n], j = column[c - n];
            strain[i][j] += 0.5;
            strain[j][i] += 0.5;
            x = r.stress[i][j] * volume;
            error = r.stress_error[i][j] * volume;
            p = (struct path){NULL, (const double(*)[3])strain};
        }
        double d = deviation(x, error, slope(&m, &p, runs, steps, 1000 + 100 * (uint64_t)c));
        chi2 += d;
        worst = fmax(worst, d);
    }
    printf("%s: chi^2 %.1f of %d components, worst %.1f\n", name, chi2, all, worst);
    CHECK(chi2 < all + 4 * sqrt(2 * all));
    CHECK(chi2 > all - 4 * sqrt(2 * all));
    force_result_free(&r);
    model_free(&m);
}

static void rectangle_all(void)
{
    all_components("rectangle", rectangle(), 30000, 16, 8);
}

static void cell_all(void)
{
    all_components("cell", fluid(), 16000, 12, 4);
}

static void metal_all(void)
{
    all_components("metal", metal(), 8000, 12, 4);
}

/* A program that is asked to stop at the question of this number, and goes on when it is asked never to. */
struct stop {
    int asked, at;
};

static bool asked(void *context)
{
    struct stop *s = context;
    return ++s->asked >= s->at;
}

struct plan { /* of a run: enough sweeps or walkers for questions in between */
    int walkers, measurements, stride;
};

/* How the run stands at the end when it is stopped at a question (INT_MAX: never) and goes on; *questions: asked up to the
 * stop or the end, *fitted: had the control variates been fitted by then? */
static struct checkpoint *stopped_at(const struct model *m, const struct plan *plan, int at,
                                     int *questions, bool *fitted)
{
    const long most = (long)plan->walkers * plan->measurements;
    struct wavefunction *psi = wave(m, m->system);
    struct forces *f = forces_new(psi, m->basis, twists, &plain, NULL);
    struct stop stop = {0, INT_MAX};
    struct vmc_settings vs = {.seed = 4, .walkers = plan->walkers, .stop = asked, .context = &stop};
    struct vmc *v = vmc_new(psi, &vs, NULL);
    struct orbital_gradient *g = orbital_gradient_new(v, f, NULL);
    struct force_run_settings fs = {.samples = most, .stride = plan->stride, .gradient = g};
    struct force_run *run = force_run_new(v, f, NULL, &fs);
    struct force_result r = {0};
    struct checkpoint *end = checkpoint_new();
    CHECK(vmc_warm(v, 5, false));
    stop = (struct stop){0, at};
    CHECK(force_run(run, NULL, NULL, &r, NULL) == ST_OK);
    CHECK(r.stopped == (at < INT_MAX));
    CHECK(!r.stopped || stop.asked == at);
    *questions = stop.asked;
    *fitted = forces_coefficients(f)[1] != 0;
    stop.at = INT_MAX;
    if (r.stopped)
        CHECK(force_run(run, NULL, NULL, &r, NULL) == ST_OK && !r.stopped);
    CHECK(r.samples + r.discarded * plan->walkers == most);
    force_run_keep(run, end);
    force_result_free(&r);
    force_run_free(run);
    orbital_gradient_free(g);
    vmc_free(v);
    forces_free(f);
    wavefunction_free(psi);
    return end;
}

/* Stop at every question; before: at how many of them the control variates had not been fitted yet */
static void given_up_at_all(const struct plan *plan, int expected, int before)
{
    struct model m = rectangle();
    int questions, early = 0;
    bool fitted;
    struct checkpoint *whole = stopped_at(&m, plan, INT_MAX, &questions, &fitted);
    CHECK(questions == expected);
    for (int at = 1; at <= expected; at++) {
        struct checkpoint *again = stopped_at(&m, plan, at, &questions, &fitted);
        CHECK(again->size == whole->size && !memcmp(again->data, whole->data, whole->size));
        early += !fitted;
        checkpoint_free(again);
    }
    CHECK(early == before);
    checkpoint_free(whole);
    model_free(&m);
}

/* In the first and in the second piece of 16 measurements */
static void given_up(void)
{
    given_up_at_all(&(struct plan){256, 32, 8}, 2, 0);
}

/* While control variates are fitted, too, and once afterwards */
static void given_up_early(void)
{
    given_up_at_all(&(struct plan){8192, 2, 1}, 4, 3);
}

static const struct check_case cases[] = {
    {"bonds", bonds},         {"rectangle", side_by_side},        {"metal", metallic},
    {"far", far_from_nodes},  {"rectangle_all", rectangle_all},   {"cell_all", cell_all},
    {"metal_all", metal_all}, {"cell", periodic_force},           {"stress", periodic_stress},
    {"given_up", given_up},   {"given_up_early", given_up_early}, {0}};

int main(int argc, char **argv)
{
    threads_set(0);
    return check_main(argc, argv, cases);
}
