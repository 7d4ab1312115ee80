/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "qmc/walkers.h"
#include "qmc/scratch.h"
#include "qmc/slater.h"
#include "base/mem.h"
#include "maths/linalg.h"
#include <stdlib.h>
#include <string.h>

struct walkers *walkers_new(const struct wavefunction *psi, int twist, int n)
{
    int electrons = psi->electrons, largest = psi->up > psi->down ? psi->up : psi->down;
    struct walkers *w = mem_new(1, sizeof *w);
    w->psi = psi;
    w->twist = twist;
    w->n = n;
    w->pos = mem_new((size_t)n * electrons, sizeof *w->pos);
    w->orbital = MEM_NEW(double, (size_t)n *electrons * 5 * psi->orbitals);
    w->inverse = MEM_NEW(double, n *(psi->up * psi->up + psi->down * psi->down));
    w->log_det = MEM_NEW(double, n);
    w->slater = mem_new((size_t)n * electrons, sizeof *w->slater);
    w->slater_laplacian = MEM_NEW(double, n);
    w->velocity = mem_new((size_t)n * electrons, sizeof *w->velocity);
    w->kinetic = MEM_NEW(double, n);
    w->coulomb = mem_new(n, sizeof *w->coulomb);
    w->energy = MEM_NEW(double, n);
    struct walkers_scratch *s = w->scratch = mem_new(1, sizeof *s);
    s->functions = MEM_NEW(double, 5 * (size_t)n * psi->functions);
    s->orbitals = MEM_NEW(double, 5 * (size_t)n * psi->orbitals);
    s->at = mem_new(n, sizeof *s->at);
    s->old = mem_new(n, sizeof *s->old);
    s->now = mem_new(n, sizeof *s->now);
    s->drift = mem_new(n, sizeof *s->drift);
    s->uniform = mem_new(n, sizeof *s->uniform);
    s->normal = mem_new(n, sizeof *s->normal);
    s->ratio = MEM_NEW(double, n);
    s->value = MEM_NEW(double, n);
    s->laplacian = MEM_NEW(double, (size_t)n *electrons);
    s->matrix = MEM_NEW(double, largest *largest);
    s->coulomb = MEM_NEW(double, coulomb_scratch(psi->coulomb));
    s->old_value = MEM_NEW(double, n);
    s->jastrow_now = mem_new(n, sizeof *s->jastrow_now);
    s->jastrow_old = mem_new(n, sizeof *s->jastrow_old);
    s->laplacian_now = MEM_NEW(double, n);
    s->laplacian_old = MEM_NEW(double, n);
    s->ao = ao_work_new(psi->ao[twist]);
    return w;
}

static void scratch_free(struct walkers_scratch *s)
{
    free(s->functions);
    free(s->orbitals);
    free(s->at);
    free(s->old);
    free(s->now);
    free(s->drift);
    free(s->uniform);
    free(s->normal);
    free(s->ratio);
    free(s->value);
    free(s->old_value);
    free(s->jastrow_now);
    free(s->jastrow_old);
    free(s->laplacian_now);
    free(s->laplacian_old);
    free(s->laplacian);
    free(s->matrix);
    free(s->coulomb);
    ao_work_free(s->ao);
    jastrow_work_free(s->jastrow);
    free(s);
}

void walkers_free(struct walkers *w)
{
    if (!w)
        return;
    scratch_free(w->scratch);
    free(w->pos);
    free(w->orbital);
    free(w->inverse);
    free(w->log_det);
    free(w->slater);
    free(w->slater_laplacian);
    free(w->velocity);
    free(w->kinetic);
    free(w->coulomb);
    free(w->energy);
    free(w);
}

struct jastrow_work *walkers_jastrow(struct walkers *w)
{
    if (!w->scratch->jastrow)
        w->scratch->jastrow = jastrow_work_new(w->psi->jastrow, w->n);
    return w->scratch->jastrow;
}

struct row { /* what belongs to one walker of one array; NULL without walkers */
    char *at;
    size_t size;
};

static struct row row(const void *array, int k, size_t size)
{
    return (struct row){array ? (char *)(size_t)array + (size_t)k * size : NULL, size};
}

