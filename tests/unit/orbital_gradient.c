/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The derivative of ln|Psi| with respect to the orbital coefficients against finite differences; that of the
 * energy against correlated sampling with other coefficients; replicas against the scatter of independent runs.
 */
#include <stdlib.h>
#include "base/mem.h"
#include "base/rng.h"
#include "base/threads.h"
#include "qmc/force_run.h"
#include "tests/unit/check.h"
#include "tests/unit/hydrogen.h"

#define ATOMS 4

static const double twists[2][3] = {{0, 0, 0}, {0.5, 0, 0.5}};

/* Two molecules in a cell, with something random in their orbitals. */
struct model {
    struct system *system;
    struct basis *basis;
    struct wavefunction *psi;
    size_t size; /* coefficients of a twist */
};

static void fill(size_t n, double x[], uint64_t seed)
{
    struct rng rng;
    rng_start(&rng, seed, RNG_TEST, 0, 0, 0);
    for (size_t i = 0; i < n; i++)
        x[i] = 2 * rng_uniform(&rng) - 1;
}

/* change: of the coefficients, times h; NULL: none */
static struct model model_changed(const char *basis, int up, int down, double h,
                                  const double change[])
{
    static const double pos[ATOMS][3] = {
        {0.3, 0.2, -0.1}, {1.6, 0.1, 0.5}, {2.9, 2.6, 2.4}, {4.2, 2.8, 2.0}};
    static const double cell[3][3] = {{5.6, 0, 0}, {0, 5.3, 0}, {0, 0, 5.0}};
    struct model m = {.system = hydrogen_at(ATOMS, pos, cell), .basis = basis_builtin(basis, NULL)};
    int functions = ATOMS * m.basis->functions;
    m.size = 2 * (size_t)functions;
    double *c = MEM_NEW(double, 2 * m.size);
    fill(2 * m.size, c, 5);
    for (size_t i = 0; i < 2 * m.size; i++)
        c[i] *= 0.05;
    for (int row = 0; row < 4; row++)
        for (int a = 0; a < 2; a++)
            for (int s = 0; s < 2 && s < m.basis->functions; s++)
                c[row * functions + (2 * (row % 2) + a) * m.basis->functions + s] += 0.4;
    for (size_t i = 0; i < 2 * m.size; i++) /* far from unit vectors */
        c[i] *= 0.3;
    for (size_t i = 0; change && i < 2 * m.size; i++)
        c[i] += h * change[i];
    m.psi = wavefunction_new(m.system, m.basis, 2, twists, 2, c, up, down, NULL);
    wavefunction_set_jastrow(m.psi, jastrow_start(m.system, up, down));
    free(c);
    return m;
}

static struct model model_new(const char *basis, int up, int down)
{
    return model_changed(basis, up, down, 0, NULL);
}

static void model_free(struct model *m)
{
    wavefunction_free(m->psi);
    system_free(m->system);
    basis_free(m->basis);
}

/* One run: walkers over both twists, measurements. */
struct sampling {
    struct forces *forces;
    struct vmc *vmc;
    struct orbital_gradient *gradient;
};

static struct sampling sampling_new(const struct model *m, double epsilon, int walkers,
                                    uint64_t seed)
{
    struct forces_settings fs = {.warp = true, .epsilon = epsilon};
    struct vmc_settings vs = {.seed = seed, .walkers = walkers, .tau = 0.3};
    struct sampling s = {.forces = forces_new(m->psi, m->basis, twists, &fs, NULL),
                         .vmc = vmc_new(m->psi, &vs, NULL)};
    s.gradient = orbital_gradient_new(s.vmc, s.forces, NULL);
    return s;
}

static void sampling_free(struct sampling *s)
{
    orbital_gradient_free(s->gradient);
    vmc_free(s->vmc);
    forces_free(s->forces);
}

static void sample(const struct model *m, double epsilon, int walkers, int measurements,
                   uint64_t seed, struct force_result *force,
                   struct orbital_gradient_result *gradient)
{
    struct sampling s = sampling_new(m, epsilon, walkers, seed);
    struct force_run_settings set = {
        .samples = (long)measurements * walkers, .stride = 1, .gradient = s.gradient};
    vmc_warm(s.vmc, 20, false);
    struct force_run *run = force_run_new(s.vmc, s.forces, NULL, &set);
    CHECK(force_run(run, NULL, NULL, force, NULL) == ST_OK);
    orbital_gradient_evaluate(s.gradient, gradient);
    force_run_free(run);
    sampling_free(&s);
}

