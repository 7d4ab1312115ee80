/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <cblas.h>
#include <omp.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include "base/threads.h"

/* Names the variables that are ours, as "GOMP_SPINCOUNT,OPENBLAS_NUM_THREADS". */
#define MARK "DELTAQMC_THREADS"

static const struct {
    const char *name, *value, *instead; /* instead: what settles it for the user, too */
} ours[] = {{"GOMP_SPINCOUNT", "10000", "OMP_WAIT_POLICY"},
            {"OPENBLAS_NUM_THREADS", "1", "OPENBLAS_NUM_THREADS"}};

enum { OURS = sizeof ours / sizeof *ours };

/* Programs that this one starts get the environment of the user. */
static void restore(const char *mark)
{
    for (int i = 0; i < OURS; i++)
        if (strstr(mark, ours[i].name))
            unsetenv(ours[i].name);
    unsetenv(MARK);
}

void threads_environment(char **argv)
{
    char path[4096], mark[64] = "";
    if (getenv(MARK)) {
        restore(getenv(MARK));
        return;
    }
    for (int i = 0; i < OURS; i++)
        if (!getenv(ours[i].name) && !getenv(ours[i].instead) &&
            !setenv(ours[i].name, ours[i].value, 0)) {
            strcat(mark, ours[i].name);
            strcat(mark, ",");
        }
    const ssize_t length = readlink("/proc/self/exe", path, sizeof path - 1);
    if (*mark && length > 0 && !setenv(MARK, mark, 1)) {
        path[length] = 0;
        execv(path, argv);
    }
    restore(mark);
}

void threads_set(int n)
{
    openblas_set_num_threads(1);
    if (n > 0)
        omp_set_num_threads(n);
}

int threads_rank(void)
{
    return omp_get_thread_num();
}

int threads_max(void)
{
    return omp_get_max_threads();
}

static double seconds(clockid_t clock)
{
    struct timespec t;
    clock_gettime(clock, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

double threads_cpu(void)
{
    return seconds(CLOCK_PROCESS_CPUTIME_ID);
}

double threads_wall(void)
{
    return seconds(CLOCK_MONOTONIC);
}
