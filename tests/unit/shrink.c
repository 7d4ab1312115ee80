/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Responses to noisy gradients (dft_gradients.shrink): what is known to be noise is left out, what is not stays. */
#include "response_reference.h"
#include <math.h>

enum { DRAWS = 5, NUMBERS = 12 }; /* the measurement's own error and replicas; force components */

struct bench {
    struct system *system;
    struct reference r;
    struct dft *session;
    size_t numbers;
    double *noise[DRAWS];
};

/* Errors as those of sampled gradients: of covariance S, that of the functions */
static double *noise_new(const struct reference *r, uint64_t draw)
{
    const int n = r->c.orbitals, row = row_of(r);
    struct rng rng;
    rng_start(&rng, 7, RNG_TEST, draw, 0, 0);
    double *g = MEM_NEW(double, r->c.nk *n *row), *white = MEM_NEW(double, n *row);
    double *factor = MEM_NEW(double, row *row);
    for (int k = 0; k < r->c.nk; k++) {
        memcpy(factor, r->overlap[k], (size_t)row * row * sizeof *factor);
        CHECK(linalg_cholesky(row, factor, NULL) == ST_OK);
        for (int i = 0; i < n * row; i++)
            white[i] = rng_normal(&rng);
        linalg_gemm(LINALG_N, LINALG_T, n, row, row, 1, white, factor, 0, g + (size_t)k * n * row);
    }
    free(factor);
    free(white);
    return g;
}

static struct bench bench_new(void)
{
    struct bench b = {.system = cell()};
    b.r = reference_new("lda", 2, b.system);
    b.session = dft_new(&b.r.settings, NULL);
    b.numbers = (size_t)b.r.c.nk * b.r.c.orbitals * row_of(&b.r);
    for (int i = 0; i < DRAWS; i++)
        b.noise[i] = noise_new(&b.r, i);
    return b;
}

static void bench_free(struct bench *b)
{
    for (int i = 0; i < DRAWS; i++)
        free(b->noise[i]);
    dft_free(b->session);
    reference_free(&b->r);
    system_free(b->system);
}

/* Forces of signal + size noise[0], or those without shrinking; returns what is kept. error: mean square of draws. */
static double forces(const struct bench *b, const double *signal, double size, bool shrink,
                     double f[NUMBERS], double *error)
{
    struct err err = {0};
    struct dft_gradient each[DRAWS];
    struct dft_response r[DRAWS];
    for (int i = 0; i < DRAWS; i++) {
        double *g = MEM_NEW(double, b->numbers);
        for (size_t x = 0; x < b->numbers; x++)
            g[x] = (i ? 0 : signal[x]) + size * b->noise[i][x];
        each[i] = (struct dft_gradient){g, 1e-6};
    }
    const struct dft_gradients all = {DRAWS, DRAWS, each, shrink};
    CHECK(dft_respond(b->session, b->system, b->r.basis, &b->r.c, &all, r, &err) == ST_OK);
    const double kept = r[0].kept;
    double sum = 0;
    for (int i = 0; i < DRAWS; i++) {
        for (int x = 0; x < NUMBERS; x++)
            if (i == 0)
                f[x] = r[i].force[x / 3][x % 3];
            else
                sum += pow(r[i].force[x / 3][x % 3], 2) / (NUMBERS * (DRAWS - 1));
        dft_response_free(&r[i]);
        free((void *)each[i].value);
    }
    *error = sum;
    return kept;
}

static double distance(const double a[NUMBERS], const double b[NUMBERS])
{
    double sum = 0;
    for (int x = 0; x < NUMBERS; x++)
        sum += pow(a[x] - b[x], 2) / NUMBERS;
    return sqrt(sum);
}

/* g = <chi|t|phi> of the trial orbitals, by a sum over a grid: what orbitals that should be narrower would have */
static double *kinetic_gradient(const struct bench *b)
{
    enum { GRID = 40 };
    const int n = b->r.c.orbitals, row = row_of(&b->r), points = GRID * GRID;
    const size_t level = (size_t)points * row;
    struct ao *ao = ao_new(b->system, b->r.basis, b->r.c.nk, (const double(*)[3])b->r.c.k, NULL);
    double *g = MEM_NEW(double, b->numbers), *chi = MEM_NEW(double, b->r.c.nk *AO_LAPLACIAN *level);
    double(*at)[3] = mem_new(points, sizeof *at), *phi = MEM_NEW(double, n *points);
    const double volume = system_volume(b->system) / pow(GRID, 3);
    for (int plane = 0; plane < GRID; plane++) {
        for (int p = 0; p < points; p++)
            for (int x = 0; x < 3; x++)
                at[p][x] = (plane * b->system->cell[0][x] + p / GRID * b->system->cell[1][x] +
                            p % GRID * b->system->cell[2][x]) /
                           GRID;
        ao_eval(ao, AO_LAPLACIAN, points, (const double(*)[3])at, chi);
        for (int k = 0; k < b->r.c.nk; k++) {
            const double *value = chi + k * AO_LAPLACIAN * level, *laplacian = value + 4 * level;
            linalg_gemm(LINALG_N, LINALG_T, n, points, row, -0.5 * volume,
                        b->r.c.coefficient + (size_t)k * n * row, laplacian, 0, phi);
            linalg_gemm(LINALG_N, LINALG_N, n, row, points, 1, phi, value, 1,
                        g + (size_t)k * n * row);
        }
    }
    free(at);
    free(phi);
    free(chi);
    ao_free(ao);
    return g;
}

/* A gradient of a known shape in noise of many directions: the noise goes, and the error bar says so. */
static void shapes(void)
{
    struct bench b = bench_new();
    double *g = kinetic_gradient(&b), clean[NUMBERS], noisy[NUMBERS], shrunk[NUMBERS], none, before,
           after;
    const double size = 0.02;
    forces(&b, g, 0, false, clean, &none);
    forces(&b, g, size, false, noisy, &before);
    const double kept = forces(&b, g, size, true, shrunk, &after);
    printf("kept %.3f, off by %.5f, was %.5f; error bar %.5f, was %.5f\n", kept,
           distance(shrunk, clean), distance(noisy, clean), sqrt(after), sqrt(before));
    CHECK(distance(shrunk, clean) < 0.7 * distance(noisy, clean));
    CHECK(sqrt(after) < 0.85 * sqrt(before));
    CHECK(distance(shrunk, clean) < 3 * sqrt(after));
    free(g);
    bench_free(&b);
}

/* A gradient that is well known, of no known shape, stays as it is. */
static void signals(void)
{
    struct bench b = bench_new();
    double all[NUMBERS], shrunk[NUMBERS], zero[NUMBERS] = {0}, before, after;
    forces(&b, b.r.g, 1e-3, false, all, &before);
    const double kept = forces(&b, b.r.g, 1e-3, true, shrunk, &after);
    printf("kept %.9f, off by %.2e of %.2e\n", kept, distance(shrunk, all), distance(all, zero));
    CHECK(kept > 1 - 1e-5 && kept < 1);
    CHECK(distance(shrunk, all) < 1e-4 * distance(all, zero));
    CHECK_NEAR(sqrt(after / before), 1, 0.01);
    bench_free(&b);
}

static const struct check_case cases[] = {{"shapes", shapes}, {"signals", signals}, {0}};

int main(int argc, char **argv)
{
    return check_main(argc, argv, cases);
}