static void all_rows(const struct wavefunction *psi, const struct walkers *w, int k,
                     struct row to[WALKERS_PARCELS])
{
    static const struct walkers none;
    size_t one = sizeof(double), electrons = (size_t)psi->electrons * one;
    size_t inverse = (size_t)(psi->up * psi->up + psi->down * psi->down) * one;
    w = w ? w : &none;
    to[0] = row(w->pos, k, 3 * electrons);
    to[1] = row(w->orbital, k, electrons * 5 * psi->orbitals);
    to[2] = row(w->inverse, k, inverse);
    to[3] = row(w->log_det, k, one);
    to[4] = row(w->slater, k, 3 * electrons);
    to[5] = row(w->slater_laplacian, k, one);
    to[6] = row(w->velocity, k, 3 * electrons);
    to[7] = row(w->kinetic, k, one);
    to[8] = row(w->energy, k, one);
    to[9] = row(w->coulomb, k, sizeof *w->coulomb);
}

void walkers_copy(const struct walkers *from, int k, struct walkers *to, int l)
{
    struct row a[WALKERS_PARCELS], b[WALKERS_PARCELS];
    all_rows(from->psi, from, k, a);
    all_rows(to->psi, to, l, b);
    for (int i = 0; i < WALKERS_PARCELS; i++)
        memcpy(b[i].at, a[i].at, a[i].size);
}

void walkers_parcels(const struct wavefunction *psi, const struct walkers *w, int k, int from,
                     int to, struct ranks_parcel parcel[WALKERS_PARCELS])
{
    struct row a[WALKERS_PARCELS];
    all_rows(psi, w, k, a);
    for (int i = 0; i < WALKERS_PARCELS; i++)
        parcel[i] = (struct ranks_parcel){from, to, a[i].at, a[i].size};
}

void walkers_orbitals(struct walkers *w, const double r[][3])
{
    const struct wavefunction *psi = w->psi;
    struct walkers_scratch *s = w->scratch;
    if (ao_orbitals_pays(psi->ao[w->twist], psi->orbitals)) {
        ao_orbitals(psi->ao[w->twist], w->n, r, psi->orbitals, psi->coefficient[w->twist],
                    s->orbitals);
        return;
    }
    ao_eval_with(psi->ao[w->twist], s->ao, AO_LAPLACIAN, w->n, r, s->functions);
    linalg_gemm(LINALG_N, LINALG_T, 5 * w->n, psi->orbitals, psi->functions, 1, s->functions,
                psi->coefficient[w->twist], 0, s->orbitals);
}

void walkers_keep_orbitals(struct walkers *w, int k, int i)
{
    int orbitals = w->psi->orbitals;
    double *to = w->orbital + ((size_t)k * w->psi->electrons + i) * 5 * orbitals;
    for (int q = 0; q < 5; q++)
        memcpy(to + q * orbitals, w->scratch->orbitals + (q * w->n + k) * orbitals,
               orbitals * sizeof *to);
}

static bool invert_spin(struct walkers *w, int k, int spin)
{
    const struct wavefunction *psi = w->psi;
    int n = spin ? psi->down : psi->up, first = spin ? psi->up : 0;
    double *a = w->scratch->matrix, log_det;
    for (int i = 0; i < n; i++)
        memcpy(a + i * n, w->orbital + ((size_t)k * psi->electrons + first + i) * 5 * psi->orbitals,
               n * sizeof *a);
    if (!slater_invert(n, a, walkers_inverse(w, k, spin), &log_det))
        return false;
    w->log_det[k] += log_det;
    return true;
}

int walkers_invert(struct walkers *w)
{
    for (int k = 0; k < w->n; k++) {
        w->log_det[k] = 0;
        if (!invert_spin(w, k, 0) || !invert_spin(w, k, 1))
            return k;
    }
    return -1;
}

int walkers_refresh(struct walkers *w)
{
    int electrons = w->psi->electrons;
    for (int i = 0; i < electrons; i++) {
        for (int k = 0; k < w->n; k++)
            memcpy(w->scratch->at[k], w->pos[k * electrons + i], sizeof w->scratch->at[k]);
        walkers_orbitals(w, (const double(*)[3])w->scratch->at);
        for (int k = 0; k < w->n; k++)
            walkers_keep_orbitals(w, k, i);
    }
    return walkers_invert(w);
}
