/* SPDX-License-Identifier: GPL-3.0-or-later */
/* md-average: trajectories to state points with error bars. */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "base/mem.h"
#include "cmd/md-average-frames.h"
#include "cmd/md-average-parts.h"
#include "cmd/md-average-report.h"
#include "formats/convert.h"
#include "formats/filter.h"

static const struct opt options[] = {
    {"group-by", OPT_TEXT, offsetof(struct settings, group_by), "KEY",
     "frames with equal KEY are a state point; not set: every input file is one", 0, 0},
    {"kinetic", OPT_CHOICE, offsetof(struct settings, kinetic), "auto|analytic|sampled",
     "kinetic terms: from the thermostat's temperature or from the frames; auto: analytic where "
     "there is a thermostat",
     0, 0},
    {"temperature", OPT_QUANTITY, offsetof(struct settings, temperature), "K",
     "temperature of the analytic kinetic terms and of --reweight; not set: thermostat_temperature "
     "of the frames",
     OPT_ABOVE_0, HUGE_VAL},
    {"reweight", OPT_TEXT, offsetof(struct settings, reweight), "P",
     "the dynamics was that of P_energy, not of energy: frames count with exp(-(energy - "
     "P_energy)/kT); those without energy are control variates",
     0, 0},
    {"reweight-by", OPT_CHOICE, offsetof(struct settings, reweight_by), "weights|cumulant",
     "how: cumulant is the first order in energy - P_energy, for differences of more than kT", 0,
     0},
    {"discard", OPT_INT, offsetof(struct settings, discard), "N",
     "frames left out at the start of every run; -1: found from the data", -1, HUGE_VAL},
    {"bond", OPT_QUANTITY, offsetof(struct settings, bond), "A",
     "measure the molecular fraction with this longest bond", OPT_ABOVE_0, HUGE_VAL},
    {"diffusion", OPT_FLAG, offsetof(struct settings, diffusion), NULL,
     "measure the self-diffusion coefficient", 0, 0},
    {"rdf", OPT_TEXT, offsetof(struct settings, rdf_name), "FILE",
     "write g(r) as a tab-separated table", OPT_WRITTEN, 0},
    {"rdf-cutoff", OPT_QUANTITY, offsetof(struct settings, rdf_cutoff), "A",
     "largest r of g(r); not set: the largest sphere in the cell", OPT_ABOVE_0, HUGE_VAL},
    {"rdf-bins", OPT_INT, offsetof(struct settings, bins), "N", "bins of g(r)", 1, 1000000},
    {"Table and figure", OPT_SECTION, OPT_UNRECORDED, NULL, NULL, 0, 0},
    {"plot", OPT_TEXT, offsetof(struct settings, plot_name), "FILE",
     "draw g(r) of all state points: FILE ends in .svg or .png", OPT_WRITTEN, 0},
    {"table", OPT_TEXT, offsetof(struct settings, table_name), "FILE",
     "write a tab-separated table, a row per state point", OPT_WRITTEN, 0},
    {NULL, OPT_END, 0, NULL, NULL, 0, 0}};

static const struct program program = {
    "md-average", "average trajectories to state points with error bars", "[FILE...]",
    "Reads frames with energy (eV), stress (eV/A^3) and temperature (K) and writes one frame per "
    "state "
    "point, its last structure, with internal_energy (eV), pressure_GPa, temperature (K) and "
    "density "
    "(g/cm3), each with its _error.",
    options};

/* ---- state points ---- */

static struct point *point_new(const char *name)
{
    struct point *p = MEM_NEW(struct point, 1);
    p->name = mem_text(name);
    p->thermostat = NAN;
    p->averages = averages_new();
    return p;
}

static void point_free(struct point *p)
{
    for (int i = 0; i < p->tracks; i++) {
        diffusion_free(p->track[i].walk);
        molecule_free(&p->track[i].life);
    }
    free(p->track);
    rdf_free(p->rdf);
    averages_free(p->averages);
    frame_free(p->last);
    free(p->name);
    free(p);
}

static struct point *find_point(struct settings *set, const char *name)
{
    for (int i = 0; i < set->points; i++)
        if (!strcmp(set->point[i]->name, name))
            return set->point[i];
    set->point = mem_grow(set->point, set->points, set->points + 1, sizeof set->point[0]);
    return set->point[set->points++] = point_new(name);
}

/* The value of the key that groups, as text; the caller frees. */
static char *group_name(const struct frame *f, const char *key, struct err *err)
{
    const char *text;
    double x;
    if (!frame_has_key(f, key)) {
        err_set(err, ST_DATA, "key '%s' is missing: --group-by needs it on every frame", key);
        return NULL;
    }
    if (!frame_get_string(f, key, &text, NULL))
        return mem_text(text);
    if (frame_get_real(f, key, &x, err))
        return NULL;
    return mem_print("%.15g", x);
}

/* ---- a frame ---- */

