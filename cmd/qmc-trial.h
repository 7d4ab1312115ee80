/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What qmc-sample and qmc-force both make of a frame: the system and the determinants of its trial function. */
#ifndef CMD_QMC_TRIAL_H
#define CMD_QMC_TRIAL_H

#include <stdlib.h>
#include <string.h>
#include "base/checkpoint.h"
#include "basis/basis.h"
#include "formats/convert.h"
#include "formats/trial.h"
#include "qmc/wavefunction.h"

/* ST_DATA: no orbitals, an element without them, an unknown basis. The caller frees what was made, also after
 * an error. */
static enum status qmc_trial_read(const struct frame *f, struct system **system,
                                  struct basis **basis, struct trial **trial, struct err *err)
{
    const char *name;
    double *list;
    int n;
    if (!frame_has_column(f, "orbitals"))
        return err_set(err, ST_DATA,
                       "column 'orbitals' is missing: dft-baseline --orbitals BASIS writes it");
    if (!(*system = system_from_frame(f, err)))
        return err->status;
    for (int a = 0; a < (*system)->n; a++)
        if ((*system)->element[a] != 1)
            return err_set(err, ST_DATA,
                           "atom %d is not hydrogen: orbital bases are those of hydrogen", a + 1);
    if (trial_basis(f, &name, &n, &list, err))
        return err->status;
    *basis = basis_find(name, n, list, err);
    free(list);
    if (!*basis)
        return err->status = ST_DATA;
    *trial = trial_from_frame(f, (*basis)->functions, err);
    return *trial ? ST_OK : err->status;
}

/* Without a Jastrow factor. ST_DATA: no such spins. */
static struct wavefunction *qmc_trial_determinants(const struct trial *t, const struct system *s,
                                                   const struct basis *b, int charge, int spin,
                                                   struct err *err)
{
    int up, down;
    if (wavefunction_spins(s, charge, spin, &up, &down, err))
        return NULL;
    return wavefunction_new(s, b, t->nk, (const double(*)[3])t->kpoint, t->orbitals, t->coefficient,
                            up, down, err);
}

/* What a checkpoint of this frame depends on, besides the options */
static uint64_t qmc_trial_digest(const struct system *s, const struct basis *b,
                                 const struct trial *t)
{
    size_t coefficients = (size_t)t->nk * t->orbitals * t->atoms * t->functions;
    uint64_t d = CHECKPOINT_DIGEST;
    d = checkpoint_digest(d, s->pos, s->n * sizeof *s->pos);
    d = checkpoint_digest(d, s->cell, sizeof s->cell);
    d = checkpoint_digest(d, &s->periodic, sizeof s->periodic);
    d = checkpoint_digest(d, t->kpoint, t->nk * sizeof *t->kpoint);
    d = checkpoint_digest(d, b->name, strlen(b->name));
    d = checkpoint_digest(d, t->coefficient, coefficients * sizeof *t->coefficient);
    if (t->jastrow_form)
        d = checkpoint_digest(d, t->jastrow_form, strlen(t->jastrow_form));
    return checkpoint_digest(d, t->parameter, t->parameters * sizeof *t->parameter);
}

#endif
