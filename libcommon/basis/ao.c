/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Bloch sums of Gaussians at points. The cell is divided into blocks, each with the list of the atom
 * images that reach it. For a point: wrap it, collect the images within the widest shell's cut-off,
 * then go through the shells from wide to tight, dropping images as the cut-off falls; each shell is
 * evaluated over arrays of images (SIMD), the exponentials once for all k points. In rectangular cells
 * diffuse shells are summed in reciprocal space where that is cheaper (ao_fourier.c).
 *
 * A shell ends where r^l g(r) has fallen below 1e-10 of its maximum: the jump is far below any
 * statistical error and, relative to the function, that of a density of 1e-20.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "base/mem.h"
#include "basis/ao_parts.h"
#include "crystal/kpoints.h"

static const double cut = 1e-10, block_size = 3; /* relative; bohr */
/* Of a k point: beyond, the rounding error of a number reaches the tolerance of kpoints_is_trim. */
static const double largest_k = 1e6;

static double radial_size(const struct shell *s, double r)
{
    double sum = 0;
    for (int p = 0; p < s->primitives; p++)
        sum += fabs(s->coefficient[p]) * exp(-s->exponent[p] * r * r);
    return sum * pow(r, s->l);
}

/* Beyond this radius the function is smaller than `cut` times its largest value. */
static double shell_cutoff(const struct shell *s)
{
    double lowest = INFINITY, top = 0;
    for (int p = 0; p < s->primitives; p++)
        lowest = fmin(lowest, s->exponent[p]);
    double step = 0.01 / sqrt(lowest), r = 10 / sqrt(lowest);
    for (double x = 0; x < r; x += step)
        top = fmax(top, radial_size(s, x));
    while (r > step && radial_size(s, r) < cut * top)
        r -= step;
    return r + step;
}

static void copy_shell(struct ao_shell *to, const struct shell *from, int offset)
{
    to->l = from->l;
    to->primitives = from->primitives;
    to->exponent = MEM_NEW(double, from->primitives);
    to->coefficient = MEM_NEW(double, from->primitives);
    memcpy(to->exponent, from->exponent, (size_t)from->primitives * sizeof(double));
    memcpy(to->coefficient, from->coefficient, (size_t)from->primitives * sizeof(double));
    to->lowest = INFINITY;
    for (int p = 0; p < from->primitives; p++) {
        to->lowest = fmin(to->lowest, from->exponent[p]);
        to->highest = fmax(to->highest, from->exponent[p]);
    }
    to->offset = offset;
    to->cutoff2 = shell_cutoff(from) * shell_cutoff(from);
    for (int m = 0; m <= 2 * from->l; m++) {
        to->s[m] = solid_polynomial(from->l, m - from->l);
        for (int i = 0, k = 0; i < 3; i++) {
            to->d[m][i] = solid_derivative(&to->s[m], i);
            for (int j = i; j < 3; j++, k++)
                to->dd[m][k] = solid_derivative(&to->d[m][i], j);
        }
    }
}

static int wider(const void *a, const void *b)
{
    const struct ao_shell *x = a, *y = b;
    if (x->cutoff2 != y->cutoff2)
        return x->cutoff2 > y->cutoff2 ? -1 : 1;
    return x->offset - y->offset;
}

unsigned ao_parity(const struct ao *a, const int t[3])
{
    unsigned odd = 0;
    for (int k = 0; k < a->nk; k++) {
        const int *twice = a->twice[k];
        odd |= (unsigned)((twice[0] * t[0] + twice[1] * t[1] + twice[2] * t[2]) & 1) << k;
    }
    return odd;
}

static void block_add(struct ao_block *b, int *room, const double r[3], int atom, unsigned odd)
{
    if (b->n == *room) {
        size_t old = (size_t)*room, to = old ? 2 * old : 64;
        b->x = mem_grow(b->x, old, to, sizeof *b->x);
        b->y = mem_grow(b->y, old, to, sizeof *b->y);
        b->z = mem_grow(b->z, old, to, sizeof *b->z);
        b->atom = mem_grow(b->atom, old, to, sizeof *b->atom);
        b->odd = mem_grow(b->odd, old, to, sizeof *b->odd);
        *room = (int)to;
    }
    b->x[b->n] = r[0];
    b->y[b->n] = r[1];
    b->z[b->n] = r[2];
    b->atom[b->n] = atom;
    b->odd[b->n++] = odd;
}