/* ln|Psi| of walker k with coefficient `at` changed by h */
static double log_at(const struct model *m, const struct walkers *w, int k, size_t at, double h)
{
    double *c = &m->psi->coefficient[w->twist][at], old = *c, ln;
    *c += h;
    CHECK(wavefunction_log(m->psi, w->twist,
                           (const double(*)[3])w->pos + (size_t)k * m->psi->electrons, &ln));
    *c = old;
    return ln;
}

static void one_derivative(int up, int down)
{
    struct model m = model_new("h-tz", up, down);
    struct sampling s = sampling_new(&m, 0, 26, 3);
    double *o = MEM_NEW(double, m.size), h = 1e-3, largest = 0;
    vmc_warm(s.vmc, 10, false);
    for (int twist = 0; twist < 2; twist++) {
        const struct walkers *w = vmc_batch(s.vmc, twist);
        CHECK(w->twist == twist);
        orbital_gradient_derivative(s.gradient, w, 7, o);
        for (size_t i = 0; i < m.size; i++) {
            double slope = (log_at(&m, w, 7, i, -2 * h) - 8 * log_at(&m, w, 7, i, -h) +
                            8 * log_at(&m, w, 7, i, h) - log_at(&m, w, 7, i, 2 * h)) /
                           (12 * h);
            CHECK_NEAR(o[i], slope, 1e-7 * fmax(1, fabs(slope)));
            largest = fmax(largest, fabs(o[i]));
        }
    }
    CHECK(largest > 0.1);
    free(o);
    sampling_free(&s);
    model_free(&m);
}

static void derivative(void)
{
    one_derivative(2, 2);
    one_derivative(2, 1);
}

/* sum_a C_ma X_na */
static double contract(const struct model *m, int twist, int row, int column, const double x[])
{
    int f = m->psi->functions;
    double sum = 0;
    for (int a = 0; a < f; a++)
        sum += m->psi->coefficient[twist][row * f + a] * x[column * f + a];
    return sum;
}

static void one_span(int up, int down)
{
    struct model m = model_new("h-tz", up, down);
    struct sampling s = sampling_new(&m, 0, 26, 4);
    double *o = MEM_NEW(double, m.size);
    vmc_warm(s.vmc, 10, false);
    for (int twist = 0; twist < 2; twist++)
        for (int k = 0; k < 13; k++) {
            orbital_gradient_derivative(s.gradient, vmc_batch(s.vmc, twist), k, o);
            for (int n = 0; n < 2; n++)
                for (int i = 0; i < 2; i++) {
                    int spins = (n < up) + (n < down), of_m = (i < up) + (i < down);
                    double x = contract(&m, twist, i, n, o);
                    if (of_m <
                        spins) /* rotates an orbital that is empty for one spin into the other */
                        CHECK(fabs(x - spins) > 1e-3);
                    else
                        CHECK_NEAR(x, i == n ? spins : 0, 1e-9);
                }
        }
    free(o);
    sampling_free(&s);
    model_free(&m);
}

static void span(void)
{
    one_span(2, 2);
    one_span(2, 1);
}

/* The gradient has no component along the orbitals, also where samples are damped. */
static void projection(void)
{
    struct model m = model_new("h-dz", 2, 2);
    for (int damped = 0; damped < 2; damped++) {
        struct force_result force;
        struct orbital_gradient_result g;
        double most = 0;
        sample(&m, damped ? 0.2 : 0, 64, 60, 11, &force, &g);
        for (int t = 0; t < 2; t++)
            for (int i = 0; i < 2; i++)
                for (int n = 0; n < 2; n++) {
                    double x = contract(&m, t, i, n, g.mean + t * m.size), square = 0;
                    for (int k = 0; k < g.replicas; k++)
                        square += pow(contract(&m, t, i, n, g.replica + (2 * k + t) * m.size), 2);
                    double error = sqrt(square / g.replicas);
                    CHECK(fabs(x) <= 5 * error + 1e-9);
                    most = fmax(most, error);
                }
        printf("error %g\n", most);
        CHECK((force.damped > 0) == damped);
        CHECK(most < 1e-9);
        force_result_free(&force);
        orbital_gradient_result_free(&g);
    }
    model_free(&m);
}

static double dot(size_t n, const double x[], const double y[])
{
    double sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += x[i] * y[i];
    return sum;
}

/* Mean of independent values and its error */
static struct estimate of_runs(int n, const double x[])
{
    struct estimate e = {0};
    for (int i = 0; i < n; i++)
        e.mean += x[i] / n;
    for (int i = 0; i < n; i++)
        e.variance += (x[i] - e.mean) * (x[i] - e.mean) / (n - 1);
    e.error = sqrt(e.variance / n);
    return e;
}

