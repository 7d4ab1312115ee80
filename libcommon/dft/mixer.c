/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dft/mixer.h"
#include <stdlib.h>
#include <string.h>
#include "base/mem.h"
#include "maths/linalg.h"

enum { HISTORY = 8 };

#define LEAST 0.3 /* of Kerker's factor: a long cell with vacuum in it screens little */

struct mixer {
    int n, count; /* count: differences held */
    const double *g2, *weight;
    double kerker, fraction;
    double complex *rho, *residual;                     /* the last ones; */
    double complex *drho[HISTORY], *dresidual[HISTORY]; /* newest first */
    int calls;
};

struct mixer *mixer_new(int n, const double *g2, const double *weight, double kerker,
                        double fraction)
{
    struct mixer *m = MEM_NEW(struct mixer, 1);
    m->n = n;
    m->g2 = g2;
    m->weight = weight;
    m->kerker = kerker;
    m->fraction = fraction;
    m->rho = MEM_NEW(double complex, n);
    m->residual = MEM_NEW(double complex, n);
    for (int i = 0; i < HISTORY; i++) {
        m->drho[i] = MEM_NEW(double complex, n);
        m->dresidual[i] = MEM_NEW(double complex, n);
    }
    return m;
}

void mixer_free(struct mixer *m)
{
    if (!m)
        return;
    free(m->rho);
    free(m->residual);
    for (int i = 0; i < HISTORY; i++) {
        free(m->drho[i]);
        free(m->dresidual[i]);
    }
    free(m);
}

void mixer_restart(struct mixer *m)
{
    m->calls = 0;
}

static double inner(const struct mixer *m, const double complex *a, const double complex *b)
{
    double sum = 0, k2 = m->kerker > 0 ? m->kerker * m->kerker : 1;
    for (int i = 1; i < m->n; i++)
        sum += m->weight[i] * (1 + k2 / m->g2[i]) *
               (creal(a[i]) * creal(b[i]) + cimag(a[i]) * cimag(b[i]));
    return sum;
}

static void remember(struct mixer *m, const double complex *rho, const double complex *residual)
{
    if (m->calls++) {
        double complex *r = m->drho[HISTORY - 1], *f = m->dresidual[HISTORY - 1];
        memmove(m->drho + 1, m->drho, (HISTORY - 1) * sizeof *m->drho);
        memmove(m->dresidual + 1, m->dresidual, (HISTORY - 1) * sizeof *m->dresidual);
        m->drho[0] = r;
        m->dresidual[0] = f;
        for (int i = 0; i < m->n; i++) {
            r[i] = rho[i] - m->rho[i];
            f[i] = residual[i] - m->residual[i];
        }
        m->count += m->count < HISTORY;
    }
    memcpy(m->rho, rho, (size_t)m->n * sizeof *rho);
    memcpy(m->residual, residual, (size_t)m->n * sizeof *residual);
}

/* gamma that minimises |residual - sum gamma_j dresidual_j|; differences that are dependent on newer
 * ones are left out, by a relative ridge. */
static void coefficients(const struct mixer *m, const double complex *residual, double *gamma)
{
    double a[HISTORY * HISTORY], scale[HISTORY];
    int n = m->count;
    for (int i = 0; i < n; i++) {
        gamma[i] = inner(m, m->dresidual[i], residual);
        for (int j = 0; j <= i; j++)
            a[i * n + j] = a[j * n + i] = inner(m, m->dresidual[i], m->dresidual[j]);
    }
    for (int i = 0; i < n; i++)
        scale[i] = a[i * n + i] > 0 ? a[i * n + i] : 1;
    for (int i = 0; i < n; i++)
        a[i * n + i] += 1e-12 * scale[i] + 1e-300;
    if (n == 0)
        return;
    if (linalg_cholesky(n, a, NULL) == ST_OK)
        linalg_cholesky_solve(n, a, 1, gamma);
    else
        memset(gamma, 0, n * sizeof *gamma);
}

void mixer_next(struct mixer *m, double complex *rho, const double complex *residual)
{
    double gamma[HISTORY] = {0}, k2 = m->kerker * m->kerker;
    remember(m, rho, residual);
    coefficients(m, residual, gamma);
    for (int i = 1; i < m->n; i++) {
        double complex r = rho[i], f = residual[i];
        for (int j = 0; j < m->count; j++) {
            r -= gamma[j] * m->drho[j][i];
            f -= gamma[j] * m->dresidual[j][i];
        }
        double damping = m->g2[i] / (m->g2[i] + k2);
        rho[i] = r + m->fraction * (damping > LEAST ? damping : LEAST) * f;
    }
}
