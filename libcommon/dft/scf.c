/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Self-consistency. One iteration: potential of the input density; some steps of the eigensolver at
 * every k; occupations; output density; mixing. Converged when the Hartree energy of the density's
 * residual and the difference of the Harris-Foulkes energy (Harris, Phys. Rev. B 31, 1770 (1985); of
 * the input density) and the Kohn-Sham energy (of the output), both of second order in the residual and
 * of opposite sign, are below the tolerance.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "base/mem.h"
#include "base/threads.h"
#include "dft/density.h"
#include "dft/minimise.h"
#include "dft/mixer.h"
#include "dft/occupation.h"
#include "dft/session.h"
#include "dft/solver.h"

enum {
    STEPS = 3,     /* of the eigensolver, at most, per iteration */
    PATIENCE = 12, /* iterations with the lowest orbitals before fixed occupations are minimised */
    SETTLE = 3     /* turns of the eigensolver that new bands have before others go on */
};

#define NEARLY 1e-9         /* Hartree energy of the residual, Ha per electron */
#define ROUNDING 1e-14      /* of energies, relative */
#define MISLEADING 5        /* residual of an orbital over its limit */
#define GAIN 0.1            /* of the tolerance: two such steps in a row end the minimiser */
#define TOP_OCCUPATION 1e-6 /* of the highest band, out of 2 */
#define NEW_OCCUPATION 0.02 /* taken for random bands, that they come down to their levels */
#define LEAST_FILLING 1e-6  /* below which a band counts as empty */
#define EMPTY 1e-3 /* residual (Ha) of such a band that is good enough at tight tolerances */

struct scf {
    struct dft *d;
    struct state *s;
    double *potential, *rho_out;
    float *single, *coarse; /* potential in single precision, on the grid and on the coarse one */
    double complex *rho, *residual; /* on the list of the grid */
    double density_energy;          /* terms of the input density */
    double nuclei_energy;           /* of each other, once for all iterations */
    double error;                   /* Hartree energy of the residual, Ha */
    double worst;                   /* residual of an orbital over its limit */
    double limit;                   /* of a filled orbital */
    double before;                  /* Harris-Foulkes energy of the last iteration */
    const struct scf_aim *aim;
    bool predicted; /* the orbitals are those of an extrapolation */
    double target;  /* tolerance of the whole system, Ha */
    int threads;    /* that have a k point each */
    struct solver_space **space;
};

static struct mixer **mixer_of(struct dft *d)
{
    return &d->mixer[d->state.temperature > 0 ? 0 : 1];
}

/* Kerker's damping is for cells that screen; a molecule in vacuum does not. */
static void start_mixer(struct dft *d)
{
    const struct grid *g = d->grid;
    struct mixer **mixer = mixer_of(d);
    if (*mixer && d->filled) {
        mixer_restart(*mixer);
        return;
    }
    mixer_free(*mixer);
    *mixer =
        mixer_new(g->ng, g->g2, g->weight, g->gmax * g->gmax / 4, d->poisson->open ? 0 : 0.7, 0.8);
}

static void scf_start(struct scf *c, struct dft *d)
{
    size_t points = d->grid->points;
    c->d = d;
    c->s = &d->state;
    c->potential = MEM_RAW(double, points);
    c->single = MEM_RAW(float, points);
    c->coarse = MEM_RAW(float, waves_coarse_points(d->plans));
    c->rho_out = MEM_RAW(double, points);
    c->rho = MEM_RAW(double complex, d->grid->ng);
    c->residual = MEM_RAW(double complex, d->grid->ng);
    c->nuclei_energy = nuclei_term.energy(c->s, NULL);
    c->error = (d->filled ? d->expected : 1e-2) * c->s->electrons;
    start_mixer(d);
    c->threads = c->s->last - c->s->first >= threads_max() ? threads_max() : 1;
    c->space = MEM_NEW(struct solver_space *, c->threads);
    for (int t = 0; t < c->threads; t++)
        c->space[t] = solver_space_new();
    grid_to_list(d->grid, c->s->rho, c->rho);
}

static void scf_end(struct scf *c)
{
    free(c->potential);
    free(c->single);
    free(c->coarse);
    free(c->rho_out);
    for (int t = 0; t < c->threads; t++)
        solver_space_free(c->space[t]);
    free(c->space);
    free(c->rho);
    free(c->residual);
}

/* How small the residual of each orbital must be: |r|^2 is its error in energy within a factor of the
 * order of one; kept below the present error of the density; empty orbitals may be worse. */
