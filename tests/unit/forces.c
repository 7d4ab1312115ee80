/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Forces and stress: the derivatives of local energy and ln|Psi| with respect to every nucleus, along
 * the space warp, and to a strain, against finite differences at fixed electrons.
 */
#include "qmc/coulomb_gradient.h"
#include "qmc/forces.h"
#include "qmc/warp.h"
#include "tests/unit/forces_exact.h"

static void measure(const struct system *s, const struct model *m, int twist, bool warp,
                    const double pos[][3], double a[], double b[])
{
    struct forces_settings settings = {.warp = warp};
    struct wavefunction *psi = wave(s, m, true);
    struct walkers *w = walkers_new(psi, twist, 3); /* the one looked at is the last */
    struct forces *f = forces_new(psi, m->basis, twists, &settings, NULL);
    struct forces_scratch *scratch = forces_scratch_new(f, 3);
    int size = forces_components(f);
    double all_a[3 * 64], all_b[3 * 64], regular[3][2];
    scatter(3 * N, w->pos, 77, 5);
    memcpy(w->pos + 2 * N, pos, N * sizeof *pos);
    CHECK(walkers_refresh(w) < 0);
    walkers_measure(w);
    forces_measure(f, scratch, w, all_a, all_b, regular);
    memcpy(a, all_a + 2 * size, (size_t)size * sizeof *a);
    memcpy(b, all_b + 2 * size, (size_t)size * sizeof *b);
    CHECK(regular[2][0] == 1);
    forces_scratch_free(scratch);
    forces_free(f);
    walkers_free(w);
    wavefunction_free(psi);
}

static void nuclei(enum kind kind, int twist)
{
    struct system *s = hydrogens(kind);
    struct model m = model_new();
    double pos[N][3], a[64], b[64], f[STEPS], e[STEPS];
    scatter(N, pos, 141, 4);
    measure(s, &m, twist, false, (const double(*)[3])pos, a, b);
    for (int c = 0; c < 3 * ATOMS; c++) {
        double *x = &s->pos[c / 3][c % 3], old = *x;
        for (int k = 0; k < STEPS; k++) {
            *x = old + H * step[k];
            look(s, &m, twist, (const double(*)[3])pos, &f[k], &e[k]);
        }
        *x = old;
        close_enough("dE_L/dR", c, a[c], slope(e));
        close_enough("dln Psi/dR", c, b[c], slope(f));
    }
    basis_free(m.basis);
    system_free(s);
}

static void nuclei_open(void)
{
    nuclei(OPEN, 0);
}

static void nuclei_periodic(void)
{
    nuclei(TRICLINIC, 0);
}

static void nuclei_at_a_twist(void)
{
    nuclei(TRICLINIC, 1);
    nuclei(RECTANGULAR, 1);
}

/* Electrons go along with a nucleus; the divergence of the warp belongs to b. */
static void along_the_warp(void)
{
    struct system *s = hydrogens(TRICLINIC);
    struct model m = model_new();
    struct images im;
    double pos[N][3], moved[N][3], a[64], b[64], f[STEPS], e[STEPS], weight[N][ATOMS],
        grad[N][ATOMS][3];
    scatter(N, pos, 43, 4);
    images_start(&im, s);
    measure(s, &m, 1, true, (const double(*)[3])pos, a, b);
    for (int i = 0; i < N; i++)
        warp_weights(&im, ATOMS, (const double(*)[3])s->pos, pos[i], weight[i], grad[i]);
    for (int c = 0; c < 3 * ATOMS; c++) {
        double *x = &s->pos[c / 3][c % 3], old = *x, half = 0;
        for (int k = 0; k < STEPS; k++) {
            *x = old + H * step[k];
            memcpy(moved, pos, sizeof pos);
            for (int i = 0; i < N; i++)
                moved[i][c % 3] += weight[i][c / 3] * H * step[k];
            look(s, &m, 1, (const double(*)[3])moved, &f[k], &e[k]);
        }
        *x = old;
        for (int i = 0; i < N; i++)
            half += 0.5 * grad[i][c / 3][c % 3];
        close_enough("dE_L/dR", c, a[c], slope(e));
        close_enough("dln Psi/dR", c, b[c], slope(f) + half);
    }
    basis_free(m.basis);
    system_free(s);
}

static void stretch(int n, double r[][3], int t, double strain)
{
    for (int i = 0; i < n; i++)
        r[i][t / 3] += strain * r[i][t % 3];
}

