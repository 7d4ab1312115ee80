/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dft/room.h"
#include <math.h>
#include <unistd.h>
#include "crystal/kpoints.h"

/* Bytes per point of the grid. Of a cell: some ten fields, half of it as complex numbers, the list of G. In open boundaries, per
 * point of the doubled grid, whose lengths are twice those of the box: its list and kernel, and two fields at work. */
#define FIELDS 150
#define DOUBLED 35

#define SPHERE (M_PI / 48)           /* plane waves per point: those below ecut */
#define ORBITAL (2 * sizeof(double)) /* per plane wave */
#define SPACE \
    (3 * 2 * sizeof(float)) /* of the solver, likewise: a residual, a correction and its image */

double room_needed(const struct dft_settings *t, const double cell[3][3], const struct system *y,
                   int bands)
{
    static const int gamma[3] = {1, 1, 1};
    const double gmax = 2 * sqrt(2 * t->ecut);
    double points = 1, electrons = 0;
    for (int i = 0; i < 3; i++)
        points *= fmax(
            2, gmax * sqrt(pow(cell[i][0], 2) + pow(cell[i][1], 2) + pow(cell[i][2], 2)) / M_PI);
    for (int i = 0; i < y->n; i++)
        electrons += y->element[i];
    const double filled = fmax(bands, electrons / 2);
    struct kpoints *mesh = kpoints_mesh(y->periodic ? t->mesh : gamma, t->shift, true);
    const double waves = SPHERE * fabs(system_det(cell)) * pow(gmax / M_PI, 3);
    const double fields = (FIELDS + (y->periodic ? 0 : 8 * DOUBLED)) * points;
    const double orbitals =
        filled * waves / 2 *
        ((double)ORBITAL * mesh->n + (double)SPACE); /* half, where they are real */
    kpoints_free(mesh);
    return fields + orbitals;
}

enum status room_check(const struct dft_settings *t, const double cell[3][3],
                       const struct system *y, int bands, struct err *err)
{
    const double there = (double)sysconf(_SC_PHYS_PAGES) * (double)sysconf(_SC_PAGESIZE);
    const double needed = room_needed(t, cell, y, bands);
    if (!(there > 0) || needed < there)
        return ST_OK;
    return err_set(
        err, ST_COMPUTE,
        "the %s takes %.3g GB of memory and there are %.3g: a smaller one, a lower --ecut%s "
        "would be right",
        y->periodic ? "cell" : "box around the atoms", needed / 1e9, there / 1e9,
        bands ? ", fewer --bands or a lower --electron-temperature" : "");
}
