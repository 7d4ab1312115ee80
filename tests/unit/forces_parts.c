/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What forces are made of, each alone: weights of the warp, Coulomb gradients, contracted orbitals, damping near nodes. */
#include <stdlib.h>
#include "base/mem.h"
#include "basis/ao_contract.h"
#include "crystal/ewald.h"
#include "qmc/coulomb_gradient.h"
#include "qmc/forces.h"
#include "qmc/warp.h"
#include "tests/unit/forces_model.h"

static void warp_weights_sum_to_one(void)
{
    for (int periodic = 0; periodic < 2; periodic++) {
        struct system *s = hydrogens(periodic);
        struct images im;
        double r[20][3], w[ATOMS], g[ATOMS][3], v[STEPS][ATOMS], none[ATOMS][3];
        images_start(&im, s);
        scatter(20, r, 45, 5);
        memcpy(r[0], s->pos[1], sizeof r[0]);
        for (int i = 0; i < 20; i++) {
            double sum = 0;
            warp_weights(&im, ATOMS, (const double(*)[3])s->pos, r[i], w, g);
            for (int x = 0; x < 3; x++) {
                double old = r[i][x];
                for (int k = 0; k < STEPS; k++) {
                    r[i][x] = old + H * step[k];
                    warp_weights(&im, ATOMS, (const double(*)[3])s->pos, r[i], v[k], none);
                }
                r[i][x] = old;
                for (int a = 0; a < ATOMS; a++)
                    close_enough("dw/dr", a, g[a][x],
                                 slope((double[STEPS]){v[0][a], v[1][a], v[2][a], v[3][a], v[4][a],
                                                       v[5][a], v[6][a], v[7][a]}));
            }
            for (int a = 0; a < ATOMS; a++)
                sum += w[a];
            CHECK_NEAR(sum, 1, 1e-14);
        }
        warp_weights(&im, ATOMS, (const double(*)[3])s->pos, s->pos[2], w, g);
        CHECK_NEAR(w[2], 1, 1e-14);
        CHECK_NEAR(g[2][0], 0, 1e-10);
        system_free(s);
    }
}

static void coulomb_is_ewald(void)
{
    struct system *s = hydrogens(TRICLINIC);
    struct coulomb_gradient *c = coulomb_gradient_new(s, 3); /* charged: the background counts */
    struct ewald *e = ewald_new((const double(*)[3])s->cell);
    double r[3 + ATOMS][3], q[3 + ATOMS] = {-1, -1, -1, 1, 1, 1, 1}, g[3 + ATOMS][3], strain[3][3];
    double exact[3 + ATOMS][3], exact_strain[3][3];
    double *scratch = MEM_NEW(double, coulomb_gradient_scratch(c));
    scatter(3, r, 46, 5);
    memcpy(r + 3, s->pos, ATOMS * sizeof *r);
    coulomb_gradient_eval(c, (const double(*)[3])r, scratch, g, strain);
    ewald_energy(e, 3 + ATOMS, (const double(*)[3])r, q, exact, exact_strain);
    for (int i = 0; i < 3 + ATOMS; i++)
        for (int x = 0; x < 3; x++)
            CHECK_NEAR(g[i][x], exact[i][x], 1e-7 * (1 + fabs(exact[i][x])));
    for (int t = 0; t < 9; t++)
        CHECK_NEAR(strain[t / 3][t % 3], exact_strain[t / 3][t % 3],
                   1e-7 * (1 + fabs(exact_strain[t / 3][t % 3])));
    free(scratch);
    ewald_free(e);
    coulomb_gradient_free(c);
    system_free(s);
}

/* A shell of every l up to f, against ao_eval and finite differences of what it gives. */
static void contracted(const struct ao *ao, int n, const double r[3], const double g[3],
                       const double q[], const double x[], double *l, double *e)
{
    double *out = MEM_NEW(double, 5 * n);
    ao_eval(ao, AO_LAPLACIAN, 1, (const double(*)[3])r, out);
    *l = *e = 0;
    for (int f = 0; f < n; f++) {
        *l += q[f] * out[f];
        *e += q[f] * (-0.5 * out[4 * n + f] - g[0] * out[n + f] - g[1] * out[2 * n + f] -
                      g[2] * out[3 * n + f]) -
              x[f] * out[f];
    }
    free(out);
}

