/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Where the model of the stream (formats/model.h) and the potential of the physics (ml/potential.h)
 * meet: included by the programs that write or read force fields. Names of parameters end in their unit.
 */
#ifndef CMD_FORCE_FIELD_H
#define CMD_FORCE_FIELD_H

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "base/mem.h"
#include "base/units.h"
#include "formats/model.h"
#include "ml/potential.h"

static const char force_field_kind[] = "kernel soap 1";

/* "H C" */
static inline char *force_field_elements(const struct soap_settings *soap)
{
    char *list = mem_text("");
    for (int e = 0; e < soap->elements; e++) {
        char *longer = mem_print("%s%s%s", list, e ? " " : "", species_symbol(soap->element[e]));
        free(list);
        list = longer;
    }
    return list;
}

static inline void force_field_put_soap(struct model *m, const struct soap_settings *soap)
{
    char *elements = force_field_elements(soap);
    model_set_text(m, "soap_elements", elements);
    model_set_real(m, "soap_cutoff_bohr", soap->cutoff);
    model_set_real(m, "soap_transition_bohr", soap->transition);
    model_set_real(m, "soap_sigma_bohr", soap->sigma);
    model_set_real(m, "soap_scale_bohr", soap->scale);
    model_set_real(m, "soap_exponent", soap->exponent);
    model_set_real(m, "soap_centre", soap->centre);
    model_set_real(m, "soap_n", soap->n_max);
    model_set_real(m, "soap_l", soap->l_max);
    free(elements);
}

static inline struct system *force_field_cluster(const struct environment *e)
{
    struct system *s = system_new(e->count + 1);
    for (int i = 0; i <= e->count; i++) {
        s->element[i] = i ? e->neighbour[i - 1] : e->element;
        s->mass[i] = species_mass(species_symbol(s->element[i])) * UNITS_AMU_ME;
        for (int a = 0; i && a < 3; a++)
            s->pos[i][a] = e->d[i - 1][a];
    }
    return s;
}

/* Rows of the upper triangle, one after another. The caller frees. */
static inline double *force_field_pack(int n, const double *square)
{
    double *packed = MEM_NEW(double, (size_t)n *(n + 1) / 2), *next = packed;
    for (int i = 0; i < n; i++)
        for (int j = i; j < n; j++)
            *next++ = square[(size_t)i * n + j];
    return packed;
}

/* A model of the stream with everything that prediction needs; the caller adds what else it is. */
static inline struct model *force_field_model(const struct potential *p)
{
    struct model *m = model_new();
    model_set_text(m, "model_kind", force_field_kind);
    force_field_put_soap(m, &p->soap);
    model_set_real(m, "zeta", p->zeta);
    model_set_real(m, "amplitude_Ha", p->amplitude);
    model_set_real(m, "pair_cutoff_bohr", p->pair_cutoff);
    model_set_reals(m, "e0_Ha", p->soap.elements, p->e0);
    for (int i = 0; i < p->count; i++)
        model_add(m, force_field_cluster(&p->environment[i]), p->weight[i]);
    if (p->factor) {
        double *packed = force_field_pack(p->count, p->factor);
        model_set_reals(m, "covariance_factor", p->count * (p->count + 1) / 2, packed);
        free(packed);
    }
    return m;
}

static inline enum status force_field_get_elements(const struct model *m,
                                                   struct soap_settings *soap, struct err *err)
{
    const char *text;
    if (model_get_text(m, "soap_elements", &text, err))
        return ST_DATA;
    char *copy = mem_text(text), *next = copy, *word;
    for (soap->elements = 0;
         (word = strtok_r(next, " ", &next)) && soap->elements < SOAP_MAX_ELEMENTS;)
        soap->element[soap->elements++] = species_element(word);
    bool good = !word && soap->elements > 0;
    for (int e = 0; e < soap->elements; e++)
        good = good && soap->element[e] > (e ? soap->element[e - 1] : 0);
    free(copy);
    return good ? ST_OK
                : err_set(
                      err, ST_DATA,
                      "soap_elements of the model is '%s', not 1 to %d elements in ascending order",
                      text, SOAP_MAX_ELEMENTS);
}

