/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Metropolis moves of one electron after another with a drifted Gaussian proposal,
 *   r' = r + tau v~(r) + sqrt(tau) xi,   v~ = v (sqrt(1 + 2 v^2 tau) - 1) / (v^2 tau),
 * the drift limited where grad ln Psi diverges (nodes): Umrigar, Nightingale, Runge, J. Chem. Phys.
 * 99, 2865 (1993), eq. (35) with a = 1.
 */
#include "qmc/scratch.h"
#include "qmc/slater.h"
#include <math.h>
#include <string.h>

static void limited_drift(const double v[3], double tau, double drift[3])
{
    double x = 2 * tau * (v[0] * v[0] + v[1] * v[1] + v[2] * v[2]);
    double scale = tau * (x > 1e-8 ? 2 * (sqrt(1 + x) - 1) / x : 1 - x / 4);
    for (int c = 0; c < 3; c++)
        drift[c] = scale * v[c];
}

/* grad_i ln|D| of walker k from orbitals and derivatives q apart by `stride`, ratio = phi . B_i */
static void slater_gradient(int n, const double orbital[], size_t stride, const double b[],
                            double ratio, double gradient[3])
{
    for (int c = 0; c < 3; c++)
        gradient[c] = slater_dot(n, orbital + (c + 1) * stride, b) / ratio;
}

/* What the Jastrow factor is for electron i at scratch->at */
static void jastrow_terms(struct walkers *w, int i, double value[], double gradient[][3],
                          double laplacian[])
{
    if (w->psi->jastrow)
        jastrow_electron(w->psi->jastrow, walkers_jastrow(w), w->n, (const double(*)[3])w->pos, i,
                         (const double(*)[3])w->scratch->at, value, gradient, laplacian);
    else {
        memset(value, 0, w->n * sizeof *value);
        memset(gradient, 0, w->n * sizeof *gradient);
        memset(laplacian, 0, w->n * sizeof *laplacian);
    }
}

void walkers_load(struct walkers *w)
{
    if (w->psi->jastrow)
        jastrow_load(w->psi->jastrow, walkers_jastrow(w), w->n, (const double(*)[3])w->pos);
}

static void stand(struct walkers *w, int i)
{
    for (int k = 0; k < w->n; k++)
        memcpy(w->scratch->at[k], w->pos[k * w->psi->electrons + i], sizeof w->scratch->at[k]);
}

/* old from jastrow_old: the determinants' part is added */
static void leave_slater(struct walkers *w, int i)
{
    const struct wavefunction *psi = w->psi;
    struct walkers_scratch *s = w->scratch;
    int spin = i >= psi->up, n = spin ? psi->down : psi->up, row = spin ? i - psi->up : i;
    for (int k = 0; k < w->n; k++) {
        const double *orbital = w->orbital + ((size_t)k * psi->electrons + i) * 5 * psi->orbitals;
        double slater[3];
        slater_gradient(n, orbital, psi->orbitals, walkers_inverse(w, k, spin) + row * n, 1,
                        slater);
        for (int c = 0; c < 3; c++)
            s->old[k][c] = s->jastrow_old[k][c] + slater[c];
    }
}

void walkers_leave(struct walkers *w, int i)
{
    struct walkers_scratch *s = w->scratch;
    stand(w, i);
    jastrow_terms(w, i, s->old_value, s->jastrow_old, s->laplacian_old);
    leave_slater(w, i);
}

void walkers_arrive(struct walkers *w, int i)
{
    const struct wavefunction *psi = w->psi;
    struct walkers_scratch *s = w->scratch;
    int spin = i >= psi->up, n = spin ? psi->down : psi->up, row = spin ? i - psi->up : i;
    jastrow_terms(w, i, s->value, s->jastrow_now, s->laplacian_now);
    walkers_orbitals(w, (const double(*)[3])s->at);
    for (int k = 0; k < w->n; k++) {
        const double *phi = s->orbitals + k * psi->orbitals;
        const double *b = walkers_inverse(w, k, spin) + row * n;
        double slater[3];
        s->ratio[k] = slater_dot(n, phi, b);
        slater_gradient(n, phi, (size_t)w->n * psi->orbitals, b, s->ratio[k], slater);
        for (int c = 0; c < 3; c++)
            s->now[k][c] = s->jastrow_now[k][c] + slater[c];
    }
}

