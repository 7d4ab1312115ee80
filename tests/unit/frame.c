/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "formats/frame.h"
#include <stdlib.h>
#include "base/units.h"
#include "check.h"
#include "formats/atoms.h"
#include "formats/comment.h"
#include "formats/convert.h"
#include "formats/frame_parts.h"
#include "formats/keys.h"
#include "formats/slice.h"
#include "formats/trial.h"
#include "formats/validate.h"
#include "formats/where.h"

static void add_line(struct frame *f, const char *line)
{
    char padded[200] = ""; /* the fast routines read a little further */
    strcpy(padded, line);
    CHECK(!atoms_add_line(f, padded, padded + strlen(line), NULL));
    f->n++;
}

/* Two atoms, columns in an order that is not ours. */
static struct frame *example(void)
{
    static const char comment[] =
        "pbc=\"T T T\" energy=-31.5 Properties=tag:I:1:pos:R:3:species:S:1:forces:R:3:ok:L:1 n=3 "
        "Lattice=\"4 0 0 0 5 0 0 0 6\" label=\"two words\" flag=T v=\"1 2 3\"";
    struct frame *f = frame_new();
    struct warnings w = {0};
    struct err err;
    CHECK(!comment_parse(f, comment, comment + strlen(comment), 2, &w, &err));
    add_line(f, "7 0.10 0.2 0.3 H 1e0 2 3 T");
    add_line(f, "-8 1.25 0.5 2.385 D -0.5 1e-9 0.30000000000000004 False");
    warnings_free(&w);
    return f;
}

static const char *printed(const struct frame *f, struct text *t)
{
    struct err err;
    t->n = 0;
    CHECK(!frame_print(f, t, &err));
    return text_string(t);
}

static void species_and_pos_are_written_first(void)
{
    struct frame *f = example();
    struct text t = {0};
    CHECK(
        !strcmp(printed(f, &t),
                "2\nLattice=\"4 0 0 0 5 0 0 0 6\" "
                "Properties=species:S:1:pos:R:3:tag:I:1:forces:R:3:ok:L:1 pbc=\"T T T\" "
                "energy=-31.5 n=3 label=\"two words\" flag=T v=\"1 2 3\"\n"
                "H 0.1 0.2 0.3 7 1 2 3 T\nD 1.25 0.5 2.385 -8 -0.5 1e-9 0.30000000000000004 F\n"));
    free(t.p);
    frame_free(f);
}

static void getters_check_kind_and_size(void)
{
    struct frame *f = example();
    struct err err;
    double x, v[3];
    int64_t i;
    bool b;
    const char *s;
    CHECK(!frame_get_real(f, "energy", &x, &err) && x == -31.5);
    CHECK(!frame_get_real(f, "n", &x, &err) && x == 3);
    CHECK(frame_get_int(f, "energy", &i, &err) == ST_DATA);
    CHECK(!frame_get_int(f, "n", &i, &err) && i == 3);
    CHECK(!frame_get_bool(f, "flag", &b, &err) && b);
    CHECK(!frame_get_string(f, "label", &s, &err) && !strcmp(s, "two words"));
    CHECK(!frame_get_reals(f, "v", 3, v, &err) && v[2] == 3);
    CHECK(frame_get_reals(f, "v", 2, v, &err) == ST_DATA && strstr(err.text, "3 elements"));
    CHECK(frame_get_real(f, "label", &x, &err) == ST_DATA && strstr(err.text, "two words"));
    CHECK(frame_get_real(f, "absent", &x, &err) == ST_DATA && strstr(err.text, "missing"));
    CHECK(frame_key_size(f, "v") == 3 && frame_key_size(f, "absent") == 0);
    frame_free(f);
}

