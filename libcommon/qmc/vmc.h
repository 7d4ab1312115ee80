/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Variational Monte Carlo: walkers of all twists sample |Psi_k|^2; energies are means over twists.
 * The work is cut into batches that do not depend on the number of threads, every walker draws its
 * own random numbers, and sums are made in a fixed order: the same seed gives the same bytes for
 * any number of threads and of ranks, which share the batches. What is averaged stands on rank 0 only.
 */
#ifndef QMC_VMC_H
#define QMC_VMC_H

#include <stdint.h>
#include "base/log.h"
#include "base/ranks.h"
#include "maths/stats.h"
#include "qmc/series.h"
#include "qmc/tails.h"
#include "qmc/walkers.h"

struct vmc; /* walkers and their random sequence; keeps going where it stands */

int vmc_batches_of(int walkers, int twists); /* batches of so many walkers over all twists */

struct vmc_settings {
    uint64_t seed, frame; /* name the random numbers */
    int walkers;          /* over all twists; rounded up to whole batches */
    double tau;           /* time step to start from, 1/Ha; <= 0: automatic */
    double error; /* stop at this standard error of the total energy, Ha; 0: not a criterion */
    long samples; /* stop at this number of samples; 0: not a criterion */
    int warmup;   /* sweeps */
    struct ranks *ranks; /* that share the batches and call everything together; NULL: alone */
    /* Asked a few times in a second, by all ranks together and one thread; once true it stays so, and what
     * is at hand ends soon, undone. May be NULL. */
    bool (*stop)(void *context);
    void *context;
};

/* Further quantities to average over the same samples: `size` numbers per walker. measure is called
 * after walkers_measure, from several threads, each with its own batch w->index (0 .. vmc_batches -
 * 1, of this rank). */
struct vmc_observer {
    int size;
    void (*measure)(void *context, const struct walkers *w, double out[]); /* out[walker][size] */
    void *context;
};

/* Between pieces of a run: true stops it there, to go on later. */
struct vmc_pause {
    bool (*stop)(void *context, struct vmc *v);
    void *context;
};

struct vmc_result {
    struct estimate energy;     /* total, Ha, mean over twists; variance: mean over twists */
    double kinetic, ee, en, nn; /* means, Ha */
    double kinetic_error, ee_error, en_error;
    long samples; /* behind the means */
    double acceptance, tau;
    double halves; /* chi^2 (one degree of freedom) of the two halves of the run being equal */
    struct tails_verdict tails; /* of the local energy */
    bool heavy;                 /* tails_heavy */
    bool stopped; /* by the pause or settings->stop: nothing else is set; also on ranks but 0 */
    long sweeps, discarded; /* measured; those dropped as equilibration beyond the warm-up */
    int twists, size;       /* of the arrays: */
    double *twist_energy, *twist_error; /* [twist] */
    double *observed, *observed_error;  /* [size] */
};

/* psi must outlive it; its Jastrow may be changed in between (then vmc_warm again, a little).
 * ST_COMPUTE: no place where the determinants do not vanish. */
struct vmc *vmc_new(const struct wavefunction *psi, const struct vmc_settings *settings,
                    struct err *err);
void vmc_free(struct vmc *v);
int vmc_batches(const struct vmc *v);
int vmc_size(const struct vmc *v); /* walkers of a batch */
const struct wavefunction *vmc_wavefunction(const struct vmc *v);
struct ranks *vmc_ranks(const struct vmc *v);
void vmc_share(const struct vmc *v, int *first, int *last); /* batches of this rank, ranks_share */
/* For whoever collects configurations; NULL: another rank's */
struct walkers *vmc_batch(const struct vmc *v, int batch);

bool vmc_stopped(const struct vmc *v); /* settings->stop */
/* How many sweeps of all walkers to do before that is asked, of `sweeps` */
int vmc_patience(const struct vmc *v, long sweeps);
/* Sweeps without measuring; tune: the time step is brought to half of the moves accepted. false: stopped. */
bool vmc_warm(struct vmc *v, int sweeps, bool tune);
/* `sweeps` sweeps of all walkers, then walkers_measure. */
void vmc_step(struct vmc *v, int sweeps);
/* The same `steps` times, hardly waiting for other batches in between: each (may be NULL) sees every
 * batch of this rank after each step, from several threads; the steps of one batch come in order.
 * false: stopped in the middle, and of no use but to go back. */
bool vmc_observe(struct vmc *v, int steps, int sweeps,
                 void (*each)(void *context, const struct walkers *w, int step), void *context);
/* How the walkers of this rank stand: written before a piece of work, read to go back there when it was stopped. A
 * piece begins with walkers_refresh. */
void vmc_mark(struct vmc *v, struct checkpoint *c);
/* Sample until a criterion of the settings is met, or go on with a run that was stopped. observer and
 * pause may be NULL. *result: vmc_result_free. Memory does not grow with the samples. ST_COMPUTE if
 * the local energy is not finite. */
enum status vmc_run(struct vmc *v, const struct vmc_observer *observer,
                    const struct vmc_pause *pause, struct log *log, struct vmc_result *result,
                    struct err *err);
/* Of the last vmc_run, on rank 0: blocks, the quantities of the observer from VMC_OBSERVED on; vmc_discard: blocks
 * left out at the beginning. */
enum { VMC_OBSERVED = 3 };
const struct series *vmc_series(const struct vmc *v);
int vmc_discard(const struct vmc *v);
/* Everything that decides how a run goes on (positions, time step, sums), in a pause or before a run; a
 * walker is refreshed from its positions after each pause, so that going on and reading again are the
 * same. Reading: into a vmc_new of the same settings, with the observer of the run to be gone on with. */
void vmc_keep(struct vmc *v, const struct vmc_observer *observer, struct checkpoint *c);
void vmc_result_free(struct vmc_result *r);
void vmc_result_keep(struct vmc_result *r, struct checkpoint *c); /* arrays are new when read */

/* So little work (seconds) is done by one thread: others would be longer in coming, above all on a busy
 * machine. For the if clause of a parallel loop over batches. */
static inline bool vmc_worth(double seconds)
{
    return seconds > 0.02;
}

#endif
