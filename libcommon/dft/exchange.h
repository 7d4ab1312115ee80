/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Work space of the exchange-correlation term, and what it knows of the present density. */
#ifndef DFT_EXCHANGE_H
#define DFT_EXCHANGE_H

#include "dft/grid.h"
#include "dft/xc.h"

struct exchange;

struct exchange *exchange_new(const struct grid *g, const struct xc *xc);
void exchange_free(struct exchange *x);
void exchange_forget(struct exchange *x); /* the density has changed */

#endif