static void columns_give_their_numbers(void)
{
    struct frame *f = example();
    struct err err;
    const double *x = frame_reals(f, "pos", 3, &err);
    CHECK(x && x[0] == 0.1 && x[5] == 2.385);
    x = frame_reals(f, "forces", 0, &err);
    CHECK(x && x[5] == 0.30000000000000004);
    x = frame_reals(f, "tag", 1, &err);
    CHECK(x && x[1] == -8);
    CHECK(!frame_reals(f, "pos", 2, &err) && strstr(err.text, "3 numbers per atom"));
    CHECK(!frame_reals(f, "species", 1, &err) && !frame_reals(f, "none", 1, &err));
    CHECK(!strcmp(frame_species(f, 0), "H") && !strcmp(frame_species(f, 1), "D"));
    frame_free(f);
}

static void changes_leave_the_rest_as_it_was(void)
{
    struct frame *f = example(), *copy;
    struct text t = {0}, u = {0};
    double *x = frame_add_reals(f, "charge", 2);
    for (int i = 0; i < 4; i++)
        x[i] = 0.5 * i;
    frame_remove_column(f, "ok");
    frame_add_reals(f, "forces", 1)[1] = -0.25;
    frame_set_species(f, 0, "He");
    frame_remove_key(f, "n");
    frame_set_real(f, "energy", 2);
    frame_set_string(f, "label", "12");
    frame_add_history(f, "one");
    frame_add_history(f, "two");
    CHECK(!strcmp(printed(f, &t), "2\nLattice=\"4 0 0 0 5 0 0 0 6\" "
                                  "Properties=species:S:1:pos:R:3:tag:I:1:forces:R:1:charge:R:2 "
                                  "pbc=\"T T T\" energy=2.0 label=\"\\12\" flag=T v=\"1 2 3\" "
                                  "history=\"one; two\"\n"
                                  "He 0.1 0.2 0.3 7 0 0 0.5\nD 1.25 0.5 2.385 -8 -0.25 1 1.5\n"));
    copy = frame_copy(f);
    CHECK(!strcmp(printed(copy, &u), t.p));
    frame_free(f);
    CHECK(!strcmp(printed(copy, &u), t.p));
    frame_free(copy);
    free(t.p);
    free(u.p);
}

static void removing_the_last_column_shortens_the_lines(void)
{
    struct frame *f = frame_new();
    struct text t = {0};
    static const char comment[] = "Properties=species:S:1:pos:R:3:q:R:1";
    struct warnings w = {0};
    CHECK(!comment_parse(f, comment, comment + strlen(comment), 2, &w, NULL));
    add_line(f, "H 1 2 3 4");
    frame_remove_column(f, "q");
    CHECK(strstr(printed(f, &t), "\nH 1 2 3\n"));
    free(t.p);
    frame_free(f);
}

static void what_is_not_finite_is_not_written(void)
{
    struct frame *f = example();
    struct text t = {0};
    struct err err;
    frame_set_real(f, "energy", NAN);
    CHECK(frame_print(f, &t, &err) == ST_COMPUTE && strstr(err.text, "energy") && t.n == 0);
    frame_set_real(f, "energy", 1);
    frame_add_reals(f, "forces", 3)[4] = INFINITY;
    CHECK(frame_print(f, &t, &err) == ST_COMPUTE && strstr(err.text, "forces") && t.n == 0);
    free(t.p);
    frame_free(f);
}

static void systems_and_frames_convert_both_ways(void)
{
    struct frame *f = example();
    struct text before = {0}, after = {0};
    struct err err;
    struct system *s = system_from_frame(f, &err);
    CHECK(s);
    if (!s)
        return;
    CHECK(s->n == 2 && s->periodic && s->element[0] == 1 && s->element[1] == 1);
    CHECK_NEAR(s->cell[1][1], 5 / UNITS_BOHR_A, 1e-13);
    CHECK_NEAR(s->pos[1][2], 2.385 / UNITS_BOHR_A, 1e-13);
    CHECK_NEAR(s->mass[1] / UNITS_AMU_ME, SPECIES_DEUTERIUM_AMU, 1e-12);
    printed(f, &before);
    system_to_frame(s, f);
    const double *m = frame_reals(f, "masses", 1, &err);
    CHECK(m && fabs(m[1] - SPECIES_DEUTERIUM_AMU) < 1e-12);
    CHECK(!strcmp(frame_species(f, 1), "H"));
    frame_remove_column(f, "masses");
    frame_set_species(f, 1, "D");
    CHECK(!strcmp(printed(f, &after), before.p)); /* positions bit for bit */
    free(before.p);
    free(after.p);
    system_free(s);
    frame_free(f);
}

