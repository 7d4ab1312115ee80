/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Plane-wave DFT: identities of energies, forces, stress, occupations and trial orbitals. */
#include "check.h"
#include <stdlib.h>
#include "base/mem.h"
#include "base/threads.h"
#include "base/units.h"
#include "dft/density.h"
#include "dft/dft.h"
#include "dft/session.h"
#include "hydrogen.h"

/* Four atoms in a triclinic cell, one of them outside of it; nothing is symmetric. */
static struct system *triclinic(void)
{
    static const double cell[3][3] = {{4.1, 0.2, -0.3}, {0.5, 4.6, 0.4}, {-0.2, 0.7, 4.3}};
    static const double pos[4][3] = {
        {0.31, 0.17, 0.43}, {1.52, 0.55, 0.71}, {2.35, 2.83, 2.11}, {-1.13, 3.62, 6.95}};
    return hydrogen_at(4, pos, cell);
}

static struct system *molecule(double r)
{
    struct system *y = system_new(2);
    y->element[0] = y->element[1] = 1;
    y->pos[1][0] = 0.36 * r;
    y->pos[1][1] = 0.48 * r;
    y->pos[1][2] = 0.8 * r;
    return y;
}

static struct dft_settings quick(const char *functional, double temperature, int mesh)
{
    struct dft_settings t = dft_defaults;
    t.functional = functional;
    t.ecut = 9;
    t.temperature = temperature;
    t.mesh[0] = mesh;
    t.tolerance = 1e-10;
    return t;
}

static struct dft_result solve(const struct dft_settings *t, const struct system *y)
{
    struct err err = {0};
    struct dft_result r = {0};
    threads_set(1);
    struct dft *d = dft_new(t, &err);
    CHECK(d != NULL);
    if (d && dft_run(d, y, &r, &err) != ST_OK) {
        printf("%s\n", err.text);
        check_failures++;
    }
    dft_free(d);
    return r;
}

static double free_energy(const struct dft_settings *t, const struct system *y)
{
    struct dft_result r = solve(t, y);
    dft_result_free(&r);
    return r.free_energy;
}

static const double direction[4][3] = {
    {0.3, -0.5, 0.2}, {-0.4, 0.1, 0.6}, {0.2, 0.7, -0.1}, {0.5, -0.2, -0.3}};
static const double strain[3][3] = {{0.4, 0.3, -0.2}, {0.3, -0.5, 0.1}, {-0.2, 0.1, 0.7}};

static struct system *moved(const struct system *y, double step)
{
    struct system *m = system_copy(y);
    for (int i = 0; i < y->n; i++)
        for (int d = 0; d < 3; d++)
            m->pos[i][d] += step * direction[i % 4][d];
    return m;
}

static void stretch(double r[3], double step)
{
    double old[3] = {r[0], r[1], r[2]};
    for (int d = 0; d < 3; d++)
        for (int e = 0; e < 3; e++)
            r[d] += step * strain[d][e] * old[e];
}

static struct system *strained(const struct system *y, double step)
{
    struct system *m = system_copy(y);
    for (int d = 0; d < 3; d++)
        stretch(m->cell[d], step);
    for (int i = 0; i < y->n; i++)
        stretch(m->pos[i], step);
    return m;
}

/* dF/dstep by four points, error of the order of step^4 */
static double derivative(const struct dft_settings *t, const struct system *y,
                         struct system *(*change)(const struct system *, double), double step)
{
    static const double at[4] = {-2, -1, 1, 2},
                        weight[4] = {1.0 / 12, -8.0 / 12, 8.0 / 12, -1.0 / 12};
    double sum = 0;
    for (int i = 0; i < 4; i++) {
        struct system *m = change(y, at[i] * step);
        sum += weight[i] * free_energy(t, m) / step;
        system_free(m);
    }
    return sum;
}

