/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "md/dynamics.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "base/mem.h"
#include "base/units.h"
#include "md/barostat.h"
#include "md/guard.h"
#include "md/velocity.h"

static enum status evaluate(struct dynamics *d, const struct force_source *source,
                            struct force_result *result, struct err *err)
{
    enum status status = source->evaluate(source->self, d->system, result, err);
    return status ? status : guard_forces(d, result, err);
}

enum status dynamics_inner_forces(struct dynamics *d, struct err *err)
{
    return evaluate(d, d->set.inner, &d->inner, err);
}

enum status dynamics_forces(struct dynamics *d, struct err *err)
{
    return evaluate(d, d->source, &d->now, err);
}

static bool moves_centre(const struct dynamics *d)
{
    return d->set.integrator->canonical && d->set.thermostat->moves_centre;
}

static void prepare_barostat(struct dynamics *d)
{
    if (!d->set.integrator->has_barostat)
        return;
    d->barostat_mass = d->set.barostat->mass(d);
    d->set.barostat->refresh(d);
    d->heat = 0;
}

static enum status prepare(struct dynamics *d, bool draw, struct err *err)
{
    struct system *s = d->system;
    bool drawn = !s->velocity || draw;
    if (drawn) {
        system_add_velocity(s);
        velocity_draw(s, d->set.kT, d->set.seed, d->set.run);
    }
    if (!moves_centre(d) && (drawn || d->set.integrator != &integrator_verlet))
        velocity_stop_centre(s);
    prepare_barostat(d);
    enum status status = dynamics_forces(d, err);
    if (!status && d->set.inner)
        status = dynamics_inner_forces(d, err);
    d->last = dynamics_conserved(d);
    return status;
}

static struct dynamics *make(const struct system *start, const struct dynamics_settings *settings,
                             const struct force_source *source)
{
    struct dynamics *d = MEM_NEW(struct dynamics, 1);
    d->set = *settings;
    d->source = source;
    d->system = system_copy(start);
    d->now.force = mem_new((size_t)start->n, sizeof d->now.force[0]);
    d->inner.force = mem_new((size_t)start->n, sizeof d->inner.force[0]);
    return d;
}

struct dynamics *dynamics_new(const struct system *start, const struct dynamics_settings *settings,
                              const struct force_source *source, bool draw, struct err *err)
{
    struct dynamics *d = make(start, settings, source);
    if (prepare(d, draw, err) == ST_OK)
        return d;
    dynamics_free(d);
    return NULL;
}

void dynamics_keep(struct dynamics *d, struct checkpoint *c)
{
    struct system *s = d->system;
    struct dynamics plain = *d; /* numbers that an algorithm adds to it are kept, too */
    memset(&plain.set, 0, sizeof plain.set);
    plain.source = NULL;
    plain.system = NULL;
    plain.now.force = plain.inner.force = NULL;
    checkpoint_bytes(c, &plain, sizeof plain);
    plain.set = d->set;
    plain.source = d->source;
    plain.system = s;
    plain.now.force = d->now.force;
    plain.inner.force = d->inner.force;
    *d = plain;
    checkpoint_bytes(c, s->cell, sizeof s->cell);
    checkpoint_bytes(c, s->pos, sizeof *s->pos * (size_t)s->n);
    checkpoint_bytes(c, s->velocity, sizeof *s->velocity * (size_t)s->n);
    checkpoint_bytes(c, d->now.force, sizeof *d->now.force * (size_t)s->n);
    checkpoint_bytes(c, d->inner.force, sizeof *d->inner.force * (size_t)s->n);
}

struct dynamics *dynamics_resume(const struct system *start,
                                 const struct dynamics_settings *settings,
                                 const struct force_source *source, struct checkpoint *c,
                                 struct err *err)
{
    struct dynamics *d = make(start, settings, source);
    system_add_velocity(d->system);
    dynamics_keep(d, c);
    if (!c->refused)
        return d;
    err_set(err, ST_DATA,
            "the checkpoint does not fit to this trajectory: remove it to start again");
    dynamics_free(d);
    return NULL;
}

void dynamics_free(struct dynamics *d)
{
    if (!d)
        return;
    system_free(d->system);
    free(d->now.force);
    free(d->inner.force);
    free(d);
}

enum status dynamics_step(struct dynamics *d, struct err *err)
{
    d->step++;
    enum status status = d->set.integrator->step(d, err);
    return status ? status : guard_step(d, err);
}

int dynamics_freedom(const struct dynamics *d)
{
    int n = d->system->n;
    return n > 1 && !moves_centre(d) ? 3 * n - 3 : 3 * n;
}

double dynamics_kinetic(const struct dynamics *d)
{
    double kinetic = velocity_kinetic(d->system);
    if (dynamics_freedom(d) < 3 * d->system->n)
        kinetic -= velocity_centre_kinetic(d->system);
    return kinetic;
}

double dynamics_temperature(const struct dynamics *d)
{
    return 2 * dynamics_kinetic(d) / dynamics_freedom(d);
}

double dynamics_pressure(const struct dynamics *d)
{
    const double(*s)[3] = d->now.stress;
    if (!d->system->periodic)
        return 0;
    double ideal = d->system->n * dynamics_temperature(d) / system_volume(d->system);
    return ideal - (s[0][0] + s[1][1] + s[2][2]) / 3;
}

double dynamics_conserved(const struct dynamics *d)
{
    double energy = d->now.energy + velocity_kinetic(d->system) - d->heat;
    return d->set.integrator->has_barostat ? energy + d->set.barostat->energy(d) : energy;
}

double dynamics_share(const struct dynamics *d)
{
    return 3. * d->system->n / dynamics_freedom(d);
}
