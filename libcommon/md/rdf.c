/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "md/rdf.h"
#include <math.h>
#include <stdlib.h>
#include "base/mem.h"
#include "crystal/neighbour.h"

struct rdf {
    double cutoff;
    int bins;
    double atoms;    /* seen in all frames */
    double expected; /* sum over frames of N (N - 1) / V */
    double *count;   /* pairs, both directions */
};

struct rdf *rdf_new(double cutoff, int bins)
{
    struct rdf *rdf = MEM_NEW(struct rdf, 1);
    rdf->cutoff = cutoff;
    rdf->bins = bins;
    rdf->count = MEM_NEW(double, bins);
    return rdf;
}

void rdf_free(struct rdf *rdf)
{
    if (!rdf)
        return;
    free(rdf->count);
    free(rdf);
}

void rdf_add(struct rdf *rdf, const struct system *s)
{
    struct neighbour *list = neighbour_new(s, rdf->cutoff);
    for (int i = 0; i < s->n; i++)
        for (size_t k = list->first[i]; k < list->first[i + 1]; k++) {
            const double *d = list->d[k];
            double r = sqrt(d[0] * d[0] + d[1] * d[1] + d[2] * d[2]);
            int bin = (int)(r / rdf->cutoff * rdf->bins);
            if (list->atom[k] != i && bin < rdf->bins)
                rdf->count[bin]++;
        }
    neighbour_free(list);
    rdf->atoms += s->n;
    rdf->expected += s->n * (s->n - 1.) / system_volume(s);
}

double rdf_pairs(const struct system *s, double cutoff)
{
    double sphere = 4 * M_PI / 3 * cutoff * cutoff * cutoff;
    return (double)s->n * s->n * sphere / system_volume(s);
}

int rdf_bins(const struct rdf *rdf)
{
    return rdf->bins;
}

void rdf_result(const struct rdf *rdf, double r[], double g[], double neighbours[])
{
    double width = rdf->cutoff / rdf->bins, sum = 0;
    for (int bin = 0; bin < rdf->bins; bin++) {
        double inner = bin * width, outer = inner + width;
        double shell = 4 * M_PI / 3 * (outer * outer * outer - inner * inner * inner);
        sum += rdf->count[bin];
        r[bin] = inner + width / 2;
        g[bin] = rdf->expected > 0 ? rdf->count[bin] / (shell * rdf->expected) : 0;
        neighbours[bin] = rdf->atoms > 0 ? sum / rdf->atoms : 0;
    }
}
