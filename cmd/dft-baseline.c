/* SPDX-License-Identifier: GPL-3.0-or-later */
/* dft-baseline: plane-wave Kohn-Sham DFT labels and trial orbitals. */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "base/mem.h"
#include "base/outfile.h"
#include "base/units.h"
#include "cmd/dft-baseline-mesh.h"
#include "cmd/dft-baseline-response.h"
#include "dft/dft.h"
#include "formats/basis_file.h"
#include "formats/convert.h"
#include "formats/filter.h"
#include "formats/keys.h"
#include "formats/trial.h"

struct settings {
    struct dft_settings dft;
    struct mesh_options mesh;
    const char *basis_name, *log_name;
    FILE *log;
    int log_failed; /* errno of a write */
    struct run *run;
    struct spread spread;
    struct system *before[2]; /* that rank 0 has read, latest first */
    int basis_correction;     /* on, off */
    bool response;
    double gap;
    struct dft *session;
    struct basis *basis;
    int numbers; /* of the list of a basis from a file; 0: built in */
    double *list;
};

#define FULL 1e-5 /* electrons of the highest orbital that are too many */

#define AT(member) offsetof(struct settings, member)

static const struct opt options[] = {
    {"functional", OPT_TEXT, AT(dft.functional), "NAME",
     "lda, lda_pw, pbe, pbe_printed, blyp or names of libxc joined by +", 0, 0},
    {"ecut", OPT_QUANTITY, AT(dft.ecut), "Ha", "cut-off of the plane waves", 1, 1000},
    {"basis-correction", OPT_CHOICE, AT(basis_correction), "on|off",
     "of energies, forces and stress for the plane waves beyond the cut-off", 0, 0},
    {"kmesh", OPT_TEXT, AT(mesh.mesh), "N1xN2xN3",
     "Gamma-centred mesh of k points in periodic cells", 0, 0},
    {"kspacing", OPT_QUANTITY, AT(mesh.spacing), "1/A",
     "instead of a mesh: its points at most this far apart (2 pi included) in every direction of "
     "each cell",
     1e-3, 100},
    {"kshift", OPT_TEXT, AT(mesh.shift), "S1xS2xS3",
     "shift of the mesh in its steps: 0.5x0.5x0.5 is Monkhorst and Pack's for even meshes", 0, 0},
    {"electron-temperature", OPT_QUANTITY, AT(dft.temperature), "K",
     "of the Fermi-Dirac occupations; 0K: the lowest orbitals of each k point", 0, 10},
    {"orbitals", OPT_TEXT, AT(basis_name), "BASIS",
     "also write trial orbitals, converged with fixed occupations: h-sz, h-dz, h-tz, or a file in "
     "NWChem's format, whose name has a dot or slash",
     0, 0},
    {"orbital-fit", OPT_CHOICE, AT(dft.fit), "auto|overlap|energy",
     "trial orbitals by least squares, or those of the lowest energy in the basis; auto: the "
     "latter in "
     "open boundaries where the former miss more than 1 % of an orbital",
     0, 0},
    {"response", OPT_FLAG, AT(response), NULL,
     "instead: add to vmc_forces and vmc_stress of qmc-force --response what comes of the orbitals "
     "following the nuclei",
     0, 0},
    {"response-gap", OPT_QUANTITY, AT(gap), "Ha",
     "with --response: orbitals do not mix with empty ones closer in energy than about this", 0, 1},
    {"bands", OPT_INT, AT(dft.bands), "N",
     "orbitals per k point; 0: as many as the occupations need", 0, 100000},
    {"tolerance", OPT_QUANTITY, AT(dft.tolerance), "Ha", "of the free energy, per atom", 1e-12, 1},
    {"max-iterations", OPT_INT, AT(dft.max_iterations), "N",
     "of the self-consistency; ten times as many steps of the minimiser or of a response", 1,
     10000},
    {"scf-log", OPT_TEXT, AT(log_name), "FILE",
     "a tab-separated table of the iterations, written as they happen", OPT_WRITTEN, 0},
    {"padding", OPT_QUANTITY, AT(dft.padding), "bohr",
     "open boundaries: from the outermost atoms to the faces of the box", 2, 100},
    {NULL, OPT_END, 0, NULL, NULL, 0, 0}};

