/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The formulas of ao_shell.c for s, p and d, written out for one displacement; the compiler turns the
 * loops over displacements into SIMD. EMIT writes function m of the shell with its quantities.
 */
#include <math.h>
#include "basis/ao_parts.h"

/* Everything about one displacement: g and derivatives, h and h', offsets of x y z. */
#define LOAD                                                                                       \
    double x = in->x[i], y = in->y[i], z = in->z[i], g = in->g[0][i], g1 = in->g[1][i];            \
    double g2 = level >= AO_LAPLACIAN ? in->g[2][i] : 0, g3 = level == AO_THIRD ? in->g[3][i] : 0; \
    double h = k1 * g1 + 4 * in->r2[i] * g2, dh = (k1 + 4) * g2 + 4 * in->r2[i] * g3;              \
    (void)x, (void)y, (void)z, (void)h, (void)dh

#define EMIT(m, width, S, SX, SY, SZ)                                    \
    do {                                                                 \
        double s = (S), sx = (SX), sy = (SY), sz = (SZ), t = 2 * s * g1; \
        double *to = out + (m)*AO_CHUNK + i;                             \
        enum { STEP = (width)*AO_CHUNK };                                \
        to[0] = s * g;                                                   \
        if (level > AO_VALUE) {                                          \
            to[STEP] = sx * g + x * t;                                   \
            to[2 * STEP] = sy * g + y * t;                               \
            to[3 * STEP] = sz * g + z * t;                               \
        }                                                                \
        if (level == AO_LAPLACIAN)                                       \
            to[4 * STEP] = s * h;                                        \
        if (level == AO_THIRD) {                                         \
            double u = 4 * s * g2, v = 2 * g1, w = 2 * s * dh;           \
            to[4 * STEP] = 2 * x * sx * v + t + x * x * u;               \
            to[5 * STEP] = (x * sy + y * sx) * v + x * y * u;            \
            to[6 * STEP] = (x * sz + z * sx) * v + x * z * u;            \
            to[7 * STEP] = 2 * y * sy * v + t + y * y * u;               \
            to[8 * STEP] = (y * sz + z * sy) * v + y * z * u;            \
            to[9 * STEP] = 2 * z * sz * v + t + z * z * u;               \
            to[10 * STEP] = sx * h + x * w;                              \
            to[11 * STEP] = sy * h + y * w;                              \
            to[12 * STEP] = sz * h + z * w;                              \
        }                                                                \
    } while (0)

/* The part S_ij g of the Hessian, constant second derivatives: c times g to one of its six entries. */
#define BEND(m, width, entry, c) (out[((4 + (entry)) * (width) + (m)) * AO_CHUNK + i] += (c)*g)

static inline void kernel_s(enum ao_level level, int n, const struct ao_radial *in,
                            double *restrict out)
{
    const double c = sqrt(1 / (4 * M_PI)), k1 = 6;
#pragma omp simd
    for (int i = 0; i < n; i++) {
        LOAD;
        EMIT(0, 1, c, 0, 0, 0);
    }
}

static inline void kernel_p(enum ao_level level, int n, const struct ao_radial *in,
                            double *restrict out)
{
    const double c = sqrt(3 / (4 * M_PI)), k1 = 10;
#pragma omp simd
    for (int i = 0; i < n; i++) {
        LOAD;
        EMIT(0, 3, c * y, 0, c, 0);
        EMIT(1, 3, c * z, 0, 0, c);
        EMIT(2, 3, c * x, c, 0, 0);
    }
}

static inline void kernel_d(enum ao_level level, int n, const struct ao_radial *in,
                            double *restrict out)
{
    const double c = sqrt(15 / (4 * M_PI)), e = sqrt(5 / (16 * M_PI)), k1 = 14;
#pragma omp simd
    for (int i = 0; i < n; i++) {
        LOAD;
        double r2 = in->r2[i];
        EMIT(0, 5, c * x * y, c * y, c * x, 0);
        EMIT(1, 5, c * y * z, 0, c * z, c * y);
        EMIT(2, 5, e * (3 * z * z - r2), -2 * e * x, -2 * e * y, 4 * e * z);
        EMIT(3, 5, c * x * z, c * z, 0, c * x);
        EMIT(4, 5, 0.5 * c * (x * x - y * y), c * x, -c * y, 0);
        if (level == AO_THIRD) {
            BEND(0, 5, 1, c);
            BEND(1, 5, 4, c);
            BEND(2, 5, 0, -2 * e);
            BEND(2, 5, 3, -2 * e);
            BEND(2, 5, 5, 4 * e);
            BEND(3, 5, 2, c);
            BEND(4, 5, 0, c);
            BEND(4, 5, 3, -c);
        }
    }
}

/* One loop per l and level, with the level known to the compiler. */
#define LEVELS(kernel)                        \
    do {                                      \
        if (level == AO_VALUE)                \
            kernel(AO_VALUE, n, in, out);     \
        else if (level == AO_GRADIENT)        \
            kernel(AO_GRADIENT, n, in, out);  \
        else if (level == AO_LAPLACIAN)       \
            kernel(AO_LAPLACIAN, n, in, out); \
        else                                  \
            kernel(AO_THIRD, n, in, out);     \
    } while (0)

bool ao_kernel(int l, enum ao_level level, int n, const struct ao_radial *in, double *out)
{
    if (l == 0)
        LEVELS(kernel_s);
    else if (l == 1)
        LEVELS(kernel_p);
    else if (l == 2)
        LEVELS(kernel_d);
    return l <= 2;
}
