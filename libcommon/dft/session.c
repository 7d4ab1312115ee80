/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dft/session.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "base/mem.h"
#include "dft/block.h"
#include "dft/density.h"
#include "dft/exchange.h"
#include "dft/extrapolate.h"
#include "dft/mixer.h"
#include "dft/room.h"

static void free_states(struct dft *d)
{
    for (int j = 0; j < d->state.nk; j++) {
        waves_free(d->state.k[j].waves);
        free(d->state.k[j].orbital);
        free(d->state.k[j].eigenvalue);
        free(d->state.k[j].occupation);
    }
    free(d->state.k);
    exchange_free(d->state.exchange);
    free(d->state.local);
    free(d->state.drift);
    free(d->state.rho);
    free(d->state.rho_list);
    free(d->next);
    d->next = NULL;
    free(d->state.pseudo);
    memset(&d->state, 0, sizeof d->state);
    d->capacity = 0;
    d->filled = false;
    for (int i = 0; i < 2; i++) {
        mixer_free(d->mixer[i]);
        d->mixer[i] = NULL;
    }
}

void session_clear(struct dft *d)
{
    free_states(d);
    poisson_free(d->poisson);
    grid_free(d->grid);
    system_free(d->system);
    d->poisson = NULL;
    d->grid = NULL;
    d->system = NULL;
}

void session_box(const struct dft_settings *settings, const struct system *y, double cell[3][3],
                 double origin[3])
{
    memcpy(cell, y->cell, sizeof y->cell);
    memset(origin, 0, 3 * sizeof *origin);
    if (!y->periodic && settings->keep_waves)
        memcpy(cell, settings->basis_cell, sizeof y->cell);
    if (y->periodic || settings->keep_waves)
        return;
    memset(cell, 0, sizeof y->cell);
    for (int a = 0; a < 3; a++) {
        double low = y->pos[0][a], high = low;
        for (int i = 1; i < y->n; i++) {
            low = fmin(low, y->pos[i][a]);
            high = fmax(high, y->pos[i][a]);
        }
        cell[a][a] = high - low + 2 * settings->padding;
        origin[a] = settings->padding - low;
    }
}

static enum status choose_pseudo(struct dft *d, const struct system *y, const struct pseudo **list,
                                 struct err *err)
{
    for (int i = 0; i < y->n; i++) {
        list[i] = pseudo_find(d->pseudo, y->element[i]);
        if (!list[i])
            return err_set(err, ST_DATA,
                           "atom %d: there is no pseudopotential for element %s; H or D "
                           "would be right",
                           i + 1, species_symbol(y->element[i]));
    }
    return ST_OK;
}

static void make_states(struct dft *d, bool periodic)
{
    const struct dft_settings *t = &d->settings;
    static const int gamma[3] = {1, 1, 1};
    struct kpoints *mesh = kpoints_mesh(periodic ? t->mesh : gamma, t->shift, true);
    double chosen[3][3];
    struct state *s = &d->state;
    system_reciprocal(t->keep_waves ? t->basis_cell : d->grid->cell, chosen);
    s->nk = mesh->n;
    s->k = MEM_NEW(struct kstate, mesh->n);
    for (int j = 0; j < mesh->n; j++) {
        s->k[j].weight = mesh->weight[j];
        s->k[j].waves = waves_new(d->grid->rec, chosen, mesh->k[j], t->ecut, d->plans);
    }
    s->ranks = t->ranks;
    ranks_share(t->ranks, mesh->n, &s->first, &s->last);
    kpoints_free(mesh);
    s->exchange = exchange_new(d->grid, d->xc);
    s->local = MEM_RAW(double, d->grid->points);
    s->drift = MEM_NEW(double, d->grid->points);
    s->rho = MEM_RAW(double, d->grid->points);
    s->rho_list = MEM_RAW(double complex, d->poisson->grid->ng);
    d->next = MEM_NEW(double complex, d->grid->ng);
}

static void make_grids(struct dft *d, const double cell[3][3], bool periodic)
{
    const struct dft_settings *t = &d->settings;
    double gmax = 2 * sqrt(2 * t->ecut);
    int n[3];
    grid_size(t->keep_waves ? t->basis_cell : cell, gmax, n);
    if (t->grid[0] > 0)
        memcpy(n, t->grid, sizeof n);
    if (!d->plans || memcmp(d->plans->n, n, sizeof n)) {
        waves_plans_free(d->plans);
        d->plans = waves_plans_new(n);
    }
    d->grid = grid_new(cell, t->keep_waves ? t->basis_cell : NULL, n, gmax);
    d->poisson = poisson_new(d->grid, !periodic);
    make_states(d, periodic);
}

