/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * base/opt.h on a made-up program that has an option of every kind. `opt` with the first argument
 * "run" behaves like that program: it parses the rest and prints the settings.
 */
#include <stdlib.h>
#include "base/opt.h"
#include "check.h"

struct settings {
    double cutoff, temperature, rate, factor, limit;
    int lattice, bands;
    uint64_t key;
    bool orbitals;
    const char *basis;
    struct opt_list models;
};

#define AT(member) offsetof(struct settings, member)

static const struct opt options[] = {
    {"cutoff", OPT_QUANTITY, AT(cutoff), "Ha", "plane-wave cut-off", OPT_ABOVE_0, HUGE_VAL},
    {"electron-temperature", OPT_QUANTITY, AT(temperature), "K", "temperature", 0, HUGE_VAL},
    {"friction", OPT_QUANTITY, AT(rate), "1/ps", "friction of the thermostat", 0, 0},
    {"limit", OPT_QUANTITY, AT(limit), "GPa", "largest pressure", 0, 0},
    {"factor", OPT_REAL, AT(factor), NULL, "a number between bounds", -5, 5},
    {"trial function", OPT_SECTION, 0, NULL, NULL, 0, 0},
    {"lattice", OPT_CHOICE, AT(lattice), "sc|bcc|fcc|diamond|molecular|fluid|gas", "which", 0, 0},
    {"bands", OPT_INT, AT(bands), "N",
     "how many bands to carry along in every iteration, of which "
     "so much is said here that lines must be broken",
     1, 1000},
    {"key", OPT_SEED, AT(key), NULL, "a long number", 0, 0},
    {"orbitals", OPT_FLAG, AT(orbitals), NULL, "write .orbitals -too", 0, 0},
    {"basis", OPT_TEXT, AT(basis), "NAME", "name of the basis", 0, 0},
    {"model", OPT_LIST, AT(models), "FILE", "a model", 0, 0},
    {NULL, OPT_END, 0, NULL, NULL, 0, 0},
};
static const struct program program = {
    "made-up", "does nothing, in one line", "[FILE...]",
    "Reads frames and writes them again, and that in a paragraph that is longer than one line is.",
    options};
static const struct settings defaults = {.cutoff = 30,
                                         .temperature = 1000 / UNITS_HARTREE_K,
                                         .rate = 2.385e-3 * UNITS_TIME_FS,
                                         .limit = NAN,
                                         .factor = 2.385,
                                         .lattice = 1,
                                         .bands = 7,
                                         .key = UINT64_MAX,
                                         .basis = "h-dz"};

struct result {
    struct settings s;
    struct common c;
    struct err err;
    bool done;
    enum status status;
    char history[512];
};

/* Parse up to 9 arguments; the caller frees with release(). */
static struct result parse(const char *const *args)
{
    struct result r = {.s = defaults, .c = {.seed = 1}};
    char *argv[16] = {(char *)"made-up"};
    int argc = 1;
    for (; args[argc - 1]; argc++)
        argv[argc] = (char *)args[argc - 1];
    r.status = opt_parse(&program, argc, argv, &r.s, &r.c, &r.done, &r.err);
    char *history = opt_history(&program, &r.s, &defaults, &r.c);
    snprintf(r.history, sizeof r.history, "%s", history);
    free(history);
    return r;
}

#define PARSE(...) parse((const char *const[]){__VA_ARGS__, NULL})

static void release(struct result *r)
{
    opt_free(&program, &r->s, &r->c);
}

static void values_are_taken_after_blank_or_equals_sign(void)
{
    struct result r = PARSE("--cutoff", "80Ry", "--factor=-3", "--bands", "12", "--key=5",
                            "--orbitals", "--basis", "h-tz", "--lattice=fcc");
    CHECK(r.status == ST_OK && !r.done);
    CHECK(r.s.cutoff == 40 && r.s.factor == -3 && r.s.bands == 12 && r.s.key == 5);
    CHECK(r.s.orbitals && !strcmp(r.s.basis, "h-tz") && r.s.lattice == 2);
    CHECK(r.s.temperature == defaults.temperature);
    release(&r);
    r = PARSE("--factor", "-3.5", "--friction", "-0.5/fs");
    CHECK(r.status == ST_OK && r.s.factor == -3.5);
    CHECK_NEAR(r.s.rate / UNITS_TIME_FS, -0.5, 1e-15);
    release(&r);
}

