/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "qmc/wavefunction.h"
#include "qmc/slater.h"
#include "base/mem.h"
#include "maths/linalg.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Of orbitals that a determinant may have: six of the digits of its inverse are left. Those of dft-baseline have 0.5 to 1. */
#define INDEPENDENT 1e-10

enum status wavefunction_spins(const struct system *s, int charge, int spin, int *up, int *down,
                               struct err *err)
{
    int electrons = -charge;
    for (int a = 0; a < s->n; a++)
        electrons += s->element[a];
    if (electrons < 1)
        return err_set(err, ST_DATA, "a charge of %d leaves no electron: at most %d", charge,
                       electrons + charge - 1);
    if (spin < 0)
        spin = electrons % 2;
    if (spin > electrons || (electrons - spin) % 2)
        return err_set(err, ST_DATA,
                       "2S = %d does not go with %d electrons: give 2S = %d, %d, ... %d", spin,
                       electrons, electrons % 2, electrons % 2 + 2, electrons);
    *up = (electrons + spin) / 2;
    *down = electrons - *up;
    return ST_OK;
}

/* Orbitals scaled to a unit vector of coefficients: only their span matters, and determinants stay
 * in range. Returns the factor. */
static double copy_scaled(int functions, const double from[], double to[])
{
    double square = 0;
    for (int f = 0; f < functions; f++)
        square += from[f] * from[f];
    const double scale = square > 0 ? 1 / sqrt(square) : 0;
    for (int f = 0; f < functions; f++)
        to[f] = scale * from[f];
    return scale;
}

/* Rounding keeps determinants of dependent orbitals from being exactly zero where walkers are placed, and their energies
 * would be wrong. Spins up and down have the first of the same orbitals. */
static enum status check_orbitals(const struct wavefunction *psi, int twist, struct err *err)
{
    size_t size = (size_t)psi->orbitals * psi->functions;
    double *c = MEM_NEW(double, size);
    memcpy(c, psi->coefficient[twist], size * sizeof *c);
    double independence = linalg_independence(psi->orbitals, psi->functions, c);
    free(c);
    if (!(independence > INDEPENDENT))
        return err_set(
            err, ST_COMPUTE,
            "the orbitals of k point %d are linearly dependent: every Slater determinant "
            "vanishes; dft-baseline --orbitals writes independent ones",
            twist + 1);
    return ST_OK;
}

static enum status add_twists(struct wavefunction *psi, const struct basis *b,
                              const double kpoint[][3], int orbitals, const double coefficient[],
                              struct err *err)
{
    psi->ao = mem_new(psi->twists, sizeof *psi->ao);
    psi->coefficient = mem_new(psi->twists, sizeof *psi->coefficient);
    psi->scale = MEM_NEW(double, psi->twists * psi->orbitals);
    for (int t = 0; t < psi->twists; t++) {
        psi->ao[t] = ao_new(psi->system, b, 1, &kpoint[t], err);
        if (!psi->ao[t])
            return ST_DATA;
        psi->functions = ao_functions(psi->ao[t]);
        psi->coefficient[t] = MEM_NEW(double, psi->orbitals * psi->functions);
        for (int o = 0; o < psi->orbitals; o++)
            psi->scale[t * psi->orbitals + o] = copy_scaled(
                psi->functions, coefficient + ((size_t)t * orbitals + o) * psi->functions,
                psi->coefficient[t] + o * psi->functions);
        if (check_orbitals(psi, t, err))
            return err->status;
    }
    return ST_OK;
}

struct wavefunction *wavefunction_new(const struct system *s, const struct basis *b, int twists,
                                      const double kpoint[][3], int orbitals,
                                      const double coefficient[], int up, int down, struct err *err)
{
    int needed = up > down ? up : down;
    if (orbitals < needed) {
        err_set(err, ST_DATA,
                "%d orbitals per twist are carried, %d up and %d down electrons need %d", orbitals,
                up, down, needed);
        return NULL;
    }
    struct wavefunction *psi = mem_new(1, sizeof *psi);
    psi->system = system_copy(s);
    psi->up = up;
    psi->down = down;
    psi->electrons = up + down;
    psi->orbitals = needed;
    psi->twists = twists;
    psi->coulomb = coulomb_new(s, psi->electrons);
    if (add_twists(psi, b, kpoint, orbitals, coefficient, err) == ST_OK)
        return psi;
    wavefunction_free(psi);
    return NULL;
}

void wavefunction_free(struct wavefunction *psi)
{
    if (!psi)
        return;
    for (int t = 0; t < psi->twists; t++) {
        ao_free(psi->ao[t]);
        free(psi->coefficient[t]);
    }
    free(psi->ao);
    free(psi->coefficient);
    free(psi->scale);
    coulomb_free(psi->coulomb);
    jastrow_free(psi->jastrow);
    system_free(psi->system);
    free(psi);
}

void wavefunction_set_jastrow(struct wavefunction *psi, struct jastrow *j)
{
    if (psi->jastrow != j)
        jastrow_free(psi->jastrow);
    psi->jastrow = j;
}

/* ln|det| of the n electrons from `first` on */
static bool log_det(const struct wavefunction *psi, int twist, int first, int n,
                    const double pos[][3], double *value)
{
    int f = psi->functions;
    double *chi = MEM_NEW(double, n *f + 1), *a = MEM_NEW(double, n *n + 1),
           *b = MEM_NEW(double, n *n + 1);
    ao_eval(psi->ao[twist], AO_VALUE, n, pos + first, chi);
    for (int i = 0; i < n; i++)
        for (int o = 0; o < n; o++)
            a[i * n + o] = slater_dot(f, chi + i * f, psi->coefficient[twist] + o * f);
    bool regular = slater_invert(n, a, b, value);
    free(chi);
    free(a);
    free(b);
    return regular;
}

bool wavefunction_log(const struct wavefunction *psi, int twist, const double pos[][3],
                      double *log_psi)
{
    double up = 0, down = 0, j = 0;
    if (!log_det(psi, twist, 0, psi->up, pos, &up) ||
        !log_det(psi, twist, psi->up, psi->down, pos, &down))
        return false;
    if (psi->jastrow) {
        double *all = MEM_NEW(double, 4 * psi->electrons);
        struct jastrow_work *work = jastrow_work_new(psi->jastrow, 1);
        jastrow_all(psi->jastrow, work, 1, pos, &j, (double(*)[3])(void *)all,
                    all + 3 * psi->electrons);
        jastrow_work_free(work);
        free(all);
    }
    *log_psi = up + down + j;
    return true;
}
