/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Forces and stress with the response of the orbitals against the slope of the variational energy over
 * re-converged orbitals, by correlated sampling; and that without the response they are not that slope.
 */
#include <stdlib.h>
#include "base/mem.h"
#include "base/threads.h"
#include "dft/dft.h"
#include "qmc/force_run.h"
#include "qmc/orbital_gradient.h"
#include "qmc/warp.h"
#include "tests/unit/check.h"

enum { MOST_ATOMS = 8, MOST_BATCHES = 32, WALKERS = 64 };

/* A displacement of the nuclei, or a strain of everything. */
struct path {
    double nuclei[MOST_ATOMS][3], strain[3][3];
    bool strained;
};

struct model {
    struct dft_settings settings;
    struct basis *basis;
    struct system *system;
    struct dft_orbitals orbitals;
    struct jastrow *jastrow; /* of the undisplaced system */
};

static struct dft_orbitals converge(const struct model *m, const struct system *y)
{
    struct err err = {0};
    struct dft_orbitals o = {0};
    struct dft *d = dft_new(&m->settings, &err);
    CHECK(dft_trial(d, y, m->basis, &o, &err) == ST_OK);
    dft_free(d);
    return o;
}

static struct model model_new(struct system *y, const double box[3][3], int mesh, const char *basis)
{
    struct model m = {.settings = dft_defaults, .basis = basis_builtin(basis, NULL), .system = y};
    m.settings.functional = "lda";
    m.settings.ecut = 8;
    m.settings.temperature = 0;
    m.settings.fit = DFT_FIT_OVERLAP;
    m.settings.tolerance = 1e-10;
    m.settings.max_iterations = 200;
    m.settings.keep_waves = true;
    memcpy(m.settings.basis_cell, box, sizeof m.settings.basis_cell);
    for (int x = 0; x < 3; x++)
        m.settings.mesh[x] = mesh;
    m.orbitals = converge(&m, y);
    m.jastrow = jastrow_start(y, y->n / 2, y->n / 2);
    double p[128]; /* cut-offs that fit into every strained cell */
    memcpy(p, jastrow_parameters(m.jastrow), (size_t)jastrow_count(m.jastrow) * sizeof *p);
    for (int k = 0; k < 6 && y->periodic; k++)
        p[k] *= 0.97;
    jastrow_set(m.jastrow, p, NULL);
    return m;
}

static void model_free(struct model *m)
{
    system_free(m->system);
    basis_free(m->basis);
    dft_orbitals_free(&m->orbitals);
    jastrow_free(m->jastrow);
}

static struct wavefunction *wave(const struct model *m, const struct system *y,
                                 const struct dft_orbitals *o)
{
    struct wavefunction *psi =
        wavefunction_new(y, m->basis, o->nk, (const double(*)[3])o->k, o->orbitals, o->coefficient,
                         y->n / 2, y->n / 2, NULL);
    wavefunction_set_jastrow(psi, jastrow_new(y, y->n / 2, y->n / 2, jastrow_form(m->jastrow),
                                              jastrow_count(m->jastrow),
                                              jastrow_parameters(m->jastrow), NULL));
    return psi;
}

static void stretch(const double strain[3][3], double h, int n, double r[][3])
{
    for (int i = 0; i < n; i++) {
        const double old[3] = {r[i][0], r[i][1], r[i][2]};
        for (int a = 0; a < 9; a++)
            r[i][a / 3] += h * strain[a / 3][a % 3] * old[a % 3];
    }
}

static struct system *displaced(const struct system *y, const struct path *p, double h)
{
    struct system *s = system_copy(y);
    for (int a = 0; a < 3 * s->n && !p->strained; a++)
        s->pos[a / 3][a % 3] += h * p->nuclei[a / 3][a % 3];
    if (p->strained) {
        stretch(p->strain, h, s->n, s->pos);
        stretch(p->strain, h, 3, s->cell);
    }
    return s;
}

