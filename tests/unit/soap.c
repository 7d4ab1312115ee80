/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdlib.h>
#include "base/rng.h"
#include "maths/harmonics.h"
#include "ml/soap.h"
#include "ml/soap_radial.h"
#include "ml/sphere.h"
#include "check.h"

enum { COUNT = 19 };

static struct soap *make(int elements)
{
    struct soap_settings settings = soap_defaults;
    settings.elements = elements;
    for (int i = 0; i < elements; i++)
        settings.element[i] = 1 + 5 * i;
    return soap_new(&settings, NULL);
}

/* COUNT neighbours between 0.9 bohr and the cut-off; a few inside the shell of the cut-off */
static void shell(const struct soap *s, double d[][3], int channel[])
{
    struct rng rng;
    rng_start(&rng, 7, RNG_TEST, 0, 0, 0);
    for (int j = 0; j < COUNT; j++) {
        double r = 0.9 + (s->settings.cutoff - 0.91) * rng_uniform(&rng), norm = 0;
        for (int a = 0; a < 3; a++)
            norm += pow(d[j][a] = rng_normal(&rng), 2);
        for (int a = 0; a < 3; a++)
            d[j][a] *= r / sqrt(norm);
        channel[j] = rng_below(&rng, s->settings.elements);
    }
}

static void harmonics_equal_those_of_maths(void)
{
    enum { L = 9, LM = (L + 1) * (L + 1) };
    double unit[3 * 8], factor[SPHERE_FACTORS], s[LM * 8], g[3 * LM * 8], one[LM], slope[LM][3];
    for (int k = 0; k < 8; k++) {
        double x[3] = {sin(k + 0.3), cos(2.1 * k), 0.7 - 0.3 * k};
        double r = sqrt(x[0] * x[0] + x[1] * x[1] + x[2] * x[2]);
        for (int a = 0; a < 3; a++)
            unit[a * 8 + k] = x[a] / r;
    }
    sphere_factors(L, factor);
    sphere_harmonics(L, factor, unit, s, g);
    for (int k = 0; k < 8; k++) {
        double x[3] = {unit[k], unit[8 + k], unit[16 + k]};
        harmonics_solid(L, x, one, slope);
        for (int i = 0; i < LM; i++) {
            CHECK_NEAR(s[i * 8 + k], one[i], 1e-12);
            for (int a = 0; a < 3; a++)
                CHECK_NEAR(g[(a * LM + i) * 8 + k], slope[i][a], 1e-11);
        }
    }
}

/* Sum over n of R_nl(r) R_nl(r') tends to w(r) w(r') K_l(r, r'); for l = 0 that is elementary:
 * 4 pi exp(-(r^2 + r'^2)/4 s^2) sinh(x)/x, x = r r'/2 s^2. */
static void radial_functions_resolve_the_overlap(void)
{
    struct soap_settings settings = soap_defaults;
    settings.elements = 1;
    settings.n_max = 24;
    settings.scale = 0;
    settings.sigma = 0.8;
    struct soap_radial *radial = soap_radial_new(&settings, NULL);
    double a[200], b[200], slope[200], s2 = settings.sigma * settings.sigma;
    soap_radial_values(radial, 1.371, a, slope);
    soap_radial_values(radial, 1.733, b, slope);
    double sum = 0, x = 1.371 * 1.733 / (2 * s2);
    for (int n = 0; n < settings.n_max; n++)
        sum += a[n] * b[n];
    double exact = 4 * M_PI * exp(-(1.371 * 1.371 + 1.733 * 1.733) / (4 * s2)) * sinh(x) / x;
    CHECK_NEAR(sum / exact, 1, 1e-6);
    soap_radial_free(radial);
}

static void radial_functions_vanish_smoothly_at_the_cutoff(void)
{
    struct soap *s = make(1);
    double v[200], d[200], up[200], down[200], dd[200], inside = s->settings.cutoff - 1e-4;
    soap_radial_values(s->radial, inside, v, d);
    soap_radial_values(s->radial, inside + 5e-5, up, dd);
    soap_radial_values(s->radial, inside - 5e-5, down, dd);
    for (int f = 0; f < s->functions; f++) {
        CHECK_NEAR(v[f], 0, 1e-10);
        CHECK_NEAR(d[f], 0, 1e-6);
        CHECK_NEAR((up[f] - 2 * v[f] + down[f]) / 2.5e-9, 0, 1e-2);
    }
    soap_free(s);
}

static double scalar(const struct soap *s, struct soap_local *local, const double d[][3],
                     const int channel[], const double slope[])
{
    double sum = 0;
    soap_expand(s, 0, COUNT, d, channel, local);
    for (int i = 0; i < s->size; i++)
        sum += slope[i] * local->p[i];
    return sum;
}