static void check_derivatives(const char *functional, double temperature, int mesh, double shift)
{
    struct dft_settings t = quick(functional, temperature, mesh);
    struct system *y = triclinic();
    t.shift[0] = shift;
    t.basis_correction = shift == 0; /* with it and without */
    t.keep_waves = true;
    memcpy(t.basis_cell, y->cell, sizeof t.basis_cell);
    struct dft_result r = solve(&t, y);
    double force = 0, work = 0;
    for (int i = 0; i < 4; i++)
        for (int d = 0; d < 3; d++)
            force -= r.force[i][d] * direction[i][d];
    for (int a = 0; a < 9; a++)
        work += r.stress[a / 3][a % 3] * strain[a / 3][a % 3];
    CHECK_NEAR(force, derivative(&t, y, moved, 0.01), 1e-6);
    CHECK_NEAR(work * system_volume(y), derivative(&t, y, strained, 0.003), 1e-6);
    CHECK(fabs(force) > 0.01 && fabs(work) > 1e-4);
    dft_result_free(&r);
    system_free(y);
}

static void derivatives_lda_cold(void)
{
    check_derivatives("lda", 0.002, 1, 0);
}

static void derivatives_lda_hot(void)
{
    check_derivatives("lda", 0.063, 2, 0);
}

static void derivatives_pbe_cold(void)
{
    check_derivatives("pbe", 0.002, 2, 0);
}

static void derivatives_pbe_hot(void)
{
    check_derivatives("pbe", 0.063, 1, 0);
}

static void derivatives_blyp_complex(void)
{
    check_derivatives("blyp", 0.01, 1, 0.3);
}

static void derivatives_open(void)
{
    static const double box[3][3] = {{8.5, 0, 0}, {0, 9, 0}, {0, 0, 9.5}};
    struct dft_settings t = quick("pbe", 0, 1);
    struct system *y = molecule(1.7);
    t.keep_waves = true;
    memcpy(t.basis_cell, box, sizeof box);
    for (int i = 0; i < 2; i++)
        for (int d = 0; d < 3; d++)
            y->pos[i][d] += 4.03;
    struct dft_result r = solve(&t, y);
    double force = 0;
    for (int i = 0; i < 2; i++)
        for (int d = 0; d < 3; d++)
            force -= r.force[i][d] * direction[i][d];
    CHECK_NEAR(force, derivative(&t, y, moved, 0.02), 1e-6);
    for (int d = 0; d < 3; d++)
        CHECK_NEAR(r.force[0][d], -r.force[1][d], 5e-3);
    dft_result_free(&r);
    system_free(y);
}

static void entropy_is_the_temperature_slope(void)
{
    struct dft_settings t = quick("pbe", 0.04, 2);
    struct system *y = triclinic();
    struct dft_result r = solve(&t, y);
    double h = 0.001, f[2];
    for (int i = 0; i < 2; i++) {
        t.temperature = 0.04 + (i ? h : -h);
        f[i] = free_energy(&t, y);
    }
    CHECK_NEAR(r.free_energy, r.energy - r.entropy_energy, 1e-12);
    CHECK_NEAR(-(f[1] - f[0]) / (2 * h), r.entropy_energy / 0.04, 2e-4);
    CHECK(r.entropy_energy > 0.004);
    CHECK(r.top_occupation < 1e-6);
    dft_result_free(&r);
    system_free(y);
}

static void cold_limit_is_fixed_occupations(void)
{
    struct dft_settings t = quick("lda", 0.001, 1);
    struct system *y = triclinic();
    struct dft_result cold = solve(&t, y);
    t.temperature = 0;
    CHECK_NEAR(cold.free_energy, free_energy(&t, y), 1e-8);
    CHECK(cold.entropy_energy >= 0 && cold.entropy_energy < 1e-8);
    dft_result_free(&cold);
    system_free(y);
}

static void more_bands_change_nothing(void)
{
    struct dft_settings t = quick("pbe", 0.05, 1);
    struct system *y = triclinic();
    struct dft_result r = solve(&t, y);
    t.bands = r.bands + 9;
    CHECK_NEAR(r.free_energy, free_energy(&t, y), 2e-8);
    dft_result_free(&r);
    system_free(y);
}