/* Electrons follow; ln of the Jacobian (a strain's is the same for all configurations). */
static double follow(const struct system *y, const struct path *p, double h, int n, double r[][3])
{
    struct images im;
    double w[MOST_ATOMS], g[MOST_ATOMS][3], ln = 0;
    if (p->strained) {
        stretch(p->strain, h, n, r);
        return 0;
    }
    images_start(&im, y);
    for (int i = 0; i < n; i++) {
        double jacobian[3][3] = {{1, 0, 0}, {0, 1, 0}, {0, 0, 1}};
        warp_weights(&im, y->n, (const double(*)[3])y->pos, r[i], w, g);
        for (int a = 0; a < y->n; a++)
            for (int x = 0; x < 3; x++) {
                r[i][x] += h * w[a] * p->nuclei[a][x];
                for (int c = 0; c < 3; c++)
                    jacobian[x][c] += h * p->nuclei[a][x] * g[a][c];
            }
        ln += log(system_det((const double(*)[3])jacobian));
    }
    return ln;
}

static const double step = 0.02;

/* Sums at -step and step over the samples of one batch, per side. */
struct slope {
    const struct wavefunction *psi;
    const struct path *path;
    struct walkers *to[2][MOST_BATCHES];
    double weight[2][MOST_BATCHES], energy[2][MOST_BATCHES];
};

static void add_sample(void *context, const struct walkers *w, int number)
{
    struct slope *s = context;
    const int n = s->psi->electrons, b = w->index;
    (void)number;
    for (int k = 0; k < 2; k++) {
        struct walkers *to = s->to[k][b];
        double ln[WALKERS], now, old;
        memcpy(to->pos, w->pos, (size_t)(w->n * n) * sizeof *to->pos);
        for (int i = 0; i < w->n; i++)
            ln[i] = follow(s->psi->system, s->path, k ? step : -step, n, to->pos + i * n);
        CHECK(walkers_refresh(to) < 0);
        walkers_measure(to);
        for (int i = 0; i < w->n; i++) {
            wavefunction_log(to->psi, to->twist, (const double(*)[3])to->pos + i * n, &now);
            wavefunction_log(s->psi, w->twist, (const double(*)[3])w->pos + i * n, &old);
            const double weight = exp(2 * (now - old) + ln[i]);
            s->weight[k][b] += weight;
            s->energy[k][b] += weight * to->energy[i];
        }
    }
}

/* dE/dh of one run: mean over twists */
static double one_run(struct slope *s, struct wavefunction *side[2], int samples, uint64_t seed)
{
    struct vmc_settings vs = {.seed = seed, .walkers = WALKERS};
    struct vmc *v = vmc_new(s->psi, &vs, NULL);
    double e[2][8] = {{0}}, w[2][8] = {{0}}, sum = 0;
    memset(s->weight, 0, sizeof s->weight);
    memset(s->energy, 0, sizeof s->energy);
    for (int k = 0; k < 2; k++)
        for (int b = 0; b < vmc_batches(v); b++)
            s->to[k][b] = walkers_new(side[k], vmc_batch(v, b)->twist, vmc_batch(v, b)->n);
    vmc_warm(v, 200, true);
    vmc_observe(v, samples, 3, add_sample, s);
    for (int k = 0; k < 2; k++)
        for (int b = 0; b < vmc_batches(v); b++) {
            e[k][s->to[k][b]->twist] += s->energy[k][b];
            w[k][s->to[k][b]->twist] += s->weight[k][b];
            walkers_free(s->to[k][b]);
        }
    for (int t = 0; t < s->psi->twists; t++)
        sum += (e[1][t] / w[1][t] - e[0][t] / w[0][t]) / (2 * step * s->psi->twists);
    vmc_free(v);
    return sum;
}

/* dE/dh along a path over re-converged orbitals, or of these orbitals alone, nuclei at rest: mean over runs,
 * and its error. */
static struct estimate sampled_slope(const struct model *m, const struct path *p, bool nuclei,
                                     int runs, int samples)
{
    static const struct path rest;
    struct slope s = {.psi = wave(m, m->system, &m->orbitals), .path = nuclei ? p : &rest};
    struct wavefunction *side[2];
    struct estimate e = {0};
    for (int k = 0; k < 2; k++) {
        struct system *y = displaced(m->system, p, k ? step : -step);
        struct dft_orbitals o = converge(m, y);
        side[k] = wave(m, nuclei ? y : m->system, &o);
        dft_orbitals_free(&o);
        system_free(y);
    }
    for (int i = 0; i < runs; i++) {
        const double x = one_run(&s, side, samples, 900 + (uint64_t)i);
        e.mean += x / runs;
        e.variance += x * x / runs;
    }
    e.error = sqrt((e.variance - e.mean * e.mean) / (runs - 1));
    for (int k = 0; k < 2; k++)
        wavefunction_free(side[k]);
    wavefunction_free((struct wavefunction *)s.psi);
    return e;
}