static double filled_limit(const struct scf *c)
{
    double target = fmax(0.01 * c->error, 1e-4 * c->d->settings.tolerance * c->s->system->n);
    return sqrt(target / c->s->electrons);
}

static void set_limits(const struct scf *c, const struct kstate *k, double *limit)
{
    const double empty = fmax(EMPTY, c->limit / sqrt(LEAST_FILLING));
    for (int b = 0; b < c->s->bands; b++)
        limit[b] = fmin(c->limit / sqrt(fmin(1, k->occupation[b] / 2)), empty);
}

static enum status one_k(struct scf *c, int j, double *worst, struct err *err)
{
    struct kstate *k = &c->s->k[j];
    enum status status = ST_OK;
    const struct solver_potential potential = {c->potential, c->single, c->coarse, c->d};
    if (session_hurry(c->d)) /* nobody will look at them */
        return ST_OK;
    if (!c->d->filled) {
        status = solver_start(k, c->s->system, &potential, c->s->bands, j, err);
        for (int b = 0; b < c->s->bands; b++)
            k->occupation[b] = 2 * b < c->s->electrons ? 2 : 0.1;
    }
    double *limit = MEM_NEW(double, c->s->bands);
    set_limits(c, k, limit);
    if (status == ST_OK)
        status = solver_improve(k, c->space[c->threads > 1 ? threads_rank() : 0], &potential,
                                c->s->bands, STEPS, limit, worst, err);
    free(limit);
    return status;
}

/* k points in parallel where there are enough of them, else what is inside: not in a region of one thread, in
 * which every region would start threads anew. */
static void all_k(struct scf *c, double *worst, struct err *errors)
{
    const int first = c->s->first, last = c->s->last;
    if (c->threads > 1) {
#pragma omp parallel for schedule(dynamic) num_threads(c->threads)
        for (int j = first; j < last; j++)
            errors[j].status = one_k(c, j, &worst[j], &errors[j]);
        return;
    }
    for (int j = first; j < last; j++)
        errors[j].status = one_k(c, j, &worst[j], &errors[j]);
}

struct news { /* of the k points */
    struct state *s;
    double *worst;
    struct err *errors;
};

static void tell(void *context, int j, struct checkpoint *c)
{
    const struct news *n = context;
    checkpoint_bytes(c, n->s->k[j].eigenvalue, n->s->bands * sizeof(double));
    checkpoint_bytes(c, &n->worst[j], sizeof *n->worst);
    checkpoint_bytes(c, &n->errors[j], sizeof *n->errors);
}

static void send_orbitals(void *context, int j, struct checkpoint *c)
{
    const struct state *s = context;
    const struct kstate *k = &s->k[j];
    checkpoint_bytes(c, k->orbital, (size_t)s->bands * k->waves->size * sizeof(double));
}

/* All ranks have all orbitals again. */
static void complete(struct scf *c)
{
    ranks_exchange(c->s->ranks, c->s->nk, send_orbitals, c->s);
}

static enum status orbitals(struct scf *c, struct err *err)
{
    c->limit = filled_limit(c);
    int nk = c->s->nk;
    struct err *errors = MEM_NEW(struct err, nk);
    double *worst = MEM_NEW(double, nk);
    all_k(c, worst, errors);
    enum status status = session_stop(c->d, err);
    ranks_exchange(c->s->ranks, nk, tell, &(struct news){c->s, worst, errors});
    c->worst = 0;
    for (int j = 0; j < nk; j++) {
        c->worst = fmax(c->worst, worst[j]);
        if (errors[j].status != ST_OK && status == ST_OK) {
            *err = errors[j];
            status = errors[j].status;
        }
    }
    c->d->filled = status == ST_OK;
    free(errors);
    free(worst);
    return status;
}

/* Harris-Foulkes free energy: bands, less what they count of the input density, plus its terms. What the bands
 * hold is found from their kinetic energy and density, as the solver's levels are not as good. */
static double harris(const struct scf *c)
{
    const struct state *s = c->s;
    const double counted = grid_integral(s->grid, c->potential, c->rho_out) -
                           grid_integral(s->grid, c->potential, s->rho);
    return kinetic_term.energy(s, NULL) + counted + c->density_energy + c->nuclei_energy +
           entropy_term.energy(s, NULL);
}