static const struct program program = {
    "dft-baseline", "plane-wave Kohn-Sham DFT with forces and stress", "[FILE...]",
    "Reads frames of hydrogen or deuterium in a periodic cell or in open boundaries. Writes each "
    "with its "
    "Mermin free energy, internal energy and T*S (eV), forces (eV/A), in cells stress (eV/A^3, "
    "tension "
    "positive), and on request trial orbitals for qmc-sample. Or corrects the forces of "
    "qmc-force for orbitals that follow the nuclei (--response).",
    options};

/* A line of the table, and the progress. */
static void watch(void *settings, const struct dft_iteration *i)
{
    struct settings *s = settings;
    const char *what = i->minimise ? "minimise" : i->fixed ? "fixed" : "thermal";
    const long frame = run_frame(s->run);
    run_serve(s->run);
    if (!s->log || !isatty(fileno(s->log))) /* else the table is the progress */
        log_progress(run_log(s->run), "frame %ld, %s %d: F %.6f Ha, residual %.1e Ha", frame, what,
                     i->iteration, i->free_energy,
                     i->minimise ? i->orbital_residual : i->density_residual);
    if (!s->log)
        return;
    fprintf(s->log, "%ld\t%s\t%d\t%.10f\t%.3e\t%.3e\t%.3e\t%d\t%.8f\t%.2e\n", frame, what,
            i->iteration, i->free_energy, i->change, i->density_residual, i->orbital_residual,
            i->bands, i->fermi, i->top_occupation);
    if (fflush(s->log) && !s->log_failed)
        s->log_failed = errno;
}

/* For struct dft_settings */
static bool stop(void *settings)
{
    return run_interrupted(((struct settings *)settings)->run);
}

static bool hurry(void *settings)
{
    return run_asked(((struct settings *)settings)->run);
}

static enum status open_log(struct settings *s, struct err *err)
{
    if (!s->log_name || !ranks_first(run_ranks(s->run)))
        return ST_OK;
    s->log = outfile_log(s->log_name);
    if (!s->log)
        return err_set(err, ST_SYSTEM, "cannot create %s: %s", s->log_name, strerror(errno));
    fputs("frame\toccupations\titeration\tfree_energy_Ha\tchange_Ha\tdensity_residual_Ha\t"
          "orbital_residual_Ha\tbands\tfermi_Ha\ttop_occupation\n",
          s->log);
    return ST_OK;
}

static enum status close_log(struct settings *s, struct err *err)
{
    FILE *log = s->log;
    s->log = NULL;
    if (log && fclose(log) && !s->log_failed)
        s->log_failed = errno;
    if (s->log_failed)
        return err_set(err, ST_SYSTEM, "cannot write %s: %s", s->log_name, strerror(s->log_failed));
    return ST_OK;
}

static enum status end(void *settings, struct run *run, struct err *err)
{
    (void)run;
    return close_log(settings, err);
}

/* Rank 0 reads, for all. */
static enum status read_basis(struct settings *s, struct err *err)
{
    struct ranks *ranks = run_ranks(s->run);
    enum status status = ranks_first(ranks)
                             ? basis_file_read(s->basis_name, "H", &s->numbers, &s->list, err)
                             : ST_OK;
    ranks_broadcast(ranks, &status, sizeof status);
    if (status != ST_OK)
        return ranks_first(ranks) ? status : err_set(err, status, "rank 0 cannot read the basis");
    ranks_broadcast(ranks, &s->numbers, sizeof s->numbers);
    if (!s->list)
        s->list = MEM_NEW(double, s->numbers);
    ranks_broadcast(ranks, s->list, s->numbers * sizeof *s->list);
    return ST_OK;
}

/* A name, or a file that is known by its last part. */
static enum status choose_basis(struct settings *s, struct err *err)
{
    const char *name = s->basis_name, *slash = strrchr(name, '/');
    if (strpbrk(name, "./")) {
        if (read_basis(s, err) != ST_OK)
            return err->status;
        name = slash ? slash + 1 : name;
    }
    s->basis = basis_find(name, s->numbers, s->list, err);
    return s->basis ? ST_OK : err->status;
}

/* Frames that are near one another are cheaper one after the other. */
static enum spread_need look(void *settings, struct frame *f, int *parts)
{
    struct settings *s = settings;
    struct err ignored = {0};
    struct system *y = system_from_frame(f, &ignored);
    if (!y)
        return SPREAD_SAME; /* and what it says is wrong leaves the past as it was */
    *parts = mesh_points(&s->mesh, y, &s->dft);
    const bool follows = s->before[0] && dft_follows(&s->dft, y, s->before[0], s->before[1]);
    system_free(s->before[1]);
    s->before[1] = s->before[0];
    s->before[0] = y;
    return follows ? SPREAD_SAME : SPREAD_FREE;
}

