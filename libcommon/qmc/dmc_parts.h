/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Private to the files of diffusion Monte Carlo: what a run is, and what it averages to. */
#ifndef QMC_DMC_PARTS_H
#define QMC_DMC_PARTS_H

#include "qmc/dmc.h"

struct dmc {
    struct dmc_settings settings;
    const struct wavefunction *psi;
    struct ranks *ranks; /* rank 0 has the series and decides */
    int populations;     /* [timestep][twist] */
    struct dmc_population **population;
    struct dmc_series *series;
    bool settled;      /* effective time steps are known */
    double settling;   /* imaginary time until then, done */
    double time, goal; /* imaginary time measured; up to where before the next look, 1/Ha */
};

/* All that is known so far; result is overwritten. */
void dmc_summarise(const struct dmc *d, struct dmc_result *result);

#endif
