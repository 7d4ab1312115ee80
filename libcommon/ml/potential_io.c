/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "base/mem.h"
#include "base/units.h"
#include "ml/potential_io.h"
#include "ml/sphere.h"

/* What a model may have at most */
enum { MOST_ZETA = 100, MOST_KNOTS = 1000 };

static const char kind_of_model[] = "kernel soap 1";

/* "H C" */
static char *elements_text(const struct soap_settings *soap)
{
    char *list = mem_text("");
    for (int e = 0; e < soap->elements; e++) {
        char *longer = mem_print("%s%s%s", list, e ? " " : "", species_symbol(soap->element[e]));
        free(list);
        list = longer;
    }
    return list;
}

static void put_soap(const struct potential_store *store, struct model *m,
                     const struct soap_settings *soap)
{
    char *elements = elements_text(soap);
    store->set_text(m, "soap_elements", elements);
    store->set_real(m, "soap_cutoff_bohr", soap->cutoff);
    store->set_real(m, "soap_transition_bohr", soap->transition);
    store->set_real(m, "soap_sigma_bohr", soap->sigma);
    store->set_real(m, "soap_scale_bohr", soap->scale);
    store->set_real(m, "soap_exponent", soap->exponent);
    store->set_real(m, "soap_centre", soap->centre);
    store->set_real(m, "soap_n", soap->n_max);
    store->set_real(m, "soap_l", soap->l_max);
    free(elements);
}

static struct system *cluster_of(const struct environment *e)
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
static double *pack(int n, const double *square)
{
    double *packed = MEM_NEW(double, (size_t)n *(n + 1) / 2), *next = packed;
    for (int i = 0; i < n; i++)
        for (int j = i; j < n; j++)
            *next++ = square[(size_t)i * n + j];
    return packed;
}

static void put_two_body(const struct potential *p, const struct potential_store *store,
                         struct model *m)
{
    store->set_real(m, "two_body_reach_bohr", p->two.reach);
    store->set_real(m, "two_body_amplitude_Ha", p->two.amplitude);
    store->set_real(m, "two_body_length_bohr", p->two.length);
    store->set_real(m, "two_body_knots", p->two.knots);
    store->set_reals(m, "two_body_weight_Ha", p->columns - p->count, p->two.weight);
}

void potential_put(const struct potential *p, const struct potential_store *store, struct model *m)
{
    store->set_text(m, "model_kind", kind_of_model);
    put_soap(store, m, &p->soap);
    store->set_real(m, "zeta", p->zeta);
    store->set_real(m, "amplitude_Ha", p->amplitude);
    store->set_real(m, "pair_cutoff_bohr", p->pair_cutoff);
    store->set_reals(m, "e0_Ha", p->soap.elements, p->e0);
    if (p->two.knots > 0)
        put_two_body(p, store, m);
    for (int i = 0; i < p->count; i++)
        store->add(m, cluster_of(&p->environment[i]), p->weight[i]);
    if (p->factor) {
        double *packed = pack(p->columns, p->factor);
        store->set_reals(m, "covariance_factor", p->columns * (p->columns + 1) / 2, packed);
        free(packed);
    }
}