static inline enum status force_field_get(const struct model *m, struct potential *p,
                                          struct err *err)
{
    const char *kind;
    double zeta, n, l;
    struct soap_settings *s = &p->soap;
    const struct {
        const char *name;
        double *x;
    } real[] = {{"soap_cutoff_bohr", &s->cutoff},
                {"soap_transition_bohr", &s->transition},
                {"soap_sigma_bohr", &s->sigma},
                {"soap_scale_bohr", &s->scale},
                {"soap_exponent", &s->exponent},
                {"soap_centre", &s->centre},
                {"soap_n", &n},
                {"soap_l", &l},
                {"zeta", &zeta},
                {"amplitude_Ha", &p->amplitude},
                {"pair_cutoff_bohr", &p->pair_cutoff}};
    if (model_get_text(m, "model_kind", &kind, err))
        return ST_DATA;
    if (strcmp(kind, force_field_kind))
        return err_set(err, ST_DATA, "the model is of kind '%s'; this program knows '%s'", kind,
                       force_field_kind);
    for (size_t i = 0; i < sizeof real / sizeof *real; i++)
        if (model_get_real(m, real[i].name, real[i].x, err))
            return ST_DATA;
    if (force_field_get_elements(m, s, err) || model_get_reals(m, "e0_Ha", s->elements, p->e0, err))
        return ST_DATA;
    if (!(n >= 1 && n <= 100 && l >= 0 && l <= 100 && zeta >= 1 && zeta <= 100))
        return err_set(err, ST_DATA, "soap_n, soap_l or zeta of the model is out of range");
    s->n_max = (int)n;
    s->l_max = (int)l;
    p->zeta = (int)zeta;
    return ST_OK;
}

static inline void force_field_environment(const struct system *s, struct environment *e)
{
    e->element = s->element[0];
    e->count = s->n - 1;
    e->neighbour = MEM_NEW(int, e->count);
    e->d = mem_new(e->count, sizeof *e->d);
    for (int j = 0; j < e->count; j++) {
        e->neighbour[j] = s->element[j + 1];
        for (int a = 0; a < 3; a++)
            e->d[j][a] = s->pos[j + 1][a] - s->pos[0][a];
    }
}

static inline enum status force_field_factor(const struct model *m, struct potential *p,
                                             struct err *err)
{
    size_t n = (size_t)p->count;
    double *packed = MEM_NEW(double, n *(n + 1) / 2), *next = packed;
    enum status status =
        model_get_reals(m, "covariance_factor", (int)(n * (n + 1) / 2), packed, err);
    if (!status)
        p->factor = MEM_NEW(double, n *n);
    for (size_t i = 0; !status && i < n; i++)
        for (size_t j = i; j < n; j++)
            p->factor[i * n + j] = *next++;
    free(packed);
    return status;
}

/* Read a model and make it ready. NULL and *err: unreadable, incomplete, not of this kind. */
static inline struct potential *force_field_load(const char *path, struct err *err)
{
    struct err own = {ST_OK, ""};
    struct model *m = model_read(path, err);
    if (!m)
        return NULL;
    struct potential *p = potential_new(m->environments);
    enum status status = force_field_get(m, p, &own);
    for (int i = 0; i < p->count && !status; i++) {
        force_field_environment(m->environment[i], &p->environment[i]);
        p->weight[i] = m->weight[i];
    }
    if (!status && model_has(m, "covariance_factor"))
        status = force_field_factor(m, p, &own);
    if (!status)
        status = potential_prepare(p, &own);
    model_free(m);
    if (!status)
        return p;
    err_set(err, ST_DATA, "%s: %s", path, own.text);
    potential_free(p);
    return NULL;
}

#endif
