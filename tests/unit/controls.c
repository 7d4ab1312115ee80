/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Control variates of forces: each is what its displacement of the electrons does to the local energy and to ln|Psi|
 * (finite differences), and least squares finds coefficients that are known.
 */
#include "qmc/controls.h"
#include "base/mem.h"
#include "qmc/forces.h"
#include "qmc/warp.h"
#include "tests/unit/forces_exact.h"

enum {
    RADIAL = 4,
    FIELDS = 9,
    NEIGHBOURS = 18,
    STRESS = 38,
    ALL = 3 * ATOMS + 9
}; /* as laid out in qmc/controls.h */

/* d = r - R, shortest; returns |d|^2 */
static double apart(const struct system *s, const double r[3], int atom, double d[3])
{
    struct images im;
    images_start(&im, s);
    for (int x = 0; x < 3; x++)
        d[x] = r[x] - s->pos[atom][x];
    images_shortest(&im, 1, &d[0], &d[1], &d[2]);
    return d[0] * d[0] + d[1] * d[1] + d[2] * d[2];
}

static double radial(const struct system *s, double r2, int k)
{
    struct images im;
    images_start(&im, s);
    double c2 = pow(fmin(5, im.inradius), 2);
    return r2 < c2 ? exp(-0.25 * pow(3, k) * r2) * pow(1 - r2 / c2, 3) : 0;
}

/* Displacement `column` of nucleus `atom`, direction x, at r; those about neighbours from NEIGHBOURS on */
static void field(const struct system *s, int column, int atom, int x, const double r[3],
                  double v[3])
{
    int k = column < FIELDS ? (column - 1) % RADIAL : (column - NEIGHBOURS) % RADIAL;
    double d[3], r2 = apart(s, r, atom, d), g = radial(s, r2, k);
    v[0] = v[1] = v[2] = 0;
    if (column == 0) {
        struct images im;
        double w[ATOMS], slope[ATOMS][3];
        images_start(&im, s);
        warp_weights(&im, ATOMS, (const double(*)[3])s->pos, r, w, slope);
        v[x] = w[atom];
    } else if (column <= RADIAL) {
        v[x] = g;
    } else if (column < FIELDS) {
        for (int y = 0; y < 3; y++)
            v[y] = g * d[x] * d[y];
    }
    for (int other = 0; column >= NEIGHBOURS && other < ATOMS; other++) {
        double n[3], R2 = apart(s, s->pos[other], atom, n), e[3];
        if (other == atom || R2 > 16)
            continue;
        double h = exp(-0.6 * R2) * pow(1 - R2 / 16, 3), along = 0, gj;
        gj = radial(s, apart(s, r, other, e), k);
        for (int y = 0; y < 3; y++) {
            n[y] /= sqrt(R2);
            along += n[y] * e[y];
        }
        for (int y = 0; y < 3; y++) {
            const double kinds[5] = {gj * (x == y), gj * n[x] * n[y], gj * n[x] * e[y],
                                     gj * n[x] * along * n[y], g * n[x] * d[y]};
            v[y] += h * kinds[(column - NEIGHBOURS) / RADIAL];
        }
    }
}

static double divergence(const struct system *s, int column, int atom, int x, const double r[3])
{
    double sum = 0, f[STEPS];
    for (int y = 0; y < 3; y++) {
        for (int k = 0; k < STEPS; k++) {
            double moved[3] = {r[0], r[1], r[2]}, v[3];
            moved[y] += H * step[k];
            field(s, column, atom, x, moved, v);
            f[k] = v[y];
        }
        sum += slope(f);
    }
    return sum;
}

/* A and B of all nuclei and directions by differences, less their means over nuclei */
static void differences(const struct system *s, const struct model *m, int twist, int column,
                        const double pos[][3], double a[], double b[])
{
    for (int c = 0; c < 3 * ATOMS; c++) {
        double f[STEPS], e[STEPS], half = 0;
        for (int k = 0; k < STEPS; k++) {
            double moved[N][3], v[3];
            for (int i = 0; i < N; i++) {
                field(s, column, c / 3, c % 3, pos[i], v);
                for (int x = 0; x < 3; x++)
                    moved[i][x] = pos[i][x] + H * step[k] * v[x];
            }
            look(s, m, twist, (const double(*)[3])moved, &f[k], &e[k]);
        }
        for (int i = 0; i < N; i++)
            half += 0.5 * divergence(s, column, c / 3, c % 3, pos[i]);
        a[c] = slope(e);
        b[c] = slope(f) + half;
    }
    for (int x = 0; x < 3; x++) {
        double mean[2] = {0};
        for (int i = 0; i < ATOMS; i++) {
            mean[0] += a[3 * i + x] / ATOMS;
            mean[1] += b[3 * i + x] / ATOMS;
        }
        for (int i = 0; i < ATOMS; i++) {
            a[3 * i + x] -= mean[0];
            b[3 * i + x] -= mean[1];
        }
    }
}

