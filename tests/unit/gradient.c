/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The orbital gradient on a frame: units, order, rounding, and what is said when it is not there. */
#include "formats/gradient.h"
#include <stdlib.h>
#include "base/mem.h"
#include "base/units.h"
#include "tests/unit/check.h"

enum { K = 2, ORBITALS = 3, ATOMS = 2, FUNCTIONS = 4, REPLICAS = 3 };
enum { SIZE = K * ORBITALS * ATOMS * FUNCTIONS, COLS = SIZE / ATOMS };

static double mean[SIZE], replica[REPLICAS * SIZE], force[REPLICAS * ATOMS][3];
static double stress[REPLICAS][3][3];

static struct gradient example(void)
{
    for (int i = 0; i < SIZE; i++)
        mean[i] = 1e-3 * sin(i + 1);
    for (int i = 0; i < REPLICAS * SIZE; i++)
        replica[i] = 1e-5 * cos(3 * i + 1);
    for (int i = 0; i < REPLICAS * ATOMS * 3; i++)
        force[i / 3][i % 3] = 1e-2 * cos(i);
    for (int i = 0; i < REPLICAS * 9; i++)
        stress[i / 9][i % 9 / 3][i % 3] = 1e-4 * sin(i);
    return (struct gradient){REPLICAS, mean, replica, force, stress};
}

static struct frame *frame_of(struct trial **t, bool cell)
{
    struct frame *f = frame_new();
    struct gradient g = example();
    frame_set_atoms(f, ATOMS);
    *t = trial_new(K, ATOMS, ORBITALS, FUNCTIONS, "h-x");
    if (!cell)
        g.stress = NULL;
    trial_to_frame(*t, f);
    gradient_to_frame(&g, *t, f);
    return f;
}

static void near(size_t n, const double x[], const double y[], double tolerance)
{
    for (size_t i = 0; i < n; i++)
        CHECK_NEAR(x[i], y[i], tolerance * fabs(y[i]));
}

/* What is written is read, replicas to five digits. */
static void round_trip(void)
{
    struct trial *t;
    struct frame *f = frame_of(&t, true);
    struct gradient *g = gradient_from_frame(f, t, NULL);
    CHECK(g->replicas == REPLICAS);
    near(SIZE, g->mean, mean, 1e-15);
    near(REPLICAS * SIZE, g->replica, replica, 6e-5);
    near(REPLICAS * ATOMS * 3, g->force[0], force[0], 6e-5);
    near(REPLICAS * 9, g->stress[0][0], stress[0][0], 6e-5);
    gradient_free(g);
    trial_free(t);
    frame_free(f);
    f = frame_of(&t, false);
    CHECK(!frame_has_key(f, "vmc_stress_replicas"));
    g = gradient_from_frame(f, t, NULL);
    CHECK(!g->stress);
    gradient_free(g);
    trial_free(t);
    frame_free(f);
}

/* Atom 1, replica 2, k point 1, orbital 2, function 3, in eV with five digits; the error is their root
 * mean square. */
static void stream(void)
{
    struct trial *t;
    struct frame *f = frame_of(&t, true);
    size_t at = ((1 * ORBITALS + 2) * ATOMS + 1) * FUNCTIONS + 3;
    const double *x = frame_reals(f, "vmc_orbital_gradient_replicas", REPLICAS * COLS, NULL);
    double here = x[REPLICAS * COLS + (2 * K * ORBITALS + 1 * ORBITALS + 2) * FUNCTIONS + 3];
    double square = 0, read;
    char text[32];
    CHECK_NEAR(here, replica[2 * SIZE + at] * UNITS_HARTREE_EV, 6e-5 * fabs(here));
    snprintf(text, sizeof text, "%.4e", here);
    CHECK(sscanf(text, "%lf", &read) == 1 && read == here);
    for (int k = 0; k < REPLICAS; k++)
        square += pow(replica[k * SIZE + at] * UNITS_HARTREE_EV, 2) / REPLICAS;
    x = frame_reals(f, "vmc_orbital_gradient_error", COLS, NULL);
    CHECK_NEAR(x[COLS + 5 * FUNCTIONS + 3], sqrt(square), 6e-5 * sqrt(square));
    x = frame_reals(f, "vmc_forces_replicas", 3 * REPLICAS, NULL);
    CHECK_NEAR(x[3 * REPLICAS + 3 * 2 + 1],
               force[2 * ATOMS + 1][1] * UNITS_HARTREE_EV / UNITS_BOHR_A, 1e-4);
    trial_free(t);
    frame_free(f);
}

static void missing(void)
{
    struct trial *t;
    struct frame *f = frame_of(&t, true);
    struct trial other = *t;
    struct err err = {0};
    other.orbitals = 4; /* not a divisor */
    CHECK(!gradient_from_frame(f, &other, &err) && err.status == ST_DATA);
    CHECK(strstr(err.text, "vmc_orbital_gradient_replicas"));
    other.orbitals = 1; /* a divisor of the replicas' width, not the gradient's */
    CHECK(!gradient_from_frame(f, &other, &err) && err.status == ST_DATA);
    frame_remove_column(f, "vmc_forces_replicas");
    CHECK(!gradient_from_frame(f, t, &err) && strstr(err.text, "vmc_forces_replicas"));
    frame_set_real(f, "vmc_orbital_gradient_other", 1);
    gradient_remove(f);
    CHECK(frame_columns(f) == 1 && frame_has_key(f, "vmc_orbital_gradient_other"));
    CHECK(!frame_has_key(f, "vmc_stress_replicas"));
    CHECK(!gradient_from_frame(f, t, &err) && strstr(err.text, "qmc-force --response"));
    trial_free(t);
    frame_free(f);
}

static const struct check_case cases[] = {
    {"round_trip", round_trip}, {"stream", stream}, {"missing", missing}, {0}};

int main(int argc, char **argv)
{
    return check_main(argc, argv, cases);
}
