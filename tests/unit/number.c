/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "formats/number.h"
#include "check.h"

/* A copy with the readable bytes that the fast routines want behind it. */
static const char *padded(const char *s)
{
    static char text[100 + NUMBER_SIZE];
    memset(text, 0, sizeof text);
    return strcpy(text, s);
}

static const char *end_of(const char *s)
{
    return s + strlen(s);
}

static void written_form_of_a_column(void)
{
    static const struct {
        const char *text, *written;
    } cases[] = {{"0.50000000", "0.5"},
                 {"1.0", "1"},
                 {"+2.5", "2.5"},
                 {".5", "0.5"},
                 {"-.5", "-0.5"},
                 {"5.", "5"},
                 {"-0.0", "-0"},
                 {"00.50", "0.5"},
                 {"1.5d2", "150"},
                 {"3.0D-1", "0.3"},
                 {"1E3", "1000"},
                 {"0.00012340", "0.0001234"},
                 {"0.00001234", "1.234e-5"},
                 {"0.1000000000000000055511151231257827", "0.1"},
                 {"0.30000000000000004", "0.30000000000000004"},
                 {"0.3000000000000000444", "0.30000000000000004"},
                 {"123456789012345678", "1.2345678901234568e17"},
                 {"1234567890123456", "1234567890123456"},
                 {"1e-400", "0"},
                 {"-12.34560", "-12.3456"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char out[64], *p = out;
        const char *text = padded(cases[i].text), *end = end_of(text);
        CHECK(number_copy_real(text, end, &p) == end);
        *p = 0;
        if (strcmp(out, cases[i].written))
            printf("%s is written %s, not %s\n", cases[i].text, out, cases[i].written);
        CHECK(!strcmp(out, cases[i].written));
    }
}

static void malformed_numbers_are_refused(void)
{
    static const char *const bad[] = {"nan", "inf", "-inf", "1e",  "1e+", "0x10",  "1.2.3", "1-2",
                                      "",    ".",   "+",    "1_0", "1,5", "1e5.0", "--1",   "1e999",
                                      "1 2", "1d",  "e5",   "12x", "\r",  "1\r",   "1f",    "Inf"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        char out[64], *p = out;
        const char *text = padded(bad[i]), *end = end_of(text);
        const char *after = number_copy_real(text, end, &p);
        double x;
        if (after == end)
            printf("'%s' passes as a real\n", bad[i]);
        CHECK(after != end);
        CHECK(!number_real(text, end, &x));
    }
}

static void kinds_on_the_comment_line(void)
{
    static const struct {
        const char *text;
        bool integer, real;
        int logical;
    } cases[] = {{"0", 1, 1, -1},    {"-12", 1, 1, -1},   {"+7", 1, 1, -1},   {"007", 0, 0, -1},
                 {"00.5", 0, 0, -1}, {"0.5", 0, 1, -1},   {"1e3", 0, 1, -1},  {"1d-3", 0, 1, -1},
                 {".5", 0, 1, -1},   {"5.", 0, 1, -1},    {"T", 0, 0, 1},     {"F", 0, 0, 0},
                 {"true", 0, 0, 1},  {"False", 0, 0, 0},  {"TRUE", 0, 0, 1},  {"TRuE", 0, 0, -1},
                 {"t", 0, 0, -1},    {"1_000", 0, 0, -1}, {"nan", 0, 0, -1},  {"1.3k7", 0, 0, -1},
                 {"-0", 1, 1, -1},   {"-0.0", 0, 1, -1},  {"1e05", 0, 1, -1}, {"-", 0, 0, -1}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const char *p = cases[i].text, *end = end_of(p);
        CHECK(number_is_int(p, end) == cases[i].integer);
        CHECK(number_is_real(p, end) == cases[i].real);
        CHECK(number_logical(p, end) == cases[i].logical);
    }
}

static void integers_keep_64_bits(void)
{
    static const struct {
        const char *text;
        bool good;
        int64_t x;
    } cases[] = {{"9223372036854775807", 1, INT64_MAX}, {"-9223372036854775808", 1, INT64_MIN},
                 {"9223372036854775808", 0, 0},         {"-9223372036854775809", 0, 0},
                 {"18446744073709551616", 0, 0},        {"9007199254740993", 1, 9007199254740993}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        int64_t x = 0;
        char text[NUMBER_SIZE];
        CHECK(number_int(cases[i].text, end_of(cases[i].text), &x) == cases[i].good);
        CHECK(x == cases[i].x);
        if (cases[i].good)
            CHECK(number_print_int(x, text) == strlen(text) && !strcmp(text, cases[i].text));
    }
}

static void integers_of_a_column_lose_sign_and_zeros_only(void)
{
    static const char *const cases[][2] = {
        {"+7", "7"},
        {"-0", "0"},
        {"007", "7"},
        {"-12", "-12"},
        {"123456789012345678901234567890", "123456789012345678901234567890"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char out[64], *p = out;
        const char *text = padded(cases[i][0]);
        CHECK(number_copy_int(text, end_of(text), &p) == end_of(text));
        *p = 0;
        CHECK(!strcmp(out, cases[i][1]));
    }
    char out[64], *p = out;
    const char *text = padded("1.0");
    CHECK(!number_copy_int(text, end_of(text), &p));
    text = padded("1e2");
    CHECK(!number_copy_int(text, end_of(text), &p));
}

int main(int argc, char **argv)
{
    static const struct check_case cases[] = {
        {"written", written_form_of_a_column},
        {"malformed", malformed_numbers_are_refused},
        {"kinds", kinds_on_the_comment_line},
        {"integers", integers_keep_64_bits},
        {"column_integers", integers_of_a_column_lose_sign_and_zeros_only},
        {NULL, NULL}};
    return check_main(argc, argv, cases);
}
