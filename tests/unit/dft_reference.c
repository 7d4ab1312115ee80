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

struct choice {
    const char *structure, *xc, *ecut, *mesh;
    double energy; /* tolerance, Ha/atom: "pbe" of the reference rounds its constants differently */
};

static bool has(const struct frame *f, const char *name, const char *value)
{
    const char *text;
    return frame_get_string(f, name, &text, NULL) == ST_OK && !strcmp(text, value);
}

static double quantity(const struct frame *f, const char *name)
{
    const char *text = "";
    double x = NAN;
    CHECK(frame_get_string(f, name, &text, NULL) == ST_OK);
    CHECK(units_parse(text, DIM_ENERGY, &x, NULL) == ST_OK);
    return x;
}

static struct dft_settings settings(const struct choice *c, const struct frame *f)
{
    struct dft_settings t = dft_defaults;
    t.functional = !strcmp(c->xc, "pbe_libxc") ? "pbe" : c->xc;
    t.ecut = quantity(f, "ecut");
    t.temperature = quantity(f, "kT");
    t.tolerance = 2e-9;
    if (strcmp(c->mesh, "gamma"))
        CHECK(sscanf(c->mesh, "%dx%dx%d", &t.mesh[0], &t.mesh[1], &t.mesh[2]) == 3);
    return t;
}

static void compare_frame(const struct choice *c, const struct frame *f)
{
    struct err err = {0};
    struct dft_settings t = settings(c, f);
    struct system *y = system_from_frame(f, &err);
    struct dft_result r = {0};
    double energy = NAN, stress[9], *force = MEM_NEW(double, 3 * y->n);
    struct dft *d = dft_new(&t, &err);
    CHECK(dft_run(d, y, &r, &err) == ST_OK);
    CHECK(keys_get(f, "reference_free_energy", 1, &energy, &err) == ST_OK);
    CHECK_NEAR((r.free_energy - energy) / y->n, 0, c->energy);
    CHECK(keys_get(f, "reference_energy", 1, &energy, &err) == ST_OK);
    CHECK_NEAR((r.energy - energy) / y->n, 0, c->energy);
    CHECK(keys_get(f, "reference_stress", 9, stress, &err) == ST_OK);
    CHECK(keys_get_column(f, "reference_forces", 3, force, &err) == ST_OK);
    for (int i = 0; i < 9; i++)
        CHECK_NEAR(r.stress[i / 3][i % 3], stress[i], c->energy);
    for (int i = 0; i < 3 * y->n && r.force; i++)
        CHECK_NEAR(r.force[i / 3][i % 3], force[i], 1.5e-6);
    dft_result_free(&r);
    dft_free(d);
    free(force);
    system_free(y);
}

static void compare(struct choice c)
{
    struct err err = {0};
    char *path = mem_print("%s/dft-reference.xyz.gz", getenv("DELTAQMC_DATA"));
    struct reader *in = reader_open(path, false, &err);
    struct frame *f = frame_new();
    bool end = false;
    int compared = 0;
    threads_set(2);
    while (in && reader_next(in, f, &end, &err) == ST_OK && !end)
        if (has(f, "structure", c.structure) && has(f, "xc", c.xc) && has(f, "ecut", c.ecut) &&
            has(f, "kmesh", c.mesh)) {
            compare_frame(&c, f);
            compared++;
        }
    CHECK(compared > 0);
    frame_free(f);
    reader_close(in);
    free(path);
}

static void libxc_constants(void)
{
    compare((struct choice){"a08_2", "pbe_libxc", "40Ha", "2x2x2", 1e-8});
    compare((struct choice){"a08_2", "lda_pw", "40Ha", "2x2x2", 1e-8});
    compare((struct choice){"a12_1", "lda", "40Ha", "2x2x2", 1e-8});
}

static void every_temperature(void)
{
    compare((struct choice){"a08_4", "pbe", "30Ha", "2x2x2", 1.3e-7});
    compare((struct choice){"a12_0", "pbe", "30Ha", "2x2x2", 1.3e-7});
}

static void every_cut_off(void)
{
    compare((struct choice){"a08_2", "pbe", "20Ha", "2x2x2", 1.3e-7});
    compare((struct choice){"a08_2", "pbe", "100Ha", "2x2x2", 1.3e-7});
}

static void general_mesh(void)
{
    compare((struct choice){"bcc_rs1.31", "pbe", "30Ha", "8x8x8", 1.3e-7});
}

static void molecule(void)
{
    compare((struct choice){"h2_R1.4", "lda", "40Ha", "gamma", 1e-8});
}

static void liquid(void)
{
    compare((struct choice){"liq_0", "pbe", "40Ha", "gamma", 1.3e-7});
}

static const struct check_case cases[] = {{"libxc_constants", libxc_constants},
                                          {"every_temperature", every_temperature},
                                          {"every_cut_off", every_cut_off},
                                          {"general_mesh", general_mesh},
                                          {"molecule", molecule},
                                          {"liquid", liquid},
                                          {NULL, NULL}};

int main(int argc, char **argv)
{
    return check_main(argc, argv, cases);
}
