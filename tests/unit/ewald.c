/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdlib.h>
#include "base/rng.h"
#include "check.h"
#include "crystal/ewald.h"
#include "crystal/system.h"

static const double skewed[3][3] = {{4.1, 0.3, -0.2}, {3.7, 3.9, 0.4}, {-1.2, 2.6, 5.3}};

static void cubic(double a, double cell[3][3])
{
    for (int i = 0; i < 9; i++)
        cell[i / 3][i % 3] = i % 4 == 0 ? a : 0;
}

/* Madelung constants by the nearest-neighbour distance (or as said). */
static void madelung(void)
{
    double cell[3][3], a = 2.385;
    cubic(a, cell);
    struct ewald *e = ewald_new(cell);
    /* NaCl: 1.747564594633182190636... (Borwein et al., Lattice Sums Then and Now) */
    double salt[8][3], sign[8];
    for (int i = 0; i < 8; i++) {
        for (int x = 0; x < 3; x++)
            salt[i][x] = (i >> x & 1) * a / 2 + 0.123;
        sign[i] = (i & 1) ^ (i >> 1 & 1) ^ (i >> 2 & 1) ? 1 : -1;
    }
    CHECK_NEAR(ewald_energy(e, 8, salt, sign, NULL, NULL) / 4 * a / 2, -1.7475645946331822, 1e-12);
    /* CsCl: 1.76267477307098839793567332063864429117 */
    double caesium[2][3] = {{0.3, 0.1, -7}, {0.3 + a / 2, 0.1 - a / 2, -7 + a / 2}}, q[2] = {1, -1};
    CHECK_NEAR(ewald_energy(e, 2, caesium, q, NULL, NULL) * a * sqrt(3) / 2, -1.7626747730709884,
               1e-12);
    /* zincblende: 1.6380550533887891 */
    double fcc[4][3] = {{0, 0, 0}, {0, 1, 1}, {1, 0, 1}, {1, 1, 0}}, blende[8][3], charge[8];
    for (int i = 0; i < 8; i++) {
        for (int x = 0; x < 3; x++)
            blende[i][x] = fcc[i % 4][x] * a / 2 + (i / 4) * a / 4;
        charge[i] = i < 4 ? 1 : -1;
    }
    CHECK_NEAR(ewald_energy(e, 8, blende, charge, NULL, NULL) / 4 * a * sqrt(3) / 4,
               -1.6380550533887891, 1e-12);
    ewald_free(e);
}

/* Electrons' Wigner crystals, E = -constant / rs per charge: sc 0.880059, fcc 0.895874, bcc
 * 0.895929 (Carr, Phys. Rev. 122, 1437), and the ten digits of bcc 0.8959292556... */
static void wigner_crystals(void)
{
    double cell[3][3], a = 3.1;
    cubic(a, cell);
    struct ewald *e = ewald_new(cell);
    double unit = a * cbrt(3 / (4 * M_PI)); /* rs for one charge per cubic cell */
    double pos[4][3] = {{0, 0, 0}, {0, a / 2, a / 2}, {a / 2, 0, a / 2}, {a / 2, a / 2, 0}};
    double body[2][3] = {{0, 0, 0}, {a / 2, a / 2, a / 2}}, one[4] = {1, 1, 1, 1};
    CHECK_NEAR(ewald_xi(e) / 2 * unit, -0.880059442, 1e-9);
    CHECK_NEAR(ewald_energy(e, 1, pos, one, NULL, NULL), ewald_xi(e) / 2, 1e-13);
    CHECK_NEAR(ewald_energy(e, 2, body, one, NULL, NULL) / 2 * unit / cbrt(2), -0.8959292556,
               1e-10);
    CHECK_NEAR(ewald_energy(e, 4, pos, one, NULL, NULL) / 4 * unit / cbrt(4), -0.8958736152, 1e-10);
    /* Madelung potential of the simple cubic lattice in a background: -2.837297479480619.. / a */
    CHECK_NEAR(ewald_xi(e) * a, -2.8372974794806, 1e-12);
    ewald_free(e);
}

