/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Time series in bounded memory, tails of distributions, checkpoints. */
#include <stdio.h>
#include <unistd.h>
#include "base/mem.h"
#include "base/rng.h"
#include "check.h"
#include "qmc/series.h"
#include "qmc/tails.h"

enum { WALKERS = 8 };

/* Autoregressive series x' = phi x + noise, one stream per walker, and one quantity 2 - 3 x */
static struct series *autoregressive(uint64_t seed, double phi, long sweeps, double shift)
{
    struct series *s = series_new(1, 1, WALKERS, 1, 0.5);
    struct rng rng;
    double x[WALKERS];
    rng_start(&rng, seed, RNG_TEST, 6, 0, 0);
    for (int w = 0; w < WALKERS; w++)
        x[w] = shift + rng_normal(&rng) / sqrt(1 - phi * phi);
    for (long n; sweeps > 0 && (n = series_reserve(s, sweeps < 777 ? sweeps : 777)); sweeps -= n) {
        for (long t = 0; t < n; t++)
            for (int w = 0; w < WALKERS; w++) {
                series_energy(s, 0, w, t, x[w]);
                *series_sums(s, 0, t) += 2 - 3 * x[w];
                x[w] = phi * x[w] + rng_normal(&rng);
            }
        series_advance(s, n);
    }
    return s;
}

static void memory_is_bounded(void)
{
    struct series *s = autoregressive(3, 0.5, 100000, 0);
    CHECK(s->room <= 2048 && s->blocks <= s->most && s->length > 32);
    CHECK(series_sweeps(s) <= 100000 && series_sweeps(s) > 100000 - 64);
    series_free(s);
    struct series *many = series_new(1, 1000, 16, 3, 0); /* fewer blocks for more walkers */
    CHECK(many->most * 1000 * 35 < 5000000);
    series_free(many);
}

/* Exact: variance 1/(1 - phi^2), statistical inefficiency (1 + phi)/(1 - phi), whatever the block length */
static void long_series_have_the_errors_of_their_correlation(void)
{
    const double phi = 0.8;
    const long lengths[] = {1500, 20000, 150000};
    for (int i = 0; i < 3; i++) {
        struct series *s = autoregressive(5, phi, lengths[i], 0);
        struct estimate e = series_total(s, 0, s->blocks);
        const double three[1] = {1};
        struct estimate q = series_combination(s, 0, three, 0);
        double n = (double)series_sweeps(s) * WALKERS;
        double exact = sqrt((1 + phi) / (1 - phi) / (1 - phi * phi) / n);
        /* blocks of about cbrt(2 n time^2) samples tell the error to 1/sqrt(2 blocks) */
        double own = 4 * exact * sqrt(cbrt(2 * n * 81) / (2 * n));
        CHECK(own < 0.3 * exact);
        CHECK_NEAR(e.error, exact, own);
        CHECK_NEAR(e.mean, 0, 4 * exact);
        CHECK_NEAR(e.variance, 1 / (1 - phi * phi), 0.05 / (1 - phi * phi));
        CHECK_NEAR(e.time * (1 - phi) / (1 + phi), 1, 2 * own / exact); /* as a squared error */
        CHECK_NEAR(q.mean, 2 - 3 * e.mean, 1e-9);
        CHECK_NEAR(q.error, 3 * exact, 0.3 * 3 * exact); /* fewer, longer blocks */
        series_free(s);
    }
}

static void equilibration_is_found_and_left_out(void)
{
    struct series *s = autoregressive(9, 0.95, 1000, 60); /* falls by 20 in 58 sweeps */
    int first = series_discard(s);
    CHECK(first >= 40 && first <= 300);
    struct estimate all = series_total(s, 0, s->blocks), rest = series_total(s, first, s->blocks);
    CHECK(all.mean > 5 * rest.error && fabs(rest.mean) < 4 * rest.error);
    series_free(s);
}

/* |x| = u^(-1/alpha) */
static struct tails_verdict pareto(double alpha, long samples)
{
    struct tails t = {0};
    struct rng rng;
    double squares = 0;
    rng_start(&rng, 4, RNG_TEST, 7, 0, 0);
    for (long i = 0; i < samples; i++) {
        double square = pow(rng_uniform(&rng), -2 / alpha);
        squares += square;
        if (tails_wants(&t, square))
            tails_add(&t, square);
    }
    return tails_judge(&t, (double)samples, squares);
}

