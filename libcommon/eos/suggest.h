/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which states to compute next, so that the Hugoniot is enclosed, its maximum inside, its errors even. */
#ifndef EOS_SUGGEST_H
#define EOS_SUGGEST_H

#include "eos/hugoniot.h"

enum suggest_reason {
    SUGGEST_MISSING, /* no root among the states of a group: where it may be, and a little beyond */
    SUGGEST_BRACKET, /* a single state on one side of the root: another there */
    SUGGEST_MAXIMUM, /* the largest compression stands at an end of the curve: beyond that end */
    SUGGEST_REFINE   /* the state that contributes most to the error of the least certain point */
};
extern const char *const suggest_reasons[]; /* in words */

struct suggestion {
    enum suggest_reason reason;
    double temperature, density; /* Ha, m_e/bohr^3 */
};

/* A curve: groups[n] with points[n] and error[n], its maximum inside or not; lost[lost_n], groups without a root, with
 * wanted[lost_n] from hugoniot_solve (NaN: unknown, nothing is suggested). Returns the number of
 * suggestions in the new array *list, which the caller frees. */
int suggest_states(const struct eos_initial *initial, int n, const struct eos_group groups[],
                   const struct hugoniot_point points[], const struct hugoniot_point error[],
                   bool inside, int lost_n, const struct eos_group lost[], const double wanted[],
                   struct suggestion **list);

#endif
