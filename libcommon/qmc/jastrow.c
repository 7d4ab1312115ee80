/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/mem.h"
#include "qmc/jastrow_term.h"

#define CUTOFFS 2

static const struct jastrow_term *const terms[] = {&jastrow_u, &jastrow_chi};
#define TERMS ((int)(sizeof terms / sizeof *terms))

static enum status check_parameters(const struct jastrow *j, const double p[], struct err *err)
{
    for (int c = 0; c < CUTOFFS; c++) {
        if (!(p[c] > 0 && isfinite(p[c])))
            return err_set(err, ST_DATA, "a Jastrow cut-off is %g bohr: it should be positive",
                           p[c]);
        if (p[c] > j->images.inradius * (1 + 1e-9))
            return err_set(err, ST_DATA,
                           "a Jastrow cut-off is %g bohr: in this cell at most %g (half the "
                           "shortest lattice vector)",
                           p[c], j->images.inradius);
    }
    for (int i = CUTOFFS; i < j->count; i++)
        if (!isfinite(p[i]))
            return err_set(err, ST_DATA, "Jastrow parameter %d is not finite", i + 1);
    return ST_OK;
}

enum status jastrow_set(struct jastrow *j, const double parameters[], struct err *err)
{
    enum status status = check_parameters(j, parameters, err);
    if (status)
        return status;
    memmove(j->parameters, parameters, (size_t)j->count * sizeof *parameters);
    const double *p = j->parameters, *a = p + CUTOFFS;
    radial_start(&j->u[0], p[0], 0.5, j->u_order, a);
    radial_start(&j->u[1], p[0], 0.25, j->u_order, a + j->u_order);
    a += 2 * j->u_order;
    for (int e = 0; e < j->elements; e++)
        radial_start(&j->chi[e], p[1], -j->charge[e], j->chi_order, a + e * j->chi_order);
    return ST_OK;
}

static enum status find_elements(struct jastrow *j, const struct system *s, struct err *err)
{
    for (int z = 1; z < 120; z++) {
        int before = j->atoms;
        for (int a = 0; a < s->n; a++)
            if (s->element[a] == z) {
                memcpy(j->nucleus[j->atoms], s->pos[a], sizeof s->pos[a]);
                j->atom[j->atoms++] = a;
            }
        if (j->atoms == before)
            continue;
        if (j->elements == JASTROW_ELEMENTS)
            return err_set(err, ST_DATA, "more than %d elements in one frame", JASTROW_ELEMENTS);
        j->charge[j->elements] = z;
        j->first[j->elements++] = before;
        j->first[j->elements] = j->atoms;
    }
    return ST_OK;
}

static enum status read_form(struct jastrow *j, const char *form, struct err *err)
{
    int end = 0;
    if (sscanf(form, "drummond u%d chi%d%n", &j->u_order, &j->chi_order, &end) != 2 || form[end] ||
        j->u_order < 2 || j->u_order > RADIAL_ORDER || j->chi_order < 2 ||
        j->chi_order > RADIAL_ORDER)
        return err_set(err, ST_DATA,
                       "jastrow_form is '%.60s': it should be like '%s', orders from 2 to %d", form,
                       JASTROW_FORM, RADIAL_ORDER);
    snprintf(j->form, sizeof j->form, "drummond u%d chi%d", j->u_order, j->chi_order);
    return ST_OK;
}

static enum status bind(struct jastrow *j, const struct system *s, int n_up, int n_down,
                        const char *form, struct err *err)
{
    images_start(&j->images, s);
    j->n_up = n_up;
    j->electrons = n_up + n_down;
    j->nucleus = mem_new((size_t)s->n, sizeof *j->nucleus);
    j->atom = MEM_NEW(int, s->n);
    enum status status = read_form(j, form, err);
    if (!status)
        status = find_elements(j, s, err);
    j->count = CUTOFFS;
    for (int t = 0; t < TERMS; t++)
        j->count += terms[t]->free_parameters(j);
    j->parameters = MEM_NEW(double, j->count);
    return status;
}

struct jastrow *jastrow_new(const struct system *s, int n_up, int n_down, const char *form,
                            int count, const double parameters[], struct err *err)
{
    struct jastrow *j = MEM_NEW(struct jastrow, 1);
    enum status status = bind(j, s, n_up, n_down, form, err);
    if (!status && count != j->count)
        status = err_set(err, ST_DATA, "key 'jastrow' has %d numbers: form '%s' has %d here", count,
                         form, j->count);
    if (!status)
        status = jastrow_set(j, parameters, err);
    if (!status)
        return j;
    jastrow_free(j);
    return NULL;
}

