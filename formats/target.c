/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "formats/target.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include "base/mem.h"
#include "formats/keys.h"

static enum status all_finite(const char *name, size_t n, const double *x, bool error,
                              struct err *err)
{
    for (size_t i = 0; i < n; i++)
        if (!isfinite(x[i]) || (error && x[i] < 0))
            return err_set(err, ST_DATA, "%s has the number %g: %s would be right", name, x[i],
                           error ? "finite error bars, none below zero," : "finite numbers");
    return ST_OK;
}

/* One key or column with its error, if the frame has it. */
static enum status get(const struct frame *f, const char *prefix, const char *what, bool column,
                       size_t n, double *x, double *error, bool *has, struct err *err)
{
    char *name = mem_print("%s%s%s", prefix, *prefix ? "_" : "", what),
         *companion = mem_print("%s_error", name);
    enum status status = ST_OK;
    *has = column ? frame_has_column(f, name) : frame_has_key(f, name);
    bool errors = column ? frame_has_column(f, companion) : frame_has_key(f, companion);
    if (*has)
        status = column ? keys_get_column(f, name, 3, x, err) : keys_get(f, name, n, x, err);
    if (*has && !status)
        status = all_finite(name, n, x, false, err);
    if (*has && errors && !status)
        status = column ? keys_get_column(f, companion, 3, error, err)
                        : keys_get(f, companion, n, error, err);
    if (*has && errors && !status)
        status = all_finite(companion, n, error, true, err);
    free(name);
    free(companion);
    return status;
}

/* Of an environment that is not a crystal only a pressure that was made one can be; a cubic crystal's stress loses
 * nothing. */
static bool is_isotropic(const double x[9])
{
    for (int k = 0; k < 9; k++)
        if (x[k] != (k % 4 ? 0 : x[0]))
            return false;
    return true;
}

enum status target_read(const struct frame *f, const char *prefix, struct target *t,
                        struct err *err)
{
    size_t n = 3 * frame_atoms(f);
    *t = (struct target){0};
    t->force = MEM_NEW(double, n);
    t->force_error = MEM_NEW(double, n);
    enum status status =
        get(f, prefix, "free_energy", false, 1, &t->energy, &t->energy_error, &t->free_energy, err);
    t->has_energy = t->free_energy;
    if (!status && !t->has_energy)
        status =
            get(f, prefix, "energy", false, 1, &t->energy, &t->energy_error, &t->has_energy, err);
    if (!status)
        status = get(f, prefix, "forces", true, n, t->force, t->force_error, &t->has_forces, err);
    if (!status)
        status =
            get(f, prefix, "stress", false, 9, t->stress, t->stress_error, &t->has_stress, err);
    t->isotropic = !status && t->has_stress && is_isotropic(t->stress);
    return status;
}

enum status target_entropy(const struct frame *f, const char *prefix, const struct target *t,
                           bool *has, double *entropy, struct err *err)
{
    double error;
    *has = false;
    *entropy = 0;
    if (*prefix && !t->free_energy)
        return ST_OK;
    return get(f, prefix, "entropy_energy", false, 1, entropy, &error, has, err);
}

static void difference(size_t n, double *x, double *error, const double *y, const double *other)
{
    for (size_t i = 0; i < n; i++) {
        x[i] -= y[i];
        error[i] = hypot(error[i], other[i]);
    }
}

void target_subtract(struct target *t, const struct target *other, size_t atoms)
{
    t->has_energy = t->has_energy && other->has_energy;
    t->has_forces = t->has_forces && other->has_forces;
    t->has_stress = t->has_stress && other->has_stress;
    t->isotropic = t->isotropic || other->isotropic;
    difference(1, &t->energy, &t->energy_error, &other->energy, &other->energy_error);
    difference(3 * atoms, t->force, t->force_error, other->force, other->force_error);
    difference(9, t->stress, t->stress_error, other->stress, other->stress_error);
}

void target_free(struct target *t)
{
    free(t->force);
    free(t->force_error);
    *t = (struct target){0};
}

static void count(struct target_table *table, int k, size_t n, const double *x, double unit)
{
    for (size_t i = 0; i < n; i++) {
        double y = x[i] / unit;
        bool first = table->row[k].count == 0;
        table->row[k].min = first || y < table->row[k].min ? y : table->row[k].min;
        table->row[k].max = first || y > table->row[k].max ? y : table->row[k].max;
        table->row[k].sum += y;
        table->row[k].count++;
    }
    table->row[k].frames++;
}

void target_count(struct target_table *table, const struct target *t, int atoms)
{
    double energy = t->energy / atoms;
    table->free_energy = table->free_energy || t->free_energy;
    if (t->has_energy)
        count(table, TARGET_ENERGY, 1, &energy, units_stream(DIM_ENERGY));
    if (t->has_forces)
        count(table, TARGET_FORCES, 3 * (size_t)atoms, t->force, units_stream(DIM_FORCE));
    if (t->has_stress)
        count(table, TARGET_STRESS, 9, t->stress, units_stream(DIM_STRESS));
}

char *target_line(const struct target_table *table, int line, const char *prefix, const char *other)
{
    static const char *const what[TARGET_LABELS] = {"energy", "forces", "stress"};
    static const char *const unit[TARGET_LABELS] = {"eV/atom", "eV/A", "eV/A3"};
    int k = line - 1;
    if (line == 0)
        return mem_print("%-28s %7s %12s %12s %12s  %s", "label", "frames", "min", "mean", "max",
                         "unit");
    char *name =
        mem_print("%s%s_%s%s%s", prefix, k == TARGET_ENERGY && table->free_energy ? "_free" : "",
                  what[k], other ? " - " : "", other ? other : "");
    int frames = table->row[k].frames;
    char *text =
        frames ? mem_print("%-28s %7d %12.5g %12.5g %12.5g  %s", name, frames, table->row[k].min,
                           table->row[k].sum / table->row[k].count, table->row[k].max, unit[k])
               : mem_print("%-28s %7d", name, 0);
    free(name);
    return text;
}
