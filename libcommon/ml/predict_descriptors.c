/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdlib.h>
#include <string.h>
#include "base/mem.h"
#include "ml/predict.h"

enum status predict_descriptors(const struct soap *soap, const struct system *s, double row[],
                                struct err *err)
{
    struct neighbour *list = neighbour_new(s, soap->settings.cutoff);
    enum status status = ST_OK;
#pragma omp parallel
    {
        struct soap_local *local = soap_local_new(soap);
        double *c = MEM_NEW(double, soap->harmonics * soap->width);
        int *channel = NULL, capacity = 0;
#pragma omp for schedule(dynamic, 8)
        for (int i = 0; i < s->n; i++) {
            int count = (int)(list->first[i + 1] - list->first[i]),
                own = soap_channel(soap, s->element[i]);
            if (count > capacity) {
                free(channel);
                channel = MEM_NEW(int, capacity = 2 * count);
            }
            for (int j = 0; j < count; j++)
                channel[j] = soap_channel(soap, s->element[list->atom[list->first[i] + j]]);
            if (own < 0)
#pragma omp critical
                status = err_set(err, ST_DATA, "%s is not among the elements of the descriptor",
                                 species_symbol(s->element[i]));
            else
                soap_describe(soap, own, count, (const double(*)[3])list->d + list->first[i],
                              channel, local,
                              &(struct soap_kept){c, row + (size_t)i * soap->size, 0});
        }
        free(channel);
        free(c);
        soap_local_free(local);
    }
    neighbour_free(list);
    return status;
}
