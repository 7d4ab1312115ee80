/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Small liquids labelled with a known pair potential, and force fields fitted to them. */
#ifndef TESTS_KERNEL_LABELS_H
#define TESTS_KERNEL_LABELS_H

#include <math.h>
#include <stdlib.h>
#include "base/mem.h"
#include "base/rng.h"
#include "crystal/neighbour.h"
#include "ml/fit.h"
#include "ml/predict.h"
#include "check.h"

enum { ATOMS = 11 };

/* ATOMS atoms in a skew cell smaller than twice the cut-off, no two closer than 1 bohr; elements 1 and 6
 * when mixed. */
static struct system *liquid(int frame, bool mixed, bool periodic)
{
    static const double cell[3][3] = {{6.1, 0.2, -0.3}, {0.4, 5.7, 0.5}, {-0.2, 0.6, 5.9}};
    struct system *s = system_new(ATOMS);
    struct rng rng;
    rng_start(&rng, 11, RNG_TEST, frame, 0, 0);
    s->periodic = periodic;
    memcpy(s->cell, cell, periodic ? sizeof cell : 0);
    for (int i = 0; i < ATOMS;) {
        double x[3], shortest[3];
        bool room = true;
        for (int a = 0; a < 3; a++)
            x[a] = cell[a][a] * rng_uniform(&rng);
        for (int j = 0; j < i && room; j++) {
            double d[3] = {x[0] - s->pos[j][0], x[1] - s->pos[j][1], x[2] - s->pos[j][2]};
            system_minimum_image(s, d, shortest);
            room = hypot(hypot(shortest[0], shortest[1]), shortest[2]) > 1.3;
        }
        s->element[i] = mixed && i % 3 == 1 ? 6 : 1;
        memcpy(s->pos[i], x, sizeof x);
        i += room;
    }
    return s;
}

/* A smooth pair potential with labels computed here, apart from everything in ml. */
static void pair_label(struct rows_label *label, double scale)
{
    const double reach = 4.2;
    struct system *s = label->system;
    struct neighbour *list = neighbour_new(s, reach);
    memset(label->force, 0, 3 * s->n * sizeof *label->force);
    memset(label->stress, 0, sizeof label->stress);
    label->energy = -0.37 * s->n;
    for (int i = 0; i < s->n; i++)
        for (size_t k = list->first[i]; k < list->first[i + 1]; k++) {
            static const int voigt[6][2] = {{0, 0}, {1, 1}, {2, 2}, {1, 2}, {0, 2}, {0, 1}};
            const double *d = list->d[k];
            double r = sqrt(d[0] * d[0] + d[1] * d[1] + d[2] * d[2]), g = 1 - r / reach;
            double e = exp(-0.9 * r), v = scale * e * g * g * g;
            double slope = -0.9 * v - scale * e * 3 * g * g / reach;
            label->energy += 0.5 * v;
            for (int a = 0; a < 3; a++)
                label->force[3 * i + a] += slope * d[a] / r;
            for (int a = 0; a < 6 && s->periodic; a++)
                label->stress[a] +=
                    0.5 * slope / r * d[voigt[a][0]] * d[voigt[a][1]] / system_volume(s);
        }
    neighbour_free(list);
}

static struct rows_label make_label(int frame, bool mixed)
{
    struct rows_label label = {.system = liquid(frame, mixed, true),
                               .has_energy = true,
                               .has_forces = true,
                               .has_stress = true,
                               .energy_noise = 1e-4,
                               .force = MEM_NEW(double, 3 * ATOMS),
                               .force_noise = MEM_NEW(double, 3 * ATOMS)};
    for (int i = 0; i < 3 * ATOMS; i++)
        label.force_noise[i] = 1e-3;
    for (int v = 0; v < 6; v++)
        label.stress_noise[v] = 1e-5;
    pair_label(&label, 1.7);
    return label;
}

static void free_labels(int n, struct rows_label *label)
{
    for (int f = 0; f < n; f++) {
        system_free(label[f].system);
        free(label[f].force);
        free(label[f].force_noise);
    }
    free(label);
}

static struct rows_label *make_labels(int n, int first, bool mixed)
{
    struct rows_label *label = MEM_NEW(struct rows_label, n);
    for (int f = 0; f < n; f++)
        label[f] = make_label(first + f, mixed);
    return label;
}

static struct fit_settings defaults(int sparse)
{
    struct fit_settings set = {.soap = soap_defaults, .zeta = 3, .sparse = sparse, .amplitude = 1};
    set.soap.cutoff = 4.7;
    set.soap.transition = 1.5;
    set.soap.sigma = 0.38;
    set.soap.scale = 2;
    set.soap.n_max = 6;
    set.soap.l_max = 4;
    return set;
}

static inline struct potential *fitted(int frames, bool mixed, const struct fit_settings *set)
{
    struct fit_report report;
    struct rows_label *label = make_labels(frames, 0, mixed);
    struct potential *p = fit_potential(frames, label, set, &report, NULL, NULL);
    free_labels(frames, label);
    return p;
}

static double energy(struct predict *p, const struct system *s, struct predict_result *r)
{
    CHECK(predict_evaluate(p, s, r, NULL) == ST_OK);
    return r->energy;
}

/* Energies, exact[n], and forces of a known force field, with noise of 0.01 Ha and 0.02 Ha/bohr that the labels state */
static inline void noisy_labels(struct potential *truth, int n, struct rows_label label[],
                                double exact[], struct rng *rng)
{
    struct predict *p = predict_new(1, &truth, false);
    for (int f = 0; f < n; f++) {
        struct predict_result r = {.force = (double(*)[3])label[f].force};
        exact[f] = energy(p, label[f].system, &r);
        label[f].energy_noise = 0.01;
        label[f].energy = exact[f] + 0.01 * rng_normal(rng);
        for (int i = 0; i < 3 * ATOMS; i++) {
            label[f].force_noise[i] = 0.02;
            label[f].force[i] += 0.02 * rng_normal(rng);
        }
    }
    predict_free(p);
}

#endif
