/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The moves that integrators are made of: solutions of parts of the equations of motion. */
#ifndef MD_INTEGRATOR_H
#define MD_INTEGRATOR_H

#include "md/dynamics.h"

void integrator_kick(struct dynamics *d, double time);  /* B: v += F/m time */
void integrator_drift(struct dynamics *d, double time); /* A: x += v time */
/* O: the thermostat for this time; the energy that it gives counts as heat */
void integrator_thermostat(struct dynamics *d, double time);

#endif