static void contraction_in(enum kind kind)
{
    const double a[3] = {1.3, 0.4, 0.15}, c[3] = {0.3, 0.5, 0.4};
    const double *exponent[4] = {a, a + 1, a + 1, a}, *coefficient[4] = {c, c, c + 1, c};
    struct basis *b = basis_new("test", 1, 4, (const int[]){2, 0, 3, 1}, (const int[]){2, 2, 1, 3},
                                exponent, coefficient);
    struct system *s = hydrogens(kind);
    struct ao *ao = ao_new(s, b, 1, &twists[kind != OPEN], NULL);
    struct ao_contract *contract = ao_contract_new(s, b, twists[kind != OPEN], NULL);
    int n = ao_functions(ao);
    double q[64][3], x[64][3], r[2][3], g[2][3], lg[2 * ATOMS][3], eg[2 * ATOMS][3], f[STEPS],
        e[STEPS];
    double ls[2][9], es[2][9], two_q[128], two_x[128];
    struct ao_contract_sums sums = {lg, eg, ls, es};
    scatter(64, q, 47, 1);
    scatter(64, x, 48, 1);
    scatter(2, r, 49, 9);
    scatter(2, g, 50, 1);
    for (int k = 0; k < n; k++)
        for (int p = 0; p < 2; p++) {
            two_q[2 * k + p] = q[k][p];
            two_x[2 * k + p] = x[k][p];
        }
    ao_contract_eval(contract, 2, (const double(*)[3])r, (const double(*)[3])g, two_q, two_x,
                     &sums);
    for (int p = 0; p < 2; p++)
        for (int y = 0; y < 3; y++) {
            double old = r[p][y], lsum = 0, esum = 0, *qp = MEM_NEW(double, n),
                   *xp = MEM_NEW(double, n);
            for (int k = 0; k < n; k++)
                qp[k] = q[k][p], xp[k] = x[k][p];
            for (int k = 0; k < STEPS; k++) {
                r[p][y] = old + H * step[k];
                contracted(ao, n, r[p], g[p], qp, xp, &f[k], &e[k]);
            }
            r[p][y] = old;
            for (int i = 0; i < ATOMS; i++) {
                lsum += lg[p * ATOMS + i][y];
                esum += eg[p * ATOMS + i][y];
            }
            close_enough("sum of values", y, lsum, slope(f));
            close_enough("sum of energies", y, esum, slope(e));
            free(qp), free(xp);
        }
    ao_contract_free(contract);
    ao_free(ao);
    basis_free(b);
    system_free(s);
}

/* Many points, more than one list of pairs holds, give what each gives alone. */
static void contraction_of_many(void)
{
    enum { MANY = 150 };
    static double r[MANY][3], g[MANY][3], l[MANY * ATOMS][3], e[MANY * ATOMS][3], ls[MANY][9],
        es[MANY][9];
    const double exponent[2] = {1.3, 0.15}, coefficient[2] = {0.3, 0.5};
    struct basis *b = basis_new("test", 1, 2, (const int[]){1, 0}, (const int[]){2, 1},
                                (const double *[]){exponent, exponent},
                                (const double *[]){coefficient, coefficient});
    struct system *s = hydrogens(RECTANGULAR);
    struct ao_contract *contract = ao_contract_new(s, b, twists[1], NULL);
    int n = b->functions * ATOMS;
    double(*weight)[3] = mem_new((size_t)n * MANY, sizeof *weight);
    double *q = MEM_NEW(double, n *MANY), *x = MEM_NEW(double, n *MANY), worst = 0;
    struct ao_contract_sums all = {l, e, ls, es};
    scatter(MANY, r, 51, 9);
    scatter(MANY, g, 52, 1);
    scatter(n * MANY, weight, 53, 1);
    for (int k = 0; k < n * MANY; k++)
        q[k] = weight[k][0], x[k] = weight[k][1];
    ao_contract_eval(contract, MANY, (const double(*)[3])r, (const double(*)[3])g, q, x, &all);
    for (int p = 0; p < MANY; p++) {
        double one_l[ATOMS][3], one_e[ATOMS][3], one_ls[1][9], one_es[1][9];
        struct ao_contract_sums one = {one_l, one_e, one_ls, one_es};
        double *own_q = MEM_NEW(double, n), *own_x = MEM_NEW(double, n);
        for (int k = 0; k < n; k++)
            own_q[k] = q[k * MANY + p], own_x[k] = x[k * MANY + p];
        ao_contract_eval(contract, 1, (const double(*)[3])r + p, (const double(*)[3])g + p, own_q,
                         own_x, &one);
        for (int y = 0; y < 9; y++)
            worst = fmax(worst, fmax(fabs(one_ls[0][y] - ls[p][y]), fabs(one_es[0][y] - es[p][y])));
        for (int i = 0; i < 3 * ATOMS; i++)
            worst = fmax(worst, fmax(fabs(one_l[i / 3][i % 3] - l[p * ATOMS + i / 3][i % 3]),
                                     fabs(one_e[i / 3][i % 3] - e[p * ATOMS + i / 3][i % 3])));
        free(own_q), free(own_x);
    }
    printf("many points: %.1e\n", worst);
    CHECK(worst < 1e-11);
    free(weight), free(q), free(x);
    ao_contract_free(contract);
    basis_free(b);
    system_free(s);
}

