/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "formats/convert.h"
#include <math.h>
#include <string.h>
#include "base/units.h"
#include "formats/keys.h"

static enum status read_cell(const struct frame *f, struct system *s, struct err *err)
{
    bool pbc[3];
    frame_pbc(f, pbc);
    if (pbc[0] != pbc[1] || pbc[0] != pbc[2])
        return err_set(err, ST_DATA, "pbc is periodic in some directions only: all three or none");
    s->periodic = pbc[0];
    if (!s->periodic)
        return ST_OK; /* open boundaries need no cell; a Lattice is a box for viewers */
    if (!frame_lattice(f, s->cell))
        return err_set(err, ST_DATA, "pbc is T but Lattice is missing");
    for (int i = 0; i < 9; i++)
        s->cell[i / 3][i % 3] *= units_stream(DIM_LENGTH);
    return ST_OK;
}

/* The mass of the named isotope, unless there is a masses column. */
static enum status read_species(const struct frame *f, struct system *s, struct err *err)
{
    for (int i = 0; i < s->n; i++) {
        const char *symbol = frame_species(f, (size_t)i);
        if (!symbol)
            return err_set(err, ST_DATA,
                           "column 'species' is missing: one chemical symbol per atom");
        s->element[i] = species_element(symbol);
        if (!s->element[i])
            return err_set(err, ST_DATA, "unknown species '%.20s' of atom %d", symbol, i + 1);
        s->mass[i] = species_mass(symbol) * UNITS_AMU_ME;
    }
    if (!frame_has_column(f, "masses"))
        return ST_OK;
    if (keys_get_column(f, "masses", 1, s->mass, err))
        return ST_DATA;
    for (int i = 0; i < s->n; i++)
        if (!(s->mass[i] > 0))
            return err_set(err, ST_DATA, "mass of atom %d is not positive", i + 1);
    return ST_OK;
}

static enum status fill(const struct frame *f, struct system *s, struct err *err)
{
    if (read_cell(f, s, err) || read_species(f, s, err) ||
        keys_get_column(f, "pos", 3, s->pos[0], err))
        return ST_DATA;
    if (frame_has_column(f, "velo")) {
        system_add_velocity(s);
        if (keys_get_column(f, "velo", 3, s->velocity[0], err))
            return ST_DATA;
    }
    return system_check(s, err);
}

struct system *system_from_frame(const struct frame *f, struct err *err)
{
    if (frame_atoms(f) == 0) {
        err_set(err, ST_DATA, "no atoms: at least one is needed");
        return NULL;
    }
    struct system *s = system_new((int)frame_atoms(f));
    if (fill(f, s, err)) {
        system_free(s);
        return NULL;
    }
    return s;
}

static bool standard_masses(const struct system *s)
{
    for (int i = 0; i < s->n; i++)
        if (s->mass[i] != species_mass(species_symbol(s->element[i])) * UNITS_AMU_ME)
            return false;
    return true;
}

/* Lengths as they stood on the stream where they have not changed: bohr and back may cost a bit. */
static void write_lengths(const double *au, size_t n, double *stream)
{
    double unit = units_stream(DIM_LENGTH);
    for (size_t i = 0; i < n; i++)
        if (stream[i] * unit != au[i])
            stream[i] = au[i] / unit;
}

static void write_cell(const struct system *s, struct frame *f)
{
    double cell[3][3] = {{0}};
    bool pbc[3] = {s->periodic, s->periodic, s->periodic};
    frame_set_pbc(f, pbc);
    if (!s->periodic)
        return; /* a Lattice of the frame stays */
    frame_lattice(f, cell);
    write_lengths(s->cell[0], 9, cell[0]);
    frame_set_lattice(f, (const double(*)[3])cell);
}

static bool pos_unchanged(const struct system *s, const struct frame *f)
{
    const double *x = frame_reals(f, "pos", 3, NULL), *au = s->pos[0];
    double unit = units_stream(DIM_LENGTH);
    for (size_t i = 0; x && i < 3 * (size_t)s->n; i++)
        if (x[i] * unit != au[i])
            return false;
    return x != NULL;
}

static void write_positions(const struct system *s, struct frame *f)
{
    if (pos_unchanged(s, f))
        return;
    keys_set_column(f, "pos", 3, s->pos[0]);
}

static bool same_species(const struct system *s, const struct frame *f, int i)
{
    const char *symbol = frame_species(f, (size_t)i);
    return symbol && species_element(symbol) == s->element[i];
}

void system_to_frame(const struct system *s, struct frame *f)
{
    if (frame_atoms(f) != (size_t)s->n)
        frame_set_atoms(f, (size_t)s->n);
    write_cell(s, f);
    for (int i = 0; i < s->n; i++) {
        const char *old = frame_species(f, (size_t)i);
        if (!same_species(s, f, i) || strcmp(old, species_symbol(s->element[i])))
            frame_set_species(f, (size_t)i, species_symbol(s->element[i]));
    }
    write_positions(s, f);
    if (frame_has_column(f, "masses") || !standard_masses(s))
        keys_set_column(f, "masses", 1, s->mass);
    if (s->velocity)
        keys_set_column(f, "velo", 3, s->velocity[0]);
}
