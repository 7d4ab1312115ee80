/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "base/mem.h"
#include "base/units.h"
#include "maths/linalg.h"
#include "ml/fit.h"
#include "ml/pair.h"
#include "ml/predict.h"
#include "ml/regress.h"
#include "ml/sparse.h"

struct place { /* an environment of the training set */
    int frame, atom;
};

static enum status find_elements(int frames, const struct rows_label label[],
                                 struct soap_settings *soap, struct err *err)
{
    int found = 0;
    bool present[119] = {false};
    for (int f = 0; f < frames; f++)
        for (int i = 0; i < label[f].system->n; i++)
            present[label[f].system->element[i]] = true;
    soap->elements = 0;
    for (int z = 1; z < 119; z++)
        if (present[z] && found++ < SOAP_MAX_ELEMENTS)
            soap->element[soap->elements++] = z;
    return found <= SOAP_MAX_ELEMENTS
               ? ST_OK
               : err_set(err, ST_DATA, "the frames have %d elements: a model takes at most %d",
                         found, SOAP_MAX_ELEMENTS);
}

/* All descriptors as floats, rows[environments][size]. */
static enum status describe(int frames, const struct rows_label label[], const struct soap *soap,
                            float *rows, int *kind, struct place *place, struct err *err)
{
    enum status status = ST_OK;
    size_t at = 0;
    for (int f = 0; f < frames && !status; f++) {
        const struct system *s = label[f].system;
        double *p = MEM_NEW(double, (size_t)s->n * soap->size);
        status = predict_descriptors(soap, s, p, err);
        for (size_t k = 0; k < (size_t)s->n * soap->size; k++)
            rows[at * soap->size + k] = (float)p[k];
        for (int i = 0; i < s->n; i++, at++) {
            place[at] = (struct place){f, i};
            kind[at] = s->element[i];
        }
        free(p);
    }
    return status;
}

static int order(const void *a, const void *b)
{
    const int *x = a, *y = b;
    return x[0] != y[0] ? (x[0] > y[0]) - (x[0] < y[0]) : (x[1] > y[1]) - (x[1] < y[1]);
}

/* The chosen environments, by element and then in the order of choice. */
static void cut_environments(struct potential *p, int frames, const struct rows_label label[],
                             const int *kind, const struct place *place, const size_t *chosen)
{
    int(*by)[2] = mem_new(p->count, sizeof *by);
    for (int m = 0; m < p->count; m++) {
        by[m][0] = kind[chosen[m]];
        by[m][1] = m;
    }
    qsort(by, p->count, sizeof *by, order);
    for (int f = 0; f < frames; f++) { /* one neighbour list for all that a frame gives */
        struct neighbour *list = NULL;
        for (int m = 0; m < p->count; m++) {
            struct place at = place[chosen[by[m][1]]];
            if (at.frame != f)
                continue;
            if (!list)
                list = neighbour_new(label[f].system, p->soap.cutoff);
            environment_cut(&p->environment[m], label[f].system, list, at.atom);
        }
        neighbour_free(list);
    }
    free(by);
}

/* The two-body term has a knot every 0.1 A: no curve between atoms needs more. */
static struct potential *choose(int frames, const struct rows_label label[],
                                const struct fit_settings *settings, const struct soap *soap,
                                size_t environments, struct err *err)
{
    const double step = 0.1 / UNITS_BOHR_A;
    float *rows = MEM_NEW(float, environments * soap->size);
    int *kind = MEM_NEW(int, environments);
    struct place *place = MEM_NEW(struct place, environments);
    size_t *chosen = MEM_NEW(size_t, settings->sparse);
    struct potential *p = NULL;
    if (!describe(frames, label, soap, rows, kind, place, err)) {
        int count = sparse_farthest(environments, soap->size, rows, kind, settings->sparse, chosen);
        p = potential_new(count);
        p->soap = soap->settings;
        p->zeta = settings->zeta;
        p->amplitude = 1;
        p->pair_cutoff = settings->pair_cutoff;
        p->two.reach = settings->two_body;
        p->two.knots = (int)ceil(settings->two_body / step);
        cut_environments(p, frames, label, kind, place, chosen);
    }
    free(rows);
    free(kind);
    free(place);
    free(chosen);
    return p;
}

