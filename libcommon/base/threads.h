/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Threads are OpenMP's. OpenBLAS itself is kept on one thread: parallel loops stand outside the BLAS
 * calls, so that sums have a fixed order and results do not depend on the number of threads.
 */
#ifndef BASE_THREADS_H
#define BASE_THREADS_H

void threads_set(int n);  /* n <= 0: all that the machine (or OMP_NUM_THREADS) offers */
int threads_rank(void);   /* of the calling thread in its team */
int threads_max(void);    /* size of the next parallel region's team */
double threads_cpu(void); /* CPU seconds of the process, all threads */
double threads_wall(void);

#endif