struct answer { /* dE/dh along the path: at fixed orbitals, what their response adds, the sum */
    double fixed, error, added, added_error, sum, sum_error;
};

static double along(const struct model *m, const struct path *p, const double force[][3],
                    const double stress[3][3])
{
    double sum = 0;
    for (int a = 0; a < 3 * m->system->n && !p->strained; a++)
        sum -= p->nuclei[a / 3][a % 3] * force[a / 3][a % 3];
    for (int a = 0; a < 9 && p->strained; a++)
        sum += p->strain[a / 3][a % 3] * stress[a / 3][a % 3] * system_volume(m->system);
    return sum;
}

/* Forces and stress, and what the orbitals add to them: of the gradient and of its replicas. */
static struct answer answer(const struct model *m, const struct path *p, long samples)
{
    struct err err = {0};
    struct wavefunction *psi = wave(m, m->system, &m->orbitals);
    struct forces_settings set = {.warp = true, .epsilon = 0.15};
    struct forces *f = forces_new(psi, m->basis, (const double(*)[3])m->orbitals.k, &set, &err);
    struct vmc_settings vs = {.seed = 11, .walkers = WALKERS};
    struct vmc *v = vmc_new(psi, &vs, &err);
    struct orbital_gradient *g = orbital_gradient_new(v, f, &err);
    struct force_run_settings fs = {.samples = samples, .stride = 2, .gradient = g};
    struct force_result r;
    struct orbital_gradient_result o;
    struct answer x = {0};
    vmc_warm(v, 100, true);
    struct force_run *run = force_run_new(v, f, NULL, &fs);
    CHECK(force_run(run, NULL, NULL, &r, &err) == ST_OK);
    orbital_gradient_evaluate(g, &o);
    const size_t size = (size_t)o.twists * o.orbitals * o.functions;
    struct dft *d = dft_new(&m->settings, &err);
    struct dft_gradient gradient[ORBITAL_GRADIENT_REPLICAS + 1];
    struct dft_response to[ORBITAL_GRADIENT_REPLICAS + 1];
    for (int k = 0; k <= o.replicas; k++)
        gradient[k] = (struct dft_gradient){k ? o.replica + (size_t)(k - 1) * size : o.mean, 1e-3};
    CHECK(dft_respond(d, m->system, m->basis, &m->orbitals, o.replicas + 1, gradient, to, &err) ==
          ST_OK);
    x.fixed = along(m, p, (const double(*)[3])r.force, (const double(*)[3])r.stress);
    for (int k = 0; k <= o.replicas; k++) {
        const double add =
            along(m, p, (const double(*)[3])to[k].force, (const double(*)[3])to[k].stress);
        if (k == 0)
            x.added = add;
        else {
            const double old = along(m, p, (const double(*)[3])o.force + (size_t)(k - 1) * o.atoms,
                                     (const double(*)[3])o.stress[k - 1]);
            x.error += old * old / o.replicas;
            x.added_error += add * add / o.replicas;
            x.sum_error += (old + add) * (old + add) / o.replicas;
        }
        dft_response_free(&to[k]);
    }
    x.sum = x.fixed + x.added;
    x.error = sqrt(x.error);
    x.added_error = sqrt(x.added_error);
    x.sum_error = sqrt(x.sum_error);
    dft_free(d);
    orbital_gradient_result_free(&o);
    force_result_free(&r);
    force_run_free(run);
    orbital_gradient_free(g);
    vmc_free(v);
    forces_free(f);
    wavefunction_free(psi);
    return x;
}

struct effort {
    long samples;   /* of the forces */
    int runs, each; /* of correlated sampling, and samples of each */
    double most;    /* joint error bar of the sum */
    bool visible;   /* the response stands out of its error bars */
};

/* Four replicas know an error bar within a factor of about two: four joint errors leave room for that. */
static void compare(const char *what, const struct model *m, const struct path *p,
                    const struct effort *t)
{
    const struct answer x = answer(m, p, t->samples);
    const struct estimate all = sampled_slope(m, p, true, t->runs, t->each);
    const struct estimate part = sampled_slope(m, p, false, t->runs, t->each);
    printf("%s: fixed orbitals %.5f(%.5f), response %.5f(%.5f), sum %.5f(%.5f); correlated "
           "sampling: orbitals alone %.5f(%.5f), all %.5f(%.5f)\n",
           what, x.fixed, x.error, x.added, x.added_error, x.sum, x.sum_error, part.mean,
           part.error, all.mean, all.error);
    CHECK(fabs(x.added - part.mean) < 4 * hypot(x.added_error, part.error));
    CHECK(fabs(x.added) > 4 * hypot(x.added_error, part.error) || !t->visible);
    CHECK(fabs(x.sum - all.mean) < 4 * hypot(x.sum_error, all.error));
    CHECK(hypot(x.sum_error, all.error) < t->most);
}

