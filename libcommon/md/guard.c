/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "md/guard.h"
#include <math.h>
#include <stdlib.h>
#include "base/mem.h"
#include "base/units.h"
#include "crystal/neighbour.h"

#define REMEDY "a shorter time step, or a model that knows such configurations"

/* A Hugoniostat heats without end where the residual does not grow with temperature. */
static const char *hint(const struct dynamics *d)
{
    return d->set.integrator->hugoniostat
               ? "; or there is no state on the Hugoniot at such a compression"
               : "";
}

static bool finite_rows(int n, const double (*x)[3])
{
    for (int i = 0; i < n; i++)
        if (!isfinite(x[i][0] + x[i][1] + x[i][2]))
            return false;
    return true;
}

/* " (atoms 3 and 7 are closest, 0.61 A apart)", for what is beyond a model's knowledge is often that; the caller
 * frees. */
static char *closest_pair(const struct system *s)
{
    int i = -1, j = -1;
    double reach = GUARD_NEAR_A / UNITS_BOHR_A, r = 0;
    while (neighbour_closer(s, reach, &i, &j, &r))
        reach = r * (1 - 1e-12); /* r^2 may round to less than the square of r */
    return i < 0 ? mem_text("")
                 : mem_print(" (atoms %d and %d are closest, %.3g A apart)", i + 1, j + 1,
                             r * UNITS_BOHR_A);
}

static enum status too_unsure(const struct dynamics *d, double per_atom, double limit,
                              struct err *err)
{
    char *pair = closest_pair(d->system);
    err_set(err, ST_COMPUTE,
            "step %lld: the model's uncertainty is %.4g eV per atom, above the limit of %.4g%s: "
            "label such configurations and fit again, or allow more",
            (long long)d->step, per_atom * UNITS_HARTREE_EV, limit * UNITS_HARTREE_EV, pair);
    free(pair);
    return ST_COMPUTE;
}

enum status guard_forces(const struct dynamics *d, const struct force_result *f, struct err *err)
{
    double per_atom = f->uncertainty / d->system->n, limit = d->set.max_uncertainty;
    if (!isfinite(f->energy) || !isfinite(f->uncertainty) || !finite_rows(3, f->stress) ||
        !finite_rows(d->system->n, f->force))
        return err_set(
            err, ST_COMPUTE,
            "step %lld: energy, forces or stress are not finite: the run is unstable and "
            "needs " REMEDY,
            (long long)d->step);
    if (limit > 0 && per_atom > limit)
        return too_unsure(d, per_atom, limit, err);
    return ST_OK;
}

static enum status check_moves(const struct dynamics *d, struct err *err)
{
    const struct system *s = d->system;
    const double time = d->set.timestep / (d->set.inner ? d->set.inner_steps : 1);
    for (int i = 0; i < s->n; i++) {
        const double *v = s->velocity[i];
        double move = sqrt(v[0] * v[0] + v[1] * v[1] + v[2] * v[2]) * time * UNITS_BOHR_A;
        if (!(move < GUARD_MOVE_A))
            return err_set(err, ST_COMPUTE,
                           "step %lld: atom %d moves %.3g A in one step: the run is unstable and "
                           "needs " REMEDY "%s",
                           (long long)d->step, i + 1, move, hint(d));
    }
    return ST_OK;
}

static enum status check_distances(const struct dynamics *d, struct err *err)
{
    int i, j;
    double r;
    if (!neighbour_closer(d->system, GUARD_DISTANCE_A / UNITS_BOHR_A, &i, &j, &r))
        return ST_OK;
    return err_set(
        err, ST_COMPUTE,
        "step %lld: atoms %d and %d are %.3g A apart: the run is unstable and needs " REMEDY,
        (long long)d->step, i + 1, j + 1, r * UNITS_BOHR_A);
}

static enum status check_conserved(struct dynamics *d, struct err *err)
{
    double kT = fmax(fmax(d->set.integrator->canonical ? d->set.kT : 0, dynamics_temperature(d)),
                     1000 / UNITS_HARTREE_K);
    double conserved = dynamics_conserved(d), jump = conserved - d->last;
    d->last = conserved;
    if (fabs(jump) <= 0.75 * d->system->n * kT)
        return ST_OK;
    return err_set(err, ST_COMPUTE,
                   "step %lld: the conserved energy changes by %.4g eV in one step: the run is "
                   "unstable and needs " REMEDY,
                   (long long)d->step, jump * UNITS_HARTREE_EV);
}

enum status guard_step(struct dynamics *d, struct err *err)
{
    enum status status = check_moves(d, err);
    if (!status)
        status = check_distances(d, err);
    if (!status)
        status = check_conserved(d, err);
    return status;
}
