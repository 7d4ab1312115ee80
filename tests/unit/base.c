/* SPDX-License-Identifier: GPL-3.0-or-later */
/* base/err.h, base/mem.h, base/log.h and base/threads.h. The cases that end the program or print
 * are run by base.bats one by one. */
#include <omp.h>
#include <stdint.h>
#include <stdlib.h>
#include "base/err.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/threads.h"
#include "check.h"

static void errors_carry_status_and_text(void)
{
    struct err err = {0};
    CHECK(err_set(&err, ST_DATA, "atom %d: %s", 3, "too close") == ST_DATA);
    CHECK(err.status == ST_DATA && !strcmp(err.text, "atom 3: too close"));
    CHECK(err_set(&err, ST_DATA, "frame 2: %s", err.text) ==
          ST_DATA); /* its own text as argument */
    CHECK(!strcmp(err.text, "frame 2: atom 3: too close"));
    CHECK(err_set(NULL, ST_USAGE, "%s", "nobody listens") == ST_USAGE);
    char long_text[1000];
    memset(long_text, 'x', sizeof long_text - 1);
    long_text[sizeof long_text - 1] = 0;
    err_set(&err, ST_SYSTEM, "%s", long_text);
    CHECK(strlen(err.text) == sizeof err.text - 1);
}

static void memory_is_zero_and_aligned(void)
{
    for (size_t n = 0; n < 200; n += 7) {
        double *x = MEM_NEW(double, n);
        CHECK((uintptr_t)x % 64 == 0);
        for (size_t i = 0; i < n; i++)
            CHECK(x[i] == 0);
        free(x);
    }
}

static void growing_keeps_the_contents_and_clears_the_rest(void)
{
    int *x = mem_grow(NULL, 0, 3, sizeof *x);
    for (int i = 0; i < 3; i++)
        x[i] = i + 5;
    x = mem_grow(x, 3, 1000, sizeof *x);
    CHECK((uintptr_t)x % 64 == 0);
    for (int i = 0; i < 1000; i++)
        CHECK(x[i] == (i < 3 ? i + 5 : 0));
    x = mem_grow(x, 1000, 2, sizeof *x);
    CHECK(x[0] == 5 && x[1] == 6);
    free(x);
}

static void texts_are_copied_and_printed(void)
{
    char *copy = mem_text("deuterium"), *printed = mem_print("%s %d", copy, 2385);
    CHECK(!strcmp(printed, "deuterium 2385"));
    free(copy);
    free(printed);
}

static void running_out_of_memory_ends_with_status_4(void)
{
    mem_new(SIZE_MAX / 4, 8); /* the product overflows */
    CHECK(0);
}

static void what_is_too_much_for_the_machine_ends_with_status_4(void)
{
    mem_new(SIZE_MAX / 16, 8);
    CHECK(0);
}

static void messages_at_every_verbosity(void)
{
    for (int v = 0; v <= 2; v++) {
        struct log log = {.program = "made-up", .verbosity = v};
        log_warning(&log, "warning %d", v);
        log_note(&log, "note %d", v);
        log_detail(&log, "detail %d", v);
        log_progress(&log, "progress %d", v);
        log_done(&log);
    }
    log_warning(NULL, "nobody listens");
    log_progress(NULL, "nobody listens");
    struct log line = {.program = "made-up", .verbosity = 1, .progress = true};
    log_progress(&line, "half");
    log_note(&line, "after");
}

static void the_number_of_threads_is_what_was_set(void)
{
    int before = threads_max();
    CHECK(before >= 1);
    threads_set(3);
    CHECK(threads_max() == 3);
    int team = 0;
#pragma omp parallel
#pragma omp single
    team = omp_get_num_threads();
    CHECK(team >= 1 && team <= 3);
    threads_set(0);
    CHECK(threads_max() == 3);
    double cpu = threads_cpu(), wall = threads_wall();
    CHECK(cpu > 0 && threads_cpu() >= cpu && threads_wall() >= wall);
}

static const struct check_case cases[] = {
    {"errors", errors_carry_status_and_text},
    {"zero", memory_is_zero_and_aligned},
    {"grow", growing_keeps_the_contents_and_clears_the_rest},
    {"text", texts_are_copied_and_printed},
    {"overflow", running_out_of_memory_ends_with_status_4},
    {"too_much", what_is_too_much_for_the_machine_ends_with_status_4},
    {"messages", messages_at_every_verbosity},
    {"threads", the_number_of_threads_is_what_was_set},
    {NULL, NULL},
};

int main(int argc, char **argv)
{
    return check_main(argc, argv, cases);
}