static double length(const double a[3])
{
    return sqrt(a[0] * a[0] + a[1] * a[1] + a[2] * a[2]);
}

/* Images of one atom, at fractional f, within reach of the block with that centre. */
static void block_atom(const struct ao *a, struct ao_block *b, int *room, int atom,
                       const double centre[3], double reach)
{
    double f[3], c[3];
    int low[3], high[3], home[3], t[3];
    const double *r = a->system->pos[atom];
    for (int i = 0; i < 3; i++) {
        double planes = 0;
        f[i] = c[i] = 0;
        for (int x = 0; x < 3; x++) {
            f[i] += r[x] * a->inverse[x][i];
            c[i] += centre[x] * a->inverse[x][i];
            planes += a->inverse[x][i] * a->inverse[x][i];
        }
        home[i] = (int)floor(f[i]);
        f[i] -= home[i];
        low[i] = (int)ceil(c[i] - f[i] - reach * sqrt(planes));
        high[i] = (int)floor(c[i] - f[i] + reach * sqrt(planes));
    }
    for (t[0] = low[0]; t[0] <= high[0]; t[0]++)
        for (t[1] = low[1]; t[1] <= high[1]; t[1]++)
            for (t[2] = low[2]; t[2] <= high[2]; t[2]++) {
                double v[3], d[3];
                int shift[3] = {t[0] - home[0], t[1] - home[1], t[2] - home[2]};
                for (int x = 0; x < 3; x++) {
                    v[x] = r[x] + shift[0] * a->cell[0][x] + shift[1] * a->cell[1][x] +
                           shift[2] * a->cell[2][x];
                    d[x] = v[x] - centre[x];
                }
                if (length(d) < reach)
                    block_add(b, room, v, atom, ao_parity(a, shift));
            }
}

static void fill_block(struct ao *a, const int index[3], double radius, struct ao_block *b)
{
    int room = 0;
    double centre[3];
    for (int x = 0; x < 3; x++) {
        centre[x] = 0;
        for (int i = 0; i < 3; i++)
            centre[x] += (index[i] + 0.5) / a->split[i] * a->cell[i][x];
    }
    for (int atom = 0; atom < a->atoms; atom++)
        if (a->periodic)
            block_atom(a, b, &room, atom, centre, sqrt(a->cutoff2) + radius);
        else
            block_add(b, &room, a->system->pos[atom], atom, 0);
}

static void make_blocks(struct ao *a)
{
    double radius = 0, v[3];
    for (int i = 0; i < 3; i++) {
        a->split[i] = 1;
        if (a->periodic)
            a->split[i] = (int)fmin(fmax(rint(length(a->cell[i]) / block_size), 1), 20);
    }
    for (int corner = 0; corner < 4; corner++) {
        for (int x = 0; x < 3; x++)
            v[x] = 0.5 * (a->cell[0][x] / a->split[0] +
                          (corner & 1 ? 1 : -1) * a->cell[1][x] / a->split[1] +
                          (corner & 2 ? 1 : -1) * a->cell[2][x] / a->split[2]);
        radius = fmax(radius, length(v));
    }
    a->block = MEM_NEW(struct ao_block, a->split[0] * a->split[1] * a->split[2]);
    struct ao_block *b = a->block;
    for (int i = 0; i < a->split[0]; i++)
        for (int j = 0; j < a->split[1]; j++)
            for (int k = 0; k < a->split[2]; k++)
                fill_block(a, (int[3]){i, j, k}, radius * (1 + 1e-9), b++);
}

