/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The C side of the unit tests. A driver is a table of named cases; `driver NAME` runs one and
 * exits with 0 when all its checks hold, `driver` alone lists the names. tests/unit/MODULE.bats has
 * one @test line per case.
 */
#ifndef TESTS_CHECK_H
#define TESTS_CHECK_H

#include <math.h>
#include <stdio.h>
#include <string.h>

static int check_failures;

#define CHECK(condition)                                                          \
    do {                                                                          \
        if (!(condition)) {                                                       \
            printf("%s:%d: does not hold: %s\n", __FILE__, __LINE__, #condition); \
            check_failures++;                                                     \
        }                                                                         \
    } while (0)

/* |x - y| <= tolerance; NaN fails */
#define CHECK_NEAR(x, y, tolerance)                                                                \
    do {                                                                                           \
        double check_x = (x), check_y = (y), check_t = (tolerance);                                \
        if (!(fabs(check_x - check_y) <= check_t)) {                                               \
            printf("%s:%d: %s = %.15g, not %.15g within %g (off by %g)\n", __FILE__, __LINE__, #x, \
                   check_x, check_y, check_t, check_x - check_y);                                  \
            check_failures++;                                                                      \
        }                                                                                          \
    } while (0)

struct check_case {
    const char *name;
    void (*run)(void);
};

/* A row of the table, named as its function */
#define CHECK_CASE(function)               \
    {                                      \
        .name = #function, .run = function \
    }

static int check_main(int argc, char **argv, const struct check_case *cases)
{
    for (const struct check_case *c = cases; c->name; c++) {
        if (argc < 2)
            puts(c->name);
        else if (!strcmp(argv[1], c->name)) {
            c->run();
            return check_failures ? 1 : 0;
        }
    }
    return argc < 2 ? 0 : 2;
}

#endif
