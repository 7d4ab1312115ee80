/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Trial orbitals: what the coefficients mean in real space, at all points with k = -k. */
#include "check.h"
#include <stdlib.h>
#include "base/mem.h"
#include "base/threads.h"
#include "basis/ao.h"
#include "dft/dft.h"
#include "dft/session.h"
#include "hydrogen.h"

static struct system *cell(void)
{
    static const double rows[3][3] = {{3.9, 0.2, -0.3}, {0.5, 3.6, 0.4}, {-0.2, 0.3, 4.0}};
    static const double pos[4][3] = {
        {0.31, 0.17, 0.43}, {1.62, 0.45, 0.71}, {1.95, 2.13, 2.31}, {-0.83, 5.32, 6.55}};
    return hydrogen_at(4, pos, rows);
}

static struct dft *session(void)
{
    struct err err = {0};
    struct dft_settings t = dft_defaults;
    threads_set(1);
    t.ecut = 20;
    for (int d = 0; d < 3; d++)
        t.mesh[d] = 2;
    return dft_new(&t, &err);
}

static struct dft_orbitals project(struct dft *d, const struct system *y, const char *name)
{
    struct err err = {0};
    struct dft_orbitals o = {0};
    struct basis *b = basis_builtin(name, &err);
    CHECK(b != NULL && dft_trial(d, y, b, &o, &err) == ST_OK);
    basis_free(b);
    return o;
}

/* rho(r) = average over k of 2 sum_n (sum_f C_nf chi_f(r))^2 */
static double lcao_density(const struct dft_orbitals *o, const struct ao *ao, const double r[3])
{
    int functions = ao_functions(ao);
    double *chi = MEM_NEW(double, o->nk *functions), sum = 0;
    ao_eval(ao, AO_VALUE, 1, (const double(*)[3])r, chi);
    for (int k = 0; k < o->nk; k++)
        for (int n = 0; n < o->orbitals; n++) {
            double psi = 0;
            for (int f = 0; f < functions; f++)
                psi +=
                    chi[k * functions + f] * o->coefficient[(k * o->orbitals + n) * functions + f];
            sum += 2 * psi * psi / o->nk;
        }
    free(chi);
    return sum;
}

static void orbitals_give_the_density(void)
{
    struct err err = {0};
    struct dft *d = session();
    struct system *y = cell();
    struct dft_orbitals o = project(d, y, "h-tz");
    struct basis *b = basis_builtin("h-tz", &err);
    struct ao *ao = ao_new(y, b, o.nk, (const double(*)[3])o.k, &err);
    const struct grid *g = d->grid;
    double worst = 0, least = 1;
    for (int i = 0; i < 60; i++) {
        int at[3] = {(7 * i) % g->n[0], (5 * i) % g->n[1], (3 * i) % g->n[2]};
        double r[3] = {0, 0, 0};
        for (int a = 0; a < 3; a++)
            for (int c = 0; c < 3; c++)
                r[c] += y->cell[a][c] * at[a] / g->n[a];
        double rho = d->state.rho[((size_t)at[0] * g->n[1] + at[1]) * g->n[2] + at[2]];
        worst = fmax(worst, fabs(lcao_density(&o, ao, r) / rho - 1));
        least = fmin(least, rho);
    }
    CHECK(o.nk == 8 && o.orbitals == 2);
    CHECK_NEAR(worst, 0, 0.06);
    CHECK(least > 0.003);
    ao_free(ao);
    basis_free(b);
    dft_orbitals_free(&o);
    dft_free(d);
    system_free(y);
}

static void larger_bases_spill_less(void)
{
    static const char *const names[] = {"h-sz", "h-dz", "h-tz"};
    struct dft *d = session();
    struct system *y = cell();
    double last = 0.1;
    for (int i = 0; i < 3; i++) {
        struct dft_orbitals o = project(d, y, names[i]);
        CHECK(o.spillage > 0 && o.spillage < last);
        last = o.spillage;
        dft_orbitals_free(&o);
    }
    CHECK(last < 1e-3);
    dft_free(d);
    system_free(y);
}

