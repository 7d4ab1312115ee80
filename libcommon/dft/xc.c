/* SPDX-License-Identifier: GPL-3.0-or-later */
#define _GNU_SOURCE /* strsep */
#include "dft/xc.h"
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <xc.h>
#include "base/mem.h"
#include "base/words.h"
#include "dft/pbe.h"

enum { PARTS = 4, CHUNK = 1024 };

#define STEP 1e-4 /* relative change of density or sigma for second derivatives */
#define THIN 1e-9 /* density below which these are not wanted, 1/bohr^3 */

struct xc {
    int parts;
    xc_func_type part[PARTS];
    bool gradient;
    bool pbe; /* dft/pbe.h instead of libxc */
    enum pbe_constants pbe_constants;
    enum pseudo_family family;
};

static const struct {
    const char *name, *libxc;
    enum pseudo_family family;
} short_names[] = {
    {"lda", "lda_xc_teter93", PSEUDO_LDA},
    {"lda_pw", "lda_x+lda_c_pw", PSEUDO_LDA},
    {"pbe", "gga_x_pbe+gga_c_pbe", PSEUDO_PBE},
    {"pbe_printed", "gga_x_pbe+gga_c_pbe", PSEUDO_PBE},
    {"blyp", "gga_x_b88+gga_c_lyp", PSEUDO_BLYP},
};
#define SHORT_NAMES (sizeof short_names / sizeof *short_names)

/* The name that was probably meant: a short one, or an LDA or GGA of libxc. */
static char *nearest(const char *name)
{
    int least = INT_MAX, n = xc_number_of_functionals();
    int *number = MEM_NEW(int, n);
    char *best = NULL;
    xc_available_functional_numbers(number);
    for (int i = -(int)SHORT_NAMES; i < n; i++) {
        char *other =
            i < 0 ? mem_text(short_names[-1 - i].name) : xc_functional_get_name(number[i]);
        bool fits = i < 0 || !strncmp(other, "lda_", 4) || !strncmp(other, "gga_", 4);
        int distance = words_distance(name, other);
        if (fits && distance < least) {
            least = distance;
            free(best);
            best = other;
        } else
            free(other);
    }
    free(number);
    return best;
}

static enum status unknown(const char *name, struct err *err)
{
    char *other = nearest(name);
    err_set(err, ST_USAGE,
            "unknown functional '%s'; did you mean %s? There are lda, lda_pw, pbe, pbe_printed, "
            "blyp and the LDAs "
            "and GGAs of libxc, joined by '+'",
            name, other);
    free(other);
    return ST_USAGE;
}

static bool is_short(const char *name)
{
    for (size_t i = 0; i < SHORT_NAMES; i++)
        if (!strcmp(name, short_names[i].name))
            return true;
    return false;
}

static enum status add_part(struct xc *x, const char *name, struct err *err)
{
    if (is_short(name))
        return err_set(err, ST_USAGE,
                       "'%s' is exchange and correlation; only names of libxc are joined by '+'",
                       name);
    int number = xc_functional_get_number(name);
    if (number <= 0)
        return unknown(name, err);
    if (x->parts == PARTS)
        return err_set(err, ST_USAGE,
                       "more than %d functionals are joined by '+'; at most %d would be right",
                       PARTS, PARTS);
    xc_func_type *part = &x->part[x->parts];
    if (xc_func_init(part, number, XC_UNPOLARIZED) != 0)
        return err_set(err, ST_USAGE, "libxc cannot use functional '%s'; try lda, pbe or blyp",
                       name);
    x->parts++;
    if (part->info->family != XC_FAMILY_LDA && part->info->family != XC_FAMILY_GGA)
        return err_set(err, ST_USAGE,
                       "functional '%s' is neither an LDA nor a GGA; try lda, pbe or blyp", name);
    if (part->info->kind == XC_KINETIC)
        return err_set(err, ST_USAGE,
                       "functional '%s' is of the kinetic energy; try lda, pbe or blyp", name);
    if (!(part->info->flags & XC_FLAGS_HAVE_EXC) || !(part->info->flags & XC_FLAGS_HAVE_VXC))
        return err_set(err, ST_USAGE,
                       "functional '%s' has no energy or no potential; try lda, pbe or blyp", name);
    x->gradient = x->gradient || part->info->family == XC_FAMILY_GGA;
    return ST_OK;
}

struct xc *xc_new(const char *name, struct err *err)
{
    struct xc *x = MEM_NEW(struct xc, 1);
    const char *expanded = name;
    int family = -1;
    for (size_t i = 0; i < SHORT_NAMES; i++)
        if (!strcmp(name, short_names[i].name)) {
            expanded = short_names[i].libxc;
            family = (int)short_names[i].family;
        }
    char *text = mem_text(expanded), *rest = text, *part;
    enum status status = ST_OK;
    while (status == ST_OK && (part = strsep(&rest, "+")))
        status = *part ? add_part(x, part, err)
                       : err_set(err, ST_USAGE, "functional '%s' has a part without a name", name);
    free(text);
    x->pbe_constants = !strcmp(name, "pbe_printed") ? PBE_PRINTED : PBE_FULL;
    x->pbe = !strcmp(name, "pbe") || x->pbe_constants == PBE_PRINTED;
    x->family = family >= 0 ? (enum pseudo_family)family : x->gradient ? PSEUDO_PBE : PSEUDO_LDA;
    if (status == ST_OK)
        return x;
    xc_free(x);
    return NULL;
}