static void contraction_of_every_l(void)
{
    for (enum kind kind = OPEN; kind <= RECTANGULAR; kind++)
        contraction_in(kind);
    contraction_of_many();
}

/* What a smooth function loses near a node is of the fifth order: int (1 - f) x^(2 m) dx = 0 for m = 0, 1. */
static void damping_keeps_moments(void)
{
    enum { INTERVALS = 2000 };
    double moment[3] = {0};
    for (int i = 0; i < INTERVALS; i++) {
        double x = (i + 0.5) / INTERVALS, lost = 1 - forces_damping(1 / (x * x));
        for (int m = 0; m < 3; m++)
            moment[m] += lost * pow(x, 2 * m) / INTERVALS;
    }
    CHECK_NEAR(moment[0], 0,
               1e-5); /* the midpoint rule's error: f'(1-) = 0, so h^2 f''/24 and less */
    CHECK_NEAR(moment[1], 0, 1e-5);
    CHECK(fabs(moment[2]) < 0.03 && fabs(moment[2]) > 0.01);
    CHECK_NEAR(forces_damping(1.0001), 1, 1e-6);
    CHECK(forces_damping(0.9) == 1);
    CHECK_NEAR(forces_damping(1e10) * 1e10, 20, 1e-6);
}

/* One walker and the forces of it */
struct sample {
    struct walkers *w;
    struct forces *forces;
    struct forces_scratch *scratch;
    double a[64], b[64], regular[1][2];
};

static struct sample sample_new(const struct wavefunction *psi, const struct basis *basis,
                                double epsilon)
{
    struct forces_settings settings = {.warp = true, .epsilon = epsilon};
    struct sample z = {.w = walkers_new(psi, 0, 1),
                       .forces = forces_new(psi, basis, twists, &settings, NULL)};
    z.scratch = forces_scratch_new(z.forces, 1);
    return z;
}

static void sample_measure(struct sample *z)
{
    CHECK(walkers_refresh(z->w) < 0);
    walkers_measure(z->w);
    forces_measure(z->forces, z->scratch, z->w, z->a, z->b, z->regular);
}

static void sample_free(struct sample *z)
{
    forces_scratch_free(z->scratch);
    walkers_free(z->w);
    forces_free(z->forces);
}

static void nodes_are_damped(void)
{
    struct system *s = hydrogens(OPEN);
    struct model m = model_new();
    struct wavefunction *psi = wave(s, &m, true);
    struct sample z = sample_new(psi, m.basis, 0.05);
    scatter(N, z.w->pos, 51, 3);
    memcpy(z.w->pos[1], z.w->pos[0], sizeof z.w->pos[1]);
    z.w->pos[1][0] += 1e-3; /* parallel electrons almost together */
    sample_measure(&z);
    CHECK(z.regular[0][0] > 0 && z.regular[0][0] < 0.1);
    CHECK(z.regular[0][1] > 0 && z.regular[0][1] < z.regular[0][0]);
    z.w->pos[1][0] += 1.2;
    sample_measure(&z);
    CHECK(z.regular[0][0] == 1);
    sample_free(&z);
    wavefunction_free(psi);
    basis_free(m.basis);
    system_free(s);
}

/* Electron 0 of a walker onto a node along x, by Newton's method: D / D' = 1 / (d ln D / dx). */
static void onto_a_node(struct walkers *w)
{
    for (double far = 1; fabs(far) > 1e-8;) {
        CHECK(walkers_refresh(w) < 0);
        walkers_measure(w);
        far = 1 / w->slater[0][0];
        w->pos[0][0] -= fmax(fmin(far, 0.2), -0.2);
    }
}

