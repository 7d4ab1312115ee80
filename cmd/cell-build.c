/* SPDX-License-Identifier: GPL-3.0-or-later */
/* cell-build: hydrogen and deuterium structures from scratch. */
#include <math.h>
#include <stdlib.h>
#include <stdio.h>
#include <stddef.h>
#include <string.h>
#include "base/rng.h"
#include "base/units.h"
#include "crystal/build.h"
#include "formats/convert.h"
#include "formats/filter.h"
#include "formats/utf8.h"

enum molecule { NO_MOLECULE, MOLECULE_H, MOLECULE_H2 };

struct settings {
    int lattice;  /* 0 none, else 1 + enum build_lattice */
    int fluid;    /* none, atomic, molecular */
    int molecule; /* enum molecule */
    int chain;    /* atoms; 0 none */
    int species;  /* H, D */
    int atoms, count;
    const char *supercell, *label;
    double rs, density, bond, spacing, rattle, distance;
    int cells[3]; /* of the lattice */
};

static const struct settings defaults = {
    .count = 1,
    .rs = NAN,
    .density = NAN,
    .bond = 0.74 / UNITS_BOHR_A,
    .spacing = 1.8,
};

#define AT(member) offsetof(struct settings, member)

static const struct opt options[] = {
    {.name = "What to build (one of)", .kind = OPT_SECTION},
    {"lattice", OPT_CHOICE, AT(lattice), "none|sc|bcc|fcc|diamond|molecular",
     "a crystal; molecular is H2 on fcc sites, axes along the four cube diagonals", 0, 0},
    {"fluid", OPT_CHOICE, AT(fluid), "none|atomic|molecular",
     "a random fluid in a cubic cell, no two molecules too near", 0, 0},
    {"molecule", OPT_CHOICE, AT(molecule), "none|H|H2", "an atom or a molecule, open boundaries", 0,
     0},
    {"chain", OPT_INT, AT(chain), "N", "a straight chain of N atoms, open boundaries", 0, 100000},
    {.name = "Its size", .kind = OPT_SECTION},
    {"species", OPT_CHOICE, AT(species), "H|D", "hydrogen or deuterium", 0, 0},
    {"atoms", OPT_INT, AT(atoms), "N", "atoms in the cell; 0 means one cubic cell of the lattice",
     0, BUILD_MOST_ATOMS},
    {"supercell", OPT_TEXT, AT(supercell), "AxBxC",
     "cubic cells along the axes of a lattice, instead of --atoms", 0, 0},
    {"rs", OPT_REAL, AT(rs), "RS",
     "Wigner-Seitz radius per electron divided by the Bohr radius, a pure number", 0.1, 1000},
    {"density", OPT_QUANTITY, AT(density), "g/cm3", "mass density, instead of --rs", 1e-9, 1e9},
    {"bond", OPT_QUANTITY, AT(bond), "A", "bond length of molecules", 0.2, 20},
    {"spacing", OPT_QUANTITY, AT(spacing), "A", "distance of neighbours in a chain", 0.2, 1000},
    {"min-distance", OPT_QUANTITY, AT(distance), "A",
     "smallest distance between molecules of a fluid; 0 chooses by the density", 0, 100},
    {.name = "Frames", .kind = OPT_SECTION},
    {"count", OPT_INT, AT(count), "N", "frames, each with random numbers of its own", 0,
     1000000000},
    {"rattle", OPT_QUANTITY, AT(rattle), "A", "standard deviation of random displacements", 0, 100},
    {"label", OPT_TEXT, AT(label), "TEXT", "written as config_type", 0, 0},
    {0}};

static const struct program program = {"cell-build", "build cells of hydrogen or deuterium", "",
                                       "Writes a stream of new structures (positions and cell in "
                                       "A): crystals, random fluids, molecules "
                                       "and chains.",
                                       options};

static double mass(const struct settings *s)
{
    return species_mass(s->species ? "D" : "H") * UNITS_AMU_ME;
}

/* bohr^3 per atom */
static double volume(const struct settings *s)
{
    return isfinite(s->rs) ? 4 * M_PI / 3 * s->rs * s->rs * s->rs : mass(s) / s->density;
}