/* Protons in a background, bcc, rs = 1.31, in cells of 16 and 54: -10.94265693 and -36.93144136 as other
 * codes print them, whose own sums are good to 1e-5 (the exact values are 16 : 54). */
static void protons(void)
{
    for (int m = 2; m <= 3; m++) {
        int n = 2 * m * m * m;
        double a = 1.31 * cbrt(8 * M_PI / 3), cell[3][3];
        cubic(a * m, cell);
        double(*pos)[3] = calloc((size_t)n, sizeof *pos),
        *charge = calloc((size_t)n, sizeof *charge);
        for (int i = 0; i < n; i++) {
            int c = i / 2;
            double shift = i % 2 * 0.5;
            pos[i][0] = (c % m + shift) * a;
            pos[i][1] = (c / m % m + shift) * a;
            pos[i][2] = (c / m / m + shift) * a;
            charge[i] = 1;
        }
        struct ewald *e = ewald_new_for(cell, n, 1e-15);
        double energy = ewald_energy(e, n, pos, charge, NULL, NULL);
        CHECK_NEAR(energy, m == 2 ? -10.94265693 : -36.93144136, 1e-5);
        CHECK_NEAR(energy, -n * 0.8959292556 / 1.31, 1e-8);
        ewald_free(e);
        free(pos);
        free(charge);
    }
}

enum { N = 11 };

static void random_charges(double pos[N][3], double charge[N], uint64_t seed)
{
    struct rng rng;
    rng_start(&rng, seed, RNG_TEST, 0, 0, 0);
    for (int i = 0; i < N; i++) {
        charge[i] = rng_normal(&rng) + 0.2;
        for (int x = 0; x < 3; x++)
            pos[i][x] = 9 * rng_uniform(&rng) - 3;
    }
}

static void any_splitting(void)
{
    double pos[N][3], charge[N], reference = 0, xi = 0, d[3] = {1.1, -0.4, 2.3}, psi = 0;
    random_charges(pos, charge, 5);
    for (int i = 0; i < 6; i++) {
        double kappa = 0.35 + 0.35 * i;
        struct ewald *e = ewald_new_split(skewed, kappa, 1e-16);
        double energy = ewald_energy(e, N, pos, charge, NULL, NULL);
        if (i == 0) {
            reference = energy;
            xi = ewald_xi(e);
            psi = ewald_pair(e, d, NULL);
        }
        CHECK_NEAR(energy, reference, 1e-11);
        CHECK_NEAR(ewald_xi(e), xi, 1e-12);
        CHECK_NEAR(ewald_pair(e, d, NULL), psi, 1e-12);
        ewald_free(e);
    }
}

/* E = 1/2 sum q q psi + 1/2 xi sum q^2, the definition in the header. */
static void pairs(void)
{
    double pos[N][3], charge[N], sum = 0;
    random_charges(pos, charge, 6);
    struct ewald *e = ewald_new(skewed);
    for (int i = 0; i < N; i++) {
        sum += 0.5 * ewald_xi(e) * charge[i] * charge[i];
        for (int j = 0; j < i; j++) {
            double d[3];
            for (int x = 0; x < 3; x++)
                d[x] = pos[i][x] - pos[j][x];
            sum += charge[i] * charge[j] * ewald_pair(e, d, NULL);
        }
    }
    CHECK_NEAR(ewald_energy(e, N, pos, charge, NULL, NULL), sum, 1e-11);
    double near[3] = {1e-4, 2e-4, -2e-4};
    CHECK_NEAR(ewald_pair(e, near, NULL) - 1 / 3e-4, ewald_xi(e), 1e-6);
    ewald_free(e);
}

static void invariances(void)
{
    double pos[N][3], charge[N];
    random_charges(pos, charge, 7);
    struct ewald *e = ewald_new(skewed);
    double before = ewald_energy(e, N, pos, charge, NULL, NULL);
    for (int i = 0; i < N; i++)
        for (int x = 0; x < 3; x++)
            pos[i][x] += 0.37 * (x + 1) + (i % 3) * skewed[0][x] - 5 * (i % 2) * skewed[2][x];
    CHECK_NEAR(ewald_energy(e, N, pos, charge, NULL, NULL), before, 1e-11);
    ewald_free(e);
    /* the same lattice by other vectors, left-handed */
    double other[3][3];
    for (int x = 0; x < 3; x++) {
        other[0][x] = skewed[1][x] + 2 * skewed[0][x];
        other[1][x] = skewed[0][x];
        other[2][x] = skewed[2][x] - 3 * skewed[1][x];
    }
    e = ewald_new(other);
    CHECK_NEAR(ewald_energy(e, N, pos, charge, NULL, NULL), before, 1e-11);
    ewald_free(e);
}