static struct model hydrogen(double bond, struct path *p)
{
    static const double box[3][3] = {{9, 0, 0}, {0, 9, 0}, {0, 0, 10}};
    struct system *y = system_new(2);
    *p = (struct path){.nuclei = {{0, 0, -0.5}, {0, 0, 0.5}}};
    for (int a = 0; a < 2; a++) {
        y->element[a] = 1;
        y->pos[a][0] = y->pos[a][1] = 4.53;
        y->pos[a][2] = 5.03 + (a ? 0.5 : -0.5) * bond;
    }
    return model_new(y, box, 1, "h-dz");
}

static void molecule(double bond, bool visible)
{
    struct path p;
    struct model m = hydrogen(bond, &p);
    compare("dE/dbond", &m, &p, &(struct effort){40000, 10, 50, 0.02, visible});
    model_free(&m);
}

static void molecule_short(void)
{
    molecule(1.0, true);
}

static void molecule_long(void)
{
    molecule(2.0, false);
}

enum { BONDS = 3 };
static const double bonds[BONDS] = {1.0, 1.4, 1.8};

/* What a curve through slopes dE/dR at the bonds says, and its errors. */
struct curve {
    double slope[BONDS], error[BONDS];
    double length, wave, length_error, wave_error; /* bohr, 1/cm */
};

/* dE/dR = (a + b y + c y^2) / R^2, y = 1 - 1.4/R, through three points: the expansion of Simons, Parr & Finlan, J.
 * Chem. Phys. 59, 3229 (1973), with E of third order in y */
static double curve_slope(const double slope[BONDS], double r)
{
    double sum = 0;
    for (int i = 0; i < BONDS; i++) {
        double x = slope[i] * bonds[i] * bonds[i] / (r * r);
        for (int j = 0; j < BONDS; j++)
            if (j != i)
                x *= (1 / r - 1 / bonds[j]) / (1 / bonds[i] - 1 / bonds[j]);
        sum += x;
    }
    return sum;
}

/* Where the slope is zero, and the harmonic wave number of two protons there */
static void curve_minimum(const double slope[BONDS], double *length, double *wave)
{
    const double h = 1e-4, wave_number = 219474.6313632, proton = 1836.15267343; /* CODATA 2018 */
    double r = bonds[1], bend = 0;
    for (int i = 0; i < 30; i++) {
        bend = (curve_slope(slope, r + h) - curve_slope(slope, r - h)) / (2 * h);
        r -= curve_slope(slope, r) / bend;
    }
    *length = r;
    *wave = sqrt(bend / (proton / 2)) * wave_number;
}

static void curve_fit(struct curve *c)
{
    curve_minimum(c->slope, &c->length, &c->wave);
    c->length_error = c->wave_error = 0;
    for (int i = 0; i < BONDS; i++) {
        double moved[BONDS], length, wave;
        memcpy(moved, c->slope, sizeof moved);
        moved[i] += c->error[i];
        curve_minimum(moved, &length, &wave);
        c->length_error = hypot(c->length_error, length - c->length);
        c->wave_error = hypot(c->wave_error, wave - c->wave);
    }
}

static void curve_print(const char *what, const struct curve *c)
{
    printf("%-14s", what);
    for (int i = 0; i < BONDS; i++)
        printf(" %8.5f(%.5f)", c->slope[i], c->error[i]);
    printf("  R_e %.4f(%.4f) bohr, omega %.0f(%.0f) 1/cm\n", c->length, c->length_error, c->wave,
           c->wave_error);
}

/* Bond length and frequency of the corrected forces are those of the energy curve, of the forces at fixed orbitals
 * they are not. */