/* The frame must belong to the state point: same atoms, same thermostat. */
static enum status check_point(struct point *p, const struct place *place, const struct system *s,
                               struct err *err)
{
    double K = units_stream(DIM_TEMPERATURE), kT = place->thermostat;
    bool has = !isnan(kT);
    if (p->frames && s->n != p->atoms)
        return err_set(
            err, ST_DATA,
            "%d atoms where the state point '%s' has %d: give a file each, or --group-by", s->n,
            p->name, p->atoms);
    if (p->frames && (has == isnan(p->thermostat) || (has && fabs(kT - p->thermostat) > 1e-9 * kT)))
        return err_set(err, ST_DATA,
                       "thermostat_temperature is %.6g K where the state point '%s' has %.6g K: "
                       "give a file each, "
                       "or --group-by",
                       has ? kT / K : 0, p->name, isnan(p->thermostat) ? 0 : p->thermostat / K);
    p->thermostat = kT;
    p->atoms = s->n;
    return ST_OK;
}

#define PAIRS 1e7 /* of a frame, the most that --rdf-cutoff may reach: some 400 MB */

/* The default cut-off is within the cell; another must not make a frame last for ever. */
static enum status check_cutoff(const struct settings *set, const struct system *s, struct err *err)
{
    double A = units_stream(DIM_LENGTH), cutoff = set->rdf_cutoff;
    if (!(set->rdf_name || set->plot_name) || !s->periodic || isnan(cutoff) ||
        cutoff <= system_inradius(s))
        return ST_OK;
    double pairs = rdf_pairs(s, cutoff);
    if (!(pairs <= PAIRS))
        return err_set(
            err, ST_USAGE,
            "--rdf-cutoff %.6gA reaches %.2g pairs of the %d atoms: at most %.4gA, or %.2g pairs",
            cutoff / A, pairs, s->n, cutoff * cbrt(PAIRS / pairs) / A, PAIRS);
    return ST_OK;
}

static struct track *begin_track(struct point *p, int64_t replica)
{
    p->track = mem_grow(p->track, p->tracks, p->tracks + 1, sizeof p->track[0]);
    p->track[p->tracks] =
        (struct track){.replica = replica, .time = NAN, .run = averages_begin_run(p->averages)};
    return &p->track[p->tracks++];
}

/* The run that the frame continues: the last one of its replica; or another one, if its step or time does
 * not follow that. */
static struct track *find_track(struct point *p, const struct place *place)
{
    int i = p->tracks - 1;
    while (i >= 0 && p->track[i].replica != place->replica)
        i--;
    struct track *t = i >= 0 ? &p->track[i] : begin_track(p, place->replica);
    bool back = place->has_step && t->has_step && place->step <= t->step;
    if (t->frames && (back || place->time <= t->time))
        t = begin_track(p, place->replica);
    if (place->has_step)
        t->step = place->step;
    t->has_step |= place->has_step;
    t->time = place->time;
    return t;
}

static void add_molecules(const struct settings *set, struct track *t, const struct system *s,
                          struct averages_sample *sample)
{
    if (isnan(set->bond))
        return;
    int *partner = MEM_NEW(int, s->n);
    sample->fraction = 2. * molecule_find(s, set->bond, partner) / s->n;
    molecule_follow(&t->life, s->n, partner, t->time, t->frames == 0);
    free(partner);
}

static void add_structure(const struct settings *set, struct point *p, struct track *t,
                          const struct system *s)
{
    if (set->diffusion && !t->walk)
        t->walk = diffusion_new(s->n);
    if (set->diffusion)
        diffusion_add(t->walk, s, t->time);
    if (!(set->rdf_name || set->plot_name) || !s->periodic)
        return;
    if (!p->rdf)
        p->rdf = rdf_new(isnan(set->rdf_cutoff) ? system_inradius(s) : set->rdf_cutoff, set->bins);
    if (t->frames >= set->discard)
        rdf_add(p->rdf, s);
}

static enum status add_frame(const struct settings *set, struct point *p, struct frame *f,
                             const struct system *s, struct err *err)
{
    struct averages_sample sample;
    struct place place;
    if (check_cutoff(set, s, err))
        return ST_USAGE;
    if (read_sample(set, f, s, &sample, err) || read_place(f, &place, err) ||
        check_point(p, &place, s, err))
        return ST_DATA;
    struct track *t = find_track(p, &place);
    add_molecules(set, t, s, &sample);
    add_structure(set, p, t, s);
    averages_add(p->averages, t->run, &sample);
    t->frames++;
    p->frames++;
    p->mass = 0;
    for (int i = 0; i < s->n; i++)
        p->mass += s->mass[i];
    frame_free(p->last);
    p->last = frame_copy(f);
    return ST_OK;
}

/* ---- results ---- */

static enum status kinetic_of(const struct settings *set, const struct point *p,
                              struct averages_settings *a, struct err *err)
{
    double kT = isnan(set->temperature) ? p->thermostat : set->temperature;
    *a = (struct averages_settings){.atoms = p->atoms, .kT = kT, .discard = set->discard};
    if (set->reweight)
        a->reweight = set->reweight_by == BY_CUMULANT ? AVERAGES_CUMULANT : AVERAGES_WEIGHTS;
    a->analytic = set->kinetic == ANALYTIC || (set->kinetic == AUTO && !isnan(kT));
    if ((a->analytic || a->reweight) && isnan(kT))
        return err_set(
            err, ST_DATA,
            "state point '%s': %s needs thermostat_temperature on the frames, or --temperature",
            p->name, a->reweight ? "--reweight" : "--kinetic analytic");
    return ST_OK;
}

