/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include "check.h"
#include "maths/fastexp.h"

static void exponential(void)
{
    double worst = 0;
    for (int i = -699000; i <= 699000; i += 7) {
        double x = i * 1e-3 + 1.7e-5;
        worst = fmax(worst, fabs(fastexp(x) / exp(x) - 1));
    }
    CHECK_NEAR(worst, 0, 7e-16);
    CHECK(fastexp(0) == 1);
    CHECK(fastexp(-1e9) < 1e-300 && fastexp(-1e9) >= 0);
    CHECK(fastexp(-INFINITY) < 1e-300);
}

static void logarithm(void)
{
    double worst = 0, worst_1p = 0;
    for (int i = -690000; i <= 690000; i += 7) {
        const double x = exp(i * 1e-3 + 1.7e-5), small = exp(-40 + (i + 690000) * 5e-5);
        worst = fmax(worst, fabs(fastlog(x) / log(x) - 1));
        worst_1p = fmax(worst_1p, fabs(fastlog1p(small) / log1p(small) - 1));
    }
    CHECK_NEAR(worst, 0, 5e-16);
    CHECK_NEAR(worst_1p, 0, 5e-16);
    CHECK(fastlog(1) == 0 && fastlog1p(0) == 0);
}

static void error_function(void)
{
    double worst = 0;
    for (int i = 0; i <= 65000; i++) {
        double x = i * 1e-4;
        worst = fmax(worst, fabs(fasterfc(x, fastexp(-x * x), 1 / (x + 3)) - erfc(x)));
    }
    CHECK_NEAR(worst, 0, 1e-15);
}

int main(int argc, char **argv)
{
    static const struct check_case cases[] = {{"exponential", exponential},
                                              {"logarithm", logarithm},
                                              {"error_function", error_function},
                                              {0}};
    return check_main(argc, argv, cases);
}
