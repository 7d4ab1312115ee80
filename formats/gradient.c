/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "formats/gradient.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "base/mem.h"
#include "formats/keys.h"

static const char mean_name[] = "vmc_orbital_gradient", error_name[] = "vmc_orbital_gradient_error",
                  replica_name[] = "vmc_orbital_gradient_replicas",
                  force_name[] = "vmc_forces_replicas", stress_name[] = "vmc_stress_replicas";

static size_t size_of(const struct trial *t)
{
    return (size_t)t->nk * (size_t)t->orbitals * (size_t)t->atoms * (size_t)t->functions;
}

/* The same with k points replica after replica, which makes the replica the slowest index. */
static struct trial repeated(const struct trial *t, int replicas)
{
    struct trial all = *t;
    all.nk *= replicas;
    return all;
}

/* To so many decimal digits; a power of ten up to 1e22 is exact, so that the quotient is the double nearest
 * to a short decimal number. */
static double rounded(double x)
{
    const int exact = 22;
    if (!(fabs(x) > 0 && isfinite(x)))
        return x;
    int power = GRADIENT_DIGITS - 1 - (int)floor(log10(fabs(x)));
    power = power > exact ? exact : power < -exact ? -exact : power;
    double scale = pow(10, abs(power));
    return power < 0 ? rint(x / scale) * scale : rint(x * scale) / scale;
}

static double *in_stream_units(const char *name, size_t n, const double *au, bool all)
{
    double *x = MEM_NEW(double, n), unit = units_stream(keys_dimension(name));
    for (size_t i = 0; i < n; i++)
        x[i] = all ? au[i] / unit : rounded(au[i] / unit);
    return x;
}

static void put_orbitals(struct frame *f, const char *name, const struct trial *shape,
                         const double *au, bool all)
{
    double *x = in_stream_units(name, size_of(shape), au, all);
    trial_set_column(shape, f, name, x);
    free(x);
}

static void put_error(const struct gradient *g, const struct trial *t, struct frame *f)
{
    size_t n = size_of(t);
    double *error = MEM_NEW(double, n);
    for (size_t i = 0; i < n; i++) {
        for (int k = 0; k < g->replicas; k++)
            error[i] += g->replica[(size_t)k * n + i] * g->replica[(size_t)k * n + i];
        error[i] = sqrt(error[i] / g->replicas);
    }
    put_orbitals(f, error_name, t, error, false);
    free(error);
}

static void put_forces(const struct gradient *g, struct frame *f)
{
    size_t atoms = frame_atoms(f), r = (size_t)g->replicas;
    double *x = in_stream_units(force_name, 3 * r * atoms, g->force[0], false);
    double *to = frame_add_reals(f, force_name, 3 * r);
    for (size_t a = 0; a < atoms; a++)
        for (size_t k = 0; k < r; k++, to += 3)
            memcpy(to, x + 3 * (k * atoms + a), sizeof(double[3]));
    free(x);
}

static void put_stress(const struct gradient *g, struct frame *f)
{
    size_t n = 9 * (size_t)g->replicas;
    double *x = in_stream_units(stress_name, n, g->stress[0][0], false);
    frame_set_reals(f, stress_name, n, x);
    free(x);
}

void gradient_to_frame(const struct gradient *g, const struct trial *t, struct frame *f)
{
    struct trial all = repeated(t, g->replicas);
    gradient_remove(f);
    put_orbitals(f, mean_name, t, g->mean, true);
    put_error(g, t, f);
    put_orbitals(f, replica_name, &all, g->replica, false);
    put_forces(g, f);
    if (g->stress)
        put_stress(g, f);
}

void gradient_remove(struct frame *f)
{
    frame_remove_column(f, mean_name);
    frame_remove_column(f, error_name);
    frame_remove_column(f, replica_name);
    frame_remove_column(f, force_name);
    frame_remove_key(f, stress_name);
}

static double *get_orbitals(const struct frame *f, const char *name, const struct trial *shape,
                            struct err *err)
{
    size_t n = size_of(shape);
    double *x = MEM_NEW(double, n), unit = units_stream(keys_dimension(name));
    if (trial_get_column(shape, f, name, x, err)) {
        free(x);
        return NULL;
    }
    for (size_t i = 0; i < n; i++)
        x[i] *= unit;
    return x;
}

static enum status get_forces(struct gradient *g, const struct frame *f, struct err *err)
{
    size_t atoms = frame_atoms(f), r = (size_t)g->replicas;
    const double *x = frame_reals(f, force_name, 3 * r, err);
    double unit = units_stream(keys_dimension(force_name));
    if (!x)
        return ST_DATA;
    g->force = mem_new(r * atoms, sizeof *g->force);
    for (size_t a = 0; a < atoms; a++)
        for (size_t k = 0; k < r; k++)
            for (int c = 0; c < 3; c++)
                g->force[k * atoms + a][c] = unit * *x++;
    return ST_OK;
}

static enum status get_stress(struct gradient *g, const struct frame *f, struct err *err)
{
    if (!frame_has_key(f, stress_name))
        return ST_OK;
    g->stress = mem_new((size_t)g->replicas, sizeof *g->stress);
    return keys_get(f, stress_name, 9 * (size_t)g->replicas, g->stress[0][0], err);
}

/* How many replicas; 0 and ST_DATA: none, or not of that shape */
static int count_replicas(const struct frame *f, const struct trial *t, struct err *err)
{
    size_t width = (size_t)t->nk * (size_t)t->orbitals * (size_t)t->functions;
    size_t cols = frame_column_cols(f, replica_name);
    const char *missing = !frame_has_column(f, mean_name) ? mean_name : cols ? NULL : replica_name;
    if (missing)
        err_set(err, ST_DATA, "column '%s' is missing: qmc-force --response writes it", missing);
    else if (cols % width)
        err_set(err, ST_DATA,
                "column '%s' has %zu numbers per atom: a multiple of the %zu of 'orbitals' needed",
                replica_name, cols, width);
    return missing || cols % width ? 0 : (int)(cols / width);
}

struct gradient *gradient_from_frame(const struct frame *f, const struct trial *t, struct err *err)
{
    int replicas = count_replicas(f, t, err);
    if (!replicas)
        return NULL;
    struct gradient *g = MEM_NEW(struct gradient, 1);
    struct trial all = repeated(t, replicas);
    g->replicas = replicas;
    if ((g->mean = get_orbitals(f, mean_name, t, err)) &&
        (g->replica = get_orbitals(f, replica_name, &all, err)) && !get_forces(g, f, err) &&
        !get_stress(g, f, err))
        return g;
    gradient_free(g);
    return NULL;
}

void gradient_free(struct gradient *g)
{
    if (!g)
        return;
    free(g->mean);
    free(g->replica);
    free(g->force);
    free(g->stress);
    free(g);
}
