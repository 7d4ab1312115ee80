/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "formats/value.h"
#include <stdlib.h>
#include "check.h"

static bool parse(struct value *v, const char *text)
{
    const char *p = text, *end = text + strlen(text);
    struct err err;
    if (value_parse(v, &p, end, &err))
        return false;
    if (p == end)
        return true;
    value_free(v);
    return false;
}

static void values_have_the_kind_and_shape_of_the_grammar(void)
{
    static const struct {
        const char *text;
        enum kind kind;
        int rank;
        size_t rows, cols;
    } cases[] = {{"12", KIND_INT, 0, 1, 1},
                 {"1e3", KIND_REAL, 0, 1, 1},
                 {"T", KIND_BOOL, 0, 1, 1},
                 {"word", KIND_STRING, 0, 1, 1},
                 {"\"3\"", KIND_INT, 0, 1, 1},
                 {"{4}", KIND_INT, 0, 1, 1},
                 {"[5]", KIND_INT, 1, 1, 1},
                 {"\"1 2.0 3\"", KIND_REAL, 1, 1, 3},
                 {"\"1, 2, 3\"", KIND_INT, 1, 1, 3},
                 {"\"1,2 3\"", KIND_STRING, 0, 1, 1},
                 {"'T F'", KIND_BOOL, 1, 1, 2},
                 {"{a b \"c d\"}", KIND_STRING, 1, 1, 3},
                 {"\"a b\"", KIND_STRING, 0, 1, 1},
                 {"[T F S]", KIND_STRING, 0, 1, 1},
                 {"[1 2 3]", KIND_STRING, 0, 1, 1},
                 {"[]", KIND_STRING, 0, 1, 1},
                 {"{}", KIND_STRING, 0, 1, 1},
                 {"\"\"", KIND_STRING, 0, 1, 1},
                 {"[\"1\", \"2\"]", KIND_STRING, 1, 1, 2},
                 {"[[1]]", KIND_INT, 2, 1, 1},
                 {"[[1, 2], [3, x]]", KIND_STRING, 2, 2, 2},
                 {"\"1 2 3 4 5 6 7 8 9\"", KIND_INT, 2, 3, 3},
                 {"[1, 2, 3, 4, 5, 6, 7, 8, 9]", KIND_INT, 1, 1, 9},
                 {"\"\\3\"", KIND_STRING, 0, 1, 1},
                 {"O'Brien", KIND_STRING, 0, 1, 1},
                 {"\"_JSON [1, 2]\"", KIND_STRING, 0, 1, 1},
                 {"\"_JSON  [1,2]\"", KIND_INT, 1, 1, 2},
                 {"\"_JSON  [1,x]\"", KIND_STRING, 0, 1, 1},
                 {"99999999999999999999", KIND_INT, 0, 1, 1}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct value v;
        bool good = parse(&v, cases[i].text);
        if (!good || v.kind != cases[i].kind || v.rank != cases[i].rank)
            printf("%s: %c of rank %d\n", cases[i].text, good ? v.kind : '?', good ? v.rank : -1);
        CHECK(good && v.kind == cases[i].kind && v.rank == cases[i].rank &&
              v.rows == cases[i].rows && v.cols == cases[i].cols);
        if (good)
            value_free(&v);
    }
}

static void syntax_errors_are_found(void)
{
    static const char *const bad[] = {
        "\"open",    "[1, 2",    "{a b",  "[1, 2, ]",   "[,1]", "[1,,2]", "[[1, 2], [3]]",
        "[[1] [2]]", "[[1], 2]", "a=b",   "a,b",        "a\\b", "\"a\"b", "{a {b}}",
        "[a b, c]",  "{1, 2 \"", "a]",    "]",          "",     "a\"b",   "[[1, 2]",
        "[1]x",      "'open",    "1e999", "\"1 1e999\""};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct value v;
        bool good = parse(&v, bad[i]);
        if (good) {
            printf("%s passes\n", bad[i]);
            value_free(&v);
        }
        CHECK(!good);
    }
}

static bool same(const struct value *a, const struct value *b)
{
    if (a->kind != b->kind || a->rank != b->rank || a->rows != b->rows || a->cols != b->cols ||
        a->wide != b->wide)
        return false;
    for (size_t i = 0; i < value_size(a); i++)
        if (a->kind == KIND_STRING || a->wide ? strcmp(a->string[i], b->string[i]) != 0
            : a->kind == KIND_BOOL            ? a->logical[i] != b->logical[i]
                                              : memcmp(&a->integer[i], &b->integer[i], 8) != 0)
            return false;
    return true;
}

/* What is written reads as the same value and is written the same way again. */
static void written_values_read_back_the_same(void)
{
    static const char *const cases[] = {
        "1",
        "-2.5e-7",
        "100000000000000000000000.0",
        "F",
        "abc",
        "\"a b\"",
        "\"quote\\\" back\\\\\"",
        "\"line\\nline\"",
        "\"\\3\"",
        "\"\\T\"",
        "\"\\1 2 3\"",
        "\"\\ 3 \"",
        "[5]",
        "[T]",
        "[\"x\"]",
        "[1, 2, 3]",
        "[1, 2, 3, 4, 5, 6, 7, 8, 9]",
        "[[1, 2], [3, 4]]",
        "[[1, 2, 3], [4, 5, 6], [7, 8, 9]]",
        "[[\"a b\", \"\"], [\"3\", \"T\"]]",
        "[\"\", \"a\"]",
        "{a b}",
        "[\"1\", \"2\"]",
        "[[1.5]]",
        "[[T, F], [F, T]]",
        "\"_JSON {\\\"a\\\": 1}\"",
        "\"\\_JSON  [1,2]\"",
        "[\"a\\nb\", \"\\\\\"]",
        "99999999999999999999",
        "\"99999999999999999999 1\"",
        "007",
        "nan",
        "\"[1, 2]\"",
        "\"{a}\"",
        "'it\\'s'",
        "[\"tab\tin\", x]",
        "[\"\xc3\x85\", b]",
        "\xc3\xa5",
        "\" \"",
        "\"x=y, [z]\"",
        "[-0.0, 1]",
        "[\"a\", \"b\", \"c\", \"d\", \"e\", \"f\", \"g\", \"h\", \"i\"]"};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct value v, back;
        struct text first = {0}, second = {0};
        CHECK(parse(&v, cases[i]));
        value_print(&first, &v);
        bool good = parse(&back, text_string(&first));
        if (!good || !same(&v, &back))
            printf("%s is written %s\n", cases[i], first.p);
        CHECK(good && same(&v, &back));
        value_print(&second, &back);
        CHECK(!strcmp(text_string(&second), first.p));
        CHECK(first.n < 2 || (first.p[0] != '[' && first.p[0] != '\''));
        value_free(&v);
        value_free(&back);
        free(first.p);
        free(second.p);
    }
}

static void nine_old_style_numbers_stand_column_after_column(void)
{
    struct value old, new;
    CHECK(parse(&old, "\"1 4 7 2 5 8 3 6 9\"") && parse(&new, "[[1, 2, 3], [4, 5, 6], [7, 8, 9]]"));
    CHECK(same(&old, &new));
    CHECK(old.integer[1] == 4);
    value_free(&old);
    value_free(&new);
}

int main(int argc, char **argv)
{
    static const struct check_case cases[] = {
        {"kinds", values_have_the_kind_and_shape_of_the_grammar},
        {"syntax", syntax_errors_are_found},
        {"round_trip", written_values_read_back_the_same},
        {"nine", nine_old_style_numbers_stand_column_after_column},
        {NULL, NULL}};
    return check_main(argc, argv, cases);
}
