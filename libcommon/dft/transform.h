/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Transforms of orbitals (dft/waves.h) in one precision. Included once for each, with REAL, FFTW(name),
 * NAME(name) and FIELD(name) defined: the type, FFTW's prefix, the names of functions here and of plans.
 */
#ifdef NAME
typedef REAL complex NAME(number);

/* A grid, where the waves stand on it, and its plans. */
struct NAME(grid) {
    const struct waves *waves;
    const struct sticks *at;
    int n[3], rows;
    const FFTW(plan) * stick, *row, *column;
};

static size_t NAME(stick_numbers)(const struct NAME(grid) * g)
{
    return (size_t)g->at->batches * g->n[0] * WAVES_BATCH;
}

/* All sticks, and two planes or batches of sticks. */
static size_t NAME(scratch)(const struct NAME(grid) * g)
{
    const size_t plane = (size_t)g->n[1] * g->n[2], stick = (size_t)g->n[0] * WAVES_BATCH;
    return NAME(stick_numbers)(g) + 2 * (plane > stick ? plane : stick);
}

/* re + i im without arithmetic */
static inline NAME(number) NAME(join)(REAL re, REAL im)
{
    union {
        REAL part[2];
        NAME(number) z;
    } u = {{re, im}};
    return u.z;
}

/* Orbitals onto the sticks: f(q) = a(q) + i b(q), and for -q a* + i b*. */
static void NAME(pack)(const struct NAME(grid) * g, const REAL *a, const REAL *b,
                       NAME(number) * sticks)
{
    const struct waves *s = g->waves;
    const REAL half = (REAL)M_SQRT1_2;
    memset(sticks, 0, NAME(stick_numbers)(g) * sizeof *sticks);
    for (int i = 0; i < s->n && !s->real; i++)
        sticks[g->at->own[i]] = NAME(join)(a[2 * i], a[2 * i + 1]);
    for (int i = 0; i < s->n && s->real; i++) {
        const REAL ar = half * a[2 * i], ai = half * a[2 * i + 1];
        const REAL br = b ? half * b[2 * i] : 0, bi = b ? half * b[2 * i + 1] : 0;
        sticks[g->at->partner[i]] = NAME(join)(ar + bi, br - ai);
        sticks[g->at->own[i]] = NAME(join)(ar - bi, ai + br);
    }
    if (s->zero >= 0)
        sticks[g->at->own[s->zero]] = NAME(join)(a[2 * s->zero], b ? b[2 * s->zero] : 0);
}

/* The reverse: a = (f(q) + f*(-q))/2, b = (f(q) - f*(-q))/2i, times sqrt(2). */
static void NAME(unpack)(const struct NAME(grid) * g, const NAME(number) * sticks, REAL *a, REAL *b)
{
    const struct waves *s = g->waves;
    const REAL *f = (const REAL *)sticks;
    const double points = (double)g->n[0] * g->n[1] * g->n[2];
    const REAL whole = (REAL)(1 / points), half = (REAL)(M_SQRT1_2 / points);
    for (int i = 0; i < s->n && !s->real; i++) {
        const REAL *p = f + 2 * g->at->own[i];
        a[2 * i] = whole * p[0];
        a[2 * i + 1] = whole * p[1];
    }
    for (int i = 0; i < s->n && s->real; i++) {
        const REAL *p = f + 2 * g->at->own[i], *m = f + 2 * g->at->partner[i];
        a[2 * i] = half * (p[0] + m[0]);
        a[2 * i + 1] = half * (p[1] - m[1]);
        if (b) {
            b[2 * i] = half * (p[1] + m[1]);
            b[2 * i + 1] = half * (m[0] - p[0]);
        }
    }
    if (s->zero < 0)
        return;
    const REAL *p = f + 2 * g->at->own[s->zero];
    a[2 * s->zero] = whole * p[0];
    a[2 * s->zero + 1] = 0;
    if (b) {
        b[2 * s->zero] = whole * p[1];
        b[2 * s->zero + 1] = 0;
    }
}

