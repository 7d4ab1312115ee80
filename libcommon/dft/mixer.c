/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dft/mixer.h"
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include "base/mem.h"
#include "maths/linalg.h"

enum {
    HISTORY = 16,
    WORTH = 1 << 11, /* waves for which threads are worth waking */
};

#define LEAST 0.3 /* of Kerker's factor: a long cell with vacuum in it screens little */

struct mixer {
    int n, count;   /* count: differences held */
    int waves;      /* that are remembered, without G = 0, ... */
    int *wave;      /* ... and where they stand */
    double *metric; /* waves */
    const double *g2;
    double kerker, fraction;
    double complex *rho, *residual;                     /* the last ones; waves: */
    double complex *drho[HISTORY], *dresidual[HISTORY]; /* newest first */
    double gram[HISTORY][HISTORY];                      /* <dresidual_i|dresidual_j> */
    int calls;
};

struct mixer *mixer_new(int n, const double *g2, const double *weight, double longest,
                        double kerker, double fraction)
{
    struct mixer *m = MEM_NEW(struct mixer, 1);
    m->n = n;
    m->g2 = g2;
    m->kerker = kerker;
    m->fraction = fraction;
    m->wave = MEM_RAW(int, n);
    for (int i = 1; i < n; i++)
        if (g2[i] <= longest)
            m->wave[m->waves++] = i;
    m->metric = MEM_RAW(double, m->waves);
    const double k2 = kerker > 0 ? kerker * kerker : 1;
    for (int i = 0; i < m->waves; i++)
        m->metric[i] = weight[m->wave[i]] * (1 + k2 / g2[m->wave[i]]);
    m->rho = MEM_RAW(double complex, m->waves);
    m->residual = MEM_RAW(double complex, m->waves);
    for (int i = 0; i < HISTORY; i++) {
        m->drho[i] = MEM_RAW(double complex, m->waves);
        m->dresidual[i] = MEM_RAW(double complex, m->waves);
    }
    return m;
}

void mixer_free(struct mixer *m)
{
    if (!m)
        return;
    free(m->wave);
    free(m->metric);
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
    const double *x = (const double *)a, *y = (const double *)b;
    double sum = 0;
#pragma omp simd reduction(+ : sum)
    for (int i = 0; i < m->waves; i++)
        sum += m->metric[i] * (x[2 * i] * y[2 * i] + x[2 * i + 1] * y[2 * i + 1]);
    return sum;
}

/* The waves that are remembered become the last ones; their differences from those before are kept. */
static void remember(struct mixer *m, const double complex *rho, const double complex *residual)
{
    const bool first = m->calls++ == 0;
    double complex *r = m->drho[HISTORY - 1], *f = m->dresidual[HISTORY - 1];
    if (!first) {
        memmove(m->drho + 1, m->drho, (HISTORY - 1) * sizeof *m->drho);
        memmove(m->dresidual + 1, m->dresidual, (HISTORY - 1) * sizeof *m->dresidual);
        m->drho[0] = r;
        m->dresidual[0] = f;
        m->count += m->count < HISTORY;
    }
#pragma omp parallel for schedule(static) if (m->waves > WORTH)
    for (int i = 0; i < m->waves; i++) {
        const double complex x = rho[m->wave[i]], y = residual[m->wave[i]];
        if (!first) {
            r[i] = x - m->rho[i];
            f[i] = y - m->residual[i];
        }
        m->rho[i] = x;
        m->residual[i] = y;
    }
    if (first)
        return;
    for (int i = m->count - 1; i > 0; i--)
        memcpy(m->gram[i] + 1, m->gram[i - 1], (size_t)i * sizeof **m->gram);
#pragma omp parallel for schedule(static) if (m->waves > WORTH)
    for (int i = 0; i < m->count; i++)
        m->gram[i][0] = inner(m, m->dresidual[i], m->dresidual[0]);
}

/* gamma that minimises |residual - sum gamma_j dresidual_j|; differences that are dependent on newer
 * ones are left out, by a relative ridge. */
static void coefficients(const struct mixer *m, double *gamma)
{
    double a[HISTORY * HISTORY], scale[HISTORY];
    int n = m->count;
    for (int i = 0; i < n; i++) {
        gamma[i] = inner(m, m->dresidual[i], m->residual);
        for (int j = 0; j <= i; j++)
            a[i * n + j] = a[j * n + i] = m->gram[i][j];
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
    coefficients(m, gamma);
#pragma omp parallel for schedule(static) if (m->waves > WORTH)
    for (int i = 1; i < m->n; i++)
        rho[i] += residual[i];
#pragma omp parallel for schedule(static) if (m->waves > WORTH)
    for (int i = 0; i < m->waves; i++) {
        double complex r = m->rho[i], f = m->residual[i];
        for (int j = 0; j < m->count; j++) {
            r -= gamma[j] * m->drho[j][i];
            f -= gamma[j] * m->dresidual[j][i];
        }
        const double g2 = m->g2[m->wave[i]], damping = g2 / (g2 + k2);
        rho[m->wave[i]] = r + m->fraction * (damping > LEAST ? damping : LEAST) * f;
    }
}
