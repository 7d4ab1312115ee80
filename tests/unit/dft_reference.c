/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Plane-wave DFT against calculations of established codes with the same pseudopotential, cut-off and
 * grid: the frames of dft-reference.xyz.gz (in the folder DELTAQMC_DATA) of one structure, functional,
 * cut-off and mesh.
 */
#include "check.h"
#include <stdlib.h>
#include "base/mem.h"
#include "base/threads.h"
#include "base/units.h"
#include "dft/dft.h"
#include "formats/convert.h"
#include "formats/keys.h"
#include "formats/stream.h"

/* NULL: any */
#define GPA (1 / UNITS_PRESSURE_GPA)

struct choice {
    const char *structure, *xc, *ecut, *mesh;
};

/* Largest deviations of a group of frames, Ha and bohr, energies per atom. */
struct deviation {
    char name[64];
    int frames;
    double energy, force, stress;
};

static const char *text_of(const struct frame *f, const char *name)
{
    const char *text = "";
    CHECK(frame_get_string(f, name, &text, NULL) == ST_OK);
    return text;
}

static bool chosen(const struct choice *c, const struct frame *f)
{
    return (!c->structure || !strcmp(c->structure, text_of(f, "structure"))) &&
           (!c->xc || !strcmp(c->xc, text_of(f, "xc"))) &&
           (!c->ecut || !strcmp(c->ecut, text_of(f, "ecut"))) &&
           (!c->mesh || !strcmp(c->mesh, text_of(f, "kmesh")));
}

static double quantity(const struct frame *f, const char *name)
{
    double x = NAN;
    CHECK(units_parse(text_of(f, name), DIM_ENERGY, &x, NULL) == ST_OK);
    return x;
}

static struct dft_settings settings(const struct frame *f)
{
    struct dft_settings t = dft_defaults;
    /* "pbe" is the reference's own, with the printed digits */
    const char *xc = text_of(f, "xc"), *mesh = text_of(f, "kmesh");
    t.functional = !strcmp(xc, "pbe_libxc") ? "pbe" : !strcmp(xc, "pbe") ? "pbe_printed" : xc;
    t.ecut = quantity(f, "ecut");
    t.temperature = quantity(f, "kT");
    t.tolerance = frame_atoms(f) > 100 ? 5e-11 : 2e-12; /* stress is of first order in the rest */
    t.basis_correction = false;
    if (strcmp(mesh, "gamma"))
        CHECK(sscanf(mesh, "%dx%dx%d", &t.mesh[0], &t.mesh[1], &t.mesh[2]) == 3);
    return t;
}

/* NaN stays. */
static double larger(double a, double b)
{
    return a > b || isnan(a) ? a : b;
}

static struct deviation deviation_of(const struct frame *f, const struct dft_result *r, int n)
{
    struct err err = {0};
    struct deviation d = {.frames = 1};
    double free_energy = NAN, energy = NAN, stress[9], *force = MEM_NEW(double, 3 * n);
    CHECK(keys_get(f, "reference_free_energy", 1, &free_energy, &err) == ST_OK);
    CHECK(keys_get(f, "reference_energy", 1, &energy, &err) == ST_OK);
    CHECK(keys_get(f, "reference_stress", 9, stress, &err) == ST_OK);
    CHECK(keys_get_column(f, "reference_forces", 3, force, &err) == ST_OK);
    d.energy = larger(fabs(r->free_energy - free_energy), fabs(r->energy - energy)) / n;
    for (int i = 0; i < 9; i++)
        d.stress = larger(d.stress, fabs(r->stress[i / 3][i % 3] - stress[i]));
    for (int i = 0; i < 3 * n; i++)
        d.force = larger(d.force, fabs(r->force[i / 3][i % 3] - force[i]));
    free(force);
    return d;
}

static struct deviation compare_frame(const struct frame *f)
{
    struct err err = {0};
    struct dft_settings t = settings(f);
    struct system *y = system_from_frame(f, &err);
    struct dft_result r = {0};
    struct deviation deviation = {.energy = NAN, .force = NAN, .stress = NAN};
    struct dft *d = dft_new(&t, &err);
    if (dft_run(d, y, &r, &err) != ST_OK)
        puts(err.text);
    if (r.force)
        deviation = deviation_of(f, &r, y->n);
    dft_result_free(&r);
    dft_free(d);
    system_free(y);
    return deviation;
}

static struct frame *find(struct choice c)
{
    struct err err = {0};
    char *path = mem_print("%s/dft-reference.xyz.gz", getenv("DELTAQMC_DATA"));
    struct reader *in = reader_open(path, false, &err);
    struct frame *f = frame_new();
    bool end = false;
    while (in && reader_next(in, f, &end, &err) == ST_OK && !end && !chosen(&c, f))
        ;
    CHECK(in && !end);
    reader_close(in);
    free(path);
    return f;
}

