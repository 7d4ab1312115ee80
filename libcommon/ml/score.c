/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "base/mem.h"
#include "base/units.h"
#include "ml/score.h"

static struct score *find(struct scores *s, const char *set, const char *group)
{
    for (int i = 0; i < s->n; i++)
        if (!strcmp(s->score[i].set, set) && !strcmp(s->score[i].group, group))
            return &s->score[i];
    s->score = mem_grow(s->score, s->n, s->n + 1, sizeof *s->score);
    struct score *new = &s->score[s->n++];
    *new = (struct score){.set = mem_text(set), .group = mem_text(group)};
    return new;
}

static void add(struct score_sum *s, double error)
{
    s->count += 1;
    s->square += error * error;
    s->absolute += fabs(error);
    s->sum += error;
}

static void add_frame(struct score *s, const struct rows_label *label,
                      const struct predict_result *r)
{
    static const int voigt[6][2] = {{0, 0}, {1, 1}, {2, 2}, {1, 2}, {0, 2}, {0, 1}};
    int n = label->system->n;
    if (label->has_energy)
        add(&s->quantity[SCORE_ENERGY], (r->energy - label->energy) / n);
    for (int i = 0; label->has_forces && i < 3 * n; i++)
        add(&s->quantity[SCORE_FORCE], r->force[i / 3][i % 3] - label->force[i]);
    for (int v = 0; label->has_stress && v < 6; v++)
        add(&s->quantity[SCORE_STRESS], r->stress[voigt[v][0]][voigt[v][1]] - label->stress[v]);
}

void scores_add(struct scores *s, const char *set, const char *group,
                const struct rows_label *label, const struct predict_result *prediction)
{
    add_frame(find(s, set, "all"), label, prediction);
    if (group)
        add_frame(find(s, set, group), label, prediction);
}

void scores_free(struct scores *s)
{
    for (int i = 0; i < s->n; i++) {
        free(s->score[i].set);
        free(s->score[i].group);
    }
    free(s->score);
    *s = (struct scores){0, NULL};
}

double score_rmse(const struct score_sum *s)
{
    return sqrt(s->square / s->count);
}

double score_mae(const struct score_sum *s)
{
    return s->absolute / s->count;
}

double score_bias(const struct score_sum *s)
{
    return s->sum / s->count;
}

struct unit {
    const char *quantity, *name, *atomic; /* what people say, and thousandths of the atomic unit */
    double size;                          /* of the first in atomic units */
};

static struct unit unit_of(enum score_quantity q)
{
    double eV = units_stream(DIM_ENERGY), force = units_stream(DIM_FORCE);
    return q == SCORE_ENERGY  ? (struct unit){"energy", "meV/atom", "mHa/atom", 1e-3 * eV}
           : q == SCORE_FORCE ? (struct unit){"forces", "meV/A", "mHa/bohr", 1e-3 * force}
                              : (struct unit){"stress", "GPa", "mHa/bohr3", 1 / UNITS_PRESSURE_GPA};
}

void scores_write(const struct scores *s, FILE *out)
{
    fputs("set\tgroup\tquantity\tcount\trmse\tmae\tbias\tunit\trmse\tmae\tbias\tunit\n", out);
    for (int i = 0; i < s->n; i++)
        for (int q = 0; q < SCORE_QUANTITIES; q++) {
            const struct score_sum *sum = &s->score[i].quantity[q];
            struct unit u = unit_of((enum score_quantity)q);
            double x[3] = {score_rmse(sum), score_mae(sum), score_bias(sum)};
            if (!(sum->count > 0))
                continue;
            fprintf(out, "%s\t%s\t%s\t%.0f\t%.6g\t%.6g\t%.6g\t%s\t%.6g\t%.6g\t%.6g\t%s\n",
                    s->score[i].set, s->score[i].group, u.quantity, sum->count, x[0] / u.size,
                    x[1] / u.size, x[2] / u.size, u.name, 1e3 * x[0], 1e3 * x[1], 1e3 * x[2],
                    u.atomic);
        }
}

char *scores_summary(const struct score *s, enum score_quantity quantity)
{
    const struct score_sum *sum = &s->quantity[quantity];
    struct unit u = unit_of(quantity);
    if (!(sum->count > 0))
        return NULL;
    return mem_print("%-10s %-6s rmse %.4g %s = %.4g %s, mae %.4g %s, bias %.3g %s", s->set,
                     u.quantity, score_rmse(sum) / u.size, u.name, 1e3 * score_rmse(sum), u.atomic,
                     score_mae(sum) / u.size, u.name, score_bias(sum) / u.size, u.name);
}