static void gradients(void)
{
    double pos[N][3], charge[N], gradient[N][3], h = 1e-4;
    random_charges(pos, charge, 8);
    struct ewald *e = ewald_new(skewed);
    ewald_energy(e, N, pos, charge, gradient, NULL);
    for (int i = 0; i < N; i++)
        for (int x = 0; x < 3; x++) {
            double at = pos[i][x];
            pos[i][x] = at + h;
            double up = ewald_energy(e, N, pos, charge, NULL, NULL);
            pos[i][x] = at - h;
            double down = ewald_energy(e, N, pos, charge, NULL, NULL);
            pos[i][x] = at;
            CHECK_NEAR(gradient[i][x], (up - down) / (2 * h), 1e-6 * (1 + fabs(gradient[i][x])));
        }
    double d[3] = {1.1, -0.4, 2.3}, g[3];
    ewald_pair(e, d, g);
    for (int x = 0; x < 3; x++) {
        double up[3] = {d[0], d[1], d[2]}, down[3] = {d[0], d[1], d[2]};
        up[x] += h;
        down[x] -= h;
        CHECK_NEAR(g[x], (ewald_pair(e, up, NULL) - ewald_pair(e, down, NULL)) / (2 * h), 1e-8);
    }
    ewald_free(e);
}

static double strained(double pos[N][3], const double charge[N], int a, int b, double by)
{
    double cell[3][3], r[N][3];
    memcpy(cell, skewed, sizeof cell);
    for (int i = 0; i < 3; i++)
        cell[i][a] += by * skewed[i][b];
    for (int i = 0; i < N; i++)
        for (int x = 0; x < 3; x++)
            r[i][x] = pos[i][x] + (x == a ? by * pos[i][b] : 0);
    struct ewald *e = ewald_new(cell);
    double energy = ewald_energy(e, N, (const double(*)[3])r, charge, NULL, NULL);
    ewald_free(e);
    return energy;
}

static void strain(void)
{
    double pos[N][3], charge[N], s[3][3], h = 1e-4;
    random_charges(pos, charge, 9);
    struct ewald *e = ewald_new(skewed);
    double energy = ewald_energy(e, N, pos, charge, NULL, s);
    for (int a = 0; a < 3; a++)
        for (int b = 0; b < 3; b++)
            CHECK_NEAR(s[a][b],
                       (strained(pos, charge, a, b, h) - strained(pos, charge, a, b, -h)) / (2 * h),
                       1e-6 * (1 + fabs(s[a][b])));
    /* E scales as 1/length: trace of the strain derivative = -E */
    CHECK_NEAR(s[0][0] + s[1][1] + s[2][2], -energy, 1e-11);
    ewald_free(e);
}

/* What ewald_new_for promises for a loose tolerance. */
static void tolerance(void)
{
    double pos[N][3], charge[N];
    random_charges(pos, charge, 10);
    struct ewald *e = ewald_new(skewed), *loose = ewald_new_for(skewed, N, 1e-8);
    double exact = ewald_energy(e, N, pos, charge, NULL, NULL);
    CHECK_NEAR(ewald_energy(loose, N, pos, charge, NULL, NULL), exact, 1e-7);
    ewald_free(e);
    ewald_free(loose);
}

int main(int argc, char **argv)
{
    static const struct check_case cases[] = {
        {"madelung", madelung},   {"wigner_crystals", wigner_crystals},
        {"protons", protons},     {"any_splitting", any_splitting},
        {"pairs", pairs},         {"invariances", invariances},
        {"gradients", gradients}, {"strain", strain},
        {"tolerance", tolerance}, {0}};
    return check_main(argc, argv, cases);
}
