/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The slope of the variational energy along a path, orbitals re-converged or not, by correlated sampling. */
#ifndef TESTS_RESPONSE_SLOPE_H
#define TESTS_RESPONSE_SLOPE_H

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "base/mem.h"
#include "dft/dft.h"
#include "maths/stats.h"
#include "qmc/vmc.h"
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

#endif
