/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <float.h>
#include <math.h>
#include <stdlib.h>
#include "base/mem.h"
#include "ml/sparse.h"

static float dot(int n, const float *a, const float *b)
{
    float sum = 0;
#pragma omp simd reduction(+ : sum)
    for (int i = 0; i < n; i++)
        sum += a[i] * b[i];
    return sum;
}

int sparse_farthest(size_t n, int size, const float rows[], const int kind[], int count,
                    size_t chosen[])
{
    const float same =
        (float)size * FLT_EPSILON; /* duplicates: the rounding of a sum of that length */
    float *distance = MEM_NEW(float, n);
    int got = 0;
    size_t next = 0;
    for (size_t i = 0; i < n; i++)
        distance[i] = 3;
    while (got < count && n > 0 && distance[next] > same) {
        const float *q = rows + next * size;
        chosen[got++] = next;
#pragma omp parallel for schedule(static)
        for (size_t i = 0; i < n; i++) {
            float d = kind && kind[i] != kind[next] ? 2 : 2 - 2 * dot(size, rows + i * size, q);
            distance[i] = d < distance[i] ? d : distance[i];
        }
        distance[next] = 0;
        for (size_t i = next = 0; i < n; i++)
            if (distance[i] > distance[next])
                next = i;
    }
    free(distance);
    return got;
}

void sparse_mean(int atoms, int size, const double row[], float mean[])
{
    double *sum = MEM_NEW(double, size), norm = 0;
    for (int i = 0; i < atoms; i++)
        for (int k = 0; k < size; k++)
            sum[k] += row[(size_t)i * size + k];
    for (int k = 0; k < size; k++)
        norm += sum[k] * sum[k];
    for (int k = 0; k < size; k++)
        mean[k] = (float)(sum[k] / sqrt(norm));
    free(sum);
}
