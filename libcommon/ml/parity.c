/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdlib.h>
#include "base/mem.h"
#include "base/plot.h"
#include "base/units.h"
#include "ml/parity.h"

enum { MOST_POINTS = 4000 };

static void add(struct parity *p, enum score_quantity q, int set, double label, double prediction,
                double unit)
{
    struct parity_pairs *s = &p->pairs[q][set];
    if (s->n == s->room) {
        size_t room = s->room ? 2 * s->room : 64;
        s->label = mem_grow(s->label, s->room, room, sizeof *s->label);
        s->prediction = mem_grow(s->prediction, s->room, room, sizeof *s->prediction);
        s->room = room;
    }
    s->label[s->n] = label / unit;
    s->prediction[s->n++] = prediction / unit;
}

void parity_add(struct parity *p, int set, const struct rows_label *label,
                const struct predict_result *r)
{
    int n = label->system->n;
    if (label->has_energy)
        add(p, SCORE_ENERGY, set, label->energy / n, r->energy / n, units_stream(DIM_ENERGY));
    for (int i = 0; label->has_forces && i < 3 * n; i++)
        add(p, SCORE_FORCE, set, label->force[i], r->force[i / 3][i % 3], units_stream(DIM_FORCE));
    for (int v = 0; v < rows_stress(label); v++)
        add(p, SCORE_STRESS, set, label->stress[v], rows_stress_of(label, v, r->stress),
            units_stream(DIM_PRESSURE));
}

/* Every so many, in place */
static int thin(struct parity_pairs *s)
{
    size_t n = s->n < MOST_POINTS ? s->n : MOST_POINTS;
    for (size_t i = 0; i < n; i++) {
        s->label[i] = s->label[i * s->n / n];
        s->prediction[i] = s->prediction[i * s->n / n];
    }
    s->n = n;
    return (int)n;
}

enum status parity_plot(struct parity *parity, const char *path, struct err *err)
{
    static const char *const label[] = {"label, eV/atom", "label, eV/Å", "label, GPa"};
    static const char *const prediction[] = {"prediction, eV/atom", "prediction, eV/Å",
                                             "prediction, GPa"};
    static const char *const title[] = {"Energies", "Force components", "Stress components"};
    static const char *const sets[] = {"training", "validation"};
    struct plot plots[SCORE_QUANTITIES];
    struct plot_series series[SCORE_QUANTITIES][PARITY_SETS];
    int panels = 0;
    for (int q = 0; q < SCORE_QUANTITIES; q++) {
        struct plot *p = &plots[panels];
        *p = (struct plot){.title = title[q],
                           .x_label = label[q],
                           .y_label = prediction[q],
                           .diagonal = true,
                           .series = series[panels]};
        for (int set = 0; set < PARITY_SETS; set++) {
            struct parity_pairs *pairs = &parity->pairs[q][set];
            if (pairs->n)
                series[panels][p->series_count++] = (struct plot_series){.title = sets[set],
                                                                         .n = thin(pairs),
                                                                         .x = pairs->label,
                                                                         .y = pairs->prediction};
        }
        panels += p->series_count > 0;
    }
    return panels ? plot_write_row(panels, plots, path, err) : ST_OK;
}

void parity_free(struct parity *p)
{
    for (int q = 0; q < SCORE_QUANTITIES; q++)
        for (int set = 0; set < PARITY_SETS; set++) {
            free(p->pairs[q][set].label);
            free(p->pairs[q][set].prediction);
        }
    *p = (struct parity){0};
}