static void electrons_are_counted(void)
{
    struct err err = {0};
    struct dft_settings t = quick("pbe", 0.03, 2);
    struct system *y = triclinic();
    struct dft_result r;
    struct dft *d = dft_new(&t, &err);
    CHECK(dft_run(d, y, &r, &err) == ST_OK);
    double charge = 0, filled = 0;
    for (size_t i = 0; i < d->grid->points; i++)
        charge += d->state.rho[i] * d->grid->volume / (double)d->grid->points;
    for (int j = 0; j < d->state.nk; j++)
        for (int b = 0; b < d->state.bands; b++)
            filled += d->state.k[j].weight * d->state.k[j].occupation[b];
    CHECK_NEAR(charge, 4, 1e-10);
    CHECK_NEAR(filled, 4, 1e-10);
    dft_result_free(&r);
    dft_free(d);
    system_free(y);
}

static void real_and_complex_agree(void)
{
    struct dft_settings t = quick("pbe", 0.02, 1);
    struct system *y = triclinic();
    t.shift[0] = t.shift[2] = 0.5;
    struct dft_result real = solve(&t, y);
    t.shift[0] = 0.5 - 1e-7; /* no longer k = -k */
    struct dft_result general = solve(&t, y);
    CHECK_NEAR(real.free_energy, general.free_energy, 2e-8);
    for (int i = 0; i < 4; i++)
        CHECK_NEAR(real.force[i][1], general.force[i][1], 1e-6);
    CHECK_NEAR(real.stress[0][2], general.stress[0][2], 1e-7);
    dft_result_free(&real);
    dft_result_free(&general);
    system_free(y);
}

/* Twice the cell at Gamma is the cell at two k points. */
static void mesh_folds_into_the_supercell(void)
{
    struct dft_settings t = quick("pbe", 0.02, 2);
    struct system *y = triclinic(), *two = system_new(8);
    two->periodic = true;
    memcpy(two->cell, y->cell, sizeof y->cell);
    for (int d = 0; d < 3; d++)
        two->cell[0][d] *= 2;
    for (int i = 0; i < 8; i++) {
        two->element[i] = 1;
        for (int d = 0; d < 3; d++)
            two->pos[i][d] = y->pos[i % 4][d] + (i / 4) * y->cell[0][d];
    }
    /* the same points per length, so that xc is summed on the same grid */
    t.grid[0] = 18;
    t.grid[1] = t.grid[2] = 18;
    struct dft_result one = solve(&t, y);
    t.mesh[0] = 1;
    t.grid[0] = 36;
    struct dft_result both = solve(&t, two);
    CHECK_NEAR(2 * one.free_energy, both.free_energy, 1e-8);
    CHECK_NEAR(one.entropy_energy * 2, both.entropy_energy, 1e-6);
    CHECK_NEAR(one.force[2][1], both.force[6][1], 2e-6);
    CHECK_NEAR(one.stress[1][2], both.stress[1][2], 1e-7);
    dft_result_free(&one);
    dft_result_free(&both);
    system_free(y);
    system_free(two);
}

/* Order of atoms, choice of images and orientation; translation up to the grid's egg box. */
static void invariances(void)
{
    struct dft_settings t = quick("pbe", 0.01, 1);
    struct system *y = triclinic(), *z = system_copy(y);
    static const double c = 0.28, s = 0.96;
    struct dft_result r = solve(&t, y);
    for (int i = 0; i < 4; i++) {
        const double *p = y->pos[3 - i];
        double shifted[3];
        for (int d = 0; d < 3; d++)
            shifted[d] = p[d] + (i - 1) * y->cell[1][d];
        z->pos[i][0] = c * shifted[0] - s * shifted[1];
        z->pos[i][1] = s * shifted[0] + c * shifted[1];
        z->pos[i][2] = shifted[2];
    }
    for (int i = 0; i < 3; i++) {
        z->cell[i][0] = c * y->cell[i][0] - s * y->cell[i][1];
        z->cell[i][1] = s * y->cell[i][0] + c * y->cell[i][1];
    }
    struct dft_result turned = solve(&t, z);
    CHECK_NEAR(turned.free_energy, r.free_energy, 1e-8);
    CHECK_NEAR(turned.force[0][0], c * r.force[3][0] - s * r.force[3][1], 1e-6);
    CHECK_NEAR(turned.stress[2][2], r.stress[2][2], 1e-7);
    for (int i = 0; i < 4; i++)
        y->pos[i][0] += 0.123;
    CHECK_NEAR(free_energy(&t, y), r.free_energy, 2e-4);
    dft_result_free(&r);
    dft_result_free(&turned);
    system_free(y);
    system_free(z);
}