static void shared_options_have_long_and_short_names(void)
{
    struct result r = PARSE("-o", "a.xyz", "-j4", "-q", "-v", "--seed=18446744073709551615",
                            "--on-error=skip", "--strict", "--compress=never", "--progress=always");
    CHECK(r.status == ST_OK);
    CHECK(!strcmp(r.c.output, "a.xyz") && r.c.threads == 4 && r.c.quiet && r.c.verbose);
    CHECK(r.c.seed == UINT64_MAX && r.c.on_error == 1 && r.c.strict && r.c.compress == 2);
    CHECK(r.c.progress == 1 && !r.c.require_frames);
    release(&r);
    r = PARSE("--output=b", "--threads=2", "--quiet", "--verbose", "--require-frames", "-ob2", "-j",
              "3");
    CHECK(r.status == ST_OK && !strcmp(r.c.output, "b2") && r.c.threads == 3 && r.c.quiet);
    CHECK(r.c.verbose && r.c.require_frames);
    release(&r);
}

static void operands_are_what_is_left(void)
{
    struct result r = PARSE("a", "-", "--orbitals", "b", "--", "--cutoff", "--");
    CHECK(r.status == ST_OK && r.c.files.n == 5 && r.s.orbitals);
    const char *expected[] = {"a", "-", "b", "--cutoff", "--"};
    for (int i = 0; i < r.c.files.n && i < 5; i++)
        CHECK(!strcmp(r.c.files.item[i], expected[i]));
    release(&r);
    r = PARSE("a", "--");
    CHECK(r.status == ST_OK && r.c.files.n == 1);
    release(&r);
}

static void lists_collect_in_order(void)
{
    struct result r = PARSE("--model", "one", "x", "--model=two", "--model", "three");
    CHECK(r.s.models.n == 3 && r.c.files.n == 1);
    CHECK(!strcmp(r.s.models.item[0], "one") && !strcmp(r.s.models.item[2], "three"));
    release(&r);
    CHECK(r.s.models.n == 0 && !r.s.models.item);
}

static void mistakes_are_usage_errors_that_say_what_would_be_right(void)
{
    static const struct {
        const char *args[2], *text;
    } table[] = {
        {{"--cutof", "3"}, "unknown option '--cutof'; did you mean --cutoff?"},
        {{"--lattise=bcc"}, "did you mean --lattice?"},
        {{"--elec"}, "did you mean --electron-temperature?"},
        {{"--sede=3"}, "did you mean --seed?"},
        {{"-x"}, "unknown option '-x'"},
        {{"-qv"}, "unknown option '-qv'"},
        {{"--cutoff"}, "--cutoff needs a value"},
        {{"--key"}, "--key needs a value: --key=N"},
        {{"-o"}, "--output needs a value: --output=FILE"},
        {{"--orbitals=yes"}, "takes no value"},
        {{"--cutoff=40K"}, "--cutoff: '40K' is a temperature, but an energy is expected"},
        {{"--cutoff=0"}, "--cutoff: must be greater than 0"},
        {{"--electron-temperature=-1"}, "must be at least 0 K"},
        {{"--factor=6"}, "--factor: must be from -5 to 5"},
        {{"--factor=1eV"}, "pure number"},
        {{"--factor=nan"}, "not a number"},
        {{"--bands=0"}, "must be from 1 to 1000"},
        {{"--bands=3.5"}, "'3.5' is not an integer"},
        {{"--bands=99999999999"}, "not an integer"},
        {{"--bands= 3"}, "not an integer"},
        {{"--bands="}, "not an integer"},
        {{"--seed=-1"}, "is not a seed"},
        {{"--seed=18446744073709551616"}, "is not a seed"},
        {{"--lattice=hcp"}, "'hcp' is none of sc|bcc|fcc"},
        {{"--lattice="}, "none of"},
        {{"--lattice=sc|bcc"}, "none of"},
        {{"-j", "-2"}, "--threads: must be from 0"},
        {{"--help=html"}, "--help=mdoc"},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        struct result r = PARSE(table[i].args[0], table[i].args[1]);
        if (r.status != ST_USAGE || !strstr(r.err.text, table[i].text)) {
            printf("%s: status %d, '%s' lacks '%s'\n", table[i].args[0], (int)r.status, r.err.text,
                   table[i].text);
            check_failures++;
        }
        release(&r);
    }
}

