/* SPDX-License-Identifier: GPL-3.0-or-later */
/* maths/linalg.h by identities on random matrices of order 7 (and 40 x 7). */
#include <stdlib.h>
#include "base/mem.h"
#include "base/rng.h"
#include "maths/linalg.h"
#include "check.h"

enum { N = 7, M = 40 };
static const double EPS = 1e-11;

static void fill(uint64_t seed, int count, double *x)
{
    struct rng rng;
    rng_start(&rng, seed, RNG_TEST, 0, 0, 0);
    for (int i = 0; i < count; i++)
        x[i] = rng_normal(&rng);
}

static void fill_z(uint64_t seed, int count, double complex *x)
{
    fill(seed, 2 * count, (double *)x);
}

static void product_is_the_sum_over_the_inner_index(void)
{
    double a[3 * 4], b[4 * 5], c[3 * 5], at[4 * 3], bt[5 * 4];
    fill(1, 12, a);
    fill(2, 20, b);
    for (int i = 0; i < 3; i++)
        for (int k = 0; k < 4; k++)
            at[k * 3 + i] = a[i * 4 + k];
    for (int k = 0; k < 4; k++)
        for (int j = 0; j < 5; j++)
            bt[j * 4 + k] = b[k * 5 + j];
    for (int op = 0; op < 4; op++) {
        fill(3, 15, c);
        linalg_gemm(op & 1 ? LINALG_T : LINALG_N, op & 2 ? LINALG_T : LINALG_N, 3, 5, 4, 2.5,
                    op & 1 ? at : a, op & 2 ? bt : b, 0, c);
        for (int i = 0; i < 3; i++)
            for (int j = 0; j < 5; j++) {
                double sum = 0;
                for (int k = 0; k < 4; k++)
                    sum += a[i * 4 + k] * b[k * 5 + j];
                CHECK_NEAR(c[i * 5 + j], 2.5 * sum, EPS);
            }
    }
}

static void complex_product_conjugates_when_asked(void)
{
    double complex a[4 * 3], b[4 * 5], c[3 * 5];
    fill_z(1, 12, a);
    fill_z(2, 20, b);
    linalg_gemm_z(LINALG_C, LINALG_N, 3, 5, 4, 1, a, b, 0, c);
    for (int i = 0; i < 3; i++)
        for (int j = 0; j < 5; j++) {
            double complex sum = 0;
            for (int k = 0; k < 4; k++)
                sum += conj(a[k * 3 + i]) * b[k * 5 + j];
            CHECK_NEAR(cabs(c[i * 5 + j] - sum), 0, EPS);
        }
}

/* h[N][N] Hermitian (real: imaginary = 0); s = positive definite */
static void make_hermitian(bool real, double complex *h, double complex *s)
{
    double complex x[N * N];
    fill_z(4, N * N, x);
    for (int i = 0; real && i < N * N; i++)
        x[i] = creal(x[i]);
    for (int i = 0; i < N; i++)
        for (int j = 0; j < N; j++)
            h[i * N + j] = (x[i * N + j] + conj(x[j * N + i])) / 2;
    linalg_gemm_z(LINALG_N, LINALG_C, N, N, N, 1, x, x, 0, s);
    for (int i = 0; i < N; i++)
        s[i * N + i] += 0.1;
}

/* Largest element of H v - w S v over all pairs, and of v^H S v - 1 */
static double residual(const double complex *h, const double complex *s, const double *w,
                       const double complex *v)
{
    double worst = 0;
    for (int k = 0; k < N; k++) {
        double complex norm = 0;
        for (int i = 0; i < N; i++) {
            double complex r = 0, sv = 0;
            for (int j = 0; j < N; j++) {
                r += (h[i * N + j] - w[k] * s[i * N + j]) * v[k * N + j];
                sv += s[i * N + j] * v[k * N + j];
            }
            worst = fmax(worst, cabs(r));
            norm += conj(v[k * N + i]) * sv;
        }
        worst = fmax(worst, cabs(norm - 1));
    }
    return worst;
}

static void unit_matrix(double complex *s)
{
    for (int i = 0; i < N * N; i++)
        s[i] = i % (N + 1) == 0;
}

