/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The moves that integrators are made of: solutions of parts of the equations of motion.
 *
 * Multiple time steps (r-RESPA: Tuckerman, Berne, Martyna, J. Chem. Phys. 97, 1990 (1992)): with
 * settings.inner, whose forces F' are cheap and near the forces F, a step is
 *   half a kick with F - F', inner_steps steps with F', half a kick with F - F'.
 * Time reversible and, at constant energy, symplectic, with an error of second order in the step times F - F'. What is
 * stated of a step, the conserved quantity among it, is of F.
 */
#ifndef MD_INTEGRATOR_H
#define MD_INTEGRATOR_H

#include "md/dynamics.h"

typedef enum status integrator_move(struct dynamics *d, double time, struct err *err);
/* A step by `one`, which calls the three below: alone, or several of them between kicks with F - F' */
enum status integrator_step(struct dynamics *d, integrator_move *one, struct err *err);
enum status integrator_forces(struct dynamics *d, struct err *err); /* F, or F' */
void integrator_kick(struct dynamics *d, double time);              /* B: v += F/m time, F or F' */
void integrator_drift(struct dynamics *d, double time);             /* A: x += v time */
/* O: the thermostat for this time; the energy that it gives counts as heat */
void integrator_thermostat(struct dynamics *d, double time);

#endif