/* Frame t of a smooth motion, in a cell that breathes where asked to. */
static struct system *on_the_way(int t, bool breathe)
{
    struct system *y = triclinic(), *m = moved(y, 0.02 * t + 0.002 * t * t);
    struct system *z = breathe ? strained(m, 0.002 * t) : system_copy(m);
    system_free(m);
    system_free(y);
    return z;
}

/* Every frame of a trajectory is what it is alone, for fewer iterations once some have gone by. */
static void check_trajectory(double temperature, bool breathe)
{
    struct err err = {0};
    struct dft_settings t = quick("pbe", temperature, 2);
    struct dft *d = dft_new(&t, &err);
    int spent = 0, spent_alone = 0;
    for (int i = 0; i < 7; i++) {
        struct system *y = on_the_way(i, breathe);
        struct dft_result r, alone = solve(&t, y);
        CHECK(dft_run(d, y, &r, &err) == ST_OK);
        CHECK_NEAR(r.free_energy, alone.free_energy, 1e-9);
        CHECK_NEAR(r.force[1][1], alone.force[1][1], 1e-6);
        CHECK_NEAR(r.stress[0][1], alone.stress[0][1], 1e-8);
        spent += i > 2 ? r.iterations : 0;
        spent_alone += i > 2 ? alone.iterations : 0;
        dft_result_free(&r);
        dft_result_free(&alone);
        system_free(y);
    }
    CHECK(spent < spent_alone);
    dft_free(d);
}

static void trajectories_are_frames_alone(void)
{
    check_trajectory(0.02, false);
}

static void breathing_trajectories_are_frames_alone(void)
{
    check_trajectory(0.05, true);
}

static void pbe_is_the_one_of_libxc(void)
{
    enum { POINTS = 2000 };
    static double rho[POINTS], sigma[POINTS], a[3][POINTS], b[3][POINTS];
    struct err err = {0};
    struct xc *ours = xc_new("pbe", &err), *libxc = xc_new("gga_x_pbe+gga_c_pbe", &err);
    for (int i = 0; i < POINTS; i++) {
        rho[i] = pow(10, -6 + 7.7 * i / POINTS);
        sigma[i] = pow(10, -8 + 0.013 * (i * 577 % 1000)) * pow(rho[i], 8.0 / 3);
    }
    xc_evaluate(ours, POINTS, rho, sigma, a[0], a[1], a[2]);
    xc_evaluate(libxc, POINTS, rho, sigma, b[0], b[1], b[2]);
    for (int i = 0; i < POINTS; i++) {
        CHECK(fabs(a[0][i] - b[0][i]) <= 1e-13 * fabs(b[0][i]));
        CHECK(fabs(a[1][i] - b[1][i]) <= 1e-13 * fabs(b[1][i]));
        /* libxc loses digits of the slope where the gradient is small */
        CHECK(fabs(a[2][i] - b[2][i]) * sigma[i] <= 1e-13 * fabs(b[0][i]));
    }
    xc_free(ours);
    xc_free(libxc);
}

/* A structure that has nothing to do with the last one starts as if there had been none. */
static void a_jump_forgets_the_past(void)
{
    struct err err = {0};
    struct dft_settings t = quick("pbe", 0.02, 1);
    struct system *y = triclinic(), *z = moved(y, 1.3);
    struct dft_result first, second, alone = solve(&t, z);
    struct dft *d = dft_new(&t, &err);
    CHECK(dft_run(d, y, &first, &err) == ST_OK);
    CHECK(dft_run(d, z, &second, &err) == ST_OK);
    CHECK_NEAR(second.free_energy, alone.free_energy, 1e-10);
    CHECK(second.iterations == alone.iterations);
    dft_result_free(&first);
    dft_result_free(&second);
    dft_result_free(&alone);
    dft_free(d);
    system_free(y);
    system_free(z);
}