static void gradients(int elements)
{
    struct soap *s = make(elements);
    struct soap_local *local = soap_local_new(s);
    double d[COUNT][3], gradient[COUNT][3], h = 1e-4;
    int channel[COUNT];
    double *slope = malloc(s->size * sizeof *slope);
    double *jacobian = malloc(s->size * COUNT * 3 * sizeof *jacobian);
    shell(s, d, channel);
    for (int i = 0; i < s->size; i++)
        slope[i] = sin(3.7 * i);
    scalar(s, local, d, channel, slope);
    soap_backward(s, local, slope, gradient);
    soap_jacobian(s, local, jacobian);
    for (int x = 0; x < COUNT * 3; x++) {
        double numeric = 0, forward = 0,
               w[] = {-1 / 60., 9 / 60., -45 / 60., 0, 45 / 60., -9 / 60., 1 / 60.};
        double keep = d[x / 3][x % 3];
        for (int k = -3; k <= 3; k++) {
            d[x / 3][x % 3] = keep + k * h;
            numeric += k ? w[k + 3] / h * scalar(s, local, d, channel, slope) : 0;
        }
        d[x / 3][x % 3] = keep;
        for (int i = 0; i < s->size; i++)
            forward += jacobian[x * s->size + i] * slope[i];
        CHECK_NEAR(gradient[x / 3][x % 3], numeric, 1e-8);
        CHECK_NEAR(forward, gradient[x / 3][x % 3], 1e-12);
    }
    free(slope);
    free(jacobian);
    soap_local_free(local);
    soap_free(s);
}

static void gradient_is_the_finite_difference(void)
{
    gradients(1);
}

static void gradient_holds_for_three_elements(void)
{
    gradients(3);
}

static void descriptor_survives_rotation_and_permutation(void)
{
    struct soap *s = make(2);
    struct soap_local *local = soap_local_new(s), *other = soap_local_new(s);
    double d[COUNT][3], turned[COUNT][3], c = cos(0.7), n = sin(0.7);
    int channel[COUNT], swapped[COUNT];
    shell(s, d, channel);
    for (int j = 0; j < COUNT; j++) { /* about x, then z, then inverted; order reversed */
        double y = c * d[j][1] - n * d[j][2], z = n * d[j][1] + c * d[j][2],
               *t = turned[COUNT - 1 - j];
        t[0] = -(n * d[j][0] + c * y);
        t[1] = -(c * d[j][0] - n * y);
        t[2] = -z;
        swapped[COUNT - 1 - j] = channel[j];
    }
    soap_expand(s, 1, COUNT, d, channel, local);
    soap_expand(s, 1, COUNT, turned, swapped, other);
    for (int i = 0; i < s->size; i++)
        CHECK_NEAR(local->p[i], other->p[i], 1e-13);
    soap_local_free(local);
    soap_local_free(other);
    soap_free(s);
}

static void isolated_atom_has_a_descriptor(void)
{
    struct soap *s = make(1);
    struct soap_local *local = soap_local_new(s);
    double norm = 0;
    soap_expand(s, 0, 0, NULL, NULL, local);
    for (int i = 0; i < s->size; i++)
        norm += local->p[i] * local->p[i];
    CHECK_NEAR(norm, 1, 1e-14);
    double far[1][3] = {{s->settings.cutoff - 1e-5, 0, 0}};
    struct soap_local *pair = soap_local_new(s);
    soap_expand(s, 0, 1, far, (int[]){0}, pair);
    for (int i = 0; i < s->size; i++)
        CHECK_NEAR(local->p[i], pair->p[i], 1e-9);
    soap_local_free(local);
    soap_local_free(pair);
    soap_free(s);
}

static void settings_out_of_range_are_refused(void)
{
    struct err err;
    struct soap_settings bad = soap_defaults;
    CHECK(!soap_new(&bad, &err) && err.status == ST_USAGE); /* no elements */
    bad.elements = 1;
    bad.sigma = NAN;
    CHECK(!soap_new(&bad, &err) && err.status == ST_USAGE);
    bad = soap_defaults;
    bad.elements = 1;
    bad.l_max = 40;
    CHECK(!soap_new(&bad, &err) && err.status == ST_USAGE);
    bad = soap_defaults;
    bad.elements = 1;
    bad.cutoff = 1.01 * SOAP_MAX_CUTOFF;
    CHECK(!soap_new(&bad, &err) && err.status == ST_USAGE);
}

static const struct check_case cases[] = {
    {"harmonics_equal_those_of_maths", harmonics_equal_those_of_maths},
    {"radial_functions_resolve_the_overlap", radial_functions_resolve_the_overlap},
    {"radial_functions_vanish_smoothly_at_the_cutoff",
     radial_functions_vanish_smoothly_at_the_cutoff},
    {"gradient_is_the_finite_difference", gradient_is_the_finite_difference},
    {"gradient_holds_for_three_elements", gradient_holds_for_three_elements},
    {"descriptor_survives_rotation_and_permutation", descriptor_survives_rotation_and_permutation},
    {"isolated_atom_has_a_descriptor", isolated_atom_has_a_descriptor},
    {"settings_out_of_range_are_refused", settings_out_of_range_are_refused},
    {NULL, NULL}};

int main(int argc, char **argv)
{
    return check_main(argc, argv, cases);
}