static void NAME(stick_transform)(const struct NAME(grid) * g, int direction, NAME(number) * sticks)
{
    const size_t batch = (size_t)g->n[0] * WAVES_BATCH;
    NAME(number) *copy = sticks + NAME(stick_numbers)(g);
    for (int i = 0; i < g->at->batches; i++) {
        memcpy(copy, sticks + i * batch, batch * sizeof *copy);
        FFTW(execute_dft)(g->stick[direction], copy, sticks + i * batch);
    }
}

/* One plane from the sticks into real space; work: another one. */
static void NAME(plane_open)(const struct NAME(grid) * g, int i0, const NAME(number) * sticks,
                             NAME(number) * plane, NAME(number) * work)
{
    const struct sticks *k = g->at;
    const size_t high = (size_t)(g->n[1] - g->rows) * g->n[2], low = (size_t)g->rows * g->n[2];
    memset(plane, 0, low * sizeof *plane);
    memset(plane + high, 0, low * sizeof *plane);
    for (int b = 0, i = 0; b < k->batches; b++) {
        const NAME(number) *from = sticks + ((size_t)b * g->n[0] + i0) * WAVES_BATCH;
        for (int j = 0; j < WAVES_BATCH && i < k->count; j++, i++)
            plane[k->place[i]] = from[j];
    }
    memset(work + low, 0, (high - low) * sizeof *work);
    FFTW(execute_dft)(g->row[0], plane, work);
    FFTW(execute_dft)(g->row[0], plane + high, work + high);
    FFTW(execute_dft)(g->column[0], work, plane);
}

static void NAME(plane_close)(const struct NAME(grid) * g, int i0, NAME(number) * plane,
                              NAME(number) * work, NAME(number) * sticks)
{
    const struct sticks *k = g->at;
    const size_t high = (size_t)(g->n[1] - g->rows) * g->n[2];
    FFTW(execute_dft)(g->column[1], plane, work);
    FFTW(execute_dft)(g->row[1], work, plane);
    FFTW(execute_dft)(g->row[1], work + high, plane + high);
    for (int b = 0, i = 0; b < k->batches; b++) {
        NAME(number) *to = sticks + ((size_t)b * g->n[0] + i0) * WAVES_BATCH;
        for (int j = 0; j < WAVES_BATCH && i < k->count; j++, i++)
            to[j] = plane[k->place[i]];
    }
}

static void NAME(potential)(const struct NAME(grid) * g, const REAL *potential, const REAL *a,
                            const REAL *b, REAL *out_a, REAL *out_b, NAME(number) * sticks)
{
    const size_t points = (size_t)g->n[1] * g->n[2];
    NAME(number) *plane = sticks + NAME(stick_numbers)(g), *work = plane + points;
    NAME(pack)(g, a, b, sticks);
    NAME(stick_transform)(g, 0, sticks);
    for (int i0 = 0; i0 < g->n[0]; i0++) {
        const REAL *v = potential + i0 * points;
        NAME(plane_open)(g, i0, sticks, plane, work);
        for (size_t i = 0; i < points; i++)
            plane[i] *= v[i];
        NAME(plane_close)(g, i0, plane, work, sticks);
    }
    NAME(stick_transform)(g, 1, sticks);
    NAME(unpack)(g, sticks, out_a, out_b);
}

/* All planes of orbitals a and b, one after another, into field; work: a plane after the sticks. */
static void NAME(open)(const struct NAME(grid) * g, const REAL *a, const REAL *b,
                       NAME(number) * field, NAME(number) * sticks)
{
    const size_t points = (size_t)g->n[1] * g->n[2];
    NAME(pack)(g, a, b, sticks);
    NAME(stick_transform)(g, 0, sticks);
    for (int i0 = 0; i0 < g->n[0]; i0++)
        NAME(plane_open)(g, i0, sticks, field + i0 * points, sticks + NAME(stick_numbers)(g));
}