static enum status begin(void *settings, struct run *run, struct err *err)
{
    struct settings *s = settings;
    s->run = run;
    if (mesh_parse(&s->mesh, &s->dft, err) != ST_OK)
        return err->status;
    if (s->basis_name && choose_basis(s, err) != ST_OK)
        return err->status;
    if (s->basis && s->response)
        return err_set(err, ST_USAGE,
                       "--response takes the orbitals of the frame; without --orbitals would be "
                       "right");
    if (s->dft.fit != DFT_FIT_AUTO && !s->basis)
        return err_set(err, ST_USAGE, "--orbital-fit is for --orbitals; with it would be right");
    if (s->gap > 0 && !s->response)
        return err_set(err, ST_USAGE, "--response-gap is for --response; with it would be right");
    if ((s->basis || s->response) && mesh_check_real(&s->dft, ST_USAGE, err) != ST_OK)
        return err->status;
    s->dft.basis_correction = s->basis_correction == 0;
    s->dft.ranks = run_ranks(run);
    s->dft.log = run_log(run);
    s->dft.watch = watch;
    s->dft.stop = stop;
    s->dft.hurry = hurry;
    s->dft.watcher = s;
    s->spread = (struct spread){.look = look, .steady = true, .table = {&s->log}};
    run_spread(run, &s->spread);
    s->session = dft_new(&s->dft, err);
    return s->session ? open_log(s, err) : err->status;
}

static char *settings_text(const struct settings *s, const struct system *y)
{
    char *mesh = mesh_text(&s->dft, y);
    char *text = mem_print("%s %gHa %s %s%gK", s->dft.functional, s->dft.ecut, mesh,
                           s->dft.basis_correction ? "basis-correction " : "",
                           s->dft.temperature * UNITS_HARTREE_K);
    free(mesh);
    return text;
}

static void put_result(struct settings *s, const struct system *y, const struct dft_result *r,
                       struct frame *f)
{
    keys_set(f, "dft_free_energy", 1, &r->free_energy);
    keys_set(f, "dft_energy", 1, &r->energy);
    keys_set(f, "dft_entropy_energy", 1, &r->entropy_energy);
    keys_set_column(f, "dft_forces", 3, r->force[0]);
    if (y->periodic)
        keys_set(f, "dft_stress", 9, r->stress[0]);
    else
        frame_remove_key(f, "dft_stress");
    char *text = settings_text(s, y);
    frame_set_string(f, "dft_settings", text);
    free(text);
}

static void put_orbitals(const struct settings *s, const struct system *y,
                         const struct dft_orbitals *o, struct frame *f)
{
    struct trial *t = trial_new(o->nk, y->n, o->orbitals, o->functions, s->basis->name);
    memcpy(t->kpoint, o->k, (size_t)o->nk * sizeof *o->k);
    memcpy(t->coefficient, o->coefficient,
           (size_t)o->nk * o->orbitals * y->n * o->functions * sizeof *o->coefficient);
    trial_set_list(t, s->numbers, s->list);
    trial_to_frame(t, f);
    trial_free(t);
    keys_set(f, "orbital_spillage", 1, &o->spillage);
}

static enum status trial(struct settings *s, const struct system *y, struct run *run,
                         struct frame *f, struct err *err)
{
    struct dft_orbitals o;
    enum status status = dft_trial(s->session, y, s->basis, &o, err);
    if (status != ST_OK)
        return status;
    put_orbitals(s, y, &o, f);
    log_detail(run_log(run),
               "orbitals in %s by %s: spillage %.2e, energy at fixed occupations %.8f Ha",
               s->basis->name, o.energy_fit ? "energy" : "least squares", o.spillage, o.energy);
    dft_orbitals_free(&o);
    return ST_OK;
}

/* Orbitals do not depend on the last word of the settings, the temperature of the labels. */
static enum status check_settings(const struct settings *s, const struct system *y,
                                  const struct frame *f, struct err *err)
{
    const char *recorded;
    if (frame_get_string(f, "dft_settings", &recorded, err))
        return err->status;
    char *text = settings_text(s, y);
    const char *end = strrchr(recorded, ' '), *own = strrchr(text, ' ');
    const bool same =
        end && end - recorded == own - text && !strncmp(recorded, text, (size_t)(own - text));
    if (!same)
        err_set(err, ST_DATA,
                "dft_settings are '%s' and these options mean '%s'; the options that made the "
                "orbitals would be right",
                recorded, text);
    free(text);
    return same ? ST_OK : ST_DATA;
}