static void eigenvectors_solve_the_real_problem(void)
{
    double complex h[N * N], s[N * N], v[N * N];
    double a[N * N], b[N * N], w[N];
    make_hermitian(true, h, s);
    for (int general = 0; general < 2; general++) {
        if (!general)
            unit_matrix(s);
        for (int i = 0; i < N * N; i++) {
            a[i] = creal(h[i]);
            b[i] = creal(s[i]);
        }
        enum status status =
            general ? linalg_eigen_general(N, a, b, w, NULL) : linalg_eigen(N, a, w, NULL);
        CHECK(status == ST_OK);
        for (int i = 0; i < N * N; i++)
            v[i] = a[i];
        CHECK_NEAR(residual(h, s, w, v), 0, EPS);
        for (int k = 1; k < N; k++)
            CHECK(w[k] > w[k - 1]);
        make_hermitian(true, h, s);
    }
}

static void eigenvectors_solve_the_hermitian_problem(void)
{
    double complex h[N * N], s[N * N], a[N * N], b[N * N];
    double w[N];
    make_hermitian(false, h, s);
    memcpy(a, h, sizeof h);
    memcpy(b, s, sizeof s);
    CHECK(linalg_eigen_general_z(N, a, b, w, NULL) == ST_OK);
    CHECK_NEAR(residual(h, s, w, a), 0, EPS);
    memcpy(a, h, sizeof h);
    unit_matrix(s);
    CHECK(linalg_eigen_z(N, a, w, NULL) == ST_OK);
    CHECK_NEAR(residual(h, s, w, a), 0, EPS);
}

static void pencil_finds_real_and_complex_pairs(void)
{
    double a[N * N], b[N * N], keep_a[N * N], keep_b[N * N], re[N], im[N], v[N * N];
    fill(5, N * N, a);
    fill(6, N * N, b);
    memcpy(keep_a, a, sizeof a);
    memcpy(keep_b, b, sizeof b);
    CHECK(linalg_eigen_pencil(N, a, b, re, im, v, NULL) == ST_OK);
    int complex_ones = 0;
    for (int k = 0; k < N; k++) {
        complex_ones += im[k] != 0;
        int first = im[k] < 0 ? k - 1 : k;
        for (int i = 0; i < N; i++) {
            double complex r = 0, w = re[k] + I * im[k];
            for (int j = 0; j < N; j++) {
                double complex x = v[first * N + j];
                if (im[k] != 0)
                    x += (im[k] > 0 ? I : -I) * v[(first + 1) * N + j];
                r += (keep_a[i * N + j] - w * keep_b[i * N + j]) * x;
            }
            CHECK_NEAR(cabs(r), 0, 1e-9);
        }
    }
    CHECK(complex_ones > 0 && complex_ones < N); /* both kinds were met */
}

static void cholesky_factors_and_solves(void)
{
    double complex h[N * N], s[N * N];
    double a[N * N], l[N * N], x[2 * N], b[2 * N];
    make_hermitian(true, h, s);
    for (int i = 0; i < N * N; i++)
        a[i] = l[i] = creal(s[i]);
    CHECK(linalg_cholesky(N, l, NULL) == ST_OK);
    double product[N * N];
    linalg_gemm(LINALG_N, LINALG_T, N, N, N, 1, l, l, 0, product);
    for (int i = 0; i < N * N; i++)
        CHECK_NEAR(product[i], a[i], EPS);
    fill(7, 2 * N, x);
    linalg_gemm(LINALG_N, LINALG_T, 2, N, N, 1, x, a, 0, b);
    linalg_cholesky_solve(N, l, 2, b);
    for (int i = 0; i < 2 * N; i++)
        CHECK_NEAR(b[i], x[i], 1e-9);
}

static void inverse_and_determinant_agree_with_expansion(void)
{
    /* det = 2.385 (3 * 1 - 2 * 4) - 1.5 (0 * 1 - 2 * 5) = -11.925 + 15 */
    double small[9] = {2.385, 1.5, 0, 0, 3, 2, 5, 4, 1}, log_det, sign;
    CHECK(linalg_invert(3, small, &log_det, &sign, NULL) == ST_OK);
    CHECK_NEAR(sign * exp(log_det), 2.385 * (3 - 8) - 1.5 * (0 - 10), 1e-12);
    double a[N * N], inverse[N * N], unit[N * N];
    fill(8, N * N, a);
    memcpy(inverse, a, sizeof a);
    CHECK(linalg_invert(N, inverse, NULL, NULL, NULL) == ST_OK);
    linalg_gemm(LINALG_N, LINALG_N, N, N, N, 1, inverse, a, 0, unit);
    for (int i = 0; i < N * N; i++)
        CHECK_NEAR(unit[i], i % (N + 1) == 0, 1e-10);
}