/* Coefficients are normalised up to the spillage: <phi|phi> = captured norm. */
static void norms_and_spillage_belong_together(void)
{
    struct err err = {0};
    struct dft *d = session();
    struct system *y = cell();
    struct dft_orbitals o = project(d, y, "h-dz");
    struct basis *b = basis_builtin("h-dz", &err);
    struct ao *ao = ao_new(y, b, o.nk, (const double(*)[3])o.k, &err);
    int n = ao_functions(ao);
    double *s = MEM_NEW(double, n *n), worst = 0;
    for (int k = 0; k < o.nk; k++) {
        ao_overlap(ao, k, s);
        for (int m = 0; m < o.orbitals; m++) {
            const double *c = o.coefficient + (k * o.orbitals + m) * n;
            double norm = 0;
            for (int i = 0; i < n; i++)
                for (int j = 0; j < n; j++)
                    norm += c[i] * s[i * n + j] * c[j];
            worst = fmax(worst, 1 - norm);
        }
    }
    CHECK_NEAR(worst, o.spillage, 1e-10);
    free(s);
    ao_free(ao);
    basis_free(b);
    dft_orbitals_free(&o);
    dft_free(d);
    system_free(y);
}

/* Nearly dependent functions do not work against one another: C^T C would be 2e7 from S alone. */
static void coefficients_stay_small(void)
{
    struct dft *d = session();
    struct system *y = cell();
    for (int i = 0; i < 12; i++) {
        y->pos[i / 3][i % 3] *= 0.8;
        if (i < 9)
            y->cell[i / 3][i % 3] *= 0.8;
    }
    struct dft_orbitals o = project(d, y, "h-tz");
    int n = 4 * o.functions;
    double most = 0;
    for (int i = 0; i < o.nk * o.orbitals; i++) {
        double sum = 0;
        for (int f = 0; f < n; f++)
            sum += o.coefficient[i * n + f] * o.coefficient[i * n + f];
        most = fmax(most, sum);
    }
    CHECK(most < 3);
    CHECK(o.spillage < 1e-3);
    dft_orbitals_free(&o);
    dft_free(d);
    system_free(y);
}

static void one_electron_has_one_orbital(void)
{
    struct dft *d = session();
    struct system *y = system_new(1);
    y->element[0] = 1;
    struct dft_orbitals o = project(d, y, "h-tz");
    CHECK(o.nk == 1 && o.orbitals == 1);
    CHECK(o.spillage < 0.05);
    dft_orbitals_free(&o);
    dft_free(d);
    system_free(y);
}

/* Least norm of an orbital of b captured by the span of the orbitals of a, taken as orthonormal but for their
 * norms. */
static double overlap_of_spans(const struct system *y, const struct dft_orbitals *a,
                               const struct dft_orbitals *b, const char *name)
{
    struct err err = {0};
    struct basis *basis = basis_builtin(name, &err);
    struct ao *ao = ao_new(y, basis, a->nk, (const double(*)[3])a->k, &err);
    int n = ao_functions(ao), m = a->orbitals;
    double *s = MEM_NEW(double, n *n), least = 1;
    ao_overlap(ao, 0, s);
    for (int o = 0; o < m; o++) { /* the norm of each orbital of b in the span of a */
        double norm = 0, captured = 0;
        for (int i = 0; i < n; i++)
            for (int j = 0; j < n; j++)
                norm += b->coefficient[o * n + i] * s[i * n + j] * b->coefficient[o * n + j];
        for (int q = 0; q < m; q++) {
            double x = 0, own = 0;
            for (int i = 0; i < n; i++)
                for (int j = 0; j < n; j++) {
                    x += a->coefficient[q * n + i] * s[i * n + j] * b->coefficient[o * n + j];
                    own += a->coefficient[q * n + i] * s[i * n + j] * a->coefficient[q * n + j];
                }
            captured += x * x / own;
        }
        least = fmin(least, captured / norm);
    }
    free(s);
    ao_free(ao);
    basis_free(basis);
    return least;
}

static struct system *chain(int n, double spacing)
{
    struct system *y = system_new(n);
    for (int i = 0; i < n; i++) {
        y->element[i] = 1;
        y->pos[i][2] = spacing * i;
    }
    return y;
}

static void lowest_energy_and_least_squares_agree_in_a_good_basis(void)
{
    struct system *y = chain(4, 1.8);
    struct dft *d = session();
    struct dft_orbitals squares = project(d, y, "h-tz");
    CHECK(!squares.energy_fit);
    d->settings.fit = DFT_FIT_ENERGY;
    struct dft_orbitals energy = project(d, y, "h-tz");
    CHECK(energy.energy_fit);
    double same = overlap_of_spans(y, &squares, &energy, "h-tz");
    CHECK(same > 1 - 1e-3 && same < 1 + 1e-3);
    dft_orbitals_free(&squares);
    dft_orbitals_free(&energy);
    dft_free(d);
    system_free(y);
}

