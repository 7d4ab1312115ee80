/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What qmc-force --response writes on a frame and says about it. */
#ifndef CMD_QMC_FORCE_RESPONSE_H
#define CMD_QMC_FORCE_RESPONSE_H

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "base/log.h"
#include "base/mem.h"
#include "formats/gradient.h"
#include "qmc/force_run.h"

/* from[count][twist][r->orbitals][function] with the orbitals that nothing occupies, zero: new */
static double *response_all_orbitals(const struct orbital_gradient_result *r, const struct trial *t,
                                     int count, const double from[])
{
    size_t used = (size_t)r->orbitals * r->functions, all = (size_t)t->orbitals * r->functions;
    size_t sets = (size_t)count * r->twists;
    double *to = MEM_NEW(double, sets *all);
    for (size_t k = 0; k < sets; k++)
        memcpy(to + k * all, from + k * used, used * sizeof *to);
    return to;
}

static double (*response_forces(const struct orbital_gradient_result *r, bool remove_net))[3]
{
    double(*force)[3] = mem_new((size_t)r->replicas * r->atoms, sizeof *force);
    for (int k = 0; k < r->replicas; k++)
        for (int x = 0; x < 3; x++) {
            double net = 0;
            for (int a = 0; a < r->atoms; a++)
                net += r->force[k * r->atoms + a][x];
            for (int a = 0; a < r->atoms; a++)
                force[k * r->atoms + a][x] =
                    r->force[k * r->atoms + a][x] - (remove_net ? net / r->atoms : 0);
        }
    return force;
}

static void response_write(struct frame *f, const struct trial *t, bool periodic, bool remove_net,
                           const struct orbital_gradient_result *r)
{
    struct gradient g = {.replicas = r->replicas,
                         .mean = response_all_orbitals(r, t, 1, r->mean),
                         .replica = response_all_orbitals(r, t, r->replicas, r->replica),
                         .force = response_forces(r, remove_net),
                         .stress = periodic ? r->stress : NULL};
    gradient_to_frame(&g, t, f);
    free(g.mean);
    free(g.replica);
    free(g.force);
}

static double response_rms(size_t n, const double x[])
{
    double sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += x[i] * x[i];
    return sqrt(sum / (double)n);
}

static void response_say(struct log *log, long frame, const struct force_result *f,
                         const struct orbital_gradient_result *r)
{
    const double milli = 1e3;
    size_t n = (size_t)r->twists * r->orbitals * r->functions;
    log_detail(log,
               "gradient with respect to %zu orbital coefficients: root mean square %.4f mHa, of "
               "which its error makes %.4f mHa",
               n, milli * response_rms(n, r->mean),
               milli * response_rms(n * (size_t)r->replicas, r->replica));
    if (f->discarded)
        log_warning(log,
                    "frame %ld: the orbital gradient has in it the first %ld measurements, which "
                    "the forces leave out as equilibration: a longer --warmup is needed",
                    frame, f->discarded);
}

#endif