static void along_a_strain_in(enum kind kind)
{
    struct system *s = hydrogens(kind);
    struct model m = model_new();
    double pos[N][3], a[64], b[64], f[STEPS], e[STEPS];
    scatter(N, pos, kind == TRICLINIC ? 44 : 141, 4); /* away from nodes */
    for (int twist = 0; twist < 2; twist++) {
        measure(s, &m, twist, true, (const double(*)[3])pos, a, b);
        for (int t = 0; t < 9; t++) {
            for (int k = 0; k < STEPS; k++) {
                struct system *c = system_copy(s);
                double moved[N][3];
                memcpy(moved, pos, sizeof pos);
                stretch(N, moved, t, H * step[k]);
                stretch(ATOMS, c->pos, t, H * step[k]);
                stretch(3, c->cell, t, H * step[k]);
                look(c, &m, twist, (const double(*)[3])moved, &f[k], &e[k]);
                system_free(c);
            }
            close_enough("dE_L/dstrain", t, a[3 * ATOMS + t], slope(e));
            close_enough("dln Psi/dstrain", t, b[3 * ATOMS + t], slope(f));
        }
    }
    basis_free(m.basis);
    system_free(s);
}

/* tr(A^-1 dB - X dA) at given g: what forces_measure makes of a walker whose grad ln Psi is grad ln D + g, without a
 * Jastrow factor and less the Coulomb gradients. */
static void measure_trace(const struct system *s, const struct model *m, int twist,
                          const double r[][3], const double g[][3], double a[])
{
    struct wavefunction *psi = wave(s, m, false);
    struct walkers *w = walkers_new(psi, twist, 1);
    struct forces *f = forces_new(psi, m->basis, twists, &(struct forces_settings){0}, NULL);
    struct forces_scratch *scratch = forces_scratch_new(f, 1);
    struct coulomb_gradient *c = coulomb_gradient_new(s, N);
    double b[64], regular[1][2], gradient[N + ATOMS][3], strain[3][3];
    double *work = MEM_NEW(double, coulomb_gradient_scratch(c));
    memcpy(w->pos, r, N * sizeof *r);
    CHECK(walkers_refresh(w) < 0);
    walkers_measure(w);
    for (int i = 0; i < 3 * N; i++)
        w->velocity[i / 3][i % 3] = w->slater[i / 3][i % 3] + g[i / 3][i % 3];
    forces_measure(f, scratch, w, a, b, regular);
    coulomb_gradient_eval(c, r, work, gradient, strain);
    for (int k = 0; k < 3 * ATOMS; k++)
        a[k] -= gradient[N + k / 3][k % 3];
    for (int k = 0; k < 9; k++)
        a[3 * ATOMS + k] -= strain[k / 3][k % 3];
    free(work);
    coulomb_gradient_free(c);
    forces_scratch_free(scratch);
    forces_free(f);
    walkers_free(w);
    wavefunction_free(psi);
}

static void trace_in(enum kind kind, int twist)
{
    struct system *s = hydrogens(kind);
    struct model m = model_new();
    double r[N][3], g[N][3], a[64], e[STEPS], none;
    scatter(N, r, 141, 4);
    scatter(N, g, 52, 1);
    measure_trace(s, &m, twist, (const double(*)[3])r, (const double(*)[3])g, a);
    for (int c = 0; c < 3 * ATOMS; c++) {
        double *x = &s->pos[c / 3][c % 3], old = *x;
        for (int k = 0; k < STEPS; k++) {
            *x = old + H * step[k];
            e[k] = trace(s, &m, twist, (const double(*)[3])r, (const double(*)[3])g, &none);
        }
        *x = old;
        close_enough("dtr(A^-1 B)/dR", c, a[c], slope(e));
    }
    for (int t = 0; t < 9 && s->periodic; t++) {
        for (int k = 0; k < STEPS; k++) {
            struct system *c = system_copy(s);
            double moved[N][3];
            memcpy(moved, r, sizeof r);
            stretch(N, moved, t, H * step[k]);
            stretch(ATOMS, c->pos, t, H * step[k]);
            stretch(3, c->cell, t, H * step[k]);
            e[k] = trace(c, &m, twist, (const double(*)[3])moved, (const double(*)[3])g, &none);
            system_free(c);
        }
        close_enough("dtr(A^-1 B)/dstrain", t, a[3 * ATOMS + t], slope(e));
    }
    basis_free(m.basis);
    system_free(s);
}

static void trace_formula(void)
{
    trace_in(OPEN, 0);
    trace_in(TRICLINIC, 1);
    trace_in(RECTANGULAR, 1);
}

static void along_a_strain(void)
{
    along_a_strain_in(TRICLINIC);
    along_a_strain_in(RECTANGULAR);
}

static const struct check_case cases[] = {{"nuclei_open", nuclei_open},
                                          {"nuclei_periodic", nuclei_periodic},
                                          {"nuclei_twist", nuclei_at_a_twist},
                                          {"warp", along_the_warp},
                                          {"strain", along_a_strain},
                                          {"trace", trace_formula},
                                          {0}};

int main(int argc, char **argv)
{
    return check_main(argc, argv, cases);
}