static void tails_without_variance_are_found(void)
{
    const double alpha[] = {1.2, 1.5, 3, 4};
    for (int i = 0; i < 4; i++) {
        struct tails_verdict v = pareto(alpha[i], 100000);
        CHECK_NEAR(v.alpha, alpha[i], 4 * v.alpha_error);
        CHECK(v.alpha_error < 0.1 * alpha[i]);
        CHECK(tails_heavy(&v, 100000) == (alpha[i] < 2));
    }
    struct tails_verdict few = pareto(1.5, 50);
    CHECK(isinf(few.alpha) && !tails_heavy(&few, 50));
}

static void normal_tails_are_light(void)
{
    struct tails t[2] = {{0}}, all = {0};
    struct rng rng;
    double squares = 0;
    rng_start(&rng, 4, RNG_TEST, 8, 0, 0);
    for (int i = 0; i < 20000; i++) {
        double x = rng_normal(&rng);
        squares += x * x;
        tails_add(&t[i % 2], x * x);
    }
    tails_join(&all, &t[0]);
    tails_join(&all, &t[1]);
    struct tails_verdict v = tails_judge(&all, 20000, squares);
    CHECK(v.alpha > 5 && v.largest < 0.01 && !tails_heavy(&v, 20000));
}

static void a_checkpoint_gives_back_what_was_written(void)
{
    const char *path = "series.chk";
    struct err err;
    struct series *s = autoregressive(5, 0.8, 20000, 0), *again = series_new(1, 1, WALKERS, 1, 0);
    struct checkpoint *c = checkpoint_new();
    series_keep(s, c);
    CHECK(checkpoint_save(c, path, &err) == ST_OK);
    checkpoint_free(c);
    c = checkpoint_load(path, &err);
    CHECK(c != NULL);
    if (!c)
        return;
    series_keep(again, c);
    CHECK(!c->refused && c->at == c->size);
    struct estimate a = series_total(s, 3, s->blocks), b = series_total(again, 3, again->blocks);
    CHECK(a.mean == b.mean && a.error == b.error && a.variance == b.variance);
    struct series *other = series_new(2, 2, WALKERS, 1, 0); /* more than was written */
    c->at = 0;
    series_keep(other, c);
    CHECK(c->refused);
    checkpoint_free(c);
    series_free(s);
    series_free(again);
    series_free(other);
    unlink(path);
}

static void damaged_checkpoints_are_refused(void)
{
    const char *path = "damaged.chk";
    struct err err;
    struct checkpoint *c = checkpoint_new();
    double x[100] = {2.385};
    unlink(path);
    CHECK(!checkpoint_load(path, &err) && err.status == ST_OK);
    checkpoint_bytes(c, x, sizeof x);
    CHECK(checkpoint_save(c, path, &err) == ST_OK);
    checkpoint_free(c);
    CHECK(truncate(path, 500) == 0);
    CHECK(!checkpoint_load(path, &err) && err.status == ST_DATA);
    FILE *f = fopen(path, "w");
    fputs("something else, and rather longer than a header would be\n", f);
    fclose(f);
    CHECK(!checkpoint_load(path, &err) && err.status == ST_DATA);
    unlink(path);
    c = checkpoint_new();
    CHECK(checkpoint_save(c, "no/such/folder.chk", &err) == ST_SYSTEM);
    checkpoint_free(c);
}

static const struct check_case cases[] = {
    {"memory_is_bounded", memory_is_bounded},
    {"long_series_have_the_errors_of_their_correlation",
     long_series_have_the_errors_of_their_correlation},
    {"equilibration_is_found_and_left_out", equilibration_is_found_and_left_out},
    {"tails_without_variance_are_found", tails_without_variance_are_found},
    {"normal_tails_are_light", normal_tails_are_light},
    {"a_checkpoint_gives_back_what_was_written", a_checkpoint_gives_back_what_was_written},
    {"damaged_checkpoints_are_refused", damaged_checkpoints_are_refused},
    {NULL, NULL}};

int main(int argc, char **argv)
{
    return check_main(argc, argv, cases);
}
