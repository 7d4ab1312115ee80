/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Threads are OpenMP's. OpenBLAS itself is kept on one thread: parallel loops stand outside the BLAS
 * calls, so that sums have a fixed order and results do not depend on the number of threads.
 */
#ifndef BASE_THREADS_H
#define BASE_THREADS_H

/* To be called first. libgomp and OpenBLAS read their settings from the environment before main: where these are not
 * set, each by itself, start the program (argv) once more with
 *   GOMP_SPINCOUNT=10000    a thread that waits for others gives its processor up soon; by default it spins for
 *                           milliseconds, and where anything else runs, as in a pipe, two threads are slower than one
 *   OPENBLAS_NUM_THREADS=1  no pool of threads that we never use, which take a tenth of a second of the other processors
 *                           before they sleep; starting again costs 3 ms
 * Returns in the program that has had them, the environment being the user's again; also if it cannot be started
 * again. */
void threads_environment(char **argv);
void threads_set(int n);  /* n <= 0: all that the machine (or OMP_NUM_THREADS) offers */
int threads_rank(void);   /* of the calling thread in its team */
int threads_max(void);    /* size of the next parallel region's team */
double threads_cpu(void); /* CPU seconds of the process, all threads */
double threads_wall(void);

#endif