/* What coefficient `column` of one adds to a and b */
static void added(struct forces *f, const struct walkers *w, int column, double a[], double b[])
{
    struct forces_scratch *scratch = forces_scratch_new(f, 1);
    double plain_a[64], plain_b[64], regular[1][2];
    forces_measure(f, scratch, w, plain_a, plain_b, regular);
    forces_coefficients(f)[column] = 1;
    forces_measure(f, scratch, w, a, b, regular);
    forces_coefficients(f)[column] = 0;
    for (int c = 0; c < 3 * ATOMS + 9; c++) {
        a[c] -= plain_a[c];
        b[c] -= plain_b[c];
    }
    forces_scratch_free(scratch);
}

static void columns(enum kind kind, int twist)
{
    struct system *s = hydrogens(kind);
    struct model m = model_new();
    struct wavefunction *psi = wave(s, &m, true);
    struct walkers *w = walkers_new(psi, twist, 1);
    struct forces *f = forces_new(psi, m.basis, twists,
                                  &(struct forces_settings){.warp = true, .controls = true}, NULL);
    scatter(N, w->pos, 43, 4);
    CHECK(walkers_refresh(w) < 0);
    walkers_measure(w);
    /* of every kind and every decay some */
    static const int some[] = {0,
                               1,
                               3,
                               6,
                               8,
                               NEIGHBOURS,
                               NEIGHBOURS + 5,
                               NEIGHBOURS + 10,
                               NEIGHBOURS + 15,
                               NEIGHBOURS + 17};
    for (size_t i = 0; i < sizeof some / sizeof *some; i++) {
        double a[64], b[64], da[64], db[64];
        int k = some[i];
        differences(s, &m, twist, k, (const double(*)[3])w->pos, da, db);
        added(f, w, k, a, b);
        for (int c = 0; c < 3 * ATOMS; c++) {
            close_enough("A", 100 * k + c, a[c], k < FIELDS ? da[c] : db[c]);
            close_enough("B", 100 * k + c, b[c], k < FIELDS ? db[c] : 0);
        }
        for (int c = 3 * ATOMS; c < 3 * ATOMS + 9; c++) /* not to the stress */
            CHECK(a[c] == 0 && b[c] == 0);
        if (k >= FIELDS)
            continue;
        added(f, w, FIELDS + k, a, b); /* B alone */
        for (int c = 0; c < 3 * ATOMS; c++) {
            close_enough("B alone", 100 * k + c, a[c], db[c]);
            CHECK(b[c] == 0);
        }
    }
    forces_free(f);
    walkers_free(w);
    wavefunction_free(psi);
    basis_free(m.basis);
    system_free(s);
}

/* Displacement `column` of the strain xy (0 .. 15, those of which B alone is used twice) at r */
static void strain_field(const struct system *s, int column, int x, int y, const double r[3],
                         double v[3])
{
    v[0] = v[1] = v[2] = 0;
    for (int atom = 0; atom < ATOMS; atom++) {
        double d[3], g = radial(s, apart(s, r, atom, d), column % RADIAL), n[3], sum = 0;
        for (int other = 0; other < ATOMS; other++) {
            double R2 = apart(s, s->pos[other], atom, n);
            if (other != atom && R2 < 16)
                sum += exp(-0.6 * R2) * pow(1 - R2 / 16, 3) * n[x] * n[y] / R2;
        }
        for (int z = 0; z < 3; z++)
            v[z] += column < 2 * RADIAL   ? 0.5 * g * (d[x] * (z == y) + d[y] * (z == x))
                    : column < 3 * RADIAL ? g * d[z] * (x == y)
                                          : g * d[z] * sum;
    }
}

static void strain_columns(void)
{
    static const int some[] = {0, 3, RADIAL + 1, 2 * RADIAL + 2, 3 * RADIAL, 3 * RADIAL + 3};
    struct system *s = hydrogens(TRICLINIC);
    struct model m = model_new();
    struct wavefunction *psi = wave(s, &m, true);
    struct walkers *w = walkers_new(psi, 0, 1);
    struct forces *f = forces_new(psi, m.basis, twists,
                                  &(struct forces_settings){.warp = true, .controls = true}, NULL);
    scatter(N, w->pos, 44, 4);
    CHECK(walkers_refresh(w) < 0);
    walkers_measure(w);
    for (size_t i = 0; i < sizeof some / sizeof *some; i++) {
        double a[64], b[64];
        added(f, w, STRESS + some[i], a, b);
        for (int t = 0; t < 9; t++) {
            double l[STEPS], e[STEPS], half = 0;
            for (int k = 0; k < STEPS; k++) {
                double moved[N][3], v[3];
                for (int j = 0; j < N; j++) {
                    strain_field(s, some[i], t / 3, t % 3, w->pos[j], v);
                    for (int z = 0; z < 3; z++)
                        moved[j][z] = w->pos[j][z] + H * step[k] * v[z];
                }
                look(s, &m, 0, (const double(*)[3])moved, &l[k], &e[k]);
            }
            for (int j = 0; j < 3 * N; j++) {
                double by[STEPS], moved[3], v[3];
                for (int k = 0; k < STEPS; k++) {
                    memcpy(moved, w->pos[j / 3], sizeof moved);
                    moved[j % 3] += H * step[k];
                    strain_field(s, some[i], t / 3, t % 3, moved, v);
                    by[k] = v[j % 3];
                }
                half += 0.5 * slope(by);
            }
            bool energy = some[i] < RADIAL;
            int c = 3 * ATOMS + t;
            close_enough("A", 100 * some[i] + t, a[c], energy ? slope(e) : slope(l) + half);
            close_enough("B", 100 * some[i] + t, b[c], energy ? slope(l) + half : 0);
        }
        for (int c = 0; c < 3 * ATOMS; c++) /* not to the forces */
            CHECK(a[c] == 0 && b[c] == 0);
    }
    forces_free(f);
    walkers_free(w);
    wavefunction_free(psi);
    basis_free(m.basis);
    system_free(s);
}

