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

int main(int argc, char **argv)
{
    static const struct check_case cases[] = {{"normalised", normalised},
                                              {"contents", contents},
                                              {"fourier", fourier},
                                              {"parseval", parseval},
                                              {0}};
    return check_main(argc, argv, cases);
}
