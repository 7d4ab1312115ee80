/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdlib.h>
#include "base/rng.h"
#include "base/units.h"
#include "check.h"
#include "crystal/system.h"

static const double skewed[3][3] = {{4.1, 0.3, -0.2}, {11.7, 3.9, 0.4}, {-9.2, 2.6, 5.3}};

static struct system *make(const double cell[3][3], int n)
{
    struct system *s = system_new(n);
    s->periodic = true;
    memcpy(s->cell, cell, sizeof s->cell);
    for (int i = 0; i < n; i++) {
        s->element[i] = 1;
        s->mass[i] = 1837.3;
    }
    return s;
}

static void minimum_image(void)
{
    struct system *s = make(skewed, 1);
    struct rng rng;
    rng_start(&rng, 7, RNG_TEST, 0, 0, 0);
    for (int trial = 0; trial < 100; trial++) {
        double d[3], got[3], best = INFINITY;
        double f[3] = {4 * rng_uniform(&rng) - 2, 4 * rng_uniform(&rng) - 2,
                       4 * rng_uniform(&rng) - 2};
        for (int x = 0; x < 3; x++)
            d[x] = f[0] * skewed[0][x] + f[1] * skewed[1][x] + f[2] * skewed[2][x];
        system_minimum_image(s, d, got);
        for (int a = -18; a <= 18; a++) /* brute force */
            for (int b = -9; b <= 9; b++)
                for (int c = -9; c <= 9; c++) {
                    double r2 = 0;
                    for (int x = 0; x < 3; x++) {
                        double e = d[x] + a * skewed[0][x] + b * skewed[1][x] + c * skewed[2][x];
                        r2 += e * e;
                    }
                    best = fmin(best, r2);
                }
        CHECK_NEAR(got[0] * got[0] + got[1] * got[1] + got[2] * got[2], best, 1e-9);
    }
    system_free(s);
}

static void inradius(void)
{
    double cubic[3][3] = {{3.7, 0, 0}, {0, 3.7, 0}, {0, 0, 3.7}};
    double fcc[3][3] = {{0, 2.1, 2.1}, {2.1, 0, 2.1}, {2.1, 2.1, 0}};
    double flat[3][3] = {
        {1000, 1, 0}, {999, 1, 0}, {0, 0, 7}}; /* same lattice as (1,0,0), (0,1,0) */
    struct system *s = make(cubic, 1);
    CHECK_NEAR(system_inradius(s), 1.85, 1e-12);
    memcpy(s->cell, fcc, sizeof fcc);
    CHECK_NEAR(system_inradius(s), 2.1 / sqrt(2), 1e-12);
    memcpy(s->cell, flat, sizeof flat);
    CHECK_NEAR(system_inradius(s), 0.5, 1e-9);
    system_free(s);
}

static void cells(void)
{
    double rec[3][3], inv[3][3];
    system_reciprocal(skewed, rec);
    system_inverse(skewed, inv);
    for (int i = 0; i < 3; i++)
        for (int j = 0; j < 3; j++) {
            double product = 0, unit = 0;
            for (int x = 0; x < 3; x++) {
                product += skewed[i][x] * rec[j][x];
                unit += skewed[i][x] * inv[x][j];
            }
            CHECK_NEAR(product, i == j ? 2 * M_PI : 0, 1e-12);
            CHECK_NEAR(unit, i == j, 1e-13);
        }
    struct system *s = make(skewed, 2);
    CHECK_NEAR(system_volume(s), fabs(system_det(skewed)), 1e-12);
    CHECK_NEAR(system_mass_density(s), 2 * 1837.3 / fabs(system_det(skewed)), 1e-9);
    system_free(s);
}

static void bad(const struct system *s, const char *word)
{
    struct err err = {0};
    CHECK(system_check(s, &err) == ST_DATA);
    if (!strstr(err.text, word))
        printf("'%s' lacks '%s'\n", err.text, word), check_failures++;
}

static void check_finds(void)
{
    double cubic[3][3] = {{3.7, 0, 0}, {0, 3.7, 0}, {0, 0, 3.7}};
    struct system *s = make(cubic, 3);
    s->pos[1][0] = 1.8;
    s->pos[2][1] = 1.7;
    CHECK(system_check(s, NULL) == ST_OK);
    s->pos[1][0] = 3.7 * 5 - 0.02; /* an image of atom 1, cells away */
    bad(s, "atoms 1 and 2 are 0.01058 A");
    s->pos[1][0] = NAN;
    bad(s, "position of atom 2 is not finite");
    s->pos[1][0] = 1e200;
    bad(s, "atom 2");
    s->pos[1][0] = 1.8;
    s->cell[2][2] = 0;
    bad(s, "singular");
    s->cell[2][2] = NAN;
    bad(s, "not finite");
    s->cell[2][2] = 0.05;
    bad(s, "own images");
    s->periodic = false;
    CHECK(system_check(s, NULL) == ST_OK);
    s->pos[2][1] = 0.09;
    bad(s, "atoms 1 and 3");
    s->n = 0;
    bad(s, "no atoms");
    system_free(s);
}

/* A million atoms, most of them in a small part of a large cell, take seconds, not days. */
static void check_is_fast(void)
{
    double cubic[3][3] = {{1e5, 0, 0}, {0, 1e5, 0}, {0, 0, 1e5}};
    struct system *s = make(cubic, 1000000);
    for (int i = 0; i < s->n; i++) {
        s->pos[i][0] = 0.3 * (i % 100);
        s->pos[i][1] = 0.3 * (i / 100 % 100);
        s->pos[i][2] = 0.3 * (i / 10000);
    }
    CHECK(system_check(s, NULL) == ST_OK);
    s->periodic = false;
    CHECK(system_check(s, NULL) == ST_OK);
    s->pos[765432][0] += 0.22;
    bad(s, "765433");
    system_free(s);
}

static void species(void)
{
    CHECK(species_element("H") == 1 && species_element("D") == 1 && species_element("T") == 1);
    CHECK(species_element("Fe") == 26 && species_element("Og") == 118 &&
          species_element("U") == 92);
    CHECK(species_element("Xx") == 0 && species_element("") == 0 && species_element("h") == 0);
    CHECK(!strcmp(species_symbol(79), "Au") && !species_symbol(0) && !species_symbol(119));
    CHECK(species_mass("H") == 1.008 && species_mass("D") == SPECIES_DEUTERIUM_AMU);
    CHECK(species_mass("Xx") == 0 && species_mass("C") == 12.011);
    for (int z = 1; z <= 118; z++)
        CHECK(species_element(species_symbol(z)) == z);
}

static void copy(void)
{
    struct system *s = make(skewed, 2);
    s->pos[1][2] = 2.385;
    struct system *a = system_copy(s);
    CHECK(!a->velocity && a->pos[1][2] == 2.385 && a->periodic && a->mass[1] == 1837.3);
    system_add_velocity(s);
    s->velocity[1][1] = 0.37;
    struct system *b = system_copy(s);
    CHECK(b->velocity && b->velocity[1][1] == 0.37);
    system_free(a);
    system_free(b);
    system_free(s);
}

int main(int argc, char **argv)
{
    static const struct check_case cases[] = {{"minimum_image", minimum_image},
                                              {"inradius", inradius},
                                              {"cells", cells},
                                              {"check_finds", check_finds},
                                              {"check_is_fast", check_is_fast},
                                              {"species", species},
                                              {"copy", copy},
                                              {0}};
    return check_main(argc, argv, cases);
}
