/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <cblas.h>
#include <omp.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>
#include "base/threads.h"

void threads_environment(char **argv)
{
    char path[4096];
    if (getenv("GOMP_SPINCOUNT") || getenv("OMP_WAIT_POLICY"))
        return;
    const ssize_t length = readlink("/proc/self/exe", path, sizeof path - 1);
    if (length <= 0 || setenv("GOMP_SPINCOUNT", "10000", 1) ||
        setenv("OPENBLAS_NUM_THREADS", "1", 1))
        return;
    path[length] = 0;
    execv(path, argv);
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
