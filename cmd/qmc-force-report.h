/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What qmc-force writes on a frame and says about it. */
#ifndef CMD_QMC_FORCE_REPORT_H
#define CMD_QMC_FORCE_REPORT_H

#include <math.h>
#include <stdlib.h>
#include "base/mem.h"
#include "base/units.h"
#include "cmd/qmc-force-response.h"
#include "formats/keys.h"
#include "qmc/force_run.h"
#include "qmc/structure.h"

#define SAME_ENERGY 5 /* error bars between two energies of one trial function, at most */

/* All that is known of a frame when it has been sampled. */
struct force_report {
    struct force_result result;
    bool has_structure;
    struct finite_size finite;
    bool has_gradient;
    struct orbital_gradient_result gradient;
};

struct force_wish { /* what the command line says about the output */
    bool covariance, remove_net_force;
    const char *estimator;
};

static void write_forces(struct frame *f, const struct force_wish *wish,
                         const struct force_result *r)
{
    double(*force)[3] = mem_new(r->atoms, sizeof *force);
    for (int a = 0; a < r->atoms; a++)
        for (int x = 0; x < 3; x++)
            force[a][x] = r->force[a][x] - (wish->remove_net_force ? r->net[x] / r->atoms : 0);
    keys_set_column(f, "vmc_forces", 3, force[0]);
    keys_set_column(f, "vmc_forces_error", 3, r->force_error[0]);
    frame_set_string(f, "vmc_forces_estimator", wish->estimator);
    free(force);
}

/* The table of keys knows no square of a force. */
static void write_covariance(struct frame *f, const struct force_result *r)
{
    double *to = frame_add_reals(f, "vmc_forces_covariance", 6);
    double unit = units_stream(DIM_FORCE) * units_stream(DIM_FORCE);
    for (int i = 0; i < 6 * r->atoms; i++)
        to[i] = r->covariance[i / 6][i % 6] / unit;
}

static void write_cell(struct frame *f, const struct force_report *all)
{
    const struct force_result *r = &all->result;
    keys_set_pair(f, "vmc_stress", 9, r->stress[0], r->stress_error[0]);
    frame_set_string(f, "vmc_stress_estimator",
                     "strain derivative at fixed coefficients, undeformed Gaussians");
    keys_set_pair(f, "vmc_pressure_virial_GPa", 1, &r->virial, &r->virial_error);
    if (!all->has_structure)
        return;
    const struct finite_size *z = &all->finite;
    keys_set_pair(f, "qmc_finite_size_energy", 1, &z->energy, &z->energy_error);
    keys_set_pair(f, "qmc_finite_size_kinetic_energy", 1, &z->kinetic, &z->kinetic_error);
}

/* Whether the frame carries an energy of the same trial function, better known than this run's:
 * forces take so few samples that writing theirs would undo the work of qmc-sample. One that is too
 * far off is of another trial function. */
static bool better_energy(const struct frame *f, const struct estimate *mine, struct log *log,
                          long frame)
{
    double energy, error;
    if (keys_get(f, "vmc_energy", 1, &energy, NULL) != ST_OK ||
        keys_get(f, "vmc_energy_error", 1, &error, NULL) != ST_OK || !(error > 0) ||
        !(error < mine->error))
        return false;
    double apart = fabs(energy - mine->mean) / hypot(error, mine->error);
    if (apart <= SAME_ENERGY)
        return true;
    log_warning(
        log,
        "frame %ld: its vmc_energy is %.1f error bars from that of this run and is replaced: "
        "it is of another trial function",
        frame, apart);
    return false;
}

static void write_energy(struct frame *f, const struct force_result *r)
{
    keys_set_pair(f, "vmc_energy", 1, &r->energy.mean, &r->energy.error);
    frame_set_real(f, "vmc_variance", r->energy.variance * UNITS_HARTREE_EV * UNITS_HARTREE_EV);
    frame_set_int(f, "vmc_samples", r->samples);
    keys_remove_pair(f, "vmc_twist_energy"); /* of other samples */
}

static void report_write(struct frame *f, const struct trial *trial, bool periodic,
                         const struct force_wish *wish, const struct force_report *all,
                         struct log *log, long frame)
{
    const struct force_result *r = &all->result;
    if (!better_energy(f, &r->energy, log, frame))
        write_energy(f, r);
    write_forces(f, wish, r);
    if (wish->covariance)
        write_covariance(f, r);
    gradient_remove(f);
    if (all->has_gradient)
        response_write(f, trial, periodic, wish->remove_net_force, &all->gradient);
    keys_remove_pair(f, "qmc_finite_size_energy");
    keys_remove_pair(f, "qmc_finite_size_kinetic_energy");
    if (periodic)
        write_cell(f, all);
}

static void report_bias(struct log *log, long frame, const struct force_result *r)
{
    const double milli = 1e3;
    log_detail(log,
               "%.3g of the samples damped near nodes; bias of it %.4f(%.4f) mHa/bohr, %.3f of an "
               "error bar",
               r->damped, r->bias * milli, r->bias_error * milli, r->bias / r->error);
    if (r->bias > 0.1 * r->error && r->bias > 2 * r->bias_error)
        log_warning(log,
                    "frame %ld: damping near nodes moves the forces by %.2f error bars: a smaller "
                    "--epsilon is needed",
                    frame, r->bias / r->error);
}

static void report_tails(struct log *log, long frame, const struct force_result *r)
{
    log_detail(log,
               "estimators of the forces beyond x are as many as x^-%.2f(%.2f), the largest "
               "makes %.2g of the variance",
               r->tails.alpha, r->tails.alpha_error, r->tails.largest);
    if (r->heavy)
        log_warning(log,
                    "frame %ld: the variance of the forces is infinite, or nearly so (tail index "
                    "%.2f(%.2f), one sample makes %.2g of it): error bars cannot be trusted; give "
                    "--epsilon, leave --zero-variance on, or optimise the Jastrow factor",
                    frame, r->tails.alpha, r->tails.alpha_error, r->tails.largest);
}

static void report_say(struct log *log, long frame, int twists, const struct force_report *all)
{
    const struct force_result *r = &all->result;
    const double to = UNITS_HARTREE_EV / UNITS_BOHR_A;
    log_detail(log,
               "%d atoms, %d twists: %ld samples %d sweeps apart, energy %.6f(%.6f) Ha, variance "
               "%.4f Ha^2, error of a force component %.3f mHa/bohr",
               r->atoms, twists, r->samples, r->stride, r->energy.mean, r->energy.error,
               r->energy.variance, r->error * 1e3);
    log_detail(log, "net force %.4f(%.4f) %.4f(%.4f) %.4f(%.4f) eV/A", r->net[0] * to,
               r->net_error[0] * to, r->net[1] * to, r->net_error[1] * to, r->net[2] * to,
               r->net_error[2] * to);
    report_bias(log, frame, r);
    report_tails(log, frame, r);
    if (all->has_gradient)
        response_say(log, frame, r, &all->gradient);
    if (all->has_structure)
        log_detail(log, "finite size: %+.5f(%.5f) Ha", all->finite.energy,
                   all->finite.energy_error);
}

#endif
