/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/mem.h"
#include "qmc/jastrow_term.h"

static const struct jastrow_term *const terms[] = {&jastrow_u, &jastrow_chi, &jastrow_f,
                                                   &jastrow_p, &jastrow_q,   &jastrow_m};
#define TERMS ((int)(sizeof terms / sizeof *terms))

#define SHORTEST 0.1 /* bohr: cut-offs are not optimised below */
#define LONGEST 60.0 /* bohr, of open boundaries */
#define SOFTEST 0.01 /* 1/bohr, of p */

/* What a cut-off may be at most */
static double limit(const struct jastrow *j, int cutoff)
{
    return cutoff == JASTROW_CUTOFF_P ? j->waves_limit : j->images.inradius;
}

static enum status check_parameters(const struct jastrow *j, const double p[], struct err *err)
{
    for (int c = 0; c < j->cutoffs; c++) {
        if (!(p[c] > 0 && isfinite(p[c])))
            return err_set(err, ST_DATA, "a Jastrow cut-off is %g: it should be positive", p[c]);
        if (p[c] > limit(j, c) * (1 + 1e-9))
            return err_set(err, ST_DATA,
                           c == JASTROW_CUTOFF_P
                               ? "a Jastrow cut-off is %g /bohr: in this cell at most %g"
                               : "a Jastrow cut-off is %g bohr: in this cell at most %g (half the "
                                 "shortest lattice vector)",
                           p[c], limit(j, c));
    }
    for (int i = j->cutoffs; i < j->count; i++)
        if (!isfinite(p[i]))
            return err_set(err, ST_DATA, "Jastrow parameter %d is not finite", i + 1);
    return ST_OK;
}

void jastrow_limit(const struct jastrow *j, double p[])
{
    for (int c = 0; c < j->cutoffs; c++) {
        bool wave = c == JASTROW_CUTOFF_P;
        double most = fmin(limit(j, c), wave ? INFINITY : LONGEST);
        p[c] = fmin(fmax(p[c], wave ? SOFTEST : SHORTEST), most);
    }
}

static bool any(int n, const double a[])
{
    for (int k = 0; k < n; k++)
        if (a[k] != 0)
            return true;
    return false;
}

/* a: pairs l <= m for each element, spin and n */
static const double *set_gamma(struct jastrow *j, const double *a)
{
    for (int e = 0; e < j->elements; e++)
        for (int same = 0; same < 2; same++)
            for (int n = 0; n < JASTROW_H; n++)
                for (int l = 0; l < JASTROW_G; l++)
                    for (int m = l; m < JASTROW_G; m++, a++)
                        j->gamma[e][same][n][l][m] = j->gamma[e][same][n][m][l] = *a;
    return a;
}