/* Output density, residual and its Hartree energy. */
static void output(struct scf *c)
{
    const struct grid *g = c->s->grid;
    double sum = 0;
    if (c->limit > SOLVER_SINGLE)
        density_orbitals_single(c->s, c->rho_out);
    else
        density_orbitals(c->s, c->rho_out);
    grid_to_list(g, c->rho_out, c->residual);
    for (int i = 0; i < g->ng; i++)
        c->residual[i] -= c->rho[i];
    for (int i = 1; i < g->ng; i++)
        sum += g->weight[i] * 4 * M_PI / g->g2[i] *
               (creal(c->residual[i]) * creal(c->residual[i]) +
                cimag(c->residual[i]) * cimag(c->residual[i]));
    c->error = 0.5 * g->volume * sum;
    ranks_broadcast(c->s->ranks, &c->error, sizeof c->error);
}

/* More bands where the highest is still occupied: random ones, beside the present ones. */
static bool enlarge(struct scf *c, double top)
{
    const int bands = c->s->bands, more = bands + bands / 6 + 2;
    if (c->s->temperature == 0 || c->d->settings.bands > 0 || top < TOP_OCCUPATION)
        return false;
    session_bands(c->d, more);
    bool good = c->d->filled;
    for (int j = 0; j < c->s->nk; j++)
        for (int b = bands; b < more; b++)
            c->s->k[j].occupation[b] = NEW_OCCUPATION;
    for (int j = c->s->first; j < c->s->last; j++) {
        struct kstate *k = &c->s->k[j];
        good = good && more < k->waves->size / 4 && solver_append(k, bands, more, j);
    }
    c->d->filled = !ranks_most(c->s->ranks, !good);
    return true;
}

/* Orbitals far from their limit, as when a missing one has just been found, get a second chance: their
 * density would mislead the mixing. */
static enum status good_orbitals(struct scf *c, struct err *err)
{
    enum status status = orbitals(c, err);
    if (status != ST_OK || c->worst < MISLEADING)
        return status;
    occupation_fill(c->s);
    return orbitals(c, err);
}

static enum status iterate(struct scf *c, double *top, struct err *err)
{
    for (;;) {
        enum status status = good_orbitals(c, err);
        if (status != ST_OK)
            return status;
        *top = occupation_fill(c->s);
        ranks_broadcast(c->s->ranks, top, sizeof *top);
        if (!enlarge(c, *top))
            return ST_OK;
        for (int i = 0; i < SETTLE; i++)
            if ((status = orbitals(c, err)) != ST_OK)
                return status;
        occupation_fill(c->s);
    }
}

static void next_density(struct scf *c)
{
    grid_from_list(c->s->grid, c->rho, c->rho_out);
    density_set(c->s, c->rho_out);
}

static enum status not_converged(const struct scf *c, struct err *err)
{
    return err_set(
        err, ST_COMPUTE,
        "not self-consistent after %d iterations: the density is still off by %.1e Ha/atom "
        "and the tolerance is %.1e; more --max-iterations, a higher "
        "--electron-temperature or more k points would be right",
        c->d->settings.max_iterations, c->error / c->s->system->n, c->d->settings.tolerance);
}

/* Kohn-Sham free energy of the output density, which becomes the state's; what its potential differs
 * from the one of the orbitals is kept for the forces. */
static double output_energy(struct scf *c)
{
    struct state *s = c->s;
    size_t points = s->grid->points;
    density_set(s, c->rho_out);
    double *potential = MEM_NEW(double, points);
    double sum = state_density_energy(s, potential);
    for (size_t i = 0; i < points; i++)
        s->drift[i] = potential[i] - c->potential[i];
    free(potential);
    return sum + kinetic_term.energy(s, NULL) + c->nuclei_energy + entropy_term.energy(s, NULL);
}

/* Levels cross, and no set of lowest orbitals is consistent: minimise the energy itself. */
static enum status minimise(struct scf *c, struct scf_result *result, struct err *err)
{
    const struct dft_settings *t = &c->d->settings;
    const struct minimise_settings settings = {.tolerance = fmin(c->aim->density, GAIN) * c->target,
                                               .max_steps = SESSION_STEPS * t->max_iterations,
                                               .log = t->log,
                                               .watch = t->watch,
                                               .watcher = t->watcher};
    complete(c);
    enum status status = minimise_energy(c->s, &settings, &result->free_energy, err);
    session_orthonormal(c->d); /* the empty orbitals, for the next frame */
    return status;
}

/* An even number of electrons in whole pairs, and no convergence for a while; what is nearly consistent gets
 * more time, as energies do not tell the minimiser of what is below their rounding. */
