/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Force fields: predictions against finite differences, invariances, limits. */
#include "base/threads.h"
#include "base/units.h"
#include "ml/pair.h"
#include "kernel_labels.h"

/* Two models, one with another descriptor and the pair term, on a mixed liquid in a small skew cell. */
static void differences(struct system *s, bool mixed)
{
    struct fit_settings set = defaults(40), other = defaults(30);
    other.soap.cutoff = 4;
    other.zeta = 2;
    other.pair_cutoff = 3;
    set.two_body = 4.4;
    other.two_body = 3.6;
    struct potential *model[2] = {fitted(3, mixed, &set), fitted(3, mixed, &other)};
    struct predict *p = predict_new(2, model, false);
    double force[ATOMS][3], unused[ATOMS][3], h = 2e-4, w[] = {0, 45 / 60., -9 / 60., 1 / 60.};
    struct predict_result r = {.force = force}, q = {.force = unused};
    energy(p, s, &r);
    for (int x = 0; x < 3 * ATOMS; x++) {
        double numeric = 0, keep = s->pos[x / 3][x % 3];
        for (int k = -3; k <= 3; k++) {
            s->pos[x / 3][x % 3] = keep + k * h;
            numeric += k ? (k > 0 ? w[k] : -w[-k]) / h * energy(p, s, &q) : 0;
        }
        s->pos[x / 3][x % 3] = keep;
        CHECK_NEAR(force[x / 3][x % 3], -numeric, 1e-8);
    }
    for (int x = 0; x < 9 && s->periodic; x++) {
        double numeric = 0, volume = system_volume(s);
        for (int k = -3; k <= 3; k++) {
            struct system *t = system_copy(s);
            for (int i = 0; i < ATOMS; i++)
                t->pos[i][x / 3] += k * h * s->pos[i][x % 3];
            for (int i = 0; i < 3; i++)
                t->cell[i][x / 3] += k * h * s->cell[i][x % 3];
            numeric += k ? (k > 0 ? w[k] : -w[-k]) / h * energy(p, t, &q) : 0;
            system_free(t);
        }
        CHECK_NEAR(r.stress[x / 3][x % 3], numeric / volume, 1e-8);
    }
    predict_free(p);
    potential_free(model[0]);
    potential_free(model[1]);
}

static void forces_and_stress_are_finite_differences(void)
{
    struct system *s = liquid(77, false, true);
    differences(s, false);
    system_free(s);
}

static void forces_hold_for_two_elements_in_open_boundaries(void)
{
    struct system *s = liquid(78, true, false);
    differences(s, true);
    system_free(s);
}

static struct system *twice(const struct system *s)
{
    struct system *t = system_new(2 * s->n);
    t->periodic = true;
    memcpy(t->cell, s->cell, sizeof t->cell);
    for (int i = 0; i < 2 * s->n; i++) {
        t->element[i] = s->element[i % s->n];
        for (int a = 0; a < 3; a++)
            t->pos[i][a] = s->pos[i % s->n][a] + (i < s->n ? 0 : s->cell[1][a]);
    }
    for (int a = 0; a < 3; a++)
        t->cell[1][a] *= 2;
    return t;
}

static void supercell_has_twice_the_energy(void)
{
    struct fit_settings set = defaults(60);
    struct potential *m = fitted(3, true, &set);
    struct predict *p = predict_new(1, &m, true);
    struct system *s = liquid(5, true, true), *t = twice(s);
    double force[2 * ATOMS][3], one[ATOMS][3];
    struct predict_result r = {.force = one}, q = {.force = force};
    energy(p, s, &r);
    energy(p, t, &q);
    CHECK_NEAR(q.energy, 2 * r.energy, 1e-11);
    CHECK_NEAR(q.uncertainty, 2 * r.uncertainty, 1e-3 * r.uncertainty);
    for (int i = 0; i < 2 * ATOMS; i++)
        CHECK_NEAR(force[i][1], one[i % ATOMS][1], 1e-11);
    for (int a = 0; a < 9; a++)
        CHECK_NEAR(q.stress[a / 3][a % 3], r.stress[a / 3][a % 3], 1e-13);
    predict_free(p);
    potential_free(m);
    system_free(s);
    system_free(t);
}

