/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Times of the sums that sampling is made of; run by tests/bench/cell-build.sh. */
#include <math.h>
#include <stdlib.h>
#include "base/rng.h"
#include "base/threads.h"
#include "basis/ao.h"
#include "check.h"
#include "crystal/build.h"
#include "crystal/ewald.h"
#include "crystal/neighbour.h"

enum { POINTS = 32 };

static struct system *fluid(int n, struct rng *rng)
{
    struct build_fluid f = {.atoms = n, .volume = 4 * M_PI / 3 * pow(1.5, 3), .mass = 1837};
    return build_fluid(&f, rng, NULL);
}

static void line(const char *what, int n, double microseconds, const char *unit)
{
    printf("cell-build\t%s N=%d\t%.4g\t%s\n", what, n, microseconds, unit);
}

static void time_orbitals(const struct system *s, struct rng *rng, const char *name)
{
    static const enum ao_level levels[] = {AO_VALUE, AO_LAPLACIAN, AO_THIRD};
    static const char *const labels[] = {"value", "Laplacian", "third derivatives"};
    double gamma[1][3] = {{0, 0, 0}}, r[POINTS][3];
    struct basis *b = basis_builtin(name, NULL);
    struct ao *a = ao_new(s, b, 1, gamma, NULL);
    double *out = malloc(POINTS * AO_THIRD * sizeof *out * (size_t)ao_functions(a));
    for (int i = 0; i < POINTS; i++)
        for (int x = 0; x < 3; x++)
            r[i][x] = s->cell[0][0] * rng_uniform(rng);
    for (int l = 0; l < 3; l++) {
        char text[64];
        int rounds = 10;
        ao_eval(a, levels[l], POINTS, (const double(*)[3])r, out);
        double start = threads_cpu();
        for (int i = 0; i < rounds; i++)
            ao_eval(a, levels[l], POINTS, (const double(*)[3])r, out);
        snprintf(text, sizeof text, "%s %s", name, labels[l]);
        line(text, s->n, (threads_cpu() - start) / rounds / POINTS * 1e6, "us/point");
    }
    free(out);
    ao_free(a);
    basis_free(b);
}

static void time_ewald(const struct system *s)
{
    int n = s->n, rounds = 2000 / n;
    struct ewald *e = ewald_new_for(s->cell, n, 1e-12);
    double *charge = malloc((size_t)n * sizeof *charge), sum = 0;
    for (int i = 0; i < n; i++)
        charge[i] = 1;
    double start = threads_cpu();
    for (int i = 0; i < rounds; i++)
        sum += ewald_energy(e, n, (const double(*)[3])s->pos, charge, NULL, NULL);
    CHECK(isfinite(sum));
    line("Ewald energy", n, (threads_cpu() - start) / rounds * 1e6, "us");
    free(charge);
    ewald_free(e);
}

static void time_neighbours(const struct system *s)
{
    double start = threads_cpu();
    for (int i = 0; i < 20; i++)
        neighbour_free(neighbour_new(s, 4.7));
    line("neighbour list to 4.7 bohr", s->n, (threads_cpu() - start) / 20 / s->n * 1e6, "us/atom");
}

static void everything(void)
{
    struct rng rng;
    rng_start(&rng, 1, RNG_TEST, 0, 0, 0);
    for (int n = 16; n <= 128; n *= 2) {
        struct system *s = fluid(n, &rng);
        time_orbitals(s, &rng, "h-dz");
        time_orbitals(s, &rng, "h-tz");
        time_ewald(s);
        time_neighbours(s);
        system_free(s);
    }
}

int main(int argc, char **argv)
{
    static const struct check_case cases[] = {{"run", everything}, {0}};
    return check_main(argc, argv, cases);
}
