/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "base/mem.h"
#include "maths/linalg.h"
#include "ml/slopes.h"

/* Root mean square of the rest of a descriptor (|q| = 1), and the part of all directions above which the products of the
 * leading ones cost what single precision saves */
#define REST 7e-4
#define MOST_OF_ALL 0.25

static int count_of(const struct potential *p, int channel)
{
    return p->first[channel + 1] - p->first[channel];
}

/* The first directions of v[size][size], eigenvectors of ascending w, that leave no more than REST; 0: too many */
static int leading(int count, int size, const double *w)
{
    double rest = 0;
    int small = 0;
    while (small < size && rest + fmax(w[small], 0) < REST * REST * count)
        rest += fmax(w[small++], 0);
    return size - small <= MOST_OF_ALL * size ? size - small : 0;
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
    double *v = MEM_NEW(double, (size_t)size *size), *w = MEM_NEW(double, size);
    linalg_gemm(LINALG_T, LINALG_N, size, size, count, 1, q, q, 0, v);
    enum status status = linalg_eigen(size, v, w, err);
    part->lead = status ? 0 : leading(count, size, w);
    if (part->lead) {
        size_t used = (size_t)part->lead * size;
        part->direction = MEM_RAW(double, used);
        part->q = MEM_RAW(double, (size_t)count * part->lead);
        part->rest = MEM_RAW(float, (size_t)count *size);
        memcpy(part->direction, v + (size_t)size * size - used, used * sizeof *v);
        split(part, count, size, q);
    }
    free(v);
    free(w);
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