/* y runs in d: as in a new session, to the last bit? */
static bool runs_as_alone(struct dft *d, const struct dft_settings *t, const struct system *y)
{
    struct err err = {0};
    struct dft_result r, alone = solve(t, y);
    CHECK(dft_run(d, y, &r, &err) == ST_OK);
    const bool same = r.free_energy == alone.free_energy && r.iterations == alone.iterations &&
                      !memcmp(r.force, alone.force, y->n * sizeof *r.force);
    dft_result_free(&r);
    dft_result_free(&alone);
    return same;
}

/* Steps along a line, a jump, a step from there; what does not follow is as in a new session, and what follows is not,
 * unless the session is told to forget. */
static void what_does_not_follow_starts_anew(void)
{
    static const double at[] = {0, 0.1, 0.25, 1.7, 1.75};
    static const bool follows[] = {false, true, true, false, true};
    struct err err = {0};
    struct dft_settings t = quick("pbe", 0.02, 1);
    struct system *start = triclinic(), *y[5];
    struct dft *d = dft_new(&t, &err);
    for (int i = 0; i < 5; i++) {
        y[i] = moved(start, at[i]);
        if (i > 0)
            CHECK(dft_follows(&t, y[i], y[i - 1], i > 1 ? y[i - 2] : NULL) == follows[i]);
        CHECK(runs_as_alone(d, &t, y[i]) == !follows[i]);
    }
    dft_forget(d);
    CHECK(runs_as_alone(d, &t, y[4]));
    CHECK(!dft_follows(&t, y[1], NULL, NULL));
    y[2]->element[3] = 2;
    CHECK(!dft_follows(&t, y[1], y[2], NULL));
    for (int i = 0; i < 5; i++)
        system_free(y[i]);
    system_free(start);
    dft_free(d);
}

/* A fast atom is far from where it was, but not from where it was heading; a box goes with its molecule. */
static void what_moves_on_follows(void)
{
    struct dft_settings t = quick("pbe", 0.02, 1);
    struct system *y = triclinic(), *once = moved(y, 0.8), *twice = moved(y, 1.6);
    CHECK(!dft_follows(&t, twice, once, NULL));
    CHECK(dft_follows(&t, twice, once, y));
    struct system *near = molecule(1.4), *away = molecule(1.5);
    for (int i = 0; i < 2; i++)
        for (int a = 0; a < 3; a++)
            away->pos[i][a] += 2.385;
    CHECK(dft_follows(&t, away, near, NULL));
    CHECK(!dft_follows(&t, away, y, NULL));
    system_free(y);
    system_free(once);
    system_free(twice);
    system_free(near);
    system_free(away);
}

static void padding_does_not_matter(void)
{
    struct dft_settings t = quick("pbe", 0, 1);
    struct system *y = molecule(1.4);
    t.basis_correction = false; /* which moves with the grid at so low a cut-off */
    t.ecut = 12;
    t.padding = 6;
    double small = free_energy(&t, y);
    t.padding = 8;
    CHECK_NEAR(free_energy(&t, y), small, 1e-4);
    system_free(y);
}

/* Two Gaussian charges of width a feel q q erf(d / 2a)/d, and each its own field, 1/(a sqrt(pi)). */
static void cut_off_coulomb_has_no_images(void)
{
    static const double cell[3][3] = {{9, 0, 0}, {0, 8, 0}, {0, 0, 10}};
    static const double at[2][3] = {{3.1, 3.9, 2.8}, {5.2, 4.3, 6.9}}, a = 0.45;
    static const int n[3] = {54, 48, 60};
    struct grid *g = grid_new(cell, NULL, n, 14);
    struct poisson *p = poisson_new(g, true);
    double *rho = MEM_NEW(double, g->points), d2 = 0, energy = 0;
    for (size_t i = 0; i < g->points; i++)
        for (int c = 0; c < 2; c++) {
            size_t index[3] = {i / (48 * 60), i / 60 % 48, i % 60};
            double r2 = 0;
            for (int d = 0; d < 3; d++)
                r2 += pow((double)index[d] * cell[d][d] / n[d] - at[c][d], 2);
            rho[i] += exp(-r2 / (2 * a * a)) / pow(2 * M_PI * a * a, 1.5);
        }
    for (int d = 0; d < 3; d++)
        d2 += pow(at[0][d] - at[1][d], 2);
    double complex *list = MEM_NEW(double complex, p->grid->ng);
    poisson_to_list(p, rho, list);
    for (int i = 0; i < p->grid->ng; i++)
        energy += p->grid->weight[i] * p->kernel[i] * pow(cabs(list[i]), 2);
    energy *= p->grid->volume / 2;
    CHECK_NEAR(energy, 1 / (a * sqrt(M_PI)) + erf(sqrt(d2) / (2 * a)) / sqrt(d2), 1e-8);
    free(list);
    free(rho);
    poisson_free(p);
    grid_free(g);
}

