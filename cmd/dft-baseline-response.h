/* SPDX-License-Identifier: GPL-3.0-or-later */
/* dft-baseline --response: what variational forces and stress lack because their orbitals did not move. */
#ifndef CMD_DFT_BASELINE_RESPONSE_H
#define CMD_DFT_BASELINE_RESPONSE_H

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "base/log.h"
#include "base/mem.h"
#include "dft/dft.h"
#include "formats/gradient.h"
#include "formats/keys.h"

/* Relative residuals. Of the correction, which is then good to 1e-3 or 2e-3 of itself; and of what only its error bar
 * is made of, which is then good to 2 % (both measured on molecular cells of 16, 32 and 64 atoms; of the stress's bar
 * 5 % are missing with 16). */
#define RESPONSE_TOLERANCE 3e-4
#define RESPONSE_REPLICA_TOLERANCE 0.03

/* The error bars of all components grow by one factor: of many components it is known from fewer replicas, two at
 * least for the six of the stress. */
enum { RESPONSE_COMPONENTS = 96 };

#define RESPONSE_ESTIMATOR ", orbitals following the nuclei"

/* A frame's trial function, and the session that converges its orbitals again. */
struct response_job {
    struct dft *session;
    const struct system *system;
    const struct basis *basis;
    const struct trial *trial;
    struct log *log;
    double gap; /* Ha, as in dft/dft.h */
};

/* The responses to the gradient, [0], and to so many of its replicas; dft_response_free each. */
static enum status response_all(const struct response_job *j, const struct gradient *g, int solved,
                                struct dft_response *r, struct err *err)
{
    const struct trial *t = j->trial;
    const struct dft_orbitals given = {.nk = t->nk,
                                       .orbitals = t->orbitals,
                                       .functions = t->functions,
                                       .k = t->kpoint,
                                       .coefficient = t->coefficient};
    const size_t size = (size_t)t->nk * t->orbitals * t->atoms * t->functions;
    struct dft_gradient *list = MEM_NEW(struct dft_gradient, solved + 1);
    list[0] = (struct dft_gradient){g->mean, RESPONSE_TOLERANCE};
    for (int i = 1; i <= solved; i++)
        list[i] = (struct dft_gradient){g->replica + (i - 1) * size, RESPONSE_REPLICA_TOLERANCE};
    const struct dft_gradients all = {solved + 1, list, j->gap};
    enum status status = dft_respond(j->session, j->system, j->basis, &given, &all, r, err);
    for (int i = 0; i <= solved && status == ST_OK; i++)
        log_detail(j->log, "%s: %d steps, residual %.1e", i ? "response of a replica" : "response",
                   r[i].iterations, r[i].residual);
    free(list);
    return status;
}

/* How the error bar grows: rms over replicas and n components of `fixed` with `moved` added, over that of
 * fixed alone. */
static double response_growth(int replicas, int n, const double *const fixed[],
                              const double *const moved[])
{
    double before = 0, after = 0;
    for (int k = 0; k < replicas; k++)
        for (int x = 0; x < n; x++) {
            before += pow(fixed[k][x], 2);
            after += pow(fixed[k][x] + moved[k][x], 2);
        }
    return before > 0 ? sqrt(after / before) : 1;
}

/* X += correction, X_error *= growth, and the correction itself as X_response. */
static enum status response_add(struct frame *f, const char *name, bool column, int n,
                                const double *correction, double growth, struct err *err)
{
    char *error_name = mem_print("%s_error", name), *own = mem_print("%s_response", name);
    double *x = MEM_NEW(double, n), *e = MEM_NEW(double, n);
    const size_t size = column ? 3 : n;
    enum status status =
        column ? keys_get_column(f, name, size, x, err) : keys_get(f, name, size, x, err);
    if (status == ST_OK)
        status = column ? keys_get_column(f, error_name, size, e, err)
                        : keys_get(f, error_name, size, e, err);
    for (int i = 0; i < n; i++) {
        x[i] += correction[i];
        e[i] *= growth;
    }
    void (*put)(struct frame *, const char *, size_t, const double *) =
        column ? keys_set_column : keys_set;
    if (status == ST_OK) {
        put(f, name, size, x);
        put(f, error_name, size, e);
        put(f, own, size, correction);
    }
    free(x);
    free(e);
    free(error_name);
    free(own);
    return status;
}

/* Forces (or stress, if size is 9) of the frame with the responses r. */
static enum status response_put(struct frame *f, const struct gradient *g, int solved,
                                const struct dft_response *r, bool stress, int n, struct err *err)
{
    const double **fixed = MEM_NEW(const double *, solved);
    const double **moved = MEM_NEW(const double *, solved);
    for (int k = 0; k < solved; k++) {
        fixed[k] = stress ? g->stress[k][0] : g->force[(size_t)k * (n / 3)];
        moved[k] = stress ? r[k + 1].stress[0] : r[k + 1].force[0];
    }
    const double growth = response_growth(solved, n, fixed, moved);
    enum status status = response_add(f, stress ? "vmc_stress" : "vmc_forces", !stress, n,
                                      stress ? r[0].stress[0] : r[0].force[0], growth, err);
    free(fixed);
    free(moved);
    return status;
}

/* The estimator's name, which must not have been corrected before */
static enum status response_estimator(struct frame *f, double gap, struct err *err)
{
    const char *now;
    if (frame_get_string(f, "vmc_forces_estimator", &now, err))
        return err->status;
    if (strstr(now, RESPONSE_ESTIMATOR))
        return err_set(err, ST_DATA,
                       "vmc_forces follow the orbitals already; forces of qmc-force --response "
                       "would be right");
    char *text = gap > 0 ? mem_print("%s%s across %gHa", now, RESPONSE_ESTIMATOR, gap)
                         : mem_print("%s%s", now, RESPONSE_ESTIMATOR);
    char *fixed = strstr(text, " at fixed orbitals and Jastrow");
    if (fixed) /* no longer true */
        memmove(fixed + strlen(" at fixed"), fixed + strlen(" at fixed orbitals and"),
                strlen(fixed + strlen(" at fixed orbitals and")) + 1);
    frame_set_string(f, "vmc_forces_estimator", text);
    free(text);
    return ST_OK;
}

/* Correct the frame; the gradient is used up and removed. */
static enum status response_frame(const struct response_job *j, struct frame *f, struct err *err)
{
    struct gradient *g = gradient_from_frame(f, j->trial, err);
    if (!g)
        return err->status;
    const int enough = 2 + RESPONSE_COMPONENTS / (3 * j->system->n);
    const int solved = g->replicas < enough ? g->replicas : enough;
    struct dft_response *r = MEM_NEW(struct dft_response, solved + 1);
    enum status status = response_all(j, g, solved, r, err);
    if (status == ST_OK)
        status = response_estimator(f, j->gap, err);
    if (status == ST_OK)
        status = response_put(f, g, solved, r, false, 3 * j->system->n, err);
    if (status == ST_OK && g->stress)
        status = response_put(f, g, solved, r, true, 9, err);
    if (status == ST_OK)
        gradient_remove(f);
    for (int i = 0; i <= solved; i++)
        dft_response_free(&r[i]);
    free(r);
    gradient_free(g);
    return status;
}

#endif
