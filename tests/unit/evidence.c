/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The regularised least-squares problem of force fields in two blocks. */
#include "base/rng.h"
#include "base/threads.h"
#include "maths/linalg.h"
#include "ml/evidence.h"
#include "check.h"

/* Likelihood, weights and noise of a problem in two blocks against its dense covariance
 * C = 1 + rho^2 A K^-1 A^T + t^2 B F F^T B^T, whose likelihood is -1/2 [n ln s^2 + n + ln det C], s^2 = b C^-1 b / n. */
static void evidence_is_that_of_the_dense_covariance(void)
{
    enum { ROWS = 17, FIRST = 4, SIZE = 3, ALL = FIRST + 2 * SIZE };
    const double rho = 0.7, t = 1.3;
    double a[ROWS * ALL], b[ROWS], l[FIRST * FIRST], f[2 * SIZE * SIZE], *p, *q;
    double prior[ALL * ALL] = {0}, c[ROWS * ROWS], side[ROWS * ALL], x[ROWS], determinant;
    double weight[ALL], factor[ALL * ALL], s2 = 0;
    struct rng rng;
    rng_start(&rng, 4, RNG_TEST, 0, 0, 0);
    for (int i = 0; i < ROWS * ALL; i++)
        a[i] = rng_normal(&rng);
    for (int i = 0; i < ROWS; i++)
        x[i] = b[i] = rng_normal(&rng);
    for (int i = 0; i < FIRST * FIRST; i++)
        l[i] = i % FIRST > i / FIRST ? 0 : i % FIRST == i / FIRST ? 1 : 0.3 * rng_normal(&rng);
    for (int i = 0; i < 2 * SIZE * SIZE; i++)
        f[i] = i % SIZE > i / SIZE % SIZE ? 0 : 0.5 + rng_uniform(&rng);
    double k[FIRST * FIRST];
    linalg_gemm(LINALG_N, LINALG_T, FIRST, FIRST, FIRST, 1, l, l, 0, k);
    CHECK(linalg_invert(FIRST, k, NULL, NULL, NULL) == ST_OK);
    for (int i = 0; i < FIRST * FIRST; i++)
        prior[i / FIRST * ALL + i % FIRST] = rho * rho * k[i];
    for (int i = 0; i < 2 * SIZE; i++) /* of the second kind */
        for (int j = i / SIZE * SIZE; j < i / SIZE * SIZE + SIZE; j++)
            for (int m = 0; m < SIZE; m++)
                prior[(FIRST + i) * ALL + FIRST + j] += t * t *
                                                        f[SIZE * SIZE + i % SIZE * SIZE + m] *
                                                        f[SIZE * SIZE + j % SIZE * SIZE + m];
    linalg_gemm(LINALG_N, LINALG_N, ROWS, ALL, ALL, 1, a, prior, 0, side);
    linalg_gemm(LINALG_N, LINALG_T, ROWS, ROWS, ALL, 1, side, a, 0, c);
    for (int i = 0; i < ROWS; i++)
        c[i * ROWS + i] += 1;
    CHECK(linalg_invert(ROWS, c, &determinant, NULL, NULL) == ST_OK);
    linalg_gemm(LINALG_N, LINALG_N, ROWS, 1, ROWS, 1, c, b, 0, x);
    for (int i = 0; i < ROWS; i++)
        s2 += b[i] * x[i] / ROWS;
    struct tsqr *data = tsqr_new(ALL);
    CHECK(tsqr_rows(data, ROWS, &p, &q, NULL) == ST_OK);
    memcpy(p, a, sizeof a);
    memcpy(q, b, sizeof b);
    CHECK(tsqr_finish(data, NULL) == ST_OK);
    struct evidence_prior blocks = {FIRST, l, 2, SIZE, 2, f};
    struct evidence e = {.ratio = rho, .second = t, .kind = 1};
    CHECK(evidence_solve(data, &blocks, &e, weight, factor, NULL) == ST_OK);
    CHECK_NEAR(e.noise, sqrt(s2), 1e-12);
    CHECK_NEAR(e.likelihood, -0.5 * (ROWS * (log(s2) + 1) + determinant), 1e-10);
    for (int j = 0; j < ALL; j++) {
        double w = 0;
        for (int i = 0; i < ROWS; i++)
            w += side[i * ALL + j] * x[i];
        CHECK_NEAR(weight[j], w, 1e-11);
    }
    struct evidence best = {.kind = -1};
    CHECK(evidence_best(data, &blocks, &best, NULL) == ST_OK && best.likelihood >= e.likelihood);
    tsqr_free(data);
}

static const struct check_case cases[] = {CHECK_CASE(evidence_is_that_of_the_dense_covariance),
                                          {NULL, NULL}};

int main(int argc, char **argv)
{
    threads_set(1);
    return check_main(argc, argv, cases);
}
