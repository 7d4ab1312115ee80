/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "base/mem.h"
#include "basis/basis.h"

/* Norm of r^l exp(-a r^2) Y_lm: int r^(2l+2) exp(-2 a r^2) dr = Gamma(l + 3/2) / (2 (2a)^(l+3/2)). */
static double primitive_norm(int l, double a)
{
    return sqrt(2 * pow(2 * a, l + 1.5) / tgamma(l + 1.5));
}

/* Overlap of two normalised primitives on one centre. */
static double primitive_overlap(int l, double a, double b)
{
    return pow(2 * sqrt(a * b) / (a + b), l + 1.5);
}

static void fill_shell(struct shell *s, int l, int primitives, const double *exponent,
                       const double *contraction)
{
    double norm = 0;
    s->l = l;
    s->primitives = primitives;
    s->exponent = MEM_NEW(double, primitives);
    s->coefficient = MEM_NEW(double, primitives);
    for (int p = 0; p < primitives; p++)
        for (int q = 0; q < primitives; q++)
            norm +=
                contraction[p] * contraction[q] * primitive_overlap(l, exponent[p], exponent[q]);
    for (int p = 0; p < primitives; p++) {
        s->exponent[p] = exponent[p];
        s->coefficient[p] = contraction[p] * primitive_norm(l, exponent[p]) / sqrt(norm);
    }
}

struct basis *basis_new(const char *name, int element, int shells, const int l[],
                        const int primitives[], const double *const exponent[],
                        const double *const contraction[])
{
    struct basis *b = MEM_NEW(struct basis, 1);
    b->name = mem_text(name);
    b->element = element;
    b->shells = shells;
    b->shell = MEM_NEW(struct shell, shells);
    for (int s = 0; s < shells; s++) {
        fill_shell(&b->shell[s], l[s], primitives[s], exponent[s], contraction[s]);
        b->functions += 2 * l[s] + 1;
    }
    return b;
}

void basis_free(struct basis *b)
{
    if (!b)
        return;
    for (int s = 0; s < b->shells; s++) {
        free(b->shell[s].exponent);
        free(b->shell[s].coefficient);
    }
    free(b->shell);
    free(b->name);
    free(b);
}

/* int S_lm exp(-a r^2) e^{-iq.r} dr = (-i)^l S_lm(q) (pi/a)^(3/2) (2a)^-l exp(-q^2/4a), times
 * (-1/4a)^order */
static double fourier(const struct shell *s, double q, int order)
{
    double sum = 0;
    for (int p = 0; p < s->primitives; p++) {
        double a = s->exponent[p];
        sum += s->coefficient[p] * pow(M_PI / a, 1.5) * pow(2 * a, -s->l) * exp(-q * q / (4 * a)) *
               (order ? -0.25 / a : 1);
    }
    return sum;
}

double basis_fourier(const struct shell *s, double q)
{
    return fourier(s, q, 0);
}

double basis_fourier_slope(const struct shell *s, double q)
{
    return fourier(s, q, 1);
}