static void energy_survives_rotation_permutation_and_lattice_vectors(void)
{
    struct fit_settings set = defaults(60);
    struct potential *m = fitted(3, false, &set);
    struct predict *p = predict_new(1, &m, false);
    struct system *s = liquid(6, false, true), *t = system_copy(s);
    double c = cos(1.1), n = sin(1.1);
    struct predict_result r = {0};
    for (int i = 0; i < ATOMS; i++) {
        const double *x = s->pos[ATOMS - 1 - i];
        for (int a = 0; a < 3; a++)
            t->pos[i][a] = x[a] + 0.37 + (i % 3) * s->cell[2][a];
    }
    for (int i = 0; i < ATOMS + 3; i++) {
        double *x = i < ATOMS ? t->pos[i] : t->cell[i - ATOMS], y = x[0];
        x[0] = c * y - n * x[2];
        x[2] = n * y + c * x[2];
    }
    CHECK_NEAR(energy(p, t, &r), energy(p, s, &r), 1e-10);
    predict_free(p);
    potential_free(m);
    system_free(s);
    system_free(t);
}

static void results_do_not_depend_on_threads(void)
{
    struct fit_settings set = defaults(80);
    struct system *s = liquid(9, true, true);
    double weight[2][80], force[2][ATOMS][3], e[2];
    for (int k = 0; k < 2; k++) {
        threads_set(1 + 2 * k);
        set.amplitude = 0;
        struct potential *m = fitted(9, true, &set);
        struct predict *p = predict_new(1, &m, false);
        struct predict_result r = {.force = force[k]};
        e[k] = energy(p, s, &r);
        memcpy(weight[k], m->weight, sizeof weight[k]);
        predict_free(p);
        potential_free(m);
    }
    CHECK(!memcmp(weight[0], weight[1], sizeof weight[0]));
    CHECK(!memcmp(force[0], force[1], sizeof force[0]));
    CHECK(e[0] == e[1]);
    system_free(s);
}

static void isolated_atom_and_close_pair_have_finite_energies(void)
{
    struct fit_settings set = defaults(60);
    set.pair_cutoff = 1 / UNITS_BOHR_A;
    struct potential *m = fitted(3, false, &set);
    struct predict *p = predict_new(1, &m, true);
    struct system *s = system_new(2);
    double force[2][3], last = 0;
    struct predict_result r = {.force = force};
    s->element[0] = s->element[1] = 1;
    s->pos[1][0] = 50;
    energy(p, s, &r);
    CHECK(isfinite(r.energy) && force[0][0] == 0 && r.uncertainty > 0);
    for (double d = 0.5; d > 0.12; d *= 0.8) { /* down to 0.07 A: the repulsion wins */
        s->pos[1][0] = d;
        double e = energy(p, s, &r);
        CHECK(isfinite(e) && (last == 0 || e > last));
        CHECK(force[1][0] > 0);
        last = e;
    }
    s->element[1] = 3;
    CHECK(predict_evaluate(p, s, &r, NULL) == ST_DATA);
    predict_free(p);
    potential_free(m);
    system_free(s);
}

static void pair_term_is_smooth_and_repulsive(void)
{
    double slope, up, down, unused, reach = 1.89;
    for (double r = 0.1; r < 1.8; r += 0.17) {
        double v = pair_energy(1, 1, reach, r, &slope);
        up = pair_energy(1, 1, reach, r + 1e-5, &unused);
        down = pair_energy(1, 1, reach, r - 1e-5, &unused);
        CHECK(v > 0);
        CHECK_NEAR(slope, (up - down) / 2e-5, 1e-7 * fabs(slope) + 1e-8);
    }
    CHECK(pair_energy(1, 1, reach, reach, &slope) == 0 && slope == 0);
    CHECK_NEAR(pair_energy(1, 1, reach, reach - 1e-3, &slope), 0, 1e-8);
    /* E(0.8) - E(1.4) of H2, Sims & Hagstrom: 0.1544190478 Ha; the same wall within 20 % */
    CHECK_NEAR(pair_energy(1, 1, 1 / UNITS_BOHR_A, 0.8, &slope), 0.1544190478, 0.03);
}

static const struct check_case cases[] = {
    CHECK_CASE(forces_and_stress_are_finite_differences),
    CHECK_CASE(forces_hold_for_two_elements_in_open_boundaries),
    CHECK_CASE(supercell_has_twice_the_energy),
    CHECK_CASE(energy_survives_rotation_permutation_and_lattice_vectors),
    CHECK_CASE(results_do_not_depend_on_threads),
    CHECK_CASE(isolated_atom_and_close_pair_have_finite_energies),
    CHECK_CASE(pair_term_is_smooth_and_repulsive),
    {NULL, NULL}};

int main(int argc, char **argv)
{
    threads_set(1);
    return check_main(argc, argv, cases);
}