/* Correlated sampling: the samples of one function reweighted to two others. */
struct pair {
    const struct wavefunction *psi;
    struct walkers *to[2][8];          /* [side][batch] */
    double weight[2][8], energy[2][8]; /* sums */
};

static void add_pair(void *context, const struct walkers *w, int step)
{
    struct pair *p = context;
    (void)step;
    for (int side = 0; side < 2; side++) {
        struct walkers *to = p->to[side][w->index];
        memcpy(to->pos, w->pos, (size_t)w->n * w->psi->electrons * sizeof *w->pos);
        CHECK(walkers_refresh(to) < 0);
        walkers_measure(to);
        for (int k = 0; k < w->n; k++) {
            const double(*pos)[3] = (const double(*)[3])w->pos + (size_t)k * w->psi->electrons;
            double now, old;
            wavefunction_log(to->psi, w->twist, pos, &now);
            wavefunction_log(p->psi, w->twist, pos, &old);
            double weight = exp(2 * (now - old));
            p->weight[side][w->index] += weight;
            p->energy[side][w->index] += weight * to->energy[k];
        }
    }
}

/* (E(C + h D) - E(C - h D)) / 2 h, mean over twists, of one run */
static double difference(const struct model *m, const struct model side[2], double h, int steps,
                         uint64_t seed)
{
    struct vmc_settings vs = {.seed = seed, .walkers = 64, .tau = 0.3};
    struct vmc *v = vmc_new(m->psi, &vs, NULL);
    struct pair p = {.psi = m->psi};
    int batches = vmc_batches(v);
    double weight[2][2] = {{0}}, energy[2][2] = {{0}}, sum = 0;
    for (int b = 0; b < batches; b++)
        for (int k = 0; k < 2; k++)
            p.to[k][b] = walkers_new(side[k].psi, vmc_batch(v, b)->twist, vmc_batch(v, b)->n);
    vmc_warm(v, 40, false);
    vmc_observe(v, steps, 2, add_pair, &p);
    for (int b = 0; b < batches; b++)
        for (int k = 0; k < 2; k++) {
            weight[k][p.to[k][b]->twist] += p.weight[k][b];
            energy[k][p.to[k][b]->twist] += p.energy[k][b];
            walkers_free(p.to[k][b]);
        }
    for (int t = 0; t < 2; t++)
        sum += (energy[1][t] / weight[1][t] - energy[0][t] / weight[0][t]) / (2 * h * 2);
    vmc_free(v);
    return sum;
}

/* Something random, and the s functions of every orbital wider and narrower, which costs energy. */
static void direction(const struct model *m, double d[])
{
    int f = m->basis->functions;
    fill(2 * m->size, d, 8);
    for (size_t i = 0; i < 2 * m->size; i++)
        d[i] = 0.1 * d[i] + (i % f == 0) - (i % f == 1);
}

static void slope(void)
{
    enum { RUNS = 12, MEASUREMENTS = 20 };
    const double h = 0.006;
    struct model m = model_new("h-dz", 2, 2);
    double *d = MEM_NEW(double, 2 * m.size), mean[RUNS], slopes[RUNS];
    direction(&m, d);
    struct model side[2] = {model_changed("h-dz", 2, 2, -h, d), model_changed("h-dz", 2, 2, h, d)};
    for (int i = 0; i < RUNS; i++) {
        struct force_result force;
        struct orbital_gradient_result g;
        sample(&m, 0.02, 64, MEASUREMENTS, 100 + (uint64_t)i, &force, &g);
        mean[i] = dot(2 * m.size, g.mean, d);
        slopes[i] = difference(&m, side, h, MEASUREMENTS, 200 + (uint64_t)i);
        force_result_free(&force);
        orbital_gradient_result_free(&g);
    }
    struct estimate x = of_runs(RUNS, mean), y = of_runs(RUNS, slopes);
    double joint = hypot(x.error, y.error);
    printf("gradient along a direction %.5f(%.5f), correlated sampling %.5f(%.5f)\n", x.mean,
           x.error, y.mean, y.error);
    CHECK(fabs(x.mean - y.mean) < 4 * joint);
    CHECK(joint < 0.1 * fabs(y.mean));
    free(d);
    for (int k = 0; k < 2; k++)
        model_free(&side[k]);
    model_free(&m);
}

/* Linear in what a run gives: the gradient, a force, a stress, and force with gradient along d. */
enum { LOOKS = 4 };

static void look(const struct model *m, const double gradient[], const double force[][3],
                 const double stress[3][3], const double d[], double out[])
{
    const double as_large = 0.3; /* their errors are then about equal */
    size_t n = 2 * m->size;
    double along = as_large * dot(n, gradient, d);
    memcpy(out, gradient, n * sizeof *out);
    out[n] = force[0][0];
    out[n + 1] = stress[0][0];
    out[n + 2] = force[0][0] + along;
    out[n + 3] = force[0][0] - along;
}