void walkers_accept(struct walkers *w, int k, int i)
{
    const struct wavefunction *psi = w->psi;
    struct walkers_scratch *s = w->scratch;
    int spin = i >= psi->up, n = spin ? psi->down : psi->up, row = spin ? i - psi->up : i;
    slater_update(n, walkers_inverse(w, k, spin), row, s->orbitals + k * psi->orbitals,
                  s->ratio[k]);
    walkers_keep_orbitals(w, k, i);
    if (psi->jastrow)
        jastrow_accept(psi->jastrow, s->jastrow, k, i);
    memcpy(w->pos[k * psi->electrons + i], s->at[k], sizeof s->at[k]);
    s->old_value[k] = s->value[k];
    s->laplacian_old[k] = s->laplacian_now[k];
    memcpy(s->jastrow_old[k], s->jastrow_now[k], sizeof s->jastrow_old[k]);
}

/* Drifts and proposed positions of an electron from where it is */
static void propose(struct walkers *w, double tau, struct rng rng[])
{
    struct walkers_scratch *s = w->scratch;
    for (int k = 0; k < w->n; k++)
        for (int c = 0; c < 3; c++)
            s->uniform[k][c] = rng_uniform(&rng[k]);
    rng_normals(3 * w->n, s->uniform[0], s->normal[0]);
    for (int k = 0; k < w->n; k++) {
        limited_drift(s->old[k], tau, s->drift[k]);
        for (int c = 0; c < 3; c++)
            s->at[k][c] += s->drift[k][c] + sqrt(tau) * s->normal[k][c];
    }
}

/* ln of [T(r' -> r) / T(r -> r')] for the Gaussian proposal */
static double log_proposal_ratio(const double r[3], const double at[3], const double there[3],
                                 const double back[3], double tau)
{
    double forward = 0, reverse = 0;
    for (int c = 0; c < 3; c++) {
        double f = at[c] - r[c] - there[c], b = r[c] - at[c] - back[c];
        forward += f * f;
        reverse += b * b;
    }
    return (forward - reverse) / (2 * tau);
}

/* Accept or reject the proposal of walker k: always where it is no place (the drift may overflow) or one so far
 * that no orbital is there (ao_eval), since the ratio or log_rest is no number or the ratio 0 then. */
static bool decide(struct walkers *w, int k, int i, double tau, struct rng *rng)
{
    struct walkers_scratch *s = w->scratch;
    double back[3], slater = s->ratio[k] * s->ratio[k];
    limited_drift(s->now[k], tau, back);
    double log_rest =
        2 * (s->value[k] - s->old_value[k]) +
        log_proposal_ratio(w->pos[k * w->psi->electrons + i], s->at[k], s->drift[k], back, tau);
    if (!(log(rng_uniform(rng) / slater) < log_rest) || !isfinite(log_rest) || !isfinite(slater))
        return false;
    walkers_accept(w, k, i);
    return true;
}

static int move(struct walkers *w, int i, double tau, struct rng rng[])
{
    int accepted = 0;
    propose(w, tau, rng);
    walkers_arrive(w, i);
    for (int k = 0; k < w->n; k++)
        accepted += decide(w, k, i, tau, &rng[k]);
    return accepted;
}

int walkers_sweep(struct walkers *w, double tau, struct rng rng[])
{
    int accepted = 0;
    walkers_load(w);
    for (int i = 0; i < w->psi->electrons; i++) {
        walkers_leave(w, i);
        accepted += move(w, i, tau, rng);
    }
    return accepted;
}

/* Gradient and Laplacian of J by electron i, as found at last, to where walkers_energy wants them */
static void keep_jastrow(struct walkers *w, int i)
{
    const struct walkers_scratch *s = w->scratch;
    for (int k = 0; k < w->n; k++) {
        size_t at = (size_t)k * w->psi->electrons + i;
        memcpy(w->velocity[at], s->jastrow_old[k], sizeof w->velocity[at]);
        s->laplacian[at] = s->laplacian_old[k];
    }
}

/* In the end scratch holds the Jastrow terms of electron 0, for which the next sweep begins. */
int walkers_sample(struct walkers *w, double tau, struct rng rng[], bool again)
{
    struct walkers_scratch *s = w->scratch;
    int accepted = 0, last = w->psi->electrons - 1;
    if (!again)
        walkers_load(w);
    for (int i = 0; i <= last; i++) {
        stand(w, i);
        if (i || !again)
            jastrow_terms(w, i, s->old_value, s->jastrow_old, s->laplacian_old);
        leave_slater(w, i);
        accepted += move(w, i, tau, rng);
    }
    keep_jastrow(w, last);
    for (int i = last - 1; i >= 0; i--) {
        stand(w, i);
        jastrow_terms(w, i, s->old_value, s->jastrow_old, s->laplacian_old);
        keep_jastrow(w, i);
    }
    walkers_energy(w);
    return accepted;
}