/* P (v x + w y) for two such fields x, y */
static void NAME(close)(const struct NAME(grid) * g, const REAL *v, const NAME(number) * x,
                        const REAL *w, const NAME(number) * y, REAL *out_a, REAL *out_b,
                        NAME(number) * sticks)
{
    const size_t points = (size_t)g->n[1] * g->n[2];
    const size_t batch = (size_t)g->n[0] * WAVES_BATCH;
    NAME(number) *plane = sticks + NAME(stick_numbers)(g), *work = plane + points;
    memset(plane - batch, 0,
           batch * sizeof *plane); /* there may be less than a batch in the last */
    for (int i0 = 0; i0 < g->n[0]; i0++) {
        const size_t from = i0 * points;
        for (size_t i = 0; i < points; i++)
            plane[i] = v[from + i] * x[from + i] + w[from + i] * y[from + i];
        NAME(plane_close)(g, i0, plane, work, sticks);
    }
    NAME(stick_transform)(g, 1, sticks);
    NAME(unpack)(g, sticks, out_a, out_b);
}

/* density += wa Re^2 + wb Im^2 of f exp(i k.r), one row of the grid (k.r reduced to a sign or a turn). */
static void NAME(row_density)(const struct waves *s, double complex turn, double wa, double wb,
                              const NAME(number) * f, double *density)
{
    const bool plain = !s->real || (s->k[0] == 0 && s->k[1] == 0 && s->k[2] == 0);
    const REAL *x = (const REAL *)f;
    for (int l = 0; l < s->plans->n[2] && plain; l++)
        density[l] += wa * x[2 * l] * x[2 * l] + wb * x[2 * l + 1] * x[2 * l + 1];
    for (int l = 0; l < s->plans->n[2] && !plain; l++) {
        const double complex t = turn * s->turn[2][l];
        const double re = x[2 * l] * creal(t) - x[2 * l + 1] * cimag(t);
        const double im = x[2 * l] * cimag(t) + x[2 * l + 1] * creal(t);
        density[l] += wa * re * re + wb * im * im;
    }
}

static void NAME(density)(const struct NAME(grid) * g, double wa, const REAL *a, double wb,
                          const REAL *b, double *density, NAME(number) * sticks)
{
    const struct waves *s = g->waves;
    const int *n = g->n;
    NAME(number) *plane = sticks + NAME(stick_numbers)(g), *work = plane + (size_t)n[1] * n[2];
    NAME(pack)(g, a, b, sticks);
    NAME(stick_transform)(g, 0, sticks);
    for (int i0 = 0; i0 < n[0]; i0++) {
        NAME(plane_open)(g, i0, sticks, plane, work);
        for (int i1 = 0; i1 < n[1]; i1++)
            NAME(row_density)
        (s, s->turn[0][i0] * s->turn[1][i1], wa, s->real ? wb : wa, plane + (size_t)i1 * n[2],
         density + ((size_t)i0 * n[1] + i1) * n[2]);
    }
}

/* Out of place, as FFTW allocates buffers in every transform in place of several vectors. Its estimate is
 * as fast as what it finds by measuring, there at once, and the same in every run. */
static FFTW(plan)
    NAME(plan)(int n, int many, int stride, int distance, int sign, NAME(number) * work)
{
    return FFTW(plan_many_dft)(1, &n, many, work, NULL, stride, distance, work + (size_t)n * many,
                               NULL, stride, distance, sign, FFTW_ESTIMATE);
}

static void NAME(plans)(const int n[3], int rows, FFTW(plan) stick[2], FFTW(plan) row[2],
                        FFTW(plan) column[2])
{
    const size_t plane = (size_t)n[1] * n[2], batch = (size_t)n[0] * WAVES_BATCH;
    NAME(number) *work = MEM_NEW(NAME(number), 2 * (plane > batch ? plane : batch));
    for (int i = 0; i < 2; i++) {
        const int sign = i ? FFTW_FORWARD : FFTW_BACKWARD;
        stick[i] = NAME(plan)(n[0], WAVES_BATCH, WAVES_BATCH, 1, sign, work);
        row[i] = NAME(plan)(n[2], rows, 1, n[2], sign, work);
        column[i] = NAME(plan)(n[1], n[2], n[2], 1, sign, work);
    }
    free(work);
}
#endif