static bool levels_cross(const struct scf *c, int iterations)
{
    const bool late = iterations == 2 * PATIENCE ||
                      (iterations == PATIENCE && c->error > NEARLY * c->s->electrons);
    return late && c->s->temperature == 0 && fmod(c->s->electrons, 2) == 0;
}

static void report(struct scf *c, int iteration, double energy, double top)
{
    const struct dft_settings *t = &c->d->settings;
    const struct dft_iteration it = {.fixed = !(c->s->temperature > 0),
                                     .iteration = iteration,
                                     .bands = c->s->bands,
                                     .free_energy = energy,
                                     .change = iteration > 1 ? energy - c->before : 0,
                                     .density_residual = c->error,
                                     .orbital_residual = c->worst * c->limit,
                                     .fermi = c->s->fermi,
                                     .top_occupation = top};
    c->before = energy;
    log_detail(t->log, "iteration %d: F %.10f Ha, residual %.2e Ha, orbitals %.1e Ha, bands %d",
               iteration, energy, c->error, it.orbital_residual, it.bands);
    if (t->watch)
        t->watch(t->watcher, &it);
}

/* Is the output density as near as wanted? Then it becomes the state's, with its energy. */
static bool consistent(struct scf *c, double harris, struct scf_result *result)
{
    if (!(c->error < c->aim->density * c->target && c->worst < 10))
        return false;
    if (c->aim->orbitals) {
        density_set(c->s, c->rho_out);
        memset(c->s->drift, 0, c->s->grid->points * sizeof *c->s->drift);
        result->free_energy = harris;
        return true;
    }
    result->free_energy = output_energy(c);
    return fabs(result->free_energy - harris) < c->target + ROUNDING * fabs(harris);
}

static void mix(struct scf *c)
{
    struct dft *d = c->d;
    mixer_next(*mixer_of(d), c->rho, c->residual);
    memcpy(d->next, c->rho, d->grid->ng * sizeof *c->rho);
}

/* Solved orbitals with other occupations: their density needs no potential. */
static bool refill(struct scf *c, struct scf_result *result)
{
    result->top_occupation = occupation_fill(c->s);
    c->limit = filled_limit(c);
    output(c);
    mix(c);
    if (c->error < c->aim->density * c->target) {
        result->free_energy = output_energy(c);
        report(c, 1, result->free_energy, result->top_occupation);
        return true;
    }
    next_density(c);
    return false;
}

/* Potentials of the input density, orbitals, output density, mixing. */
static enum status iteration(struct scf *c, int i, bool *done, struct scf_result *result,
                             struct err *err)
{
    struct dft *d = c->d;
    c->density_energy = state_density_energy(c->s, c->potential);
#pragma omp parallel for schedule(static)
    for (size_t j = 0; j < d->grid->points; j++)
        c->single[j] = (float)c->potential[j];
    waves_coarse_field(d->plans, d->grid, c->potential, c->coarse);
    enum status status = iterate(c, &result->top_occupation, err);
    if (status != ST_OK)
        return status;
    output(c);
    const double energy = harris(c);
    if (i == 1 && c->predicted)
        d->expected = fmin(1e-4, c->error / c->s->electrons);
    *done = consistent(c, energy, result);
    ranks_broadcast(d->settings.ranks, done, sizeof *done);
    report(c, i, energy, result->top_occupation);
    result->iterations = i;
    mix(c);
    if (!*done && levels_cross(c, i)) {
        status = minimise(c, result, err);
        *done = status == ST_OK;
        grid_to_list(d->grid, d->state.rho, d->next);
    }
    if (!*done)
        next_density(c);
    return status;
}

enum status scf_run(struct dft *d, const struct scf_aim *aim, struct scf_result *result,
                    struct err *err)
{
    const bool solved = aim->solved && d->filled;
    struct scf c = {.aim = aim,
                    .target = d->settings.tolerance * d->system->n,
                    .predicted = d->filled && !solved};
    enum status status = ST_OK;
    scf_start(&c, d);
    bool done = solved && refill(&c, result);
    for (int i = 1; i <= d->settings.max_iterations && status == ST_OK && !done; i++)
        status = iteration(&c, i, &done, result, err);
    if (status == ST_OK && !done)
        status = not_converged(&c, err);
    complete(&c);
    d->filled = d->filled && status == ST_OK;
    d->reached = aim->density;
    if (status != ST_OK) {
        mixer_free(*mixer_of(d));
        *mixer_of(d) = NULL;
    }
    scf_end(&c);
    return status;
}