static enum status get_elements(const struct potential_store *store, const struct model *m,
                                struct soap_settings *soap, struct err *err)
{
    const char *text;
    if (store->get_text(m, "soap_elements", &text, err))
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

/* A number that counts: it is written as a real one, but 8.9 functions are none. */
static enum status get_count(const struct potential_store *store, const struct model *m,
                             const char *name, int least, int most, int *n, struct err *err)
{
    double x;
    if (store->get_real(m, name, &x, err))
        return ST_DATA;
    if (!(x >= least && x <= most && x == floor(x)))
        return err_set(err, ST_DATA,
                       "%s of the model is %g: a whole number from %d to %d would be right", name,
                       x, least, most);
    *n = (int)x;
    return ST_OK;
}

static enum status get_counts(const struct potential_store *store, const struct model *m,
                              struct potential *p, struct err *err)
{
    if (get_count(store, m, "soap_n", 1, SOAP_MAX_N, &p->soap.n_max, err) ||
        get_count(store, m, "soap_l", 0, SPHERE_MAX, &p->soap.l_max, err))
        return ST_DATA;
    return get_count(store, m, "zeta", 1, MOST_ZETA, &p->zeta, err);
}

static enum status get_parameters(const struct potential_store *store, const struct model *m,
                                  struct potential *p, struct err *err)
{
    const char *kind;
    struct soap_settings *s = &p->soap;
    const struct {
        const char *name;
        double *x;
    } real[] = {{"soap_cutoff_bohr", &s->cutoff}, {"soap_transition_bohr", &s->transition},
                {"soap_sigma_bohr", &s->sigma},   {"soap_scale_bohr", &s->scale},
                {"soap_exponent", &s->exponent},  {"soap_centre", &s->centre},
                {"amplitude_Ha", &p->amplitude},  {"pair_cutoff_bohr", &p->pair_cutoff}};
    if (store->get_text(m, "model_kind", &kind, err))
        return ST_DATA;
    if (strcmp(kind, kind_of_model))
        return err_set(err, ST_DATA, "the model is of kind '%s'; this program knows '%s'", kind,
                       kind_of_model);
    for (size_t i = 0; i < sizeof real / sizeof *real; i++)
        if (store->get_real(m, real[i].name, real[i].x, err))
            return ST_DATA;
    if (get_elements(store, m, s, err) || store->get_reals(m, "e0_Ha", s->elements, p->e0, err))
        return ST_DATA;
    return get_counts(store, m, p, err);
}

/* Models without a two-body term lack its parameters. */
static enum status get_two_body(const struct potential_store *store, const struct model *m,
                                struct potential *p, struct err *err)
{
    struct potential_two_body *two = &p->two;
    if (!store->has(m, "two_body_knots"))
        return ST_OK;
    if (get_count(store, m, "two_body_knots", 1, MOST_KNOTS, &two->knots, err) ||
        store->get_real(m, "two_body_reach_bohr", &two->reach, err) ||
        store->get_real(m, "two_body_amplitude_Ha", &two->amplitude, err) ||
        store->get_real(m, "two_body_length_bohr", &two->length, err))
        return ST_DATA;
    if (!(two->reach > 0))
        return err_set(err, ST_DATA,
                       "two_body_reach_bohr of the model is %g: it must be greater than 0",
                       two->reach);
    int columns = p->soap.elements * (p->soap.elements + 1) / 2 * two->knots;
    two->weight = MEM_NEW(double, columns);
    return store->get_reals(m, "two_body_weight_Ha", columns, two->weight, err);
}

static void environment_of(const struct system *s, struct environment *e)
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

static enum status get_factor(const struct potential_store *store, const struct model *m,
                              struct potential *p, struct err *err)
{
    size_t n = (size_t)p->count + p->soap.elements * (p->soap.elements + 1) / 2 * p->two.knots;
    double *packed = MEM_NEW(double, n *(n + 1) / 2), *next = packed;
    enum status status =
        store->get_reals(m, "covariance_factor", (int)(n * (n + 1) / 2), packed, err);
    if (!status)
        p->factor = MEM_NEW(double, n *n);
    for (size_t i = 0; !status && i < n; i++)
        for (size_t j = i; j < n; j++)
            p->factor[i * n + j] = *next++;
    free(packed);
    return status;
}

struct potential *potential_get(const struct potential_store *store, const struct model *m,
                                int count, struct system *const cluster[], const double weight[],
                                struct err *err)
{
    struct potential *p = potential_new(count);
    enum status status = get_parameters(store, m, p, err);
    if (!status)
        status = get_two_body(store, m, p, err);
    for (int i = 0; i < count && !status; i++) {
        environment_of(cluster[i], &p->environment[i]);
        p->weight[i] = weight[i];
    }
    if (!status && store->has(m, "covariance_factor"))
        status = get_factor(store, m, p, err);
    if (!status)
        status = potential_prepare(p, err);
    if (!status)
        return p;
    potential_free(p);
    return NULL;
}