static void complex_inverse_and_phase(void)
{
    double complex a[4] = {1 + 2 * I, 0.5, -I, 2.385}, det = a[0] * a[3] - a[1] * a[2];
    double complex b[4], phase, unit[4];
    double log_det;
    memcpy(b, a, sizeof a);
    CHECK(linalg_invert_z(2, b, &log_det, &phase, NULL) == ST_OK);
    CHECK_NEAR(cabs(phase * exp(log_det) - det), 0, 1e-13);
    linalg_gemm_z(LINALG_N, LINALG_N, 2, 2, 2, 1, a, b, 0, unit);
    for (int i = 0; i < 4; i++)
        CHECK_NEAR(cabs(unit[i] - (i % 3 == 0)), 0, 1e-13);
}

static void linear_systems_are_solved(void)
{
    double a[N * N], x[2 * N], b[2 * N];
    fill(9, N * N, a);
    fill(10, 2 * N, x);
    linalg_gemm(LINALG_N, LINALG_T, 2, N, N, 1, x, a, 0, b); /* rows A x */
    CHECK(linalg_solve(N, a, 2, b, NULL) == ST_OK);
    for (int i = 0; i < 2 * N; i++)
        CHECK_NEAR(b[i], x[i], 1e-10);
}

/* Solve by QR of the whole and by QR of two stacked chunks: same solution, residual orthogonal to
 * A. */
static void qr_solves_least_squares_whole_and_in_chunks(void)
{
    double a[M * N], b[M], x[N], r[M * N], y[M], stacked[2 * N * N], z[2 * N];
    fill(11, M * N, a);
    fill(12, M, b);
    memcpy(r, a, sizeof a);
    memcpy(y, b, sizeof b);
    CHECK(linalg_qr(M, N, r, 1, y, NULL) == ST_OK);
    CHECK(linalg_solve_upper(N, r, false, y, NULL) == ST_OK);
    memcpy(x, y, sizeof x);
    for (int j = 0; j < N; j++) {
        double projection = 0;
        for (int i = 0; i < M; i++) {
            double rest = b[i];
            for (int k = 0; k < N; k++)
                rest -= a[i * N + k] * x[k];
            projection += a[i * N + j] * rest;
        }
        CHECK_NEAR(projection, 0, 1e-11);
    }
    for (int chunk = 0; chunk < 2; chunk++) {
        memcpy(r, a + chunk * (M / 2) * N, sizeof(double) * (M / 2) * N);
        memcpy(y, b + chunk * (M / 2), sizeof(double) * (M / 2));
        CHECK(linalg_qr(M / 2, N, r, 1, y, NULL) == ST_OK);
        linalg_upper(N, r);
        memcpy(stacked + chunk * N * N, r, sizeof(double) * N * N);
        memcpy(z + chunk * N, y, sizeof(double) * N);
    }
    CHECK(linalg_qr(2 * N, N, stacked, 1, z, NULL) == ST_OK);
    CHECK(linalg_solve_upper(N, stacked, false, z, NULL) == ST_OK);
    for (int i = 0; i < N; i++)
        CHECK_NEAR(z[i], x[i], 1e-11);
}

/* The R of the first half of the rows takes in the second half, then, from the start, the R of that half, of which nothing
 * below the diagonal is read: the same R up to signs, and the same solution, as by QR of the whole. */
