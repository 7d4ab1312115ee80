/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What qmc-sample says about the variational Monte Carlo of a frame, and its keys. */
#ifndef CMD_QMC_SAMPLE_VMC_H
#define CMD_QMC_SAMPLE_VMC_H

#include <math.h>
#include <stdio.h>
#include "base/log.h"
#include "base/units.h"
#include "formats/keys.h"
#include "formats/trial.h"
#include "qmc/ledger.h"
#include "qmc/structure.h"
#include "qmc/vmc.h"

struct vmc_stage { /* what the report says of the frame */
    long number;
    int atoms, electrons;
    const double (*kpoint)[3];
};

static void vmc_stage_say_statistics(struct log *log, const struct vmc_result *r)
{
    log_detail(
        log,
        "correlation time %.1f sweeps (%.0f independent samples), acceptance %.3f, time step "
        "%.4f /Ha, %ld of %ld sweeps discarded",
        r->energy.time, (double)r->samples / fmax(r->energy.time, 1), r->acceptance, r->tau,
        r->discarded, r->sweeps);
    log_detail(log,
               "halves of the run differ by chi^2 = %.2f; local energies beyond x are as many as "
               "x^-%.2f(%.2f), the largest makes %.2g of the variance",
               r->halves, r->tails.alpha, r->tails.alpha_error, r->tails.largest);
}

static void vmc_stage_say(struct log *log, const struct vmc_stage *j, const struct vmc_result *r)
{
    int n = j->atoms;
    log_detail(log, "energy %.6f(%.6f) Ha per atom, variance %.4f Ha^2 per electron, %ld samples",
               r->energy.mean / n, r->energy.error / n, r->energy.variance / j->electrons,
               r->samples);
    vmc_stage_say_statistics(log, r);
    log_detail(log, "kinetic %.5f(%.5f), e-e %.5f(%.5f), e-n %.5f(%.5f), n-n %.5f Ha", r->kinetic,
               r->kinetic_error, r->ee, r->ee_error, r->en, r->en_error, r->nn);
    for (int t = 0; t < r->twists && r->twists > 1; t++)
        log_detail(log, "twist %g %g %g: energy %.6f(%.6f) Ha", j->kpoint[t][0], j->kpoint[t][1],
                   j->kpoint[t][2], r->twist_energy[t], r->twist_error[t]);
    if (r->heavy)
        log_warning(
            log,
            "frame %ld: the local energy has heavy tails (index %.2f(%.2f), one sample makes "
            "%.2g of the variance): error bars cannot be trusted; optimise the Jastrow "
            "factor, or look for orbitals that are zero or cusps that are wrong",
            j->number, r->tails.alpha, r->tails.alpha_error, r->tails.largest);
}

static void vmc_stage_say_finite_size(struct log *log, const struct finite_size *f)
{
    log_detail(
        log,
        "finite size: potential %+.5f(%.5f), kinetic %+.5f(%.5f), sum %+.5f(%.5f) Ha; half a "
        "plasmon %.5f Ha",
        f->potential, f->potential_error, f->kinetic, f->kinetic_error, f->energy, f->energy_error,
        f->plasmon);
}

static void vmc_stage_write_finite_size(struct frame *f, const struct ledger_frame *e)
{
    const struct finite_size *z = &e->finite;
    keys_remove_pair(f, "qmc_finite_size_energy");
    keys_remove_pair(f, "qmc_finite_size_kinetic_energy");
    if (!e->has_structure)
        return;
    keys_set_pair(f, "qmc_finite_size_energy", 1, &z->energy, &z->energy_error);
    keys_set_pair(f, "qmc_finite_size_kinetic_energy", 1, &z->kinetic, &z->kinetic_error);
}

static void vmc_stage_write(struct frame *f, bool twists, const struct ledger_frame *e)
{
    const struct vmc_result *r = &e->result;
    keys_set_pair(f, "vmc_energy", 1, &r->energy.mean, &r->energy.error);
    frame_set_real(f, "vmc_variance", r->energy.variance * UNITS_HARTREE_EV * UNITS_HARTREE_EV);
    frame_set_int(f, "vmc_samples", r->samples);
    keys_remove_pair(f, "vmc_twist_energy");
    if (twists)
        keys_set_pair(f, "vmc_twist_energy", r->twists, r->twist_energy, r->twist_error);
    vmc_stage_write_finite_size(f, e);
}

static void vmc_stage_write_jastrow(struct frame *f, const struct ledger_frame *e)
{
    if (e->form)
        trial_put_jastrow(f, e->form, e->parameters, e->parameter);
    else {
        frame_remove_key(f, "jastrow");
        frame_remove_key(f, "jastrow_form");
    }
}

/* Rows of the structure factors; table: NULL where nobody wants them. */
static void vmc_stage_write_table(FILE *table, const struct ledger_frame *e)
{
    for (int k = 0; table && k < e->shells; k++)
        fprintf(table, "%ld\t%.10g\t%.8g\t%.3g\t%d\n", e->frame, e->shell[k].length / UNITS_BOHR_A,
                e->shell[k].s, e->shell[k].s_error, e->shell[k].vectors);
}

#endif