static enum status finish_point(struct settings *set, struct point *p, struct run *run,
                                struct err *err)
{
    struct averages_settings a;
    struct averages_result r;
    if (kinetic_of(set, p, &a, err))
        return ST_DATA;
    if (averages_result(p->averages, &a, &r, err)) {
        char *text = mem_text(err->text);
        err_set(err, ST_DATA, "state point '%s': %s", p->name, text);
        free(text);
        return ST_DATA;
    }
    report(p, &a, &r, run);
    put_result(set, p, &r, p->last);
    if (!isnan(set->bond))
        put_molecules(set, p, &r, p->last);
    if (set->diffusion)
        put_diffusion(p, &a, p->last, run);
    enum status status = run_put(run, p->last, err);
    if (status)
        return status;
    if (set->rdf_name)
        put_rdf(set, p);
    if (set->table_name)
        table_row(set, p, &r);
    if (set->plot_name)
        plot_add(set, p);
    return ST_OK;
}

/* Write and forget all state points that have come to their end. The loop knows of bad frames only: --on-error=skip is
 * seen to here. One all of whose frames were passed over has been told of. */
static enum status finish(struct settings *set, struct run *run, struct err *err)
{
    enum status status = ST_OK;
    for (int i = 0; i < set->points && !status; i++) {
        if (set->point[i]->frames)
            status = finish_point(set, set->point[i], run, err);
        if (status != ST_DATA || !run_common(run)->on_error)
            continue;
        log_warning(run_log(run), "%s", err->text);
        set->skipped++;
        status = ST_OK;
    }
    for (int i = 0; i < set->points; i++)
        point_free(set->point[i]);
    set->points = 0;
    return status;
}

/* ---- the loop ---- */

static enum status begin(void *settings, struct run *run, struct err *err)
{
    struct settings *set = settings;
    (void)run;
    if (set->reweight && (set->rdf_name || set->plot_name || set->diffusion))
        return err_set(err, ST_USAGE,
                       "--rdf, --plot and --diffusion are of the dynamics as it was: not with "
                       "--reweight");
    if (plot_check_name("plot", set->plot_name, err))
        return ST_USAGE;
    if (set->reweight) {
        set->sampled = mem_print("%s_energy", set->reweight);
        set->sampled_stress = mem_print("%s_stress", set->reweight);
    }
    if (table_open(set, err))
        return ST_SYSTEM;
    if (!set->rdf_name)
        return ST_OK;
    if (outfile_open(&set->rdf, set->rdf_name, err))
        return ST_SYSTEM;
    fputs("state_point\tr_A\tg\tneighbours\n", set->rdf.file);
    return ST_OK;
}

static enum status frame(void *settings, struct run *run, struct frame *f, struct err *err)
{
    struct settings *set = settings;
    char *name = set->group_by ? group_name(f, set->group_by, err) : mem_text(run_file(run));
    if (!name)
        return ST_DATA;
    struct system *s = system_from_frame(f, err);
    enum status status = s ? add_frame(set, find_point(set, name), f, s, err) : ST_DATA;
    system_free(s);
    free(name);
    return status;
}

static enum status input(void *settings, struct run *run, struct err *err)
{
    struct settings *set = settings;
    return set->group_by ? ST_OK : finish(set, run, err);
}

static enum status end(void *settings, struct run *run, struct err *err)
{
    struct settings *set = settings;
    enum status status = finish(set, run, err);
    if (set->skipped)
        log_warning(run_log(run), "%d state point%s skipped", set->skipped,
                    set->skipped > 1 ? "s" : "");
    if (!status && set->rdf_name)
        status = outfile_close(&set->rdf, true, err);
    if (!status && set->table_name)
        status = outfile_close(&set->table, true, err);
    return status ? status : plot_end(set, err);
}

static void release(void *settings)
{
    struct settings *set = settings;
    for (int i = 0; i < set->points; i++)
        point_free(set->point[i]);
    free(set->point);
    free(set->sampled);
    free(set->sampled_stress);
    if (set->rdf.file)
        outfile_close(&set->rdf, false, NULL);
    if (set->table.file)
        outfile_close(&set->table, false, NULL);
    curves_free(&set->curves);
}

int main(int argc, char **argv)
{
    struct settings settings = {
        .temperature = NAN, .bond = NAN, .rdf_cutoff = NAN, .discard = -1, .bins = 200};
    struct filter filter = {.program = &program,
                            .kind = FILTER_REDUCE,
                            .settings = &settings,
                            .settings_size = sizeof settings,
                            .begin = begin,
                            .frame = frame,
                            .input = input,
                            .end = end,
                            .free = release};
    return filter_main(&filter, argc, argv);
}