enum status jastrow_set(struct jastrow *j, const double parameters[], struct err *err)
{
    enum status status = check_parameters(j, parameters, err);
    if (status)
        return status;
    memmove(j->parameters, parameters, (size_t)j->count * sizeof *parameters);
    const double *p = j->parameters, *a = p + j->cutoffs;
    for (int same = 0; same < 2; same++, a += j->u_order)
        radial_start(&j->u[same], same ? 0.25 : 0.5, p[JASTROW_RANGE_U], p[JASTROW_CUTOFF_U],
                     j->u_order, a);
    for (int e = 0; e < j->elements; e++, a += j->chi_order)
        radial_start(&j->chi[e], -j->charge[e], p[JASTROW_RANGE_CHI], p[JASTROW_CUTOFF_CHI],
                     j->chi_order, a);
    j->f_active = any(jastrow_f.parameters(j), a);
    if (j->f_order)
        a = set_gamma(j, a);
    jastrow_waves_set(j, p[JASTROW_CUTOFF_P], a);
    j->p_active = j->waves.n > 0 && any(j->p_order, a);
    a += j->p_order;
    j->q_active = any(jastrow_q.parameters(j) + jastrow_m.parameters(j), a);
    jastrow_q_set(j, a);
    jastrow_m_set(j, a + jastrow_q.parameters(j));
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

/* Terms of charges and of surroundings: " q4.3", " q4.4 m4.3" or nothing */
static bool read_charges(struct jastrow *j, const char *form)
{
    int q = 0, m = JASTROW_G, end = 0;
    if (!form[0])
        return true;
    int n = sscanf(form, " q%1d.%1d%n m%1d.%1d%n", &q, &j->q_order, &end, &m, &j->m_order, &end);
    return (n == 2 || n == 4) && !form[end] && q == JASTROW_G && j->q_order >= 1 &&
           j->q_order <= JASTROW_B && m == JASTROW_G && j->m_order >= (n == 4) &&
           j->m_order < j->q_order;
}

/* Widths keep numbers within an int; what is longer is no form. */
static enum status read_form(struct jastrow *j, const char *form, struct err *err)
{
    int end = 0, g = 0, h = 0;
    if (sscanf(form, "tempered u%2d chi%2d f%1d.%1d p%1d%n", &j->u_order, &j->chi_order, &g, &h,
               &j->p_order, &end) != 5 ||
        !read_charges(j, form + end) || j->u_order < 1 || j->u_order > RADIAL_ORDER ||
        j->chi_order < 1 || j->chi_order > RADIAL_ORDER || j->p_order < 0 ||
        j->p_order > JASTROW_P || !((g == 0 && h == 0) || (g == JASTROW_G && h == JASTROW_H - 1)))
        return err_set(err, ST_DATA,
                       "jastrow_form is '%.60s': it should be like '%s' (orders of u and chi up to "
                       "%d, f4.2 or f0.0, p up to %d, perhaps q4.1 to q4.%d and then m4.1 to m4.3, "
                       "less than q); without it, or with --jastrow, another one is used",
                       form, JASTROW_FORM, RADIAL_ORDER, JASTROW_P, JASTROW_B);
    j->f_order = g > 0;
    j->cutoffs = j->q_order ? JASTROW_CUTOFFS : JASTROW_CUTOFF_Q;
    snprintf(j->form, sizeof j->form, "tempered u%d chi%d f%d.%d p%d", j->u_order, j->chi_order, g,
             h, j->p_order);
    if (j->q_order)
        snprintf(j->form + strlen(j->form), sizeof j->form - strlen(j->form), " q%d.%d", JASTROW_G,
                 j->q_order);
    if (j->m_order)
        snprintf(j->form + strlen(j->form), sizeof j->form - strlen(j->form), " m%d.%d", JASTROW_G,
                 j->m_order);
    return ST_OK;
}

enum status jastrow_check_form(const char *form, struct err *err)
{
    struct jastrow *j = MEM_NEW(struct jastrow, 1);
    enum status status = read_form(j, form, err);
    free(j);
    return status;
}

static enum status bind(struct jastrow *j, const struct system *s, int n_up, int n_down,
                        const char *form, struct err *err)
{
    images_start(&j->images, s);
    for (int i = 0; i < 3; i++)
        for (int x = 0; x < 3; x++)
            j->rec[i][x] = 2 * 3.14159265358979323846 * j->images.inverse[x][i];
    j->waves_limit = jastrow_waves_limit(j);
    j->n_up = n_up;
    j->electrons = n_up + n_down;
    j->nucleus = mem_new((size_t)s->n, sizeof *j->nucleus);
    j->atom = MEM_NEW(int, s->n);
    enum status status = read_form(j, form, err);
    if (!status)
        status = find_elements(j, s, err);
    if (status) /* orders may be anything */
        return status;
    j->count = j->cutoffs;
    for (int t = 0; t < TERMS; t++)
        j->count += terms[t]->parameters(j);
    j->parameters = MEM_NEW(double, j->count);
    return ST_OK;
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

/* Block of `from` numbers becomes one of `to`: cut or filled up with zeros. */
static void block(const double **old, int from, double **new, int to)
{
    for (int k = 0; k < to; k++)
        (*new)[k] = k < from ? (*old)[k] : 0;
    *old += from;
    *new += to;
}

static void copy_parameters(const struct jastrow *from, const double *old, struct jastrow *to,
                            double *new)
{
    block(&old, JASTROW_CUTOFF_Q, &new, JASTROW_CUTOFF_Q);
    const double *cutoffs = from->q_order ? old : to->parameters + JASTROW_CUTOFF_Q;
    block(&cutoffs, to->cutoffs - JASTROW_CUTOFF_Q, &new, to->cutoffs - JASTROW_CUTOFF_Q);
    old += from->cutoffs - JASTROW_CUTOFF_Q;
    for (int same = 0; same < 2; same++)
        block(&old, from->u_order, &new, to->u_order);
    for (int e = 0; e < to->elements; e++)
        block(&old, from->chi_order, &new, to->chi_order);
    block(&old, jastrow_f.parameters(from), &new, jastrow_f.parameters(to));
    block(&old, from->p_order, &new, to->p_order);
    for (int kind = 0; kind < to->elements * (to->elements + 1); kind++) /* and spin */
        block(&old, from->q_order * JASTROW_PAIRS, &new, to->q_order * JASTROW_PAIRS);
    for (int pair = 0; pair < to->elements * to->elements; pair++)
        block(&old, from->m_order * JASTROW_G, &new, to->m_order * JASTROW_G);
}

struct jastrow *jastrow_adapt(const struct system *s, int n_up, int n_down, bool charges,
                              const char *form, int count, const double parameters[],
                              struct err *err)
{
    struct jastrow *old = MEM_NEW(struct jastrow, 1),
                   *j = jastrow_start_with(s, n_up, n_down, charges);
    enum status status = bind(old, s, n_up, n_down, form, err);
    if (!status && count != old->count)
        status = err_set(err, ST_DATA, "key 'jastrow' has %d numbers: form '%s' has %d here", count,
                         form, old->count);
    if (!status) {
        double *p = MEM_NEW(double, j->count);
        copy_parameters(old, parameters, j, p);
        jastrow_limit(j, p);
        status = jastrow_set(j, p, err);
        free(p);
    }
    jastrow_free(old);
    if (!status)
        return j;
    jastrow_free(j);
    return NULL;
}

void jastrow_free(struct jastrow *j)
{
    if (!j)
        return;
    free(j->nucleus);
    free(j->atom);
    free(j->shift);
    free(j->bond);
    free(j->bond_more);
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
    return j->cutoffs;
}

const double *jastrow_parameters(const struct jastrow *j)
{
    return j->parameters;
}

void jastrow_load(const struct jastrow *j, struct jastrow_work *work, int walkers,
                  const double pos[][3])
{
    for (int t = 0; t < TERMS; t++)
        if (terms[t]->load)
            terms[t]->load(j, work, walkers, pos);
}

void jastrow_electron(const struct jastrow *j, struct jastrow_work *work, int walkers,
                      const double pos[][3], int i, const double r[][3], double value[],
                      double gradient[][3], double laplacian[])
{
    memset(value, 0, (size_t)walkers * sizeof *value);
    memset(gradient, 0, (size_t)walkers * sizeof *gradient);
    memset(laplacian, 0, (size_t)walkers * sizeof *laplacian);
    for (int t = 0; t < TERMS; t++)
        if (terms[t]->electron)
            terms[t]->electron(j, work, walkers, pos, i, r, value, gradient, laplacian);
}

void jastrow_accept(const struct jastrow *j, struct jastrow_work *work, int walker, int i)
{
    for (int t = 0; t < TERMS; t++)
        if (terms[t]->accept)
            terms[t]->accept(j, work, walker, i);
}

/* A group of walkers at a time, so that the sums of one electron are contiguous. */
#define GROUP 32

static void electron_of_all(const struct jastrow *j, struct jastrow_work *work, int walkers,
                            const double pos[][3], int i, double value[], double gradient[][3],
                            double laplacian[])
{
    double r[GROUP][3], v[GROUP], g[GROUP][3] = {{0}}, l[GROUP] = {0};
    for (int w = 0; w < walkers; w++)
        memcpy(r[w], pos[(size_t)w * j->electrons + i], sizeof r[w]);
    for (int t = 0; t < TERMS; t++) {
        if (!terms[t]->electron)
            continue;
        memset(v, 0, sizeof v);
        terms[t]->electron(j, work, walkers, pos, i, (const double(*)[3])r, v, g, l);
        for (int w = 0; w < walkers; w++)
            value[w] += terms[t]->share * v[w];
    }
    for (int w = 0; w < walkers; w++) {
        memcpy(gradient[(size_t)w * j->electrons + i], g[w], sizeof g[w]);
        laplacian[(size_t)w * j->electrons + i] = l[w];
    }
}

void jastrow_all(const struct jastrow *j, struct jastrow_work *work, int walkers,
                 const double pos[][3], double value[], double gradient[][3], double laplacian[])
{
    int group = work->walkers < GROUP ? work->walkers : GROUP;
    memset(value, 0, (size_t)walkers * sizeof *value);
    for (int w = 0; w < walkers; w += group) {
        int n = walkers - w < group ? walkers - w : group;
        size_t at = (size_t)w * j->electrons;
        jastrow_load(j, work, n, pos + at);
        for (int i = 0; i < j->electrons; i++)
            electron_of_all(j, work, n, pos + at, i, value + w, gradient + at, laplacian + at);
        for (int t = 0; t < TERMS; t++)
            if (terms[t]->rest)
                terms[t]->rest(j, work, n, value + w);
    }
}

void jastrow_derivatives(const struct jastrow *j, struct jastrow_work *work, const double pos[][3],
                         const double velocity[][3], double value[], double energy[])
{
    int at = j->cutoffs;
    memset(value, 0, (size_t)j->count * sizeof *value);
    memset(energy, 0, (size_t)j->count * sizeof *energy);
    jastrow_work_deepen(work);
    for (int t = 0; t < TERMS; t++) {
        terms[t]->derivatives(j, work, pos, velocity, at, value, energy);
        at += terms[t]->parameters(j);
    }
}

void jastrow_differential(const struct jastrow *j, struct jastrow_work *work, const double pos[][3],
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
    jastrow_work_deepen(work);
    for (int t = 0; t < TERMS; t++)
        terms[t]->differential(j, work, pos, velocity, d);
}