static double pair_total(const struct system *s, double cutoff)
{
    double sum = 0, slope;
    if (!(cutoff > 0))
        return 0;
    struct neighbour *list = neighbour_new(s, cutoff);
    for (int i = 0; i < s->n; i++)
        for (size_t k = list->first[i]; k < list->first[i + 1]; k++) {
            const double *d = list->d[k];
            double r = sqrt(d[0] * d[0] + d[1] * d[1] + d[2] * d[2]);
            sum += 0.5 * pair_energy(s->element[i], s->element[list->atom[k]], cutoff, r, &slope);
        }
    neighbour_free(list);
    return sum;
}

/* Least-squares energies per atom of each element, of least norm where the compositions do not tell. */
static enum status fit_e0(struct potential *p, int frames, const struct rows_label label[],
                          struct err *err)
{
    int n = p->soap.elements;
    double a[SOAP_MAX_ELEMENTS * SOAP_MAX_ELEMENTS] = {0}, b[SOAP_MAX_ELEMENTS] = {0},
                                 w[SOAP_MAX_ELEMENTS];
    for (int f = 0; f < frames; f++) {
        double atoms[SOAP_MAX_ELEMENTS] = {0};
        const struct system *s = label[f].system;
        if (!label[f].has_energy || !isfinite(label[f].energy_noise))
            continue;
        for (int i = 0; i < s->n; i++)
            atoms[soap_channel(p->descriptor, s->element[i])] += 1;
        double weight = pow(label[f].energy_noise, -2),
               y = label[f].energy - pair_total(s, p->pair_cutoff);
        for (int i = 0; i < n; i++) {
            b[i] += weight * atoms[i] * y;
            for (int j = 0; j < n; j++)
                a[i * n + j] += weight * atoms[i] * atoms[j];
        }
    }
    enum status status = linalg_eigen(n, a, w, err);
    for (int k = 0; k < n && !status; k++) {
        double dot = 0;
        for (int i = 0; i < n; i++)
            dot += a[k * n + i] * b[i];
        for (int i = 0; i < n && w[k] > 1e-10 * w[n - 1]; i++)
            p->e0[i] += a[k * n + i] * dot / w[k];
    }
    return status;
}

static enum status set_e0(struct potential *p, int frames, const struct rows_label label[],
                          const struct fit_settings *settings, struct err *err)
{
    if (!settings->e0_fixed)
        return fit_e0(p, frames, label, err);
    for (int e = 0; e < p->soap.elements; e++)
        p->e0[e] = settings->e0[p->soap.element[e]];
    return ST_OK;
}

enum status fit_parse_e0(const char *text, struct fit_settings *fit, struct err *err)
{
    char *copy = mem_text(text), *next = copy, *word;
    enum status status = ST_OK;
    fit->e0_fixed = true;
    while (!status && (word = strtok_r(next, ",", &next))) {
        char *value = strchr(word, '=');
        double e0 = 0;
        if (value)
            *value++ = 0;
        int element = value ? species_element(word) : 0;
        if (value && !element)
            status =
                err_set(err, ST_USAGE, "'%s' in the energies of atoms is not an element", word);
        else
            status = units_parse(value ? value : word, DIM_ENERGY, &e0, err);
        for (int z = 1; z < 119 && !status; z++)
            if (!element || z == element)
                fit->e0[z] = e0;
    }
    free(copy);
    return status;
}

/* Sparse environments chosen, e0 fitted, weights zero; prepared. */
static struct potential *start(int frames, const struct rows_label label[],
                               const struct fit_settings *settings, struct fit_report *report,
                               struct err *err)
{
    struct soap_settings kind = settings->soap;
    *report = (struct fit_report){0};
    if (find_elements(frames, label, &kind, err))
        return NULL;
    for (int f = 0; f < frames; f++)
        report->environments += label[f].system->n;
    struct soap *soap = soap_new(&kind, err);
    if (!soap)
        return NULL;
    struct potential *p = choose(frames, label, settings, soap, report->environments, err);
    soap_free(soap);
    if (p && !potential_prepare(p, err) && !set_e0(p, frames, label, settings, err))
        return p;
    potential_free(p);
    return NULL;
}

struct potential *fit_potential(int frames, const struct rows_label label[],
                                const struct fit_settings *settings, struct fit_report *report,
                                struct log *log, struct err *err)
{
    log_progress(log, "choosing sparse environments");
    struct potential *p = start(frames, label, settings, report, err);
    if (!p)
        return NULL;
    log_progress(log, "fitting %d sparse environments", p->count);
    enum status status = regress(p, frames, label, settings, report, err);
    log_done(log);
    if (!status)
        return p;
    potential_free(p);
    return NULL;
}
