/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Forces and stress with the response of the orbitals against the slope of the variational energy over
 * re-converged orbitals, by correlated sampling; and that without the response they are not that slope.
 */
#include <stdlib.h>
#include "base/mem.h"
#include "base/threads.h"
#include "hydrogen.h"
#include "qmc/force_run.h"
#include "qmc/orbital_gradient.h"
#include "tests/unit/response_curve.h"
#include "tests/unit/response_slope.h"

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
    const struct dft_gradients all = {o.replicas + 1, gradient, 0};
    CHECK(dft_respond(d, m->system, m->basis, &m->orbitals, &all, to, &err) == ST_OK);
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
    const double pos[2][3] = {{4.53, 4.53, 5.03 - 0.5 * bond}, {4.53, 4.53, 5.03 + 0.5 * bond}};
    *p = (struct path){.nuclei = {{0, 0, -0.5}, {0, 0, 0.5}}};
    return model_new(hydrogen_at(2, pos, NULL), box, 1, "h-dz");
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
    static const double cell[3][3] = {{6.2, 0, 0}, {0, 6.2, 0}, {0, 0, 6.2}};
    threads_set(0);
    return model_new(hydrogen_at(8, pos, cell), cell, 1, "h-dz");
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