/* |X - <X>|^2 S/(S-1) of the means of S runs against the mean square of their replicas, of numbers
 * first .. first + count - 1 of x[run][1 + replica][size]; the difference judged by its own scatter */
static void compare(const char *name, int runs, size_t size, const double x[], size_t first,
                    size_t count)
{
    enum { SETS = 1 + ORBITAL_GRADIENT_REPLICAS };
    double *mean = MEM_NEW(double, size), *d = MEM_NEW(double, runs), level = 0;
    for (int r = 0; r < runs; r++)
        for (size_t i = 0; i < size; i++)
            mean[i] += x[(size_t)r * SETS * size + i] / runs;
    for (int r = 0; r < runs; r++) {
        const double *own = x + (size_t)r * SETS * size;
        double scatter = 0, replicas = 0;
        for (size_t i = first; i < first + count; i++) {
            scatter += pow(own[i] - mean[i], 2) * runs / (runs - 1);
            for (int k = 1; k < SETS; k++)
                replicas += pow(own[k * size + i], 2) / ORBITAL_GRADIENT_REPLICAS;
        }
        d[r] = scatter - replicas;
        level += replicas / runs;
    }
    struct estimate e = of_runs(runs, d);
    printf("%s: variance of replicas %g, of the means more by %g(%g)\n", name, level, e.mean,
           e.error);
    CHECK(fabs(e.mean) < 4 * e.error);
    CHECK(e.error < 0.25 * level);
    free(mean);
    free(d);
}

/* 13 walkers of each twist: groups are not equal */
static void replicas(void)
{
    enum { RUNS = 80, SETS = 1 + ORBITAL_GRADIENT_REPLICAS };
    struct model m = model_new("h-sz", 2, 2);
    size_t n = 2 * m.size, size = n + LOOKS;
    double *x = MEM_NEW(double, RUNS *SETS *size), *d = MEM_NEW(double, n);
    fill(n, d, 8);
    for (int r = 0; r < RUNS; r++) {
        struct force_result f;
        struct orbital_gradient_result g;
        double *out = x + (size_t)r * SETS * size;
        sample(&m, 0.02, 26, 12, 300 + (uint64_t)r, &f, &g);
        CHECK(g.replicas == ORBITAL_GRADIENT_REPLICAS);
        look(&m, g.mean, (const double(*)[3])f.force, (const double(*)[3])f.stress, d, out);
        for (int k = 0; k < g.replicas; k++)
            look(&m, g.replica + k * n, (const double(*)[3])g.force + (size_t)k * ATOMS,
                 (const double(*)[3])g.stress[k], d, out + (k + 1) * size);
        force_result_free(&f);
        orbital_gradient_result_free(&g);
    }
    compare("gradient", RUNS, size, x, 0, n);
    static const char *const name[LOOKS] = {"force", "stress", "force + gradient",
                                            "force - gradient"};
    for (int k = 0; k < LOOKS; k++)
        compare(name[k], RUNS, size, x, n + k, 1);
    free(x);
    free(d);
    model_free(&m);
}

/* Fewer walkers than groups are refused; five are enough, and what is kept is what was summed. */
static void walkers(void)
{
    struct model m = model_new("h-sz", 2, 2);
    struct forces_settings fs = {.warp = true};
    struct vmc_settings vs = {.seed = 1, .walkers = 8, .tau = 0.3};
    struct forces *f = forces_new(m.psi, m.basis, twists, &fs, NULL);
    struct vmc *v = vmc_new(m.psi, &vs, NULL);
    struct err err = {0};
    CHECK(!orbital_gradient_new(v, f, &err) && err.status == ST_USAGE);
    vmc_free(v);
    forces_free(f);
    struct force_result force;
    struct orbital_gradient_result g;
    sample(&m, 0, 10, 32, 1, &force, &g);
    for (int k = 0; k < g.replicas; k++)
        CHECK(fabs(g.force[k * ATOMS][0]) > 0 && fabs(g.force[k * ATOMS][0]) < 5);
    force_result_free(&force);
    orbital_gradient_result_free(&g);
    model_free(&m);
}

static const struct check_case cases[] = {{"derivative", derivative},
                                          {"span", span},
                                          {"projection", projection},
                                          {"slope", slope},
                                          {"replicas", replicas},
                                          {"walkers", walkers},
                                          {0}};

int main(int argc, char **argv)
{
    threads_set(0);
    return check_main(argc, argv, cases);
}