static enum status check_cells(struct settings *s, struct err *err)
{
    enum build_lattice kind = (enum build_lattice)(s->lattice - 1);
    char rest;
    if (!s->supercell)
        return build_supercell(kind, s->atoms ? s->atoms : build_lattice_atoms(kind), s->cells,
                               err);
    int *n = s->cells;
    if (sscanf(s->supercell, "%dx%dx%d%c", &n[0], &n[1], &n[2], &rest) != 3 || n[0] < 1 ||
        n[1] < 1 || n[2] < 1 || n[0] > 1000 || n[1] > 1000 || n[2] > 1000)
        return err_set(err, ST_USAGE, "--supercell '%s' is not AxBxC with numbers from 1 to 1000",
                       s->supercell);
    long atoms = (long)n[0] * n[1] * n[2] * build_lattice_atoms(kind);
    if (atoms > BUILD_MOST_ATOMS)
        return err_set(err, ST_USAGE, "a --supercell of %s has %ld atoms; at most %d are possible",
                       s->supercell, atoms, BUILD_MOST_ATOMS);
    if (s->atoms && s->atoms != atoms)
        return err_set(err, ST_USAGE, "a --supercell of %s has %ld atoms, not the %d of --atoms",
                       s->supercell, atoms, s->atoms);
    return ST_OK;
}

static enum status check_periodic(struct settings *s, struct err *err)
{
    if (isfinite(s->rs) == isfinite(s->density))
        return err_set(err, ST_USAGE, "a cell needs its size: one of --rs and --density");
    if (s->lattice)
        return check_cells(s, err);
    if (s->supercell)
        return err_set(err, ST_USAGE, "--supercell is for --lattice; a fluid needs --atoms");
    if (s->atoms < 1)
        return err_set(err, ST_USAGE, "a fluid needs --atoms N");
    if (s->fluid == 2 && s->atoms % 2)
        return err_set(err, ST_USAGE,
                       "a fluid of molecules needs an even number of --atoms, not %d", s->atoms);
    return ST_OK;
}

static enum status begin(void *settings, struct run *run, struct err *err)
{
    struct settings *s = settings;
    (void)run;
    if (s->label && !utf8_valid(s->label, s->label + strlen(s->label)))
        return err_set(err, ST_USAGE, "--label is not UTF-8");
    if ((s->lattice > 0) + (s->fluid > 0) + (s->molecule > 0) + (s->chain > 0) != 1)
        return err_set(err, ST_USAGE,
                       "say what to build: one of --lattice, --fluid, --molecule and --chain");
    if (s->lattice || s->fluid)
        return check_periodic(s, err);
    if (isfinite(s->rs) || isfinite(s->density) || s->supercell || s->atoms)
        return err_set(err, ST_USAGE,
                       "open boundaries have no cell: --rs, --density, --atoms and --supercell are "
                       "for --lattice and --fluid");
    return ST_OK;
}

static struct system *build(const struct settings *s, struct rng *rng, struct err *err)
{
    if (s->lattice)
        return build_lattice((enum build_lattice)(s->lattice - 1), s->cells, volume(s), s->bond,
                             mass(s));
    if (s->chain)
        return build_chain(s->chain, s->spacing, mass(s));
    if (s->molecule)
        return build_chain(s->molecule == MOLECULE_H2 ? 2 : 1, s->bond, mass(s));
    struct build_fluid fluid = {s->atoms, s->fluid == 2, volume(s), s->bond, s->distance, mass(s)};
    return build_fluid(&fluid, rng, err);
}

static enum status one_frame(const struct settings *s, struct run *run, int number, struct frame *f,
                             struct err *err)
{
    struct rng rng;
    rng_start(&rng, run_common(run)->seed, RNG_CELL, (uint64_t)number, 0, 0);
    struct system *system = build(s, &rng, err);
    if (!system)
        return err->status;
    if (s->rattle > 0)
        build_rattle(system, s->rattle, &rng);
    struct err why;
    enum status st = ST_OK;
    if (system_check(system, &why))
        st = err_set(err, ST_COMPUTE, "%s: choose another size, bond or rattle", why.text);
    if (!st) {
        frame_clear(f);
        system_to_frame(system, f);
        if (s->label)
            frame_set_string(f, "config_type", s->label);
        st = run_put(run, f, err);
    }
    system_free(system);
    return st;
}

static enum status end(void *settings, struct run *run, struct err *err)
{
    enum status st = ST_OK;
    struct frame *f = frame_new();
    const struct settings *s = settings;
    for (int i = 1; i <= s->count && !st && !run_interrupted(run); i++)
        st = one_frame(s, run, i, f, err);
    frame_free(f);
    return st;
}

int main(int argc, char **argv)
{
    struct settings settings = defaults;
    const struct filter filter = {.program = &program,
                                  .kind = FILTER_GENERATE,
                                  .settings = &settings,
                                  .settings_size = sizeof settings,
                                  .begin = begin,
                                  .end = end};
    return filter_main(&filter, argc, argv);
}
