/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the parts of md-average share: its settings, and a state point while its frames come. */
#ifndef CMD_MD_AVERAGE_PARTS_H
#define CMD_MD_AVERAGE_PARTS_H

#include <stdint.h>
#include "base/outfile.h"
#include "formats/curves.h"
#include "formats/frame.h"
#include "md/averages.h"
#include "md/diffusion.h"
#include "md/molecule.h"
#include "md/rdf.h"

enum { AUTO, ANALYTIC, SAMPLED };
enum { BY_WEIGHTS, BY_CUMULANT };

struct settings {
    const char *group_by, *rdf_name, *reweight;
    char *sampled, *sampled_stress; /* the keys of --reweight */
    int kinetic, reweight_by, discard, bins;
    double temperature, bond, rdf_cutoff;
    bool diffusion;
    int points, skipped;
    struct point **point; /* those not written yet */
    const char *table_name, *plot_name;
    struct outfile rdf, table;
    struct curves curves; /* g(r) of the state points, for --plot */
};

/* Where a frame belongs */
struct place {
    int64_t replica, step; /* replica: 0 where the frame does not say */
    bool has_step;
    double time, thermostat; /* NaN where it does not say; k_B T */
};

/* One run of a state point, while its frames come: replicas come in turn. */
struct track {
    int64_t replica, step; /* the last step that a frame gave */
    bool has_step;
    double time;     /* of the last frame */
    int frames, run; /* run: its number among the averages */
    struct molecule_life life;
    struct diffusion *walk;
};

/* What is known of one state point. */
struct point {
    char *name;
    int atoms, frames;
    double thermostat; /* k_B T of the frames, NaN if they do not say */
    double mass;       /* of the cell */
    struct averages *averages;
    struct rdf *rdf;
    int tracks; /* all runs, ended or not */
    struct track *track;
    struct frame *last;
};

#endif
