/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <cblas.h>
#include <omp.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include "base/threads.h"

/* Says that the variables are ours: of libgomp alone, or of OpenBLAS too. */
#define MARK "DELTAQMC_THREADS"

/* Programs that this one starts get the environment of the user. */
static void restore(const char *mark)
{
    unsetenv("GOMP_SPINCOUNT");
    if (!strcmp(mark, "both"))
        unsetenv("OPENBLAS_NUM_THREADS");
    unsetenv(MARK);
}

void threads_environment(char **argv)
{
    char path[4096];
    if (getenv(MARK)) {
        restore(getenv(MARK));
        return;
    }
    if (getenv("GOMP_SPINCOUNT") || getenv("OMP_WAIT_POLICY"))
        return;
    const char *mark = getenv("OPENBLAS_NUM_THREADS") ? "one" : "both";
    const ssize_t length = readlink("/proc/self/exe", path, sizeof path - 1);
    if (length > 0 && !setenv("GOMP_SPINCOUNT", "10000", 1) &&
        !setenv("OPENBLAS_NUM_THREADS", "1", 0) && !setenv(MARK, mark, 1)) {
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