static void keys_convert_units(void)
{
    struct frame *f = example();
    double x = 0, forces[6];
    CHECK(!keys_get(f, "energy", 1, &x, NULL));
    CHECK_NEAR(x, -31.5 / UNITS_HARTREE_EV, 1e-13);
    CHECK(!keys_get_column(f, "forces", 3, forces, NULL));
    CHECK_NEAR(forces[2], 3 / UNITS_HARTREE_EV * UNITS_BOHR_A, 1e-13);
    CHECK(keys_dimension("vmc_energy_error") == DIM_ENERGY);
    CHECK(keys_dimension("published_delta_forces") == DIM_FORCE);
    CHECK(keys_dimension("pressure_GPa_error") == DIM_PRESSURE);
    CHECK(keys_dimension("anything") == DIM_NONE);
    x = 0.5;
    keys_set(f, "vmc_energy", 1, &x);
    CHECK(!frame_get_real(f, "vmc_energy", &x, NULL));
    CHECK_NEAR(x, 0.5 * UNITS_HARTREE_EV, 1e-13);
    frame_free(f);
}

static void conditions_compare_numbers_and_strings(void)
{
    static const struct {
        const char *text;
        bool holds;
    } cases[] = {{"energy=-31.5", 1},
                 {"energy<0", 1},
                 {"energy>=-31.5", 1},
                 {"energy!=-31.50", 0},
                 {"label=two words", 1},
                 {"label!=x", 1},
                 {"flag=T", 1},
                 {"flag=False", 0},
                 {"n>2", 1},
                 {"n<=2", 0},
                 {"absent=1", 0},
                 {"absent!=1", 0},
                 {"!absent", 1},
                 {"energy", 1},
                 {"!energy", 0},
                 {"natoms=2", 1},
                 {"natoms>2", 0},
                 {"v=\"1 2 3\"", 1},
                 {"n=x", 0},
                 {"n!=x", 1}};
    struct frame *f = example();
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct where *w = where_new(cases[i].text, NULL);
        CHECK(w && where_holds(w, f) == cases[i].holds);
        where_free(w);
    }
    CHECK(!where_new("=3", NULL) && !where_new("a=", NULL) && !where_new("", NULL));
    frame_free(f);
}

/* A slice of 7 frames, against Python's rule spelled out. */
static void check_slice(const char *text, const char *expected)
{
    struct slice s;
    char got[16] = "";
    CHECK(!slice_parse(&s, text, NULL));
    struct frame *f = frame_new(), *g;
    for (int i = 0; i < 7; i++) {
        int64_t x;
        frame_clear(f);
        frame_set_int(f, "i", i);
        if ((g = slice_put(&s, f)) && !frame_get_int(g, "i", &x, NULL))
            got[strlen(got)] = (char)('0' + x);
    }
    while ((g = slice_end(&s))) {
        int64_t x = 0;
        frame_get_int(g, "i", &x, NULL);
        got[strlen(got)] = (char)('0' + x);
    }
    if (strcmp(got, expected))
        printf("%s gives %s, not %s\n", text, got, expected);
    CHECK(!strcmp(got, expected));
    slice_free(&s);
    frame_free(f);
}

