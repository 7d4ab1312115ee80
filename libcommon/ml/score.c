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

/* bar: the label's own error bar */
static void add(struct score_sum *s, double error, double bar)
{
    s->count += 1;
    s->square += error * error;
    s->noise += bar * bar;
    s->absolute += fabs(error);
    s->sum += error;
}

void score_frame(struct score_sum sum[SCORE_QUANTITIES], const struct rows_label *label,
                 const struct predict_result *r)
{
    int n = label->system->n;
    if (label->has_energy)
        add(&sum[SCORE_ENERGY], (r->energy - label->energy) / n, label->energy_error / n);
    for (int i = 0; label->has_forces && i < 3 * n; i++)
        add(&sum[SCORE_FORCE], r->force[i / 3][i % 3] - label->force[i],
            label->force_error ? label->force_error[i] : 0);
    for (int v = 0; v < rows_stress(label); v++)
        add(&sum[SCORE_STRESS], rows_stress_of(label, v, r->stress) - label->stress[v],
            label->stress_error[v]);
}

enum status score_model(struct potential *p, int frames, const struct rows_label label[],
                        struct score_sum sum[SCORE_QUANTITIES], struct err *err)
{
    struct predict *predict = predict_new(1, &p, false);
    enum status status = ST_OK;
    for (int f = 0; f < frames && !status; f++) {
        struct predict_result r = {.force = mem_new(label[f].system->n, sizeof *r.force)};
        status = predict_evaluate(predict, label[f].system, &r, err);
        if (!status)
            score_frame(sum, &label[f], &r);
        free(r.force);
    }
    predict_free(predict);
    return status;
}

void scores_add(struct scores *s, const char *set, const char *group,
                const struct rows_label *label, const struct predict_result *prediction)
{
    score_frame(find(s, set, "all")->quantity, label, prediction);
    if (group)
        score_frame(find(s, set, group)->quantity, label, prediction);
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

double score_spread(const struct score_sum *s)
{
    double bias = score_bias(s), square = s->square / s->count - bias * bias;
    return sqrt(square > 0 ? square : 0);
}

double score_mae(const struct score_sum *s)
{
    return s->absolute / s->count;
}

double score_bias(const struct score_sum *s)
{
    return s->sum / s->count;
}

double score_noise(const struct score_sum *s)
{
    return sqrt(s->noise / s->count);
}

double score_beyond(const struct score_sum *s)
{
    return s->square > s->noise ? sqrt((s->square - s->noise) / s->count) : 0;
}

struct score_unit score_unit(enum score_quantity q)
{
    double eV = units_stream(DIM_ENERGY), force = units_stream(DIM_FORCE);
    return q == SCORE_ENERGY ? (struct score_unit){"energy", "meV/atom", "mHa/atom", 1e-3 * eV}
           : q == SCORE_FORCE
               ? (struct score_unit){"forces", "meV/A", "mHa/bohr", 1e-3 * force}
               : (struct score_unit){"stress", "GPa", "mHa/bohr3", 1 / UNITS_PRESSURE_GPA};
}

void score_write(const struct score_sum *sum, enum score_quantity q, FILE *out)
{
    struct score_unit u = score_unit(q);
    double x[3] = {score_rmse(sum), score_mae(sum), score_bias(sum)};
    for (int k = 0; k < 3; k++)
        fprintf(out, "%.6g\t", x[k] / u.size);
    fprintf(out, "%s\t", u.name);
    for (int k = 0; k < 3; k++)
        fprintf(out, "%.6g\t", 1e3 * x[k]);
    fprintf(out, "%s\t%.6g\t%.6g\t%.6g\t%.6g\n", u.atomic, score_noise(sum) / u.size,
            score_beyond(sum) / u.size, 1e3 * score_noise(sum), 1e3 * score_beyond(sum));
}

void scores_write(const struct scores *s, FILE *out)
{
    fputs("set\tgroup\tquantity\tcount\t" SCORE_HEADER "\n", out);
    for (int i = 0; i < s->n; i++)
        for (int q = 0; q < SCORE_QUANTITIES; q++) {
            const struct score_sum *sum = &s->score[i].quantity[q];
            if (!(sum->count > 0))
                continue;
            fprintf(out, "%s\t%s\t%s\t%.0f\t", s->score[i].set, s->score[i].group,
                    score_unit((enum score_quantity)q).quantity, sum->count);
            score_write(sum, (enum score_quantity)q, out);
        }
}

char *scores_summary(const struct score *s, enum score_quantity quantity)
{
    const struct score_sum *sum = &s->quantity[quantity];
    struct score_unit u = score_unit(quantity);
    if (!(sum->count > 0))
        return NULL;
    char *noise = sum->noise > 0
                      ? mem_print(", %.4g %s beyond error bars of %.4g", 1e3 * score_beyond(sum),
                                  u.atomic, 1e3 * score_noise(sum))
                      : mem_text("");
    char *line =
        mem_print("%-10s %-6s rmse %.4g %s = %.4g %s, mae %.4g %s, bias %.3g %s%s", s->set,
                  u.quantity, score_rmse(sum) / u.size, u.name, 1e3 * score_rmse(sum), u.atomic,
                  score_mae(sum) / u.size, u.name, score_bias(sum) / u.size, u.name, noise);
    free(noise);
    return line;
}
