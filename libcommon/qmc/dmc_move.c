/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "qmc/dmc_move.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "base/mem.h"
#include "qmc/scratch.h"

struct dmc_mover {
    const struct system *system;
    struct images images;
    double *x, *y, *z;          /* [atom] */
    struct dmc_proposal *there; /* [walker] */
};

struct dmc_mover *dmc_mover_new(const struct wavefunction *psi, int n)
{
    struct dmc_mover *m = mem_new(1, sizeof *m);
    m->system = psi->system;
    images_start(&m->images, psi->system);
    m->x = MEM_NEW(double, psi->system->n);
    m->y = MEM_NEW(double, psi->system->n);
    m->z = MEM_NEW(double, psi->system->n);
    m->there = mem_new(n, sizeof *m->there);
    return m;
}

void dmc_mover_free(struct dmc_mover *m)
{
    if (!m)
        return;
    free(m->x);
    free(m->y);
    free(m->z);
    free(m->there);
    free(m);
}

/* d = r - R of the nearest nucleus; returns its charge. */
static double nearest_nucleus(struct dmc_mover *m, const double r[3], double d[3])
{
    const struct system *s = m->system;
    int nearest = 0;
    double least = INFINITY;
    for (int a = 0; a < s->n; a++) {
        m->x[a] = r[0] - s->pos[a][0];
        m->y[a] = r[1] - s->pos[a][1];
        m->z[a] = r[2] - s->pos[a][2];
    }
    images_shortest(&m->images, s->n, m->x, m->y, m->z);
    for (int a = 0; a < s->n; a++) {
        double r2 = m->x[a] * m->x[a] + m->y[a] * m->y[a] + m->z[a] * m->z[a];
        if (r2 < least) {
            least = r2;
            nearest = a;
        }
    }
    d[0] = m->x[nearest];
    d[1] = m->y[nearest];
    d[2] = m->z[nearest];
    return s->element[nearest];
}

/* v~ / v = (sqrt(1 + 2 a v^2 tau) - 1) / (a v^2 tau), eq. (35), with a smaller near a nucleus when the
 * drift points to it, where v is large but no node is near. */
static double limit(double z2, double cosine, double v2, double charge, double tau)
{
    double b = charge * charge * z2, a = (1 + cosine) / 2 + b / (10 * (4 + b));
    double x = 2 * a * v2 * tau;
    return x > 1e-8 ? 2 * (sqrt(1 + x) - 1) / x : 1 - x / 4;
}

/* Cylindrical coordinates about the nearest nucleus: z along r - R, rho across. The drift stops at
 * the nucleus, and as it approaches the nucleus the part across shrinks. q is the weight of a Gaussian
 * in z beyond the nucleus. */
void dmc_propose(struct dmc_mover *m, const double r[3], const double v[3], double tau,
                 struct dmc_proposal *p)
{
    double d[3], charge = nearest_nucleus(m, r, d);
    double z = sqrt(d[0] * d[0] + d[1] * d[1] + d[2] * d[2]);
    double v2 = v[0] * v[0] + v[1] * v[1] + v[2] * v[2];
    double along = z > 0 ? (v[0] * d[0] + v[1] * d[1] + v[2] * d[2]) / z : 0;
    double scale = limit(z * z, v2 > 0 ? along / sqrt(v2) : 0, v2, charge, tau);
    double reach = z + scale * along * tau, stop = reach > 0 ? reach : 0;
    double across = stop > 0 ? 2 * scale * tau * stop / (z + stop) : 0;
    p->q = erfc(reach / sqrt(2 * tau)) / 2;
    p->zeta = sqrt(charge * charge + 1 / tau);
    for (int c = 0; c < 3; c++) {
        double unit = z > 0 ? d[c] / z : 0;
        p->nucleus[c] = r[c] - d[c];
        p->centre[c] = p->nucleus[c] + stop * unit + across * (v[c] - along * unit);
    }
}

void dmc_draw(const struct dmc_proposal *p, double tau, struct rng *rng, double at[3])
{
    bool exponential = rng_uniform(rng) < p->q;
    double xi[3] = {rng_normal(rng), rng_normal(rng), rng_normal(rng)};
    const double *centre = exponential ? p->nucleus : p->centre;
    double scale = sqrt(tau);
    if (exponential) { /* r^2 exp(-2 zeta r): the sum of three exponential variables */
        double r = -log(rng_uniform(rng) * rng_uniform(rng) * rng_uniform(rng)) / (2 * p->zeta);
        scale = r / sqrt(xi[0] * xi[0] + xi[1] * xi[1] + xi[2] * xi[2]);
    }
    for (int c = 0; c < 3; c++)
        at[c] = centre[c] + scale * xi[c];
}

static double square(const double a[3], const double b[3])
{
    double x = a[0] - b[0], y = a[1] - b[1], z = a[2] - b[2];
    return x * x + y * y + z * z;
}

double dmc_density(const struct dmc_proposal *p, double tau, const double at[3])
{
    double gauss = exp(-square(at, p->centre) / (2 * tau)) / pow(2 * M_PI * tau, 1.5);
    double g = (1 - p->q) * gauss;
    if (p->q > 0)
        g += p->q * p->zeta * p->zeta * p->zeta / M_PI *
             exp(-2 * p->zeta * sqrt(square(at, p->nucleus)));
    return g;
}

/* min(1, |Psi'/Psi|^2 T(r' -> r) / T(r -> r')); 0 across a node and, as in sweep.c, at what is no place */
static double acceptance(const struct walkers *w, struct dmc_mover *m, int k, int i, double tau)
{
    const struct walkers_scratch *s = w->scratch;
    struct dmc_proposal back;
    if (!(s->ratio[k] > 0))
        return 0;
    dmc_propose(m, s->at[k], s->now[k], tau, &back);
    double psi = s->ratio[k] * exp(s->value[k] - s->old_value[k]);
    double p = psi * psi * dmc_density(&back, tau, w->pos[k * w->psi->electrons + i]) /
               dmc_density(&m->there[k], tau, s->at[k]);
    return p < 1 ? p : p >= 1 ? 1 : 0;
}

static void decide(struct walkers *w, struct dmc_mover *m, int k, int i, double tau,
                   struct rng *rng, int *age, struct dmc_tally *tally)
{
    const struct walkers_scratch *s = w->scratch;
    double p = acceptance(w, m, k, i, tau), dr2 = square(s->at[k], m->there[k].centre);
    bool accept = rng_uniform(rng) < p;
    tally->offered++;
    tally->accepted += accept;
    tally->crossings += !(s->ratio[k] > 0);
    tally->proposed += dr2;
    tally->moved += p * dr2;
    *age = accept ? 0 : *age + 1;
    if (*age > tally->oldest)
        tally->oldest = *age;
    if (accept)
        walkers_accept(w, k, i);
}

void dmc_sweep(struct walkers *w, struct dmc_mover *m, double tau, struct rng rng[], int age[],
               struct dmc_tally *tally)
{
    struct walkers_scratch *s = w->scratch;
    int electrons = w->psi->electrons;
    walkers_load(w);
    for (int i = 0; i < electrons; i++) {
        walkers_leave(w, i);
        for (int k = 0; k < w->n; k++) {
            dmc_propose(m, w->pos[k * electrons + i], s->old[k], tau, &m->there[k]);
            dmc_draw(&m->there[k], tau, &rng[k], s->at[k]);
        }
        walkers_arrive(w, i);
        for (int k = 0; k < w->n; k++)
            decide(w, m, k, i, tau, &rng[k], &age[k * electrons + i], tally);
    }
}