static void pseudopotential_slopes(void)
{
    struct pseudo *table = pseudo_table(PSEUDO_PBE);
    const struct pseudo *p = pseudo_find(table, 1);
    double h = 1e-4, slope, dummy;
    for (double g2 = 0.5; g2 < 200; g2 *= 3) {
        double numeric =
            (pseudo_short(p, g2 + h, &dummy) - pseudo_short(p, g2 - h, &dummy)) / (2 * h);
        pseudo_short(p, g2, &slope);
        CHECK_NEAR(slope, numeric, 1e-9);
        numeric = (pseudo_charge(p, g2 + h, &dummy) - pseudo_charge(p, g2 - h, &dummy)) / (2 * h);
        pseudo_charge(p, g2, &slope);
        CHECK_NEAR(slope, numeric, 1e-9);
    }
    CHECK(pseudo_find(table, 2) == NULL);
    free(table);
}

static void grid_has_the_right_size(void)
{
    static const double cell[3][3] = {{2.85115, 0, 0}, {0, 4.991, 0}, {0, 0, 6.09}};
    int n[3];
    grid_size(cell, 2 * sqrt(2 * 40.0), n);
    for (int d = 0; d < 3; d++) {
        int rest = n[d];
        CHECK(n[d] % 2 == 0 && n[d] / 2 >= 2 * sqrt(80.0) * cell[d][d] / (2 * M_PI));
        for (int f = 2; f <= 5; f++)
            while (rest % f == 0)
                rest /= f;
        CHECK(rest == 1);
    }
    CHECK(n[0] == 18 && n[1] == 30 && n[2] == 36);
}

static void unknown_functionals_are_refused(void)
{
    static const char *const names[] = {"nonsense", "", "pbe+", "hyb_gga_xc_b3lyp", "mgga_x_scan"};
    for (int i = 0; i < 5; i++) {
        struct err err = {0};
        struct dft_settings t = quick(names[i], 0.01, 1);
        struct dft *d = dft_new(&t, &err);
        CHECK(d == NULL);
        CHECK(err.status == ST_USAGE && err.text[0]);
        dft_free(d);
    }
}

static void unconverged_is_an_error(void)
{
    struct err err = {0};
    struct dft_settings t = quick("pbe", 0.01, 1);
    struct system *y = triclinic();
    struct dft_result r;
    t.max_iterations = 2;
    struct dft *d = dft_new(&t, &err);
    CHECK(dft_run(d, y, &r, &err) == ST_COMPUTE);
    CHECK(strstr(err.text, "self-consistent") != NULL);
    CHECK(r.force == NULL && r.free_energy == 0);
    dft_free(d);
    system_free(y);
}

/* The program's own word and that of a signal, which comes at call number `at`. */
struct stopping {
    int calls, at;
};

static bool stop_now(void *context)
{
    struct stopping *s = context;
    return ++s->calls >= s->at;
}

static bool hurry_now(void *context)
{
    const struct stopping *s = context;
    return s->calls >= s->at;
}