/* Closer and closer to a node estimators diverge as 1/d^2, but damped ones stay bounded: their variance is finite. */
static void damped_estimators_are_bounded(void)
{
    struct system *s = hydrogens(OPEN);
    struct model m = model_new();
    struct wavefunction *psi = wave(s, &m, true);
    struct sample z = sample_new(psi, m.basis, 0.2);
    double bare[3], damped[3];
    scatter(N, z.w->pos, 51, 3);
    onto_a_node(z.w);
    const double node = z.w->pos[0][0];
    for (int k = 0; k < 3; k++) {
        z.w->pos[0][0] = node + pow(10, -2 - k);
        sample_measure(&z);
        bare[k] = 0;
        for (int c = 0; c < 3 * ATOMS; c++)
            bare[k] = fmax(bare[k], fabs(z.a[c] + 2 * z.w->energy[0] * z.b[c]));
        damped[k] = z.regular[0][0] * bare[k];
        printf("%g: %g, damped %g\n", pow(10, -2 - k), bare[k], damped[k]);
    }
    CHECK(bare[1] > 50 * bare[0] && bare[2] > 50 * bare[1]);
    CHECK(damped[1] < 2 * damped[0] && damped[2] < 1.2 * damped[1]);
    sample_free(&z);
    wavefunction_free(psi);
    basis_free(m.basis);
    system_free(s);
}

/* Twelve pairs of electrons far apart: every gradient is of the order of 1/bohr, and their number is no node. */
static void large_systems_are_not_damped(void)
{
    enum { PAIRS = 12 };
    struct basis *basis = basis_builtin("h-sz", NULL);
    double *c = MEM_NEW(double, PAIRS *PAIRS), gradient = 0, pos[PAIRS][3] = {{0}};
    for (int n = 0; n < PAIRS; n++) {
        pos[n][0] = 9.3 * n;
        c[n * PAIRS + n] = 1;
    }
    struct system *s = hydrogen_at(PAIRS, (const double(*)[3])pos, NULL);
    struct wavefunction *psi = wavefunction_new(s, basis, 1, twists, PAIRS, c, PAIRS, PAIRS, NULL);
    struct sample z = sample_new(psi, basis, 0.3);
    for (int i = 0; i < 2 * PAIRS; i++) {
        z.w->pos[i][0] = pos[i % PAIRS][0] + 0.3;
        z.w->pos[i][1] = 0.9;
    }
    sample_measure(&z);
    for (int i = 0; i < 3 * PAIRS; i++)
        gradient += z.w->slater[i / 3][i % 3] * z.w->slater[i / 3][i % 3];
    CHECK(gradient > 1 / (0.3 * 0.3)); /* of one determinant: 1/|grad ln D| is below epsilon */
    CHECK(z.regular[0][0] == 1);
    sample_free(&z);
    wavefunction_free(psi);
    basis_free(basis);
    system_free(s);
    free(c);
}

/* What forces are not made for is said of the basis, whoever made it. */
static void contraction_has_limits(void)
{
    enum { MOST = 64 };
    int l[MOST + 1] = {0}, primitives[MOST + 1], g = 4;
    const double a[] = {1.3}, c[] = {1};
    const double *exponent[MOST + 1], *coefficient[MOST + 1];
    for (int i = 0; i <= MOST; i++) {
        primitives[i] = 1;
        exponent[i] = a;
        coefficient[i] = c;
    }
    struct system *s = hydrogens(OPEN);
    struct err err;
    for (int over = 0; over < 2; over++) {
        struct basis *b = basis_new("many", 1, MOST + over, l, primitives, exponent, coefficient);
        struct ao_contract *contract = ao_contract_new(s, b, twists[0], &err);
        CHECK((contract == NULL) == over);
        if (over)
            CHECK(err.status == ST_DATA && strstr(err.text, "'many' has more than 64 shells"));
        ao_contract_free(contract);
        basis_free(b);
    }
    struct basis *high = basis_new("high", 1, 1, &g, primitives, exponent, coefficient);
    CHECK(!ao_contract_new(s, high, twists[0], &err) && err.status == ST_DATA &&
          strstr(err.text, "'high' has l = 4"));
    basis_free(high);
    system_free(s);
}

static const struct check_case cases[] = {{"limits", contraction_has_limits},
                                          {"weights", warp_weights_sum_to_one},
                                          {"coulomb", coulomb_is_ewald},
                                          {"contraction", contraction_of_every_l},
                                          {"nodes", nodes_are_damped},
                                          {"bounded", damped_estimators_are_bounded},
                                          {"large", large_systems_are_not_damped},
                                          {"moments", damping_keeps_moments},
                                          {0}};

int main(int argc, char **argv)
{
    return check_main(argc, argv, cases);
}