/* Calls `each` with the deviations of every frame of a choice. */
static int compare(struct choice c, void (*each)(const struct frame *, struct deviation, void *),
                   void *context)
{
    struct err err = {0};
    char *path = mem_print("%s/dft-reference.xyz.gz", getenv("DELTAQMC_DATA"));
    struct reader *in = reader_open(path, false, &err);
    struct frame *f = frame_new();
    bool end = false;
    int compared = 0;
    threads_set(2);
    while (in && reader_next(in, f, &end, &err) == ST_OK && !end)
        if (chosen(&c, f)) {
            each(f, compare_frame(f), context);
            compared++;
        }
    frame_free(f);
    reader_close(in);
    free(path);
    return compared;
}

static void within(const struct frame *f, struct deviation d, void *context)
{
    (void)f;
    (void)context;
    CHECK_NEAR(d.energy, 0, 1e-8);
    CHECK_NEAR(d.force, 0, 1e-6);
    CHECK_NEAR(d.stress, 0, 1e-8);
}

static void check(struct choice c)
{
    CHECK(compare(c, within, NULL) > 0);
}

enum { GROUPS = 128 };

static void collect(const struct frame *f, struct deviation d, void *context)
{
    struct deviation *group = context;
    char name[64];
    snprintf(name, sizeof name, "%s %s %s %s", text_of(f, "structure"), text_of(f, "xc"),
             text_of(f, "kmesh"), text_of(f, "ecut"));
    while (group->frames && strcmp(group->name, name))
        group++;
    snprintf(group->name, sizeof group->name, "%s", name);
    group->frames++;
    group->energy = larger(group->energy, d.energy);
    group->force = larger(group->force, d.force);
    group->stress = larger(group->stress, d.stress);
}

/* Every frame, or those of one structure; not part of the suite: an hour. */
static void everything(void)
{
    struct deviation group[GROUPS + 1] = {{.frames = 0}};
    compare((struct choice){.structure = getenv("STRUCTURE")}, collect, group);
    puts("group                          frames  Ha/atom   Ha/bohr   Ha/bohr^3");
    for (int i = 0; group[i].frames; i++)
        printf("%-30s %6d  %.1e   %.1e   %.1e\n", group[i].name, group[i].frames, group[i].energy,
               group[i].force, group[i].stress);
}

/* With the finite-basis correction, against the reference's 160 Ha. */
static void finite_basis(void)
{
    static const struct {
        double ecut, energy, gpa;
    } from[] = {{30, 1.5e-4, 0.3}, {40, 5e-5, 0.1}, {60, 2e-5, 0.1}};
    struct err err = {0};
    struct frame *f = find((struct choice){"a08_2", "pbe", "160Ha", "2x2x2"});
    struct system *y = system_from_frame(f, &err);
    double energy = NAN, stress[9] = {NAN};
    CHECK(y != NULL);
    CHECK(keys_get(f, "reference_free_energy", 1, &energy, &err) == ST_OK);
    CHECK(keys_get(f, "reference_stress", 9, stress, &err) == ST_OK);
    for (int i = 0; i < 3 && y; i++) {
        struct dft_settings t = settings(f);
        struct dft_result r = {0};
        t.ecut = from[i].ecut;
        t.tolerance = 1e-8;
        t.basis_correction = true;
        struct dft *d = dft_new(&t, &err);
        CHECK(dft_run(d, y, &r, &err) == ST_OK);
        CHECK_NEAR((r.free_energy - energy) / y->n, 0, from[i].energy);
        for (int a = 0; a < 9; a++)
            CHECK_NEAR(r.stress[a / 3][a % 3], stress[a], 2 * from[i].gpa * GPA);
        CHECK_NEAR((r.stress[0][0] + r.stress[1][1] + r.stress[2][2]) / 3,
                   (stress[0] + stress[4] + stress[8]) / 3, from[i].gpa * GPA);
        dft_result_free(&r);
        dft_free(d);
    }
    system_free(y);
    frame_free(f);
}

static void libxc_constants(void)
{
    check((struct choice){"a08_2", "pbe_libxc", "40Ha", "2x2x2"});
    check((struct choice){"a08_2", "lda_pw", "40Ha", "2x2x2"});
    check((struct choice){"a12_1", "lda", "40Ha", "2x2x2"});
}

static void every_temperature(void)
{
    check((struct choice){"a08_4", "pbe", "30Ha", "2x2x2"});
    check((struct choice){"a12_0", "pbe", "30Ha", "2x2x2"});
}

static void every_cut_off(void)
{
    check((struct choice){"a08_2", "pbe", "20Ha", "2x2x2"});
    check((struct choice){"a08_2", "pbe", "100Ha", "2x2x2"});
}

static void general_mesh(void)
{
    check((struct choice){"bcc_rs1.31", "pbe", "30Ha", "8x8x8"});
}

static void molecule(void)
{
    check((struct choice){"h2_R1.4", "lda", "40Ha", "gamma"});
}

static void liquid(void)
{
    check((struct choice){"liq_0", "pbe", "40Ha", "gamma"});
}

static const struct check_case cases[] = {{"libxc_constants", libxc_constants},
                                          {"every_temperature", every_temperature},
                                          {"every_cut_off", every_cut_off},
                                          {"general_mesh", general_mesh},
                                          {"molecule", molecule},
                                          {"liquid", liquid},
                                          {"finite_basis", finite_basis},
                                          {"everything", everything},
                                          {NULL, NULL}};

int main(int argc, char **argv)
{
    return check_main(argc, argv, cases);
}
