/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Private to qmc-sample: its settings, and what is made for a frame. */
#ifndef CMD_QMC_SAMPLE_PARTS_H
#define CMD_QMC_SAMPLE_PARTS_H

#include "base/outfile.h"
#include "cmd/qmc-pause.h"
#include "cmd/qmc-sample-jastrow.h"
#include "cmd/qmc-trial.h"

/* Everything made for one frame. */
struct job {
    struct frame *frame;        /* its own copy in shared optimisation, otherwise the loop's */
    long number;                /* of the frame in the run */
    uint64_t digest;            /* of what is computed from */
    struct ledger_frame *entry; /* what is known of it; the ledger's */
    struct system *system;
    struct basis *basis;
    struct trial *trial;
    struct wavefunction *psi;
    struct vmc *vmc;
    struct structure *structure; /* periodic cells */
};

struct settings {
    struct pausing pausing;
    double error, timestep, variance_weight;
    int samples, walkers, warmup, spin, opt_samples, opt_iterations;
    int method, charge, charges, timesteps;
    double *dmc_timestep; /* [timesteps] */
    bool optimize, shared, bare, twists;
    const char *jastrow_file, *timestep_list, *opt_log, *structure_file;
    struct outfile log;            /* of --opt-log */
    struct parameters given, last; /* of --jastrow; of the frame before */
    struct job *job;               /* frames held for the shared optimisation */
    int jobs, room;
    struct spread spread;
    struct outfile table; /* of structure factors */
};

enum { VMC, DMC };
enum { AUTO, ON, OFF };

static void job_free(struct job *j)
{
    vmc_free(j->vmc);
    structure_free(j->structure);
    wavefunction_free(j->psi);
    trial_free(j->trial);
    basis_free(j->basis);
    system_free(j->system);
}

#endif
