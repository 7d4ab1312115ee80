/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "md/diffusion.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "base/mem.h"

enum { BLOCKS = 8, SHORTEST = 8 /* frames of a block */ };

#define EVEN .01 /* of the time between frames: what rounding may have done to it */

struct diffusion {
    int atoms, frames, room;
    double (*pos)[3];  /* [room][atoms] relative to the centre of mass */
    double (*last)[3]; /* unwrapped, of the last frame */
    double *time;      /* [room] */
};

struct diffusion *diffusion_new(int atoms)
{
    struct diffusion *d = MEM_NEW(struct diffusion, 1);
    d->atoms = atoms;
    d->last = mem_new((size_t)atoms, sizeof d->last[0]);
    return d;
}

void diffusion_free(struct diffusion *d)
{
    if (!d)
        return;
    free(d->pos);
    free(d->last);
    free(d->time);
    free(d);
}

static void unwrap(struct diffusion *d, const struct system *s)
{
    for (int i = 0; i < s->n; i++) {
        double jump[3], step[3];
        for (int c = 0; c < 3; c++)
            step[c] = jump[c] = s->pos[i][c] - d->last[i][c];
        if (d->frames)
            system_minimum_image(s, jump, step);
        for (int c = 0; c < 3; c++)
            d->last[i][c] += step[c];
    }
}

void diffusion_add(struct diffusion *d, const struct system *s, double time)
{
    double centre[3] = {0}, mass = 0;
    if (d->frames == d->room) {
        size_t row = sizeof d->pos[0] * (size_t)d->atoms;
        d->pos = mem_grow(d->pos, d->room, 2 * d->room + 16, row);
        d->time = mem_grow(d->time, d->room, 2 * d->room + 16, sizeof *d->time);
        d->room = 2 * d->room + 16;
    }
    unwrap(d, s);
    d->time[d->frames] = time;
    for (int i = 0; i < s->n; i++) {
        mass += s->mass[i];
        for (int c = 0; c < 3; c++)
            centre[c] += s->mass[i] * d->last[i][c];
    }
    double(*row)[3] = d->pos + (size_t)d->frames++ * d->atoms;
    for (int i = 0; i < s->n; i++)
        for (int c = 0; c < 3; c++)
            row[i][c] = d->last[i][c] - centre[c] / mass;
}

/* Mean over atoms and origins in frames from .. from + length - 1. */
static double displacement(const struct diffusion *d, int from, int length, int lag)
{
    size_t n = 3 * (size_t)d->atoms;
    double sum = 0;
    for (int t = from; t + lag < from + length; t++) {
        const double *a = d->pos[(size_t)t * d->atoms], *b = a + (size_t)lag * n;
        for (size_t k = 0; k < n; k++)
            sum += (b[k] - a[k]) * (b[k] - a[k]);
    }
    return sum / d->atoms / (length - lag);
}

/* Least-squares slope of the mean square displacement per frame. */
static double slope(const struct diffusion *d, int from, int length)
{
    int first = length / 4, last = length / 2, stride = (last - first) / 16 + 1, n = 0;
    double x = 0, y = 0, xx = 0, xy = 0;
    for (int lag = first; lag <= last; lag += stride, n++) {
        double m = displacement(d, from, length, lag);
        x += lag;
        y += m;
        xx += (double)lag * lag;
        xy += lag * m;
    }
    return (n * xy - x * y) / (n * xx - x * x);
}

/* Of the frames from `skip` on, of which there are some */
static enum status find_interval(const struct diffusion *d, int skip, double *interval,
                                 struct err *err)
{
    int n = d->frames - skip;
    const double *time = d->time + skip;
    *interval = (time[n - 1] - time[0]) / (n - 1);
    for (int i = 0; i < n; i++)
        if (isnan(time[i]))
            return err_set(err, ST_DATA, "not all frames have a time");
    for (int i = 1; i < n; i++)
        if (!(fabs(time[i] - time[i - 1] - *interval) <= EVEN * *interval))
            return err_set(err, ST_DATA, "its frames are not equally spaced in time");
    return ST_OK;
}

enum status diffusion_result(const struct diffusion *d, int skip, struct estimate *e,
                             double *length, struct err *err)
{
    int frames = (d->frames - skip) / BLOCKS;
    double interval, block[BLOCKS];
    if (frames < SHORTEST)
        return err_set(err, ST_DATA, "too few frames: %d, where %d are needed", d->frames - skip,
                       BLOCKS * SHORTEST);
    if (find_interval(d, skip, &interval, err))
        return ST_DATA;
    *length = d->time[d->frames - 1] - d->time[skip];
    *e = (struct estimate){.time = 1};
    for (int k = 0; k < BLOCKS; k++) {
        block[k] = slope(d, skip + k * frames, frames) / (6 * interval);
        e->mean += block[k] / BLOCKS;
    }
    for (int k = 0; k < BLOCKS; k++)
        e->variance += (block[k] - e->mean) * (block[k] - e->mean) / (BLOCKS - 1);
    e->error = sqrt(e->variance / BLOCKS);
    return ST_OK;
}
