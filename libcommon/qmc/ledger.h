/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a run over many frames has done so far, and its checkpoint: for every frame begun the optimised
 * Jastrow parameters and either the results or how sampling stands. A run that is started again with the
 * same command and input takes finished frames from here, goes on where it was, and so writes the same
 * bytes as one that was never interrupted.
 */
#ifndef QMC_LEDGER_H
#define QMC_LEDGER_H

#include "qmc/dmc.h"
#include "qmc/structure.h"

struct ledger_frame {
    long frame;      /* number in the run */
    uint64_t digest; /* of what was computed from */
    bool done;
    char *form; /* of the Jastrow factor; NULL: J = 0 */
    int parameters;
    double *parameter;
    void *state; /* vmc_keep or dmc_keep, or that of ledger_hold; NULL when ledger_done */
    size_t state_size;
    bool diffusing; /* state is dmc_keep's */
    /* When done: */
    struct vmc_result result;
    struct dmc_result diffused; /* of diffusion Monte Carlo */
    bool has_structure;
    struct finite_size finite;
    int shells;
    struct structure_shell *shell;
};

struct ledger {
    const char *path;    /* NULL: nothing is saved */
    struct ranks *ranks; /* rank 0 reads, for all, and saves */
    char *command;       /* program, version, options and seed */
    int n, room;
    struct ledger_frame **item;
};

/* path and command must outlive it. Reads the file if it exists: ST_DATA if it is another command's. */
enum status ledger_open(struct ledger *l, const char *path, const char *command,
                        struct ranks *ranks, struct err *err);
void ledger_close(struct ledger *l);
/* The entry of a frame, or NULL. ST_DATA in err->status if it was made from something else. */
struct ledger_frame *ledger_find(struct ledger *l, long frame, uint64_t digest, struct err *err);
/* A new entry with the parameters of j (NULL: none). Without a path only the last entry is kept. */
struct ledger_frame *ledger_add(struct ledger *l, long frame, uint64_t digest,
                                const struct jastrow *j);
/* Let the entry remember how v or d stands. */
void ledger_stand_dmc(struct ledger_frame *f, struct dmc *d);
void ledger_stand(struct ledger_frame *f, struct vmc *v, const struct vmc_observer *observer);
/* v, made for the same frame and settings, stands there again. ST_DATA if the numbers do not fit. */
enum status ledger_go_on(const struct ledger_frame *f, struct vmc *v,
                         const struct vmc_observer *observer, struct err *err);
enum status ledger_go_on_dmc(const struct ledger_frame *f, struct dmc *d, struct err *err);
/* The same for what only its owner understands: the entry takes the contents of c, which is freed; done:
 * they are results. ledger_held: to be read; ledger_all_read afterwards. */
void ledger_hold(struct ledger_frame *f, struct checkpoint *c, bool done);
struct checkpoint ledger_held(const struct ledger_frame *f);
enum status ledger_all_read(const struct checkpoint *c, struct err *err);
/* The entry of a frame on its way from one ledger to another: written, none where there is none; read, it replaces the one
 * of its frame. */
void ledger_send(struct ledger *l, long frame, struct checkpoint *c);
void ledger_receive(struct ledger *l, struct checkpoint *c);
/* Its state is no longer needed. */
void ledger_done(struct ledger_frame *f);
enum status ledger_save(struct ledger *l, struct err *err); /* nothing without a path */

#endif
