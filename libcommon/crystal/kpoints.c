/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdlib.h>
#include "base/mem.h"
#include "crystal/kpoints.h"
#include "crystal/system.h"

static const double same = 1e-9;

/* into (-1/2, 1/2], with values that are a rounding error below 1/2 or 0 put there exactly */
static double wrapped(double f)
{
    f -= floor(f + 0.5);
    if (f < -0.5 + same)
        f += 1;
    if (fabs(f - 0.5) < same)
        return 0.5;
    return fabs(f) < same ? 0 : f;
}

static bool opposite(const double a[3], const double b[3])
{
    for (int i = 0; i < 3; i++)
        if (!(fabs(wrapped(a[i] + b[i])) <= same))
            return false;
    return true;
}

/* Add k, or its weight to -k where that is there already. */
static void add_point(struct kpoints *p, const double k[3], double weight, bool reduce)
{
    for (int i = 0; reduce && i < p->n; i++)
        if (opposite(p->k[i], k)) {
            p->weight[i] += weight;
            return;
        }
    for (int x = 0; x < 3; x++)
        p->k[p->n][x] = k[x];
    p->weight[p->n++] = weight;
}

struct kpoints *kpoints_mesh(const int mesh[3], const double shift[3], bool reduce)
{
    struct kpoints *p = MEM_NEW(struct kpoints, 1);
    size_t points = (size_t)mesh[0] * (size_t)mesh[1] * (size_t)mesh[2];
    p->k = mem_new(points, sizeof *p->k);
    p->weight = MEM_NEW(double, points);
    for (int a = 0; a < mesh[0]; a++)
        for (int b = 0; b < mesh[1]; b++)
            for (int c = 0; c < mesh[2]; c++) {
                double k[3] = {wrapped((a + shift[0]) / mesh[0]), wrapped((b + shift[1]) / mesh[1]),
                               wrapped((c + shift[2]) / mesh[2])};
                add_point(p, k, 1 / (double)points, reduce);
            }
    return p;
}

void kpoints_spaced(const double cell[3][3], double spacing, int most, int mesh[3])
{
    double rec[3][3];
    system_reciprocal(cell, rec);
    for (int i = 0; i < 3; i++) {
        const double length =
            sqrt(rec[i][0] * rec[i][0] + rec[i][1] * rec[i][1] + rec[i][2] * rec[i][2]);
        mesh[i] = (int)fmin(most, fmax(1, ceil(length / spacing - same)));
    }
}

void kpoints_free(struct kpoints *p)
{
    if (!p)
        return;
    free(p->k);
    free(p->weight);
    free(p);
}

bool kpoints_is_trim(const double k[3])
{
    return opposite(k, k);
}