/* The fifth orbital of ten atoms at 1 bohr: those of the lowest energy are orthonormal in all space. */
static void wide_tails_are_replaced_by_the_lowest_energy(void)
{
    struct system *y = chain(10, 1.0);
    struct dft *d = session();
    d->settings.ecut = 10;
    struct dft_orbitals o = project(d, y, "h-tz");
    CHECK(o.energy_fit && o.spillage > 0.02);
    CHECK_NEAR(overlap_of_spans(y, &o, &o, "h-tz"), 1, 0.02);
    dft_orbitals_free(&o);
    dft_free(d);
    system_free(y);
}

/* <a|S|b> of two rows of coefficients. */
static double metric(int n, const double *s, const double *a, const double *b)
{
    double sum = 0;
    for (int i = 0; i < n; i++)
        for (int j = 0; j < n; j++)
            sum += a[i] * s[i * n + j] * b[j];
    return sum;
}

/* Of each orbital of a the squared norm outside the span of the two of b; the worst. */
static double outside(int n, const double *s, const double *a, const double *b)
{
    const double m[3] = {metric(n, s, b, b), metric(n, s, b, b + n), metric(n, s, b + n, b + n)};
    double worst = 0;
    for (int o = 0; o < 2; o++) {
        const double *x = a + o * n, u = metric(n, s, x, b), v = metric(n, s, x, b + n);
        const double inside =
            (u * u * m[2] - 2 * u * v * m[1] + v * v * m[0]) / (m[0] * m[2] - m[1] * m[1]);
        worst = fmax(worst, metric(n, s, x, x) - inside);
    }
    return worst;
}

/* After hot labels trial orbitals start from these and end sooner: they span the space that tightly converged
 * ones do, to 3e-4 of their norm, and the energy is right within the tolerance. */
static void hot_labels_do_not_matter(void)
{
    struct err err = {0};
    struct dft *hot = session(), *cold = session();
    struct system *y = cell();
    struct dft_result r = {0};
    hot->settings.temperature = 0.063;
    cold->settings.tolerance = 1e-11;
    cold->settings.trial_residual = 1e-2;
    CHECK(dft_run(hot, y, &r, &err) == ST_OK && r.bands > 3 * 2);
    struct dft_orbitals a = project(hot, y, "h-dz"), b = project(cold, y, "h-dz");
    struct basis *basis = basis_builtin("h-dz", &err);
    struct ao *ao = ao_new(y, basis, a.nk, (const double(*)[3])a.k, &err);
    const int n = ao_functions(ao);
    double *s = MEM_NEW(double, n *n), worst = 0;
    for (int k = 0; k < a.nk; k++) {
        ao_overlap(ao, k, s);
        worst = fmax(worst, outside(n, s, a.coefficient + k * 2 * n, b.coefficient + k * 2 * n));
    }
    CHECK_NEAR(a.energy, b.energy, y->n * hot->settings.tolerance);
    CHECK(fabs(r.free_energy - b.energy) > 0.03); /* labels were hot */
    CHECK(worst < 1e-7);
    free(s);
    ao_free(ao);
    basis_free(basis);
    dft_orbitals_free(&a);
    dft_orbitals_free(&b);
    dft_result_free(&r);
    dft_free(hot);
    dft_free(cold);
    system_free(y);
}

static const struct check_case cases[] = {
    {"good_basis", lowest_energy_and_least_squares_agree_in_a_good_basis},
    {"wide_tails", wide_tails_are_replaced_by_the_lowest_energy},
    {"orbitals_give_the_density", orbitals_give_the_density},
    {"larger_bases_spill_less", larger_bases_spill_less},
    {"norms_and_spillage_belong_together", norms_and_spillage_belong_together},
    {"coefficients_stay_small", coefficients_stay_small},
    {"one_electron_has_one_orbital", one_electron_has_one_orbital},
    {"hot_labels_do_not_matter", hot_labels_do_not_matter},
    {NULL, NULL}};

int main(int argc, char **argv)
{
    return check_main(argc, argv, cases);
}