static void columns_open(void)
{
    columns(OPEN, 0);
}

static void columns_periodic(void)
{
    columns(TRICLINIC, 1);
}

/* Random electrons, gradients and warp: control variates of a sample, into w */
static void random_sample(const struct controls *c, struct controls_work *w, struct rng *rng,
                          uint64_t number)
{
    double pos[N][3], numbers[4][3 * N];
    scatter(N, pos, number, 4);
    for (int k = 0; k < 12 * N; k++)
        numbers[k / (3 * N)][k % (3 * N)] = rng_uniform(rng) - 0.5;
    controls_measure(c, w,
                     &(struct controls_electrons){
                         N, (const double(*)[3])pos, (const double(*)[3])(void *)numbers[0],
                         (const double(*)[3])(void *)numbers[1], numbers[2], numbers[3]});
}

/* Forces that are multiples of the control variates, and of a mean, an energy and a slope that differ between two twists:
 * what is found from some samples leaves nothing of others. */
static void known(void)
{
    struct system *s = hydrogens(TRICLINIC);
    struct controls *c = controls_new(s, true);
    struct controls_work *w = controls_work_new(c);
    size_t size = controls_sums(c);
    double *sums = MEM_NEW(double, 2 * size), truth[CONTROLS], found[CONTROLS];
    struct rng rng;
    rng_start(&rng, 7, RNG_TEST, 0, 0, 0);
    for (int k = 0; k < CONTROLS; k++)
        truth[k] = rng_uniform(&rng) - 0.5;
    for (uint64_t sample = 0; sample < 10000; sample++) {
        int twist = sample % 2;
        double a[ALL] = {0}, b[ALL] = {0}, e = rng_uniform(&rng) - 0.5;
        random_sample(c, w, &rng, 1000 + sample);
        controls_add(c, w, truth, a, b);
        for (int k = 0; k < ALL; k++) {
            a[k] = 3 * twist + k - a[k];
            b[k] = 0.2 * k - 0.5 * twist - b[k];
        }
        controls_learn(c, w, &(struct controls_target){a, b, e + 5 * twist},
                       sums + (size_t)twist * size);
    }
    double left[2], all[2] = {0}, rest[2] = {0};
    controls_solve(c, 2, sums, found, left);
    for (uint64_t sample = 0; sample < 1000; sample++) {
        double a[2][ALL] = {{0}}, b[2][ALL] = {{0}}, e = 2 * rng_uniform(&rng) - 1;
        random_sample(c, w, &rng, 100 + sample);
        controls_add(c, w, truth, a[0], b[0]);
        controls_add(c, w, found, a[1], b[1]);
        for (int k = 0; k < ALL; k++) {
            int set = k >= 3 * ATOMS;
            all[set] += pow(a[0][k] + e * b[0][k], 2);
            rest[set] += pow(a[0][k] - a[1][k] + e * (b[0][k] - b[1][k]), 2);
        }
    }
    for (int set = 0; set < 2; set++) {
        printf("left of the samples %g, of others %g\n", left[set], rest[set] / all[set]);
        CHECK(left[set] < 0.01 && rest[set] < 0.01 * all[set]);
    }
    sums[0] = NAN; /* of the forces */
    controls_solve(c, 2, sums, found, left);
    CHECK(left[0] == 1 && left[1] < 0.02);
    for (int k = 0; k < STRESS; k++)
        CHECK(found[k] == 0);
    free(sums);
    controls_work_free(w);
    controls_free(c);
    system_free(s);
}

static const struct check_case cases[] = {{"open", columns_open},
                                          {"periodic", columns_periodic},
                                          {"strain", strain_columns},
                                          {"known", known},
                                          {0}};

int main(int argc, char **argv)
{
    return check_main(argc, argv, cases);
}
