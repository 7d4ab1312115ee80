/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Plane-wave term of cells, for the tail of u beyond the sphere in the cell (Drummond, Towler, Needs
 * (2004), eq. (10)):
 *   p = sum_{G != 0} b(G) sum_{i<j} cos(G.r_ij),
 * with weights that are a smooth function of |G| instead of one for each star, so that they mean the
 * same in cells of any shape and size and p follows a strain continuously:
 *   b(G) = sum_k a_k (4 pi / (V G^2)) (1 - G^2/G_c^2)^(3 2^k) Theta(G_c - G),
 * V the volume; 1/(V G^2) is what the random-phase approximation gives at long range. Half of the
 * vectors are kept, with twice the weight. With C = sum_j cos G.r_j, S = sum_j sin G.r_j over the
 * other electrons, electron i at r gives sum_G b(G) (C cos G.r + S sin G.r).
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "qmc/jastrow_term.h"

#define HIGHEST 15 /* index of a reciprocal vector */
#define PI 3.14159265358979323846

static int parameters(const struct jastrow *j)
{
    return j->p_order;
}

static double volume(const struct jastrow *j)
{
    const double(*a)[3] = j->images.cell;
    return fabs(a[0][0] * (a[1][1] * a[2][2] - a[1][2] * a[2][1]) -
                a[0][1] * (a[1][0] * a[2][2] - a[1][2] * a[2][0]) +
                a[0][2] * (a[1][0] * a[2][1] - a[1][1] * a[2][0]));
}

/* Half of the vectors shorter than the cut-off; returns how many there are, the first
 * JASTROW_WAVES of them in w. */
static int find_vectors(const struct jastrow *j, double cutoff, struct jastrow_waves *w)
{
    int n = 0, end[3], h[3];
    for (int i = 0; i < 3; i++) {
        const double *a = j->images.cell[i];
        end[i] = (int)(cutoff * sqrt(a[0] * a[0] + a[1] * a[1] + a[2] * a[2]) / (2 * PI));
        end[i] = end[i] < HIGHEST ? end[i] : HIGHEST;
    }
    for (h[0] = 0; h[0] <= end[0]; h[0]++)
        for (h[1] = h[0] ? -end[1] : 0; h[1] <= end[1]; h[1]++)
            for (h[2] = h[0] || h[1] ? -end[2] : 1; h[2] <= end[2]; h[2]++) {
                double g[3], square = 0;
                for (int x = 0; x < 3; x++) {
                    g[x] = h[0] * j->rec[0][x] + h[1] * j->rec[1][x] + h[2] * j->rec[2][x];
                    square += g[x] * g[x];
                }
                if (square >= cutoff * cutoff)
                    continue;
                for (int x = 0; x < 3 && n < JASTROW_WAVES; x++) {
                    w->g[x][n] = g[x];
                    w->index[n][x] = h[x];
                    w->square[n] = square;
                }
                n++;
            }
    return n;
}

double jastrow_waves_limit(const struct jastrow *j)
{
    struct jastrow_waves w;
    if (!j->images.periodic)
        return INFINITY;
    double cutoff = cbrt(12 * PI * PI * JASTROW_WAVES / volume(j));
    while (find_vectors(j, cutoff, &w) > JASTROW_WAVES)
        cutoff *= 0.97;
    return cutoff;
}

void jastrow_waves_set(struct jastrow *j, double cutoff, const double a[])
{
    struct jastrow_waves *w = &j->waves;
    memset(w, 0, sizeof *w);
    if (!j->images.periodic || !j->p_order)
        return;
    double v = volume(j);
    w->n = find_vectors(j, cutoff, w);
    for (int g = 0; g < w->n; g++)
        for (int i = 0; i < 3; i++)
            w->top[i] = abs(w->index[g][i]) > w->top[i] ? abs(w->index[g][i]) : w->top[i];
    for (int g = 0; g < w->n; g++)
        for (int k = 0; k < j->p_order; k++) {
            double q = 1 - w->square[g] / (cutoff * cutoff), p = 3 << k;
            double scale = 8 * PI / (v * w->square[g]), bend = scale * p * pow(q, p - 1);
            w->phi[k][g] = scale * pow(q, p);
            w->weight[g] += a[k] * w->phi[k][g];
            w->slope[g] -= a[k] * (w->phi[k][g] / w->square[g] + bend / (cutoff * cutoff));
            w->cutoff_slope[g] += a[k] * bend * 2 * w->square[g] / (cutoff * cutoff * cutoff);
        }
}