static void history_names_what_differs_from_the_defaults(void)
{
    struct result r = PARSE("x", "-j", "3");
    char expected[200];
    snprintf(expected, sizeof expected, "made-up %s", opt_version);
    CHECK(!strcmp(r.history, expected));
    release(&r);
    r = PARSE("--cutoff=80Ry", "--electron-temperature=8000K", "--orbitals", "--basis=a b",
              "--model=m", "--seed=7", "--lattice=sc", "--friction=0.25/ps");
    snprintf(
        expected, sizeof expected,
        "made-up %s --cutoff=40Ha --electron-temperature=8000K --friction=0.25/ps --lattice=sc "
        "--orbitals --basis='a b' --model=m --seed=7",
        opt_version);
    CHECK(!strcmp(r.history, expected));
    if (check_failures)
        puts(r.history);
    release(&r);
}

/* What history says, given as options again, is the same setting to the last bit. */
static void history_reads_back_bit_identical(void)
{
    static const char *const values[] = {
        "1", "0.1", "3.3333333333333335", "816.34158737964", "1e-7", "123456789.123"};
    for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
        struct result r = PARSE("--cutoff", values[i]);
        char *value = strstr(r.history, "--cutoff=");
        CHECK(value != NULL);
        if (value) {
            struct result again = PARSE(value);
            CHECK(again.status == ST_OK && again.s.cutoff == r.s.cutoff);
            release(&again);
        }
        release(&r);
    }
}

static void lists_of_quantities_are_read(void)
{
    double *au;
    int n;
    struct err err;
    CHECK(opt_quantity_list("4000K,8kK,12000", DIM_TEMPERATURE, &n, &au, &err) == ST_OK && n == 3);
    for (int i = 0; i < 3; i++)
        CHECK_NEAR(au[i] * UNITS_HARTREE_K, 4000 * (i + 1), 1e-9);
    free(au);
    CHECK(opt_quantity_list("2.385Ha", DIM_ENERGY, &n, &au, &err) == ST_OK && n == 1);
    free(au);
    static const char *const bad[] = {"", ",", "1,", "1,,2", "1Ha,2K", "1Ha 2Ha"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        CHECK(opt_quantity_list(bad[i], DIM_ENERGY, &n, &au, &err) == ST_USAGE && !au && n == 0);
}

static const struct check_case cases[] = {
    {"values", values_are_taken_after_blank_or_equals_sign},
    {"shared", shared_options_have_long_and_short_names},
    {"operands", operands_are_what_is_left},
    {"lists", lists_collect_in_order},
    {"mistakes", mistakes_are_usage_errors_that_say_what_would_be_right},
    {"history", history_names_what_differs_from_the_defaults},
    {"history_bits", history_reads_back_bit_identical},
    {"quantities", lists_of_quantities_are_read},
    {NULL, NULL},
};

static int run(int argc, char **argv)
{
    struct settings s = defaults;
    struct common c = {.seed = 1};
    struct err err = {0};
    bool done;
    enum status status = opt_parse(&program, argc, argv, &s, &c, &done, &err);
    if (status)
        fprintf(stderr, "made-up: %s\n", err.text);
    opt_free(&program, &s, &c);
    return (int)status;
}

int main(int argc, char **argv)
{
    if (argc > 1 && !strcmp(argv[1], "run"))
        return run(argc - 1, argv + 1);
    return check_main(argc, argv, cases);
}
