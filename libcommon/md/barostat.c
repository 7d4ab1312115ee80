/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "md/barostat.h"
#include <math.h>
#include "md/integrator.h"

#define LARGEST_CHANGE 0.2 /* of the volume in half a step: far beyond what any run needs */

double barostat_kT(const struct dynamics *d)
{
    return d->set.integrator->canonical ? d->set.kT : 0;
}

enum status barostat_check(const struct dynamics *d, double volume_ratio, struct err *err)
{
    if (fabs(volume_ratio - 1) < LARGEST_CHANGE)
        return ST_OK;
    return err_set(err, ST_COMPUTE,
                   "step %lld: the volume changes by %.3g %% in half a step: the run is unstable "
                   "and needs a longer relaxation of the barostat or a smaller compressibility",
                   (long long)d->step, 100 * (volume_ratio - 1));
}

static void flow_and_drift(struct dynamics *d, double time)
{
    d->set.barostat->flow(d, time);
    integrator_drift(d, time);
}

enum status barostat_drift(struct dynamics *d, double time, struct err *err)
{
    flow_and_drift(d, time / 2);
    enum status status = d->set.barostat->scale(d, time / 2, err);
    if (status)
        return status;
    if (d->set.integrator->canonical)
        integrator_thermostat(d, time);
    d->set.barostat->refresh(d);
    status = d->set.barostat->scale(d, time / 2, err);
    flow_and_drift(d, time / 2);
    return status;
}
