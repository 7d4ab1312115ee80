/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "base/mem.h"
#include "maths/linalg.h"
#include "ml/slopes.h"

/* Root mean square of the rest of a descriptor (|q| = 1) */
#define REST 7e-4
/* Largest share of the flops of J q^T that go into the leading directions: single precision saves half of them */
#define SHARE 0.25

static int count_of(const struct potential *p, int channel)
{
    return p->first[channel + 1] - p->first[channel];
}

/* How many directions leave no more than REST; w[n]: eigenvalues, ascending. 0: too many to be worth it */
static int leading(int n, const double *w, int count, int size)
{
    double rest = 0;
    int small = 0;
    while (small < n && rest + fmax(w[small], 0) < REST * REST * count)
        rest += fmax(w[small++], 0);
    const double lead = n - small;
    return lead / size + lead / count <= SHARE ? n - small : 0;
}

/* Eigenvectors of q^T q, or, if there are fewer environments than numbers in a descriptor, u of q q^T, which make
 * q^T u / sqrt w of them. *direction[lead][size] */
static enum status directions(int count, int size, const double *q, int *lead, double **direction,
                              struct err *err)
{
    const bool few = count < size;
    const int n = few ? count : size;
    double *v = MEM_NEW(double, (size_t)n *n), *w = MEM_NEW(double, n);
    linalg_gemm(few ? LINALG_N : LINALG_T, few ? LINALG_T : LINALG_N, n, n, few ? size : count, 1,
                q, q, 0, v);
    enum status status = linalg_eigen(n, v, w, err);
    *lead = status ? 0 : leading(n, w, count, size);
    const double *first = v + (size_t)(n - *lead) * n;
    *direction = MEM_RAW(double, (size_t)*lead *size);
    if (few)
        linalg_gemm(LINALG_N, LINALG_N, *lead, size, n, 1, first, q, 0, *direction);
    else
        memcpy(*direction, first, (size_t)*lead * size * sizeof *v);
    for (size_t i = 0; few && i < (size_t)*lead * size; i++)
        (*direction)[i] /= sqrt(w[n - *lead + i / size]);
    free(v);
    free(w);
    return status;
}

/* rest = q - q V^T V */
static void split(struct slopes_part *part, int count, int size, const double *q)
{
    double *rest = MEM_NEW(double, (size_t)count *size);
    linalg_gemm(LINALG_N, LINALG_T, count, part->lead, size, 1, q, part->direction, 0, part->q);
    linalg_gemm(LINALG_N, LINALG_N, count, size, part->lead, 1, part->q, part->direction, 0, rest);
    for (size_t i = 0; i < (size_t)count * size; i++)
        part->rest[i] = (float)(q[i] - rest[i]);
    free(rest);
}

static enum status part_new(const struct potential *p, int channel, struct slopes_part *part,
                            struct err *err)
{
    int size = p->descriptor->size, count = count_of(p, channel);
    const double *q = p->q + (size_t)p->first[channel] * size;
    enum status status = directions(count, size, q, &part->lead, &part->direction, err);
    if (part->lead) {
        part->q = MEM_RAW(double, (size_t)count * part->lead);
        part->rest = MEM_RAW(float, (size_t)count *size);
        split(part, count, size, q);
    }
    return status;
}

struct slopes *slopes_new(const struct potential *p, struct err *err)
{
    struct slopes *s = MEM_NEW(struct slopes, 1);
    enum status status = ST_OK;
    for (int e = 0; e < p->soap.elements && !status; e++)
        status = part_new(p, e, &s->part[e], err);
    if (!status)
        return s;
    slopes_free(s);
    return NULL;
}

void slopes_free(struct slopes *s)
{
    for (int e = 0; s && e < SOAP_MAX_ELEMENTS; e++) {
        free(s->part[e].direction);
        free(s->part[e].q);
        free(s->part[e].rest);
    }
    free(s);
}

void slopes_room_new(const struct potential *p, const struct slopes *s, int rows,
                     struct slopes_room *room)
{
    int size = p->descriptor->size, most = 0, lead = 0;
    for (int e = 0; e < p->soap.elements; e++) {
        most = count_of(p, e) > most ? count_of(p, e) : most;
        lead = s && s->part[e].lead > lead ? s->part[e].lead : lead;
    }
    *room = (struct slopes_room){.slope = MEM_RAW(double, (size_t)rows *most)};
    if (lead) {
        room->rest = MEM_RAW(float, (size_t)rows *most);
        room->lead = MEM_RAW(double, (size_t)rows *lead);
        room->jacobian = MEM_RAW(float, (size_t)rows *size);
    }
}

void slopes_room_free(struct slopes_room *room)
{
    free(room->slope);
    free(room->rest);
    free(room->lead);
    free(room->jacobian);
}

const float *slopes_product(const struct potential *p, const struct slopes *s, int channel,
                            int rows, const double jacobian[], struct slopes_room *room)
{
    const int size = p->descriptor->size, count = count_of(p, channel);
    const struct slopes_part *part = s ? &s->part[channel] : NULL;
    if (!part || !part->lead) {
        linalg_gemm(LINALG_N, LINALG_T, rows, count, size, 1, jacobian,
                    p->q + (size_t)p->first[channel] * size, 0, room->slope);
        return NULL;
    }
    for (size_t i = 0; i < (size_t)rows * size; i++)
        room->jacobian[i] = (float)jacobian[i];
    linalg_gemm_s(LINALG_N, LINALG_T, rows, count, size, 1, room->jacobian, part->rest, 0,
                  room->rest);
    linalg_gemm(LINALG_N, LINALG_T, rows, part->lead, size, 1, jacobian, part->direction, 0,
                room->lead);
    linalg_gemm(LINALG_N, LINALG_T, rows, count, part->lead, 1, room->lead, part->q, 0,
                room->slope);
    return room->rest;
}
