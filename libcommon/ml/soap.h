/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * SOAP: the smooth overlap of atomic positions (Bartok, Kondor, Csanyi, Phys. Rev. B 87, 184115
 * (2013), eqs. (28)-(33)). The neighbours of an atom make one density per element s,
 *
 *   rho_s(x) = sum_j w(d_j) exp(-|x - d_j|^2 / 2 sigma^2),  w(0) = centre for the atom itself,
 *
 * expanded in orthonormal functions: c_s,nlm = sum_j R_nl(d_j) Y_lm(d_j) (ml/soap_radial.h). The descriptor is
 * the power spectrum, with a = (s, n) and a <= a' only,
 *
 *   p_aa'l = (2l+1)^-1/2 sum_m c_alm c_a'lm (times sqrt 2 for a < a'),  normalised to |p| = 1.
 *
 * Order of p: p[l][pair], pairs (0,0) (0,1) .. (0,A-1) (1,1) ..; A = elements * n_max.
 * A neighbour leaves the sum at the cut-off with two vanishing derivatives. Lengths in bohr.
 */
#ifndef ML_SOAP_H
#define ML_SOAP_H

#include <stdbool.h>
#include "base/err.h"
#include "base/units.h"

enum { SOAP_MAX_ELEMENTS = 16, SOAP_MAX_N = 24, SOAP_LANES = 8 };

/* 20 A: twice what descriptors are made with; neighbours, and with them memory and time, grow with the third power */
#define SOAP_MAX_CUTOFF (20 * (1 / UNITS_BOHR_A))

struct soap_settings {
    double cutoff; /* no neighbour beyond; at most SOAP_MAX_CUTOFF */
    double
        transition; /* width of the shell inside the cut-off in which w falls to zero; <= cutoff */
    double sigma;   /* width of the Gaussians */
    double
        scale; /* w = 1/(1 + (d/scale)^exponent) inside; 0: w = 1 (Willatt et al., PCCP 20, 29661) */
    double exponent;
    double centre; /* weight of the central atom, > 0 */
    int n_max, l_max;
    int elements, element[SOAP_MAX_ELEMENTS]; /* atomic numbers, ascending */
};

extern const struct soap_settings soap_defaults; /* for dense hydrogen; elements = 0 */

struct soap_radial;
struct soap {
    struct soap_settings settings;
    int width;      /* A = elements * n_max */
    int harmonics;  /* (l_max + 1)^2 */
    int functions;  /* (l_max + 1) * n_max */
    int pairs;      /* A (A + 1) / 2 */
    int size;       /* length of p: pairs * (l_max + 1) */
    int *pack;      /* [A][A]: index of the pair */
    double *factor; /* of the harmonics (ml/sphere.h) */
    struct soap_radial *radial;
};

/* One environment between its expansion and its gradients; a workspace, reused, one per thread.
 * Neighbours stand in blocks of SOAP_LANES of one element, so that the loops are SIMD's. */
struct soap_local {
    int count, blocks, capacity;
    int *slot;             /* [blocks][8] index of the neighbour, -1: an empty lane */
    int *channel;          /* [blocks] element of the block */
    double *inverse;       /* [blocks][8] 1/|d| */
    double *unit;          /* [blocks][3][8] */
    double *value, *slope; /* [blocks][8][functions] R_nl, dR_nl/dr */
    double *y, *dy;        /* [blocks][harmonics][8] and [blocks][3][harmonics][8] */
    double *c, *dc;        /* [harmonics][A] */
    double *square;        /* [A][A] scratch */
    double *turned;        /* [2][functions][8] scratch: value and slope of one block */
    double *p;             /* [size], normalised */
    double norm;           /* |p| before */
};

/* ST_USAGE: settings out of range. */
struct soap *soap_new(const struct soap_settings *settings, struct err *err);
void soap_free(struct soap *s);
int soap_channel(const struct soap *s, int element); /* -1: not one of its elements */
bool soap_settings_equal(const struct soap_settings *a, const struct soap_settings *b);

struct soap_local *soap_local_new(const struct soap *s);
void soap_local_free(struct soap_local *local);

/* What of an environment is kept between its descriptor and its gradient when many are treated together:
 * a fraction of the workspace, which is made again. Arrays are the caller's. */
struct soap_kept {
    double *c, *p; /* [harmonics][A] and [size] */
    double norm;
};

/* The descriptor (local->p) of an atom of one channel with count neighbours at d (|d| < cutoff). */
void soap_expand(const struct soap *s, int centre, int count, const double d[][3],
                 const int channel[], struct soap_local *local);
/* The same into kept, without what gradients need; then, of the same neighbours, local as soap_expand leaves it. */
void soap_describe(const struct soap *s, int centre, int count, const double d[][3],
                   const int channel[], struct soap_local *local, struct soap_kept *kept);
void soap_resume(const struct soap *s, int count, const double d[][3], const int channel[],
                 const struct soap_kept *kept, struct soap_local *local);
/* Reverse mode: gradient[count][3] = dE/dd for dE/dp = slope[size] (p the normalised one). */
void soap_backward(const struct soap *s, struct soap_local *local, const double slope[],
                   double gradient[][3]);
/* Forward mode: jacobian[count * 3][size] = dp/dd. */
void soap_jacobian(const struct soap *s, struct soap_local *local, double jacobian[]);

#endif
