/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the parts of delta-md share: its settings, and a trajectory (all its replicas) while it runs. */
#ifndef CMD_DELTA_MD_PARTS_H
#define CMD_DELTA_MD_PARTS_H

#include "base/checkpoint.h"
#include "base/opt.h"
#include "base/outfile.h"
#include "cmd/models.h"
#include "formats/coprocess.h"
#include "formats/filter.h"
#include "formats/ipi_server.h"
#include "md/dynamics.h"
#include "md/sum.h"
#include "ml/predict.h"

struct settings;

/* The forces of one replica: nothing that changes is shared with another. */
struct forces {
    const struct settings *set;
    struct run *run;
    struct sum *sum;
    struct coprocess *baseline;  /* NULL: not started */
    bool broken, checked;        /* it has failed; its dft_settings have been compared */
    int64_t step;                /* for messages */
    struct predict *fast, *sure; /* without and with the uncertainty */
    struct predict *inner;       /* of --inner; NULL: none */
    struct force_source within;  /* that */
    bool unsure;                 /* the next evaluation wants the uncertainty */
};

/* What a checkpoint says of the run as a whole. */
struct progress {
    uint64_t models, inputs; /* digests; inputs: of the frames read so far */
    long frame;              /* number of the last one that was begun */
    bool running, done;      /* its trajectory has not ended; there is nothing left to do */
    int failed;              /* trajectories that ended early and were passed over */
    size_t output, log;      /* bytes of the files */
    size_t selected;         /* of --select-file, when done */
};

/* --checkpoint and what belongs to it. */
struct saving {
    const char *file;
    int every;      /* steps between checkpoints; 0: as time passes */
    char *identity; /* options that matter and names of files */
    struct progress now;
    int failed_before;       /* of now.failed, those of which this process has not reported */
    struct checkpoint *from; /* what a trajectory goes on from; NULL: nothing, or used up */
    uint64_t inputs;         /* digest of the input frames so far, to be compared */
    double saved;            /* wall clock */
    int64_t saved_step;
};

/* --select-uncertain: what has been gathered so far. */
struct selection {
    const char *file; /* NULL: to the output, in place of the trajectory */
    double threshold; /* Ha per atom; 0: nothing is chosen */
    int count, n;     /* wanted; held, fewer than twice as many */
    const struct soap *soap;
    char **text; /* [n] frames as they will be written */
    float *row;  /* [n][size] */
};

struct settings {
    struct opt_list model_files, inner_files;
    int inner_steps; /* 0: not set */
    int ensemble, thermostat, cell, steps, equilibrate, every, replicas;
    double temperature, timestep, relaxation, max_uncertainty;
    double pressure, barostat_relaxation, compressibility;
    double initial_density, initial_energy, initial_pressure; /* energy per atom */
    bool draw;
    bool mixed;
    const char *baseline, *baseline_label, *ipi;
    double timeout; /* seconds */
    const char *log_name;
    struct saving saving;
    struct selection selection;

    struct models models, inner;
    struct ipi_server *server; /* of --ipi */
    struct forces *forces;     /* [replicas] */
    struct outfile log;        /* LOG.part until the end, or LOG itself with a checkpoint */
};

/* All replicas stand at the same step, except inside of a step. */
struct trajectory {
    struct settings *set;
    struct run *run;
    struct dynamics **d; /* [replicas] */
    double *first;       /* [replicas] conserved quantity at the start, Ha */
    enum status *status; /* [replicas] and why, of the last step */
    struct err *why;
    struct force_source *source; /* [replicas] */
    struct frame *start;         /* what the user's frame says, without stale labels */
    double began, shown;         /* wall clock */
    int64_t from;                /* step at which this process began */
};

#endif
