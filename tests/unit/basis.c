/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include "basis/basis.h"
#include "check.h"

static const char *const names[] = {"h-sz", "h-dz", "h-tz"};

/* int_0^inf f(r) dr by the trapezium rule, exponentially accurate for these even integrands. */
static double radial(const struct shell *s, double r)
{
    double sum = 0;
    for (int p = 0; p < s->primitives; p++)
        sum += s->coefficient[p] * exp(-s->exponent[p] * r * r);
    return sum * pow(r, s->l);
}

static void normalised(void)
{
    for (int n = 0; n < 3; n++) {
        struct basis *b = basis_builtin(names[n], NULL);
        for (int s = 0; s < b->shells; s++) {
            double sum = 0, h = 0.005;
            for (double r = h; r < 25; r += h)
                sum += h * r * r * radial(&b->shell[s], r) * radial(&b->shell[s], r);
            CHECK_NEAR(sum, 1, 1e-10);
        }
        basis_free(b);
    }
}

static void contents(void)
{
    static const int least[3][3] = {{1, 0, 0}, {2, 1, 0}, {3, 2, 1}};
    for (int n = 0; n < 3; n++) {
        int count[4] = {0}, functions = 0;
        struct basis *b = basis_builtin(names[n], NULL);
        for (int s = 0; s < b->shells; s++) {
            count[b->shell[s].l]++;
            functions += 2 * b->shell[s].l + 1;
            for (int p = 0; p < b->shell[s].primitives; p++)
                CHECK(b->shell[s].exponent[p] > 0.05 && b->shell[s].exponent[p] < 100);
        }
        CHECK(functions == b->functions && b->element == 1 && !strcmp(b->name, names[n]));
        for (int l = 0; l < 3; l++)
            CHECK(count[l] >= least[n][l]);
        basis_free(b);
    }
    struct err err;
    CHECK(!basis_builtin("h-xz", &err) && err.status == ST_USAGE && strstr(err.text, "h-tz"));
}

/* j_l for l <= 2 */
static double bessel(int l, double x)
{
    if (x < 0.05)
        return (l == 0   ? 1 - x * x / 6 + x * x * x * x / 120
                : l == 1 ? x / 3 * (1 - x * x / 10 + x * x * x * x / 280)
                         : x * x / 15 * (1 - x * x / 14 + x * x * x * x / 504));
    if (l == 0)
        return sin(x) / x;
    if (l == 1)
        return sin(x) / (x * x) - cos(x) / x;
    return (3 / (x * x) - 1) * sin(x) / x - 3 * cos(x) / (x * x);
}

/* 4 pi int r^2 j_l(q r) R(r) dr = q^l basis_fourier(q) */
static void fourier(void)
{
    struct basis *b = basis_builtin("h-tz", NULL);
    for (int s = 0; s < b->shells; s++)
        for (double q = 0.2; q < 6; q += 0.73) {
            double sum = 0, h = 0.002;
            for (double r = h; r < 25; r += h)
                sum +=
                    4 * M_PI * h * r * r * bessel(b->shell[s].l, q * r) * radial(&b->shell[s], r);
            CHECK_NEAR(pow(q, b->shell[s].l) * basis_fourier(&b->shell[s], q), sum, 1e-9);
        }
    basis_free(b);
}

/* (2 pi)^-3 int q^(2 l + 2) F(q)^2 dq = 1 */
static void parseval(void)
{
    for (int n = 0; n < 3; n++) {
        struct basis *b = basis_builtin(names[n], NULL);
        for (int s = 0; s < b->shells; s++) {
            double sum = 0, h = 0.01;
            for (double q = h; q < 60; q += h) {
                double f = pow(q, b->shell[s].l) * basis_fourier(&b->shell[s], q);
                sum += h * q * q * f * f / pow(2 * M_PI, 3);
            }
            CHECK_NEAR(sum, 1, 1e-9);
        }
        basis_free(b);
    }
}

/* A basis as a list, shells in the order of the file; bare contractions. */
static void lists(void)
{
    static const double dz[] = {0, 2, 6.645, 0.2403, 1.423, 1, 0, 1,      0.3978,
                                2, 0, 1,     0.1140, -1,    1, 1, 0.9753, 1};
    enum { N = sizeof dz / sizeof *dz };
    struct err err = {0};
    struct basis *b = basis_find("mine.nw", N, dz, &err), *c = basis_find("h-dz", 0, NULL, &err);
    CHECK(b && b->functions == c->functions && b->shells == c->shells);
    for (int s = 0; b && s < b->shells; s++)
        for (int p = 0; p < b->shell[s].primitives; p++) {
            CHECK(b->shell[s].l == c->shell[s].l);
            CHECK_NEAR(b->shell[s].exponent[p], c->shell[s].exponent[p], 0);
            CHECK_NEAR(fabs(b->shell[s].coefficient[p]), c->shell[s].coefficient[p], 1e-14);
        }
    basis_free(b);
    basis_free(c);
    for (int n = 1; n < N; n++) /* only whole shells are a list */
        if (n != 6 && n != 10 && n != 14)
            CHECK(!basis_find("short", n, dz, &err) && err.status == ST_DATA);
}

static void bad_lists(void)
{
    static const double bad[][6] = {{4, 1, 0.7, 1}, /* g */
                                    {0.5, 1, 0.7, 1}, {0, 1.5, 0.7, 1}, {0, 1, -0.7, 1},
                                    {0, 1, 0.7, 0},   {0, 1, 0.7, NAN}, {0, 2, 0.7, 1, 0.7, -1}};
    struct err err = {0};
    for (int i = 0; i < 7; i++)
        CHECK(!basis_find("bad", i == 6 ? 6 : 4, bad[i], &err) && err.status == ST_DATA);
    CHECK(!basis_find("bad", 4, bad[0], &err) && strstr(err.text, "l = 4"));
}

int main(int argc, char **argv)
{
    static const struct check_case cases[] = {{"normalised", normalised},
                                              {"contents", contents},
                                              {"fourier", fourier},
                                              {"parseval", parseval},
                                              {"lists", lists},
                                              {"bad_lists", bad_lists},
                                              {0}};
    return check_main(argc, argv, cases);
}