void xc_free(struct xc *x)
{
    if (!x)
        return;
    for (int i = 0; i < x->parts; i++)
        xc_func_end(&x->part[i]);
    free(x);
}

bool xc_gradient(const struct xc *x)
{
    return x->gradient;
}

enum pseudo_family xc_family(const struct xc *x)
{
    return x->family;
}

/* One chunk of points, summed over the parts of the functional. */
static void chunk(const struct xc *x, size_t n, const double *rho_in, const double *sigma,
                  double *f, double *f_rho, double *f_sigma)
{
    double rho[CHUNK], e[CHUNK], v[CHUNK], s[CHUNK];
    for (size_t i = 0; i < n; i++)
        rho[i] = rho_in[i] > 0 ? rho_in[i] : 0;
    memset(f, 0, n * sizeof *f);
    memset(f_rho, 0, n * sizeof *f_rho);
    if (f_sigma)
        memset(f_sigma, 0, n * sizeof *f_sigma);
    if (x->pbe)
        pbe_add(x->pbe_constants, n, rho, sigma, f, f_rho, f_sigma);
    for (int p = 0; p < x->parts && !x->pbe; p++) {
        bool gga = x->part[p].info->family == XC_FAMILY_GGA;
        if (gga)
            xc_gga_exc_vxc(&x->part[p], n, rho, sigma, e, v, s);
        else
            xc_lda_exc_vxc(&x->part[p], n, rho, e, v);
        for (size_t i = 0; i < n; i++) {
            f[i] += rho[i] * e[i];
            f_rho[i] += v[i];
            if (gga)
                f_sigma[i] += s[i];
        }
    }
}

void xc_evaluate(const struct xc *x, size_t points, const double *rho, const double *sigma,
                 double *f, double *f_rho, double *f_sigma)
{
    long chunks = (long)((points + CHUNK - 1) / CHUNK);
#pragma omp parallel for schedule(static)
    for (long c = 0; c < chunks; c++) {
        size_t from = (size_t)c * CHUNK, n = points - from < CHUNK ? points - from : CHUNK;
        chunk(x, n, rho + from, sigma ? sigma + from : NULL, f + from, f_rho + from,
              f_sigma ? f_sigma + from : NULL);
    }
}

/* One chunk with the density, or sigma, times 1 + STEP and 1 - STEP: differences of f_rho and f_sigma */
static void difference(const struct xc *x, size_t n, const double *rho, const double *sigma,
                       bool of_sigma, double *f_rho, double *f_sigma)
{
    double r[CHUNK] = {0}, s[CHUNK] = {0}, f[CHUNK], low_rho[CHUNK] = {0}, low_sigma[CHUNK] = {0};
    for (int side = 0; side < 2; side++) {
        const double scale = side ? 1 + STEP : 1 - STEP;
        for (size_t i = 0; i < n; i++) {
            r[i] = of_sigma ? rho[i] : rho[i] * scale;
            s[i] = !sigma ? 0 : of_sigma ? sigma[i] * scale : sigma[i];
        }
        double *to_sigma = side ? f_sigma : low_sigma;
        chunk(x, n, r, sigma ? s : NULL, f, side ? f_rho : low_rho, sigma ? to_sigma : NULL);
    }
    for (size_t i = 0; i < n; i++) {
        f_rho[i] -= low_rho[i];
        if (sigma)
            f_sigma[i] -= low_sigma[i];
    }
}

static void second_chunk(const struct xc *x, size_t n, const double *rho, const double *sigma,
                         double *f_rr, double *f_rs, double *f_ss)
{
    double unused[CHUNK];
    difference(x, n, rho, sigma, false, f_rr, f_rs);
    if (sigma)
        difference(x, n, rho, sigma, true, unused, f_ss);
    for (size_t i = 0; i < n; i++) {
        const bool some = rho[i] > THIN;
        f_rr[i] = some ? f_rr[i] / (2 * STEP * rho[i]) : 0;
        if (!sigma)
            continue;
        f_rs[i] = some ? f_rs[i] / (2 * STEP * rho[i]) : 0;
        f_ss[i] = some && sigma[i] > 0 ? f_ss[i] / (2 * STEP * sigma[i]) : 0;
    }
}

void xc_second(const struct xc *x, size_t points, const double *rho, const double *sigma,
               double *f_rr, double *f_rs, double *f_ss)
{
    long chunks = (long)((points + CHUNK - 1) / CHUNK);
#pragma omp parallel for schedule(static)
    for (long c = 0; c < chunks; c++) {
        size_t from = (size_t)c * CHUNK, n = points - from < CHUNK ? points - from : CHUNK;
        second_chunk(x, n, rho + from, sigma ? sigma + from : NULL, f_rr + from,
                     sigma ? f_rs + from : NULL, sigma ? f_ss + from : NULL);
    }
}