static void slices_follow_python(void)
{
    static const char *const cases[][2] = {
        {":", "0123456"}, {"2", "2"},       {"1:4", "123"},  {"::3", "036"},   {"-1", "6"},
        {"-3", "4"},      {"-3:", "456"},   {":-5", "01"},   {"-5:-2", "234"}, {"-5:3", "2"},
        {"2:-1:2", "24"}, {"-100:2", "01"}, {"5:100", "56"}, {"4:2", ""},      {"-6::2", "135"},
        {"1:-100", ""},   {"9", ""},        {"-9", ""},      {"3:-2", "34"},   {"-2:-4", ""}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        check_slice(cases[i][0], cases[i][1]);
    struct slice s;
    CHECK(slice_parse(&s, "1:2:0", NULL) == ST_USAGE && slice_parse(&s, "", NULL) == ST_USAGE);
    CHECK(slice_parse(&s, "a", NULL) == ST_USAGE && slice_parse(&s, "1:2:3:4", NULL) == ST_USAGE);
    CHECK(slice_parse(&s, "::-1", NULL) == ST_USAGE && slice_parse(&s, "1.5", NULL) == ST_USAGE);
}

static void trial_functions_keep_their_order(void)
{
    struct frame *f = example();
    struct trial *t = trial_new(2, 2, 3, 4, "h-x"), *back;
    struct err err;
    double u[3] = {0.5, -0.25, 1};
    for (int i = 0; i < 2 * 3 * 2 * 4; i++)
        t->coefficient[i] = i;
    t->kpoint[1][2] = 0.5;
    trial_set_jastrow(t, "u", 3, u);
    trial_to_frame(t, f);
    /* atom 1, k point 1, orbital 2, function 3: row 5 of 6 */
    CHECK(frame_column_cols(f, "orbitals") == 24);
    CHECK(frame_reals(f, "orbitals", 24, &err)[24 + 5 * 4 + 3] == ((1 * 3 + 2) * 2 + 1) * 4 + 3);
    back = trial_from_frame(f, 4, &err);
    CHECK(back && back->nk == 2 && back->orbitals == 3 && !strcmp(back->basis, "h-x"));
    CHECK(back && !memcmp(back->coefficient, t->coefficient, 48 * sizeof(double)));
    CHECK(back && back->kpoint[1][2] == 0.5 && back->parameters == 3 &&
          back->parameter[1] == -0.25);
    CHECK(!trial_from_frame(f, 5, &err) && strstr(err.text, "multiple"));
    frame_remove_column(f, "orbitals");
    CHECK(!trial_from_frame(f, 4, &err) && strstr(err.text, "missing"));
    trial_free(t);
    trial_free(back);
    frame_free(f);
}

static void frames_that_programs_cannot_use_are_named(void)
{
    struct frame *f = example();
    struct err err;
    CHECK(!validate_frame(f, &err));
    frame_set_string(f, "energy", "nan");
    CHECK(validate_frame(f, &err) == ST_DATA && strstr(err.text, "energy"));
    frame_set_real(f, "energy", 1);
    frame_set_real(f, "stress", 1);
    CHECK(validate_frame(f, &err) == ST_DATA && strstr(err.text, "stress"));
    frame_remove_key(f, "stress");
    double *x = frame_add_reals(f, "pos", 3);
    for (int k = 0; k < 6; k++)
        x[k] = 0.01 * k; /* two atoms 0.05 A apart */
    CHECK(validate_frame(f, &err) == ST_OK);
    x[3] = x[4] = x[5] = 0.001;
    CHECK(validate_frame(f, &err) == ST_DATA);
    frame_free(f);
}

int main(int argc, char **argv)
{
    static const struct check_case cases[] = {
        {"written", species_and_pos_are_written_first},
        {"getters", getters_check_kind_and_size},
        {"columns", columns_give_their_numbers},
        {"changes", changes_leave_the_rest_as_it_was},
        {"last_column", removing_the_last_column_shortens_the_lines},
        {"finite", what_is_not_finite_is_not_written},
        {"convert", systems_and_frames_convert_both_ways},
        {"keys", keys_convert_units},
        {"where", conditions_compare_numbers_and_strings},
        {"slice", slices_follow_python},
        {"trial", trial_functions_keep_their_order},
        {"validate", frames_that_programs_cannot_use_are_named},
        {NULL, NULL}};
    return check_main(argc, argv, cases);
}