static enum status check_input(const struct system *s, const struct basis *b, int nk,
                               const double kpoint[][3], struct err *err)
{
    if (nk < 1 || nk > 32)
        return err_set(err, ST_DATA, "%d k points; 1 to 32 are needed", nk);
    for (int k = 0; k < nk; k++) {
        for (int i = 0; i < 3; i++)
            if (!(fabs(kpoint[k][i]) <= largest_k))
                return err_set(err, ST_DATA, "k point (%g, %g, %g): components should be 0 or 1/2",
                               kpoint[k][0], kpoint[k][1], kpoint[k][2]);
        bool gamma = kpoint[k][0] == 0 && kpoint[k][1] == 0 && kpoint[k][2] == 0;
        if (!kpoints_is_trim(kpoint[k]) || (!s->periodic && !gamma))
            return err_set(err, ST_DATA,
                           "k point (%g, %g, %g) has no real orbitals; components must be 0 or 1/2 "
                           "(0 in open boundaries)",
                           kpoint[k][0], kpoint[k][1], kpoint[k][2]);
    }
    for (int i = 0; i < s->n; i++)
        if (s->element[i] != b->element)
            return err_set(err, ST_DATA, "atom %d is %s; the basis %s is for %s only", i + 1,
                           species_symbol(s->element[i]), b->name, species_symbol(b->element));
    for (int i = 0; i < b->shells; i++)
        if (b->shell[i].l > SOLID_LMAX)
            return err_set(err, ST_DATA, "basis %s has l = %d; at most f (3) is possible", b->name,
                           b->shell[i].l);
    return ST_OK;
}

struct ao *ao_new(const struct system *s, const struct basis *b, int nk, const double kpoint[][3],
                  struct err *err)
{
    int map[3][3], offset = 0;
    if (check_input(s, b, nk, kpoint, err))
        return NULL;
    struct ao *a = MEM_NEW(struct ao, 1);
    a->atoms = s->n;
    a->per_atom = b->functions;
    a->functions = s->n * b->functions;
    a->nk = nk;
    a->periodic = s->periodic;
    a->system = system_copy(s);
    a->twice = mem_new((size_t)nk, sizeof *a->twice);
    a->given = mem_new((size_t)nk, sizeof *a->given);
    for (int k = 0; k < nk; k++)
        for (int i = 0; i < 3; i++)
            a->given[k][i] = (int)rint(2 * kpoint[k][i]) & 1;
    if (a->periodic) {
        system_reduce(s->cell, a->cell, map);
        system_inverse(a->cell, a->inverse);
        for (int k = 0; k < nk; k++)
            for (int i = 0; i < 3; i++)
                for (int j = 0; j < 3; j++)
                    a->twice[k][i] ^= map[i][j] & a->given[k][j];
    }
    a->shells = b->shells;
    a->shell = MEM_NEW(struct ao_shell, b->shells);
    for (int i = 0; i < b->shells; i++) {
        copy_shell(&a->shell[i], &b->shell[i], offset);
        offset += 2 * b->shell[i].l + 1;
    }
    qsort(a->shell, (size_t)a->shells, sizeof *a->shell, wider);
    ao_fourier_new(a);
    for (int i = 0; i < a->shells; i++)
        if (!a->shell[i].fourier)
            a->cutoff2 = fmax(a->cutoff2, a->shell[i].cutoff2);
    make_blocks(a);
    return a;
}

void ao_free(struct ao *a)
{
    if (!a)
        return;
    for (int i = 0; i < a->split[0] * a->split[1] * a->split[2]; i++) {
        free(a->block[i].x);
        free(a->block[i].y);
        free(a->block[i].z);
        free(a->block[i].atom);
        free(a->block[i].odd);
    }
    for (int i = 0; i < a->shells; i++) {
        free(a->shell[i].exponent);
        free(a->shell[i].coefficient);
    }
    free(a->shell);
    free(a->block);
    free(a->twice);
    free(a->given);
    ao_fourier_free(a->fourier);
    system_free(a->system);
    free(a);
}

int ao_functions(const struct ao *a)
{
    return a->functions;
}
