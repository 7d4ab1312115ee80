/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "formats/trial.h"
#include <stdlib.h>
#include <string.h>
#include "base/mem.h"

struct trial *trial_new(int nk, int atoms, int orbitals, int functions, const char *basis)
{
    struct trial *t = MEM_NEW(struct trial, 1);
    t->nk = nk;
    t->atoms = atoms;
    t->orbitals = orbitals;
    t->functions = functions;
    t->basis = mem_text(basis);
    t->kpoint = mem_new((size_t)nk, sizeof *t->kpoint);
    t->coefficient =
        MEM_NEW(double, (size_t)nk *(size_t)orbitals *(size_t)atoms *(size_t)functions);
    return t;
}

void trial_free(struct trial *t)
{
    if (!t)
        return;
    free(t->basis);
    free(t->list);
    free(t->kpoint);
    free(t->coefficient);
    free(t->jastrow_form);
    free(t->parameter);
    free(t);
}

void trial_set_list(struct trial *t, int n, const double *list)
{
    free(t->list);
    t->numbers = n;
    t->list = NULL;
    if (n) {
        t->list = MEM_NEW(double, n);
        memcpy(t->list, list, (size_t)n * sizeof *list);
    }
}

void trial_set_jastrow(struct trial *t, const char *form, int n, const double *parameter)
{
    char *name = mem_text(form);
    double *copy = NULL;
    if (n) {
        copy = MEM_NEW(double, n);
        memcpy(copy, parameter, (size_t)n * sizeof *copy);
    }
    free(t->jastrow_form);
    free(t->parameter);
    t->jastrow_form = name;
    t->parameters = n;
    t->parameter = copy;
}

/* Per atom, then k point and orbital, then its functions <-> k point, orbital, all functions. */
static size_t place(const struct trial *t, size_t atom, size_t row)
{
    return (row * (size_t)t->atoms + atom) * (size_t)t->functions;
}

static size_t rows(const struct trial *t)
{
    return (size_t)t->nk * (size_t)t->orbitals;
}

enum status trial_get_column(const struct trial *t, const struct frame *f, const char *name,
                             double *c, struct err *err)
{
    size_t functions = (size_t)t->functions;
    const double *x = frame_reals(f, name, rows(t) * functions, err);
    if (!x)
        return ST_DATA;
    for (size_t atom = 0; atom < (size_t)t->atoms; atom++)
        for (size_t row = 0; row < rows(t); row++, x += functions)
            memcpy(c + place(t, atom, row), x, functions * sizeof *c);
    return ST_OK;
}

void trial_set_column(const struct trial *t, struct frame *f, const char *name, const double *c)
{
    size_t functions = (size_t)t->functions;
    double *x = frame_add_reals(f, name, rows(t) * functions);
    for (size_t atom = 0; atom < (size_t)t->atoms; atom++)
        for (size_t row = 0; row < rows(t); row++, x += functions)
            memcpy(x, c + place(t, atom, row), functions * sizeof *c);
}

static enum status read_jastrow(struct trial *t, const struct frame *f, struct err *err)
{
    const char *form;
    int n;
    double *parameter;
    if (!frame_has_key(f, "jastrow_form") && !frame_has_key(f, "jastrow"))
        return ST_OK;
    if (trial_get_jastrow(f, &form, &n, &parameter, err))
        return ST_DATA;
    trial_set_jastrow(t, form, n, parameter);
    free(parameter);
    return ST_OK;
}

static enum status check_shape(const struct frame *f, size_t nk, int functions, struct err *err)
{
    size_t cols = frame_column_cols(f, "orbitals");
    if (nk == 0 || nk % 3)
        return err_set(err, ST_DATA, "key 'kpoints' has %zu numbers: three for each k point needed",
                       nk);
    if (!cols)
        return err_set(err, ST_DATA,
                       "column 'orbitals' is missing: dft-baseline --orbitals writes it");
    if (functions < 1 || cols % (nk / 3 * (size_t)functions))
        return err_set(
            err, ST_DATA,
            "column 'orbitals' has %zu numbers per atom: a multiple of %zu k points times "
            "%d functions needed",
            cols, nk / 3, functions);
    return ST_OK;
}

enum status trial_basis(const struct frame *f, const char **name, int *n, double **list,
                        struct err *err)
{
    size_t size = frame_key_size(f, "orbital_shells");
    *n = (int)size;
    *list = NULL;
    if (frame_get_string(f, "orbital_basis", name, err))
        return ST_DATA;
    if (!size)
        return ST_OK;
    *list = MEM_NEW(double, size);
    if (frame_get_reals(f, "orbital_shells", size, *list, err) == ST_OK)
        return ST_OK;
    free(*list);
    *list = NULL;
    return ST_DATA;
}

struct trial *trial_from_frame(const struct frame *f, int functions, struct err *err)
{
    const char *basis;
    double *list = NULL;
    int n = 0;
    size_t k = frame_key_size(f, "kpoints");
    if (trial_basis(f, &basis, &n, &list, err) || check_shape(f, k, functions, err)) {
        free(list);
        return NULL;
    }
    size_t width = k / 3 * (size_t)functions;
    struct trial *t = trial_new((int)(k / 3), (int)frame_atoms(f),
                                (int)(frame_column_cols(f, "orbitals") / width), functions, basis);
    trial_set_list(t, n, list);
    free(list);
    if (frame_get_reals(f, "kpoints", k, t->kpoint[0], err) ||
        trial_get_column(t, f, "orbitals", t->coefficient, err) || read_jastrow(t, f, err)) {
        trial_free(t);
        return NULL;
    }
    return t;
}

void trial_to_frame(const struct trial *t, struct frame *f)
{
    frame_set_reals(f, "kpoints", 3 * (size_t)t->nk, t->kpoint[0]);
    frame_set_string(f, "orbital_basis", t->basis);
    if (t->numbers)
        frame_set_reals(f, "orbital_shells", (size_t)t->numbers, t->list);
    else
        frame_remove_key(f, "orbital_shells");
    trial_set_column(t, f, "orbitals", t->coefficient);
    if (t->jastrow_form)
        trial_put_jastrow(f, t->jastrow_form, t->parameters, t->parameter);
}

enum status trial_get_jastrow(const struct frame *f, const char **form, int *n, double **parameter,
                              struct err *err)
{
    size_t size = frame_key_size(f, "jastrow");
    *n = (int)size;
    *parameter = NULL;
    if (frame_get_string(f, "jastrow_form", form, err))
        return ST_DATA;
    if (!size)
        return ST_OK;
    *parameter = MEM_NEW(double, size);
    if (frame_get_reals(f, "jastrow", size, *parameter, err) == ST_OK)
        return ST_OK;
    free(*parameter);
    *parameter = NULL;
    return ST_DATA;
}

void trial_put_jastrow(struct frame *f, const char *form, int n, const double *parameter)
{
    frame_set_string(f, "jastrow_form", form);
    if (n)
        frame_set_reals(f, "jastrow", (size_t)n, parameter);
    else
        frame_remove_key(f, "jastrow");
}