static void qr_takes_in_more_rows(void)
{
    enum { HALF = M / 2 };
    double a[M * N], b[M], half[2][HALF * N], z[2][HALF], r[M * N], y[M];
    fill(13, M * N, a);
    fill(14, M, b);
    for (int h = 0; h < 2; h++) {
        memcpy(half[h], a + h * HALF * N, sizeof half[h]);
        memcpy(z[h], b + h * HALF, sizeof z[h]);
        CHECK(linalg_qr(HALF, N, half[h], 1, z[h], NULL) == ST_OK);
    }
    double rows[2][M * N], right[2][M];
    for (int triangle = 0; triangle < 2; triangle++) {
        memcpy(rows[triangle], half[0], N * N * sizeof *a);
        memcpy(rows[triangle] + N * N, triangle ? half[1] : a + HALF * N, HALF * N * sizeof *a);
        memcpy(right[triangle], z[0], N * sizeof *b);
        memcpy(right[triangle] + N, triangle ? z[1] : b + HALF, HALF * sizeof *b);
    }
    CHECK(linalg_qr_append(HALF, false, N, rows[0], 1, right[0], NULL) == ST_OK);
    CHECK(linalg_qr_append(N, true, N, rows[1], 1, right[1], NULL) == ST_OK);
    memcpy(r, a, sizeof a);
    memcpy(y, b, sizeof b);
    CHECK(linalg_qr(M, N, r, 1, y, NULL) == ST_OK);
    for (int k = 0; k < 2; k++)
        for (int i = 0; i < N; i++) {
            CHECK_NEAR(fabs(right[k][i]), fabs(y[i]), 1e-12);
            for (int j = i; j < N; j++)
                CHECK_NEAR(fabs(rows[k][i * N + j]), fabs(r[i * N + j]), 1e-12);
            CHECK(i == 0 || rows[k][i * N] == half[0][i * N]);
        }
    CHECK(linalg_solve_upper(N, r, false, y, NULL) == ST_OK);
    CHECK(linalg_solve_upper(N, rows[1], false, right[1], NULL) == ST_OK);
    for (int i = 0; i < N; i++)
        CHECK_NEAR(right[1][i], y[i], 1e-12);
    rows[0][N * N] = NAN;
    CHECK(linalg_qr_append(1, false, N, rows[0], 1, right[0], NULL) == ST_COMPUTE);
    CHECK(linalg_qr_append(0, false, N, r, 1, y, NULL) == ST_OK);
}

/* Rows e_0 and cos e_1 + sin e_0 have the pivots 1 and cos; scaling one row of three by t makes the least t. */
static void independence_is_the_least_pivot(void)
{
    double two[6] = {1, 0, 0, 0.8, 0.6, 0}, scaled[9] = {1, 0, 0, 0, 1e-7, 0, 0, 0, 0.3};
    double same[6] = {0.3, 0.5, -0.7, 0.3, 0.5, -0.7}, zero[3] = {0, 0, 0}, many[2] = {1, 2};
    double none[4] = {1, 0, NAN, 1};
    CHECK_NEAR(linalg_independence(2, 3, two), 0.6, 1e-14);
    CHECK_NEAR(linalg_independence(3, 3, scaled), 1e-7, 1e-20);
    CHECK_NEAR(linalg_independence(2, 3, same), 0, 1e-15);
    CHECK(linalg_independence(1, 3, zero) == 0 && linalg_independence(2, 1, many) == 0);
    CHECK(linalg_independence(2, 2, none) == 0);
}

static void bad_matrices_are_errors_with_a_sentence(void)
{
    struct err err = {0};
    double singular[4] = {1, 2, 2, 4}, w[2];
    CHECK(linalg_invert(2, singular, NULL, NULL, &err) == ST_COMPUTE);
    CHECK(strstr(err.text, "singular"));
    double indefinite[4] = {1, 2, 2, 1}, again[4] = {1, 0, 0, 1}, b[4] = {1, 2, 2, 1};
    CHECK(linalg_cholesky(2, indefinite, &err) == ST_COMPUTE);
    CHECK(strstr(err.text, "positive definite"));
    CHECK(linalg_eigen_general(2, again, b, w, &err) == ST_COMPUTE);
    CHECK(strstr(err.text, "positive definite"));
    double nan_matrix[4] = {NAN, 1, 1, 1}, upper[4] = {1, 2, 0, 0}, y[2] = {1, 1};
    CHECK(linalg_eigen(2, nan_matrix, w, &err) == ST_COMPUTE);
    CHECK(linalg_solve_upper(2, upper, false, y, &err) == ST_COMPUTE);
}

static const struct check_case cases[] = {
    {"product", product_is_the_sum_over_the_inner_index},
    {"complex_product", complex_product_conjugates_when_asked},
    {"eigen", eigenvectors_solve_the_real_problem},
    {"eigen_z", eigenvectors_solve_the_hermitian_problem},
    {"pencil", pencil_finds_real_and_complex_pairs},
    {"cholesky", cholesky_factors_and_solves},
    {"inverse", inverse_and_determinant_agree_with_expansion},
    {"inverse_z", complex_inverse_and_phase},
    {"solve", linear_systems_are_solved},
    {"qr", qr_solves_least_squares_whole_and_in_chunks},
    {"append", qr_takes_in_more_rows},
    {"independence", independence_is_the_least_pivot},
    {"bad", bad_matrices_are_errors_with_a_sentence},
    {NULL, NULL},
};

int main(int argc, char **argv)
{
    return check_main(argc, argv, cases);
}