struct jastrow *jastrow_copy(const struct jastrow *old)
{
    struct jastrow *j = MEM_NEW(struct jastrow, 1);
    *j = *old;
    j->nucleus = mem_new((size_t)j->atoms, sizeof *j->nucleus);
    memcpy(j->nucleus, old->nucleus, (size_t)j->atoms * sizeof *j->nucleus);
    j->atom = MEM_NEW(int, j->atoms);
    memcpy(j->atom, old->atom, (size_t)j->atoms * sizeof *j->atom);
    j->parameters = MEM_NEW(double, j->count);
    memcpy(j->parameters, old->parameters, (size_t)j->count * sizeof *j->parameters);
    return j;
}

void jastrow_free(struct jastrow *j)
{
    if (!j)
        return;
    free(j->nucleus);
    free(j->atom);
    free(j->parameters);
    free(j);
}

const char *jastrow_form(const struct jastrow *j)
{
    return j->form;
}

int jastrow_count(const struct jastrow *j)
{
    return j->count;
}

int jastrow_cutoffs(const struct jastrow *j)
{
    (void)j;
    return CUTOFFS;
}

const double *jastrow_parameters(const struct jastrow *j)
{
    return j->parameters;
}

void jastrow_electron(const struct jastrow *j, int walkers, const double pos[][3], int i,
                      const double r[][3], double value[], double gradient[][3], double laplacian[])
{
    memset(value, 0, (size_t)walkers * sizeof *value);
    memset(gradient, 0, (size_t)walkers * sizeof *gradient);
    memset(laplacian, 0, (size_t)walkers * sizeof *laplacian);
    for (int t = 0; t < TERMS; t++)
        terms[t]->electron(j, walkers, pos, i, r, value, gradient, laplacian);
}

/* A group of walkers at a time, so that the sums of one electron are contiguous. */
#define GROUP 32

static void electron_of_all(const struct jastrow *j, int walkers, const double pos[][3], int i,
                            double value[], double gradient[][3], double laplacian[])
{
    double r[GROUP][3], v[GROUP], g[GROUP][3] = {{0}}, l[GROUP] = {0};
    for (int w = 0; w < walkers; w++)
        memcpy(r[w], pos[(size_t)w * j->electrons + i], sizeof r[w]);
    for (int t = 0; t < TERMS; t++) {
        memset(v, 0, sizeof v);
        terms[t]->electron(j, walkers, pos, i, r, v, g, l);
        for (int w = 0; w < walkers; w++)
            value[w] += terms[t]->share * v[w];
    }
    for (int w = 0; w < walkers; w++) {
        memcpy(gradient[(size_t)w * j->electrons + i], g[w], sizeof g[w]);
        laplacian[(size_t)w * j->electrons + i] = l[w];
    }
}

void jastrow_all(const struct jastrow *j, int walkers, const double pos[][3], double value[],
                 double gradient[][3], double laplacian[])
{
    memset(value, 0, (size_t)walkers * sizeof *value);
    for (int w = 0; w < walkers; w += GROUP) {
        int n = walkers - w < GROUP ? walkers - w : GROUP;
        size_t at = (size_t)w * j->electrons;
        for (int i = 0; i < j->electrons; i++)
            electron_of_all(j, n, pos + at, i, value + w, gradient + at, laplacian + at);
    }
}

void jastrow_derivatives(const struct jastrow *j, const double pos[][3], const double velocity[][3],
                         double value[], double energy[])
{
    int at = 0;
    memset(value, 0, (size_t)(j->count - CUTOFFS) * sizeof *value);
    if (energy)
        memset(energy, 0, (size_t)(j->count - CUTOFFS) * sizeof *energy);
    for (int t = 0; t < TERMS; t++) {
        terms[t]->derivatives(j, pos, velocity, value + at, energy ? energy + at : NULL);
        at += terms[t]->free_parameters(j);
    }
}

void jastrow_differential(const struct jastrow *j, const double pos[][3],
                          const double velocity[][3], struct jastrow_differential *d)
{
    size_t electrons = (size_t)j->electrons * sizeof *d->value_electron;
    size_t nuclei = (size_t)j->atoms * sizeof *d->value_nucleus;
    memset(d->value_electron, 0, electrons);
    memset(d->energy_electron, 0, electrons);
    memset(d->value_nucleus, 0, nuclei);
    memset(d->energy_nucleus, 0, nuclei);
    memset(d->value_strain, 0, sizeof d->value_strain);
    memset(d->energy_strain, 0, sizeof d->energy_strain);
    for (int t = 0; t < TERMS; t++)
        terms[t]->differential(j, pos, velocity, d);
}
