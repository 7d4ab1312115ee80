/* SPDX-License-Identifier: GPL-3.0-or-later */
/* xyz-view: look at, select from and convert streams. */
#include "formats/filter.h"

struct settings {
    int level;
};

static const struct opt options[] = {
    {"level", OPT_INT, offsetof(struct settings, level), "N", "level of compression", 1, 9},
    {NULL, OPT_END, 0, NULL, NULL, 0, 0}};

static const struct program program = {"xyz-view", "look at, select from and convert streams",
                                       "[FILE...]", "Reads and writes frames.", options};

static enum status frame(void *settings, struct run *run, struct frame *f, struct err *err)
{
    (void)settings;
    (void)run;
    (void)f;
    (void)err;
    return ST_OK;
}

int main(int argc, char **argv)
{
    struct settings settings = {6};
    struct filter filter = {.program = &program,
                            .kind = FILTER_MAP,
                            .quick = true,
                            .silent = true,
                            .settings = &settings,
                            .settings_size = sizeof settings,
                            .frame = frame};
    return filter_main(&filter, argc, argv);
}
