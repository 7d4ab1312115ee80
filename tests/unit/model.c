/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "formats/model.h"
#include <stdlib.h>
#include "base/mem.h"
#include "check.h"
#include "formats/stream.h"

static struct system *cluster(double r)
{
    struct system *s = system_new(2);
    for (int i = 0; i < 2; i++) {
        s->element[i] = 1;
        s->mass[i] = species_mass("H") * 1822.888486209;
        s->pos[i][2] = r * i;
    }
    return s;
}

static struct model *example(void)
{
    struct model *m = model_new();
    double widths[2] = {0.25, 2.385};
    model_set_text(m, "soap_settings", "cutoff=2.5 n=8");
    model_set_real(m, "zeta", 2);
    model_set_reals(m, "widths", 2, widths);
    for (int i = 0; i < 5; i++)
        model_add(m, cluster(1.4 + 0.1 * i), 0.3 * i - 0.7);
    return m;
}

/* Write frames 0 .. n-1, and the first again when n is larger; the name is ours to free. */
static char *write_model(const struct model *m, int n)
{
    const char *folder = getenv("BATS_TEST_TMPDIR");
    char *path = mem_print("%s/model-%d.xyz.gz", folder ? folder : "/tmp", n);
    struct writer *w = writer_open(path, COMPRESS_AUTO, false, 1, NULL);
    struct frame *f = frame_new();
    for (int i = 0; w && i < n; i++) {
        model_frame(m, i % m->environments, f);
        CHECK(!writer_put(w, f, NULL));
    }
    CHECK(w && !writer_close(w, true, NULL));
    frame_free(f);
    return path;
}

static void a_model_reads_back_as_it_was_written(void)
{
    struct model *m = example();
    char *path = write_model(m, 5);
    struct err err = {0};
    struct model *back = model_read(path, &err);
    const char *text;
    double x = 0, widths[2] = {0};
    CHECK(back && back->environments == 5 && back->parameters == 3);
    if (back) {
        CHECK(!model_get_text(back, "soap_settings", &text, &err) &&
              !strcmp(text, "cutoff=2.5 n=8"));
        CHECK(!model_get_real(back, "zeta", &x, &err) && x == 2);
        CHECK(!model_get_reals(back, "widths", 2, widths, &err) && widths[1] == 2.385);
        CHECK(model_get_real(back, "soap_settings", &x, &err) == ST_DATA);
        CHECK(model_get_text(back, "absent", &text, &err) == ST_DATA);
        for (int i = 0; i < 5; i++) {
            CHECK_NEAR(back->weight[i], 0.3 * i - 0.7, 1e-15);
            CHECK_NEAR(back->environment[i]->pos[1][2], 1.4 + 0.1 * i, 1e-15);
            CHECK(!back->environment[i]->periodic);
        }
    }
    model_free(back);
    model_free(m);
    free(path);
}

static void incomplete_models_are_refused(void)
{
    struct model *m = example();
    struct err err = {0};
    char *path = write_model(m, 4);
    CHECK(!model_read(path, &err) && err.status == ST_DATA && strstr(err.text, "4 of the 5"));
    free(path);
    path = write_model(m, 6);
    CHECK(!model_read(path, &err) && strstr(err.text, "more than the 5"));
    free(path);
    path = write_model(m, 0);
    CHECK(!model_read(path, &err) && strstr(err.text, "empty"));
    free(path);
    CHECK(!model_read("/nonexistent/model", &err) && err.status == ST_SYSTEM);
    model_free(m);
}

int main(int argc, char **argv)
{
    static const struct check_case cases[] = {{"round_trip", a_model_reads_back_as_it_was_written},
                                              {"incomplete", incomplete_models_are_refused},
                                              {NULL, NULL}};
    return check_main(argc, argv, cases);
}