/* A run that is given up in any of its parts is an error, and leaves a session that gives what a new one does. */
static void stopped_runs_leave_nothing_behind(double temperature, const struct system *y)
{
    struct stopping count = {0, 1 << 30};
    struct dft_settings t = quick("lda", temperature, 1);
    struct dft_result r, again;
    struct err err = {0};
    const double whole = free_energy(&t, y);
    t.stop = stop_now;
    t.hurry = hurry_now;
    t.watcher = &count;
    struct dft *d = dft_new(&t, &err);
    CHECK(dft_run(d, y, &r, &err) == ST_OK && !dft_stopped(d));
    dft_result_free(&r);
    dft_free(d);
    const int calls = count.calls;
    printf("%d calls\n", calls);
    CHECK(calls > 5);
    for (int at = 1; at <= calls; at += 1 + calls / 7) {
        count = (struct stopping){0, at};
        d = dft_new(&t, &err);
        CHECK(dft_run(d, y, &r, &err) == ST_COMPUTE && dft_stopped(d) && !r.force);
        CHECK(count.calls == at);
        count.at = 1 << 30;
        CHECK(dft_run(d, y, &again, &err) == ST_OK && !dft_stopped(d));
        CHECK_NEAR(again.free_energy, whole, 4 * t.tolerance * y->n);
        dft_result_free(&again);
        dft_free(d);
    }
}

static void stopped_iterations(void)
{
    struct system *y = triclinic();
    stopped_runs_leave_nothing_behind(0.01, y);
    system_free(y);
}

static void what_has_no_room_is_refused(void)
{
    struct err err = {0};
    struct dft_settings t = quick("pbe", 0, 1);
    struct system *y = molecule(1.4);
    struct dft_result r;
    struct dft *d = dft_new(&t, &err);
    for (int far = 0; far < 3;
         far++) { /* a cell and boxes: 50 um, whose indices overflow int, too */
        const double length = far == 2 ? 1e12 : 1e6;
        y->periodic = far == 0;
        for (int i = 0; i < 3; i++)
            y->cell[i][i] = length;
        y->pos[1][0] = far ? length : 1.4;
        y->pos[1][1] = far ? length : 0;
        CHECK(dft_run(d, y, &r, &err) == ST_COMPUTE);
        CHECK(strstr(err.text, "GB of memory") != NULL);
        CHECK(!dft_stopped(d) && !r.force);
    }
    struct system *small = molecule(1.4);
    CHECK(dft_run(d, small, &r, &err) == ST_OK);
    dft_result_free(&r);
    dft_free(d);
    system_free(small);
    system_free(y);
}

static const struct check_case cases[] = {
    {"derivatives_lda_cold", derivatives_lda_cold},
    {"derivatives_lda_hot", derivatives_lda_hot},
    {"derivatives_pbe_cold", derivatives_pbe_cold},
    {"derivatives_pbe_hot", derivatives_pbe_hot},
    {"derivatives_blyp_complex", derivatives_blyp_complex},
    {"derivatives_open", derivatives_open},
    {"entropy_is_the_temperature_slope", entropy_is_the_temperature_slope},
    {"cold_limit_is_fixed_occupations", cold_limit_is_fixed_occupations},
    {"more_bands_change_nothing", more_bands_change_nothing},
    {"electrons_are_counted", electrons_are_counted},
    {"real_and_complex_agree", real_and_complex_agree},
    {"mesh_folds_into_the_supercell", mesh_folds_into_the_supercell},
    {"invariances", invariances},
    {"trajectories_are_frames_alone", trajectories_are_frames_alone},
    {"breathing_trajectories_are_frames_alone", breathing_trajectories_are_frames_alone},
    {"pbe_is_the_one_of_libxc", pbe_is_the_one_of_libxc},
    {"a_jump_forgets_the_past", a_jump_forgets_the_past},
    {"what_does_not_follow_starts_anew", what_does_not_follow_starts_anew},
    {"what_moves_on_follows", what_moves_on_follows},
    {"padding_does_not_matter", padding_does_not_matter},
    {"cut_off_coulomb_has_no_images", cut_off_coulomb_has_no_images},
    {"pseudopotential_slopes", pseudopotential_slopes},
    {"grid_has_the_right_size", grid_has_the_right_size},
    {"unknown_functionals_are_refused", unknown_functionals_are_refused},
    {"unconverged_is_an_error", unconverged_is_an_error},
    CHECK_CASE(stopped_iterations),
    CHECK_CASE(what_has_no_room_is_refused),
    {NULL, NULL}};

int main(int argc, char **argv)
{
    return check_main(argc, argv, cases);
}