static enum status respond(struct settings *s, const struct system *y, struct run *run,
                           struct frame *f, struct err *err)
{
    const char *name;
    double *list = NULL;
    int numbers;
    struct basis *basis = NULL;
    struct trial *t = NULL;
    enum status status = check_settings(s, y, f, err);
    if (status == ST_OK)
        status = trial_basis(f, &name, &numbers, &list, err);
    if (status == ST_OK && !(basis = basis_find(name, numbers, list, err)))
        status = ST_DATA;
    if (status == ST_OK && !(t = trial_from_frame(f, basis->functions, err)))
        status = err->status;
    if (status == ST_OK) {
        const struct response_job job = {s->session, y, basis, t, run_log(run), s->gap};
        status = response_frame(&job, f, err);
    }
    free(list);
    trial_free(t);
    basis_free(basis);
    return status;
}

/* Bands given by hand may be too few. */
static void check_bands(const struct settings *s, struct run *run, const struct dft_result *r)
{
    if (r->top_occupation > FULL && s->dft.temperature > 0)
        log_warning(
            run_log(run),
            "frame %ld: the highest of %d orbitals still holds %.1e electrons; more --bands, or 0 "
            "for as many as it takes, would be right",
            run_frame(run), r->bands, r->top_occupation);
}

static enum status label(struct settings *s, const struct system *y, struct run *run,
                         struct frame *f, struct err *err)
{
    struct dft_result r;
    enum status status = dft_run(s->session, y, &r, err);
    if (status != ST_OK)
        return status;
    put_result(s, y, &r, f);
    check_bands(s, run, &r);
    log_detail(run_log(run),
               "F %.8f Ha, T*S %.8f Ha, %d iterations, %d orbitals at %d k points, grid "
               "%dx%dx%d, highest occupation %.1e",
               r.free_energy, r.entropy_energy, r.iterations, r.bands, r.nk, r.grid[0], r.grid[1],
               r.grid[2], r.top_occupation);
    dft_result_free(&r);
    return s->basis ? trial(s, y, run, f, err) : ST_OK;
}

/* A session has one mesh and its ranks: another one where this cell wants another, or others share it. */
static enum status prepare(struct settings *s, const struct system *y, struct err *err)
{
    const struct dft_settings before = s->dft;
    if (mesh_choose(&s->mesh, y, s->basis || s->response, &s->dft, err) != ST_OK)
        return err->status;
    s->dft.ranks = run_ranks(s->run);
    if (before.ranks == s->dft.ranks && !memcmp(before.mesh, s->dft.mesh, sizeof before.mesh)) {
        if (run_fresh(s->run))
            dft_forget(s->session);
        return ST_OK;
    }
    dft_free(s->session);
    s->session = dft_new(&s->dft, err);
    return s->session ? ST_OK : err->status;
}

static enum status frame(void *settings, struct run *run, struct frame *f, struct err *err)
{
    struct settings *s = settings;
    struct system *y = system_from_frame(f, err);
    if (!y)
        return err->status;
    enum status status = prepare(s, y, err);
    if (status == ST_OK)
        status = s->response ? respond(s, y, run, f, err) : label(s, y, run, f, err);
    system_free(y);
    if (status == ST_OK)
        status = run_put(run, f, err);
    if (status == ST_OK)
        return run_flush(run, err);
    /* a signal is no error: the frame is given up, and the loop ends */
    return s->session && dft_stopped(s->session) && run_interrupted(run) ? ST_OK : status;
}

static void release(void *settings)
{
    struct settings *s = settings;
    if (s->log)
        fclose(s->log);
    dft_free(s->session);
    for (int i = 0; i < 2; i++)
        system_free(s->before[i]);
    basis_free(s->basis);
    free(s->list);
}

int main(int argc, char **argv)
{
    struct settings settings = {.dft = dft_defaults, .mesh = {mesh_default, "0x0x0", 0}};
    struct filter filter = {.program = &program,
                            .kind = FILTER_REDUCE,
                            .ranks = true,
                            .settings = &settings,
                            .settings_size = sizeof settings,
                            .begin = begin,
                            .frame = frame,
                            .end = end,
                            .free = release};
    return filter_main(&filter, argc, argv);
}