/* cos and sin of all G.r into out[2][n] */
static void waves_at(const struct jastrow *j, const double r[3], double out[])
{
    const struct jastrow_waves *w = &j->waves;
    double c[3][2 * HIGHEST + 1], s[3][2 * HIGHEST + 1];
    for (int i = 0; i < 3; i++) {
        double *ci = c[i] + HIGHEST, *si = s[i] + HIGHEST;
        double phase = j->rec[i][0] * r[0] + j->rec[i][1] * r[1] + j->rec[i][2] * r[2];
        double c1 = cos(phase), s1 = sin(phase);
        ci[0] = 1, si[0] = 0;
        for (int h = 1; h <= w->top[i]; h++) {
            ci[h] = ci[-h] = ci[h - 1] * c1 - si[h - 1] * s1;
            si[h] = si[h - 1] * c1 + ci[h - 1] * s1;
            si[-h] = -si[h];
        }
    }
    for (int g = 0; g < w->n; g++) {
        const int *h = w->index[g];
        double ca = c[0][HIGHEST + h[0]], sa = s[0][HIGHEST + h[0]];
        double cb = c[1][HIGHEST + h[1]], sb = s[1][HIGHEST + h[1]];
        double cc = c[2][HIGHEST + h[2]], sc = s[2][HIGHEST + h[2]];
        double re = ca * cb - sa * sb, im = sa * cb + ca * sb;
        out[g] = re * cc - im * sc;
        out[w->n + g] = im * cc + re * sc;
    }
}

static void fill(const struct jastrow *j, struct jastrow_work *work, int walkers,
                 const double pos[][3])
{
    int size = 2 * j->waves.n;
    memset(work->wave_sum, 0, (size_t)walkers * size * sizeof(double));
    for (int w = 0; w < walkers; w++)
        for (int i = 0; i < j->electrons; i++) {
            double *wave = work->wave + ((size_t)w * j->electrons + i) * size;
            waves_at(j, pos[(size_t)w * j->electrons + i], wave);
            for (int g = 0; g < size; g++)
                work->wave_sum[(size_t)w * size + g] += wave[g];
        }
}

static void load(const struct jastrow *j, struct jastrow_work *work, int walkers,
                 const double pos[][3])
{
    if (j->p_active)
        fill(j, work, walkers, pos);
}

static void accept(const struct jastrow *j, struct jastrow_work *work, int walker, int i)
{
    int size = 2 * j->waves.n;
    if (!j->p_active)
        return;
    double *wave = work->wave + ((size_t)walker * j->electrons + i) * size;
    for (int g = 0; g < size; g++) {
        double new = work->wave_new[(size_t)walker * size + g];
        work->wave_sum[(size_t)walker * size + g] += new - wave[g];
        wave[g] = new;
    }
}

static void electron(const struct jastrow *j, struct jastrow_work *work, int walkers,
                     const double pos[][3], int i, const double r[][3], double value[],
                     double gradient[][3], double laplacian[])
{
    const struct jastrow_waves *p = &j->waves;
    int n = p->n;
    (void)pos;
    if (!j->p_active)
        return;
    for (int w = 0; w < walkers; w++) {
        const double *old = work->wave + ((size_t)w * j->electrons + i) * 2 * n;
        const double *sum = work->wave_sum + (size_t)w * 2 * n;
        double *new = work->wave_new + (size_t)w * 2 * n, v = 0, l = 0, x = 0, y = 0, z = 0;
        waves_at(j, r[w], new);
#pragma omp simd reduction(+ : v, l, x, y, z)
        for (int g = 0; g < n; g++) {
            double c = sum[g] - old[g], s = sum[n + g] - old[n + g];
            double even = p->weight[g] * (c * new[g] + s *new[n + g]);
            double odd = p->weight[g] * (s * new[g] - c *new[n + g]);
            v += even;
            l -= p->square[g] * even;
            x += p->g[0][g] * odd;
            y += p->g[1][g] * odd;
            z += p->g[2][g] * odd;
        }
        value[w] += v;
        laplacian[w] += l;
        gradient[w][0] += x, gradient[w][1] += y, gradient[w][2] += z;
    }
}

/* Q = sum_{i<j} cos G.r_ij and what K = -1/2 sum lap - sum v.grad has of it: G^2 Q -
 * sum_i (v_i.G) (S_i c_i - C_i s_i). */