static void place(struct dft *d, const struct system *y)
{
    system_free(d->system);
    d->system = system_copy(y);
    for (int i = 0; i < y->n; i++)
        for (int a = 0; a < 3; a++)
            d->system->pos[i][a] += d->origin[a];
}

/* What the terms need to know of the system. */
static void describe(struct dft *d, const struct system *y, const struct pseudo **pseudo)
{
    struct state *s = &d->state;
    place(d, y);
    free(s->pseudo);
    s->pseudo = pseudo;
    s->session = d;
    s->system = d->system;
    s->grid = d->grid;
    s->poisson = d->poisson;
    s->xc = d->xc;
    s->electrons = 0;
    for (int i = 0; i < y->n; i++)
        s->electrons += pseudo[i]->charge;
    local_potential(s);
}

/* Density and orbitals from the frames before, or the density of free atoms. */
static void start_state(struct dft *d, bool helped)
{
    d->filled = false;
    if (!helped)
        d->expected = SESSION_EXPECTED;
    else {
        session_bands(d, extrapolate_bands(d->past));
        d->filled = extrapolate_state(d->past, &d->state);
    }
    if (!d->filled) {
        density_atoms(&d->state, d->state.rho);
        density_set(&d->state, d->state.rho);
    }
}

bool session_hurry(const struct dft *d)
{
    return d && d->settings.hurry && d->settings.hurry(d->settings.watcher);
}

/* Where one rank has hurried, all must end. */
enum status session_stop(struct dft *d, struct err *err)
{
    const struct dft_settings *t = d ? &d->settings : NULL;
    if (!d || !t->stop)
        return ST_OK;
    const bool asked = t->stop(t->watcher);
    if (ranks_most(t->ranks, asked || session_hurry(d)))
        d->stopped = true;
    return d->stopped ? err_set(err, ST_COMPUTE, "given up: a signal has come") : ST_OK;
}

enum status session_prepare(struct dft *d, const struct system *y, int bands, struct err *err)
{
    double cell[3][3];
    d->stopped = false;
    const struct pseudo **pseudo = MEM_NEW(const struct pseudo *, y->n);
    if (choose_pseudo(d, y, pseudo, err) != ST_OK) {
        free(pseudo);
        return err->status;
    }
    session_box(&d->settings, y, cell, d->origin);
    struct dft old = *d;
    const bool same =
        d->grid && d->system->periodic == y->periodic && !memcmp(d->grid->cell, cell, sizeof cell);
    if (!same && room_check(&d->settings, (const double(*)[3])cell, y, bands, err) != ST_OK) {
        free(pseudo);
        return err->status;
    }
    if (!same) {
        memset(&d->state, 0, sizeof d->state);
        d->grid = NULL;
        d->poisson = NULL;
        d->mixer[0] = d->mixer[1] = NULL;
        d->next = NULL;
        d->capacity = 0;
        make_grids(d, cell, y->periodic);
    }
    describe(d, y, pseudo);
    const bool helped = extrapolate_helps(d->past, &d->state);
    if (!same) {
        if (helped)
            extrapolate_transfer(d->past, &old.state, &d->state);
        old.system = NULL;
        session_clear(&old);
    }
    start_state(d, helped);
    return session_stop(d, err);
}

int session_spare_bands(const struct dft *d)
{
    const int occupied = (int)ceil(d->state.electrons / 2);
    return occupied + occupied / 8 + 2;
}

void session_bands(struct dft *d, int bands)
{
    for (int j = 0; j < d->state.nk && bands > d->capacity; j++) {
        struct kstate *k = &d->state.k[j];
        size_t size = k->waves->size, old = d->capacity;
        k->orbital = mem_grow(k->orbital, old * size, bands * size, sizeof(double));
        k->eigenvalue = mem_grow(k->eigenvalue, old, bands, sizeof(double));
        k->occupation = mem_grow(k->occupation, old, bands, sizeof(double));
    }
    if (bands > d->capacity)
        d->capacity = bands;
    d->state.bands = bands;
}

void session_orthonormal(struct dft *d)
{
    for (int j = 0; j < d->state.nk && d->filled; j++) {
        struct kstate *k = &d->state.k[j];
        const struct block block = {k->waves->real, k->waves->size};
        d->filled = block_orthonormal(&block, d->state.bands, k->orbital);
    }
}