static void molecule_curve(void)
{
    struct curve fixed, sum, energy;
    const int samples = 30000, runs = 10, each = 50; /* of the forces; of correlated sampling */
    for (int i = 0; i < BONDS; i++) {
        struct path p;
        struct model m = hydrogen(bonds[i], &p);
        const struct answer x = answer(&m, &p, samples);
        const struct estimate e = sampled_slope(&m, &p, true, runs, each);
        fixed.slope[i] = x.fixed;
        fixed.error[i] = x.error;
        sum.slope[i] = x.sum;
        sum.error[i] = x.sum_error;
        energy.slope[i] = e.mean;
        energy.error[i] = e.error;
        model_free(&m);
    }
    curve_fit(&fixed);
    curve_fit(&sum);
    curve_fit(&energy);
    curve_print("fixed orbitals", &fixed);
    curve_print("with response", &sum);
    curve_print("energy", &energy);
    for (int i = 0; i < BONDS; i++)
        CHECK(fabs(sum.slope[i] - energy.slope[i]) < 4 * hypot(sum.error[i], energy.error[i]));
    CHECK(fabs(sum.length - energy.length) < 4 * hypot(sum.length_error, energy.length_error));
    CHECK(fabs(sum.wave - energy.wave) < 4 * hypot(sum.wave_error, energy.wave_error));
    CHECK(energy.slope[0] - fixed.slope[0] < -4 * hypot(fixed.error[0], energy.error[0]));
    CHECK(energy.length - fixed.length > 3 * hypot(fixed.length_error, energy.length_error));
    CHECK(hypot(sum.length_error, energy.length_error) < 0.02);
    CHECK(hypot(sum.wave_error, energy.wave_error) < 120);
}

/* Four molecules in a cubic cell, rattled. */
static struct model fluid(void)
{
    static const double pos[8][3] = {{0.3, 0.2, -0.1}, {1.6, 0.1, 0.5}, {3.4, 3.1, 0.2},
                                     {4.7, 3.3, -0.3}, {3.2, 0.3, 3.3}, {3.6, -0.2, 4.6},
                                     {0.1, 3.3, 3.2},  {0.5, 4.6, 2.9}};
    struct system *y = system_new(8);
    threads_set(0);
    y->periodic = true;
    memcpy(y->pos, pos, sizeof pos);
    for (int a = 0; a < 8; a++)
        y->element[a] = 1;
    for (int x = 0; x < 3; x++)
        y->cell[x][x] = 6.2;
    return model_new(y, (const double(*)[3])y->cell, 1, "h-dz");
}

static const struct effort cell_effort = {40000, 24, 30, 0.05, true};

/* Bonds stretched and shrunk, which moves orbitals most. */
static void cell_one(void)
{
    struct model m = fluid();
    const struct path p = {.nuclei = {{-0.5, 0, -0.2},
                                      {0.5, 0, 0.2},
                                      {-0.4, 0, 0.2},
                                      {0.4, 0, -0.2},
                                      {0, 0.2, -0.4},
                                      {0, -0.2, 0.4},
                                      {-0.1, -0.5, 0},
                                      {0.1, 0.5, 0}}};
    compare("dE/ds", &m, &p, &cell_effort);
    model_free(&m);
}

static void cell_two(void)
{
    struct model m = fluid();
    const struct path p = {.nuclei = {{-0.8, 0.1, 0},
                                      {0.7, 0, 0.3},
                                      {0.5, 0, 0.3},
                                      {-0.5, 0.1, 0},
                                      {0, 0.1, -0.7},
                                      {0.1, 0, 0.8},
                                      {0.2, 0.5, 0},
                                      {0, -0.4, 0.1}}};
    compare("dE/ds", &m, &p, &(struct effort){40000, 24, 30, 0.05, false});
    model_free(&m);
}

static void cell_volume(void)
{
    struct model m = fluid();
    const struct path p = {.strain = {{1.0 / 3, 0, 0}, {0, 1.0 / 3, 0}, {0, 0, 1.0 / 3}},
                           .strained = true};
    compare("dE/dlnV", &m, &p, &cell_effort);
    model_free(&m);
}

int main(int argc, char **argv)
{
    static const struct check_case cases[] = {{"molecule_short", molecule_short},
                                              {"molecule_long", molecule_long},
                                              {"molecule_curve", molecule_curve},
                                              {"cell_one", cell_one},
                                              {"cell_two", cell_two},
                                              {"cell_volume", cell_volume},
                                              {0}};
    threads_set(1); /* small systems: a second thread would mostly wait */
    return check_main(argc, argv, cases);
}
