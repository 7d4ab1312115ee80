/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The largest compression of a curve, which stands between its points: that of a smooth model
 * (eos/model.h) of the compression as a function of ln P through all of them, whose prior says how far
 * the curve may swing between the points. Where there are no error bars for such a model, the vertex of the
 * parabola through the three points about the largest one.
 */
#ifndef EOS_MAXIMUM_H
#define EOS_MAXIMUM_H

#include "base/rng.h"
#include "eos/hugoniot.h"

struct maximum {
    int n;
    struct eos_fit fit; /* no model is made where `modelled` is false */
    bool modelled;
    double *x, *y, *error; /* n: ln P, compression and its error */
    struct hugoniot_maximum centre;
};

/* error: of the points (infinite and NaN count as none). Freed with maximum_free. */
struct maximum maximum_make(int n, const struct hugoniot_point points[],
                            const struct hugoniot_point error[]);
void maximum_free(struct maximum *maximum);

/* The same of a replica's points, with the same model and a prior drawn by rng. */
struct hugoniot_maximum maximum_replica(const struct maximum *maximum,
                                        const struct hugoniot_point points[], struct rng *rng);

#endif