static void moments(const struct jastrow *j, const struct jastrow_work *work,
                    const double velocity[][3], int g, double *q, double *k)
{
    const struct jastrow_waves *p = &j->waves;
    int n = p->n;
    double c = work->wave_sum[g], s = work->wave_sum[n + g], flow = 0;
    for (int i = 0; velocity && i < j->electrons; i++) {
        const double *wave = work->wave + (size_t)i * 2 * n, *v = velocity[i];
        double along = v[0] * p->g[0][g] + v[1] * p->g[1][g] + v[2] * p->g[2][g];
        flow += along * (s * wave[g] - c * wave[n + g]);
    }
    *q = 0.5 * (c * c + s * s - j->electrons);
    *k = p->square[g] * *q - flow;
}

static void derivatives(const struct jastrow *j, struct jastrow_work *work, const double pos[][3],
                        const double velocity[][3], int at, double value[], double energy[])
{
    const struct jastrow_waves *p = &j->waves;
    if (!p->n)
        return;
    fill(j, work, 1, pos);
    for (int g = 0; g < p->n; g++) {
        double q, e;
        moments(j, work, velocity, g, &q, &e);
        for (int k = 0; k < j->p_order; k++) {
            value[at + k] += p->phi[k][g] * q;
            energy[at + k] += p->phi[k][g] * e;
        }
        value[JASTROW_CUTOFF_P] += p->cutoff_slope[g] * q;
        energy[JASTROW_CUTOFF_P] += p->cutoff_slope[g] * e;
    }
}

/* G.r does not change under a strain, dG_a/dstrain_xy = -delta_ay G_x, dV = V delta_xy. */
static void strain_of(const struct jastrow *j, const struct jastrow_work *work,
                      const double velocity[][3], int g, struct jastrow_differential *d)
{
    const struct jastrow_waves *p = &j->waves;
    int n = p->n;
    double q, e, flow[3] = {0}, b = p->weight[g];
    moments(j, work, velocity, g, &q, &e);
    for (int i = 0; i < j->electrons; i++) {
        const double *wave = work->wave + (size_t)i * 2 * n;
        double odd = work->wave_sum[n + g] * wave[g] - work->wave_sum[g] * wave[n + g];
        for (int y = 0; y < 3; y++)
            flow[y] += velocity[i][y] * odd;
    }
    for (int x = 0; x < 3; x++)
        for (int y = 0; y < 3; y++) {
            double db = -2 * p->slope[g] * p->g[x][g] * p->g[y][g] - (x == y ? b : 0);
            d->value_strain[x][y] += db * q;
            d->energy_strain[x][y] += db * e + b * p->g[x][g] * (flow[y] - 2 * p->g[y][g] * q);
        }
}

/* dK/dr_m = b G { G^2 (S c_m - C s_m) + (v_m.G)(C' c_m + S' s_m) - (A' c_m + B' s_m) }, A = sum_i
 * (v_i.G) c_i, B with s_i; primes: without m. */
static void electrons_of(const struct jastrow *j, const struct jastrow_work *work,
                         const double velocity[][3], int g, struct jastrow_differential *d)
{
    const struct jastrow_waves *p = &j->waves;
    int n = p->n;
    const double c = work->wave_sum[g], s = work->wave_sum[n + g];
    double a = 0, b = 0;
    for (int pass = 0; pass < 2; pass++)
        for (int m = 0; m < j->electrons; m++) {
            const double *wave = work->wave + (size_t)m * 2 * n, *v = velocity[m];
            double cm = wave[g], sm = wave[n + g];
            double along = v[0] * p->g[0][g] + v[1] * p->g[1][g] + v[2] * p->g[2][g];
            if (!pass) {
                a += along * cm;
                b += along * sm;
                continue;
            }
            double odd = p->weight[g] * (s * cm - c * sm);
            double even = p->weight[g] * (along * (c * cm + s * sm - 1) -
                                          ((a - along * cm) * cm + (b - along * sm) * sm));
            for (int x = 0; x < 3; x++) {
                d->value_electron[m][x] += p->g[x][g] * odd;
                d->energy_electron[m][x] += p->g[x][g] * (p->square[g] * odd + even);
            }
        }
}

static void differential(const struct jastrow *j, struct jastrow_work *work, const double pos[][3],
                         const double velocity[][3], struct jastrow_differential *d)
{
    if (!j->p_active)
        return;
    fill(j, work, 1, pos);
    for (int g = 0; g < j->waves.n; g++) {
        electrons_of(j, work, velocity, g, d);
        strain_of(j, work, velocity, g, d);
    }
}

const struct jastrow_term jastrow_p = {0.5,  parameters, load,        accept,
                                       NULL, electron,   derivatives, differential};
