/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "formats/coprocess.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "base/child.h"
#include "base/mem.h"
#include "base/threads.h"
#include "base/units.h"
#include "formats/convert.h"
#include "formats/frame_parts.h"
#include "formats/stream.h"
#include "formats/target.h"

#define PATIENCE 10.                     /* seconds that a filter has to end by itself */
#define SAME_PLACE (1e-6 / UNITS_BOHR_A) /* an answer with fewer digits is not for our positions */

struct coprocess {
    char *command, *label;
    double timeout;
    bool failed;
    struct child *child;
    struct reader *reader;
    struct frame *question, *answer;
    struct text text;
};

struct coprocess *coprocess_new(const char *command, const char *label, double timeout,
                                struct err *err)
{
    struct child *child = child_new(command, err);
    if (!child)
        return NULL;
    struct coprocess *c = MEM_NEW(struct coprocess, 1);
    *c = (struct coprocess){.command = mem_text(command),
                            .label = label ? mem_text(label) : NULL,
                            .timeout = timeout,
                            .child = child,
                            .reader = reader_from(child_output(child), command),
                            .question = frame_new(),
                            .answer = frame_new()};
    return c;
}

void coprocess_free(struct coprocess *c)
{
    if (!c)
        return;
    child_free(c->child, c->failed ? 0 : PATIENCE);
    reader_close(c->reader);
    frame_free(c->question);
    frame_free(c->answer);
    free(c->text.p);
    free(c->command);
    free(c->label);
    free(c);
}

void coprocess_template(struct coprocess *c, const struct frame *f)
{
    frame_free(c->question);
    c->question = frame_copy(f);
}

const char *coprocess_settings(const struct coprocess *c)
{
    const char *text;
    return frame_get_string(c->answer, "dft_settings", &text, NULL) ? NULL : text;
}

/* Why there is no answer: what was seen, unless the command has ended. */
static enum status no_answer(struct coprocess *c, const char *seen, struct err *err)
{
    const char *end = child_end(c->child);
    c->failed = true;
    if (end)
        return err_set(err, ST_COMPUTE, "the baseline '%.150s' ended with %s instead of answering",
                       c->command, end);
    return err_set(err, ST_COMPUTE, "the baseline '%.150s': %s", c->command, seen);
}

static enum status bad_answer(struct coprocess *c, const char *what, struct err *err)
{
    c->failed = true;
    return err_set(err, ST_COMPUTE, "the baseline '%.150s': %s", c->command, what);
}

static enum status ask(struct coprocess *c, const struct system *s, double end, struct err *err)
{
    struct err own = {ST_OK, ""};
    system_to_frame(s, c->question);
    frame_remove_column(c->question, "velo");
    c->text.n = 0;
    if (frame_print(c->question, &c->text, err))
        return ST_COMPUTE;
    return child_write(c->child, c->text.p, c->text.n, end, &own) ? no_answer(c, own.text, err)
                                                                  : ST_OK;
}

static enum status listen(struct coprocess *c, double end, struct err *err)
{
    struct err own = {ST_OK, ""};
    bool over = false;
    reader_deadline(c->reader, end);
    enum status status = reader_next(c->reader, c->answer, &over, &own);
    if (!status && !over)
        return ST_OK;
    if (over)
        return no_answer(c, "it closed its output instead of answering", err);
    if (status == ST_COMPUTE) { /* the deadline */
        char *text = mem_print("no answer within %g s: --timeout allows more", c->timeout);
        no_answer(c, text, err);
        free(text);
        return ST_COMPUTE;
    }
    char *text = mem_print("line %ld of its answers: %s", reader_line(c->reader), own.text);
    status = reader_lost(c->reader) ? no_answer(c, text, err) : bad_answer(c, text, err);
    free(text);
    return status;
}

static double distance(const struct system *s, int i, const double other[3])
{
    double d[3], shortest[3];
    for (int k = 0; k < 3; k++)
        d[k] = shortest[k] = other[k] - s->pos[i][k];
    if (s->periodic)
        system_minimum_image(s, d, shortest);
    return sqrt(shortest[0] * shortest[0] + shortest[1] * shortest[1] + shortest[2] * shortest[2]);
}

/* The answer is about the atoms that were asked for. */
static enum status check_atoms(struct coprocess *c, const struct system *s, struct err *err)
{
    struct err own = {ST_OK, ""};
    struct system *y = system_from_frame(c->answer, &own);
    char *what = NULL;
    if (!y)
        what = mem_print("%s", own.text);
    else if (y->n != s->n)
        what = mem_print("its answer has %d atoms, %d were asked for", y->n, s->n);
    for (int i = 0; !what && i < s->n; i++)
        if (y->element[i] != s->element[i] || !(distance(s, i, y->pos[i]) < SAME_PLACE))
            what = mem_print("atom %d of its answer is not where it was asked for: one frame must "
                             "be answered with one",
                             i + 1);
    enum status status = what ? bad_answer(c, what, err) : ST_OK;
    system_free(y);
    free(what);
    return status;
}

static bool labelled(const struct frame *f, const char *prefix)
{
    char *energy = mem_print("%senergy", prefix), *free_energy = mem_print("%sfree_energy", prefix);
    char *forces = mem_print("%sforces", prefix);
    bool any =
        frame_has_key(f, energy) || frame_has_key(f, free_energy) || frame_has_column(f, forces);
    free(energy);
    free(free_energy);
    free(forces);
    return any;
}

/* Which labels to take. Never a guess between two. */
static enum status choose_label(struct coprocess *c, struct err *err)
{
    if (c->label)
        return ST_OK;
    bool dft = labelled(c->answer, "dft_"), plain = labelled(c->answer, "");
    if (dft && plain)
        return bad_answer(c,
                          "its answer has both dft_ and plain energies or forces: "
                          "--baseline-label says which to take",
                          err);
    c->label = mem_text(dft ? "dft" : "");
    return ST_OK;
}

static enum status missing(struct coprocess *c, const char *what, struct err *err)
{
    bool converged = true;
    frame_get_bool(c->answer, "converged", &converged, NULL);
    char *text = mem_print("its answer has no %s%s%s%s", c->label, *c->label ? "_" : "", what,
                           converged ? "" : ": it did not converge");
    enum status status = bad_answer(c, text, err);
    free(text);
    return status;
}

static enum status take(struct coprocess *c, const struct system *s, const struct target *t,
                        struct coprocess_result *r, struct err *err)
{
    if (!t->has_energy)
        return missing(c, "energy", err);
    if (!t->has_forces)
        return missing(c, "forces", err);
    if (s->periodic && !t->has_stress)
        return missing(c, "stress", err);
    r->energy = t->energy;
    memcpy(r->force, t->force, sizeof *r->force * (size_t)s->n);
    memset(r->stress, 0, sizeof r->stress);
    for (int k = 0; s->periodic && k < 9; k++)
        r->stress[k / 3][k % 3] = t->stress[k];
    struct err own = {ST_OK, ""};
    bool known;
    return target_entropy(c->answer, c->label, t, &known, &r->entropy, &own)
               ? bad_answer(c, own.text, err)
               : ST_OK;
}

static enum status read_labels(struct coprocess *c, const struct system *s,
                               struct coprocess_result *r, struct err *err)
{
    struct err own = {ST_OK, ""};
    struct target t;
    if (choose_label(c, err))
        return err->status;
    enum status status = target_read(c->answer, c->label, &t, &own);
    status = status ? bad_answer(c, own.text, err) : take(c, s, &t, r, err);
    target_free(&t);
    return status;
}

enum status coprocess_evaluate(struct coprocess *c, const struct system *s,
                               struct coprocess_result *r, struct err *err)
{
    struct err own = {ST_OK, ""};
    double end = threads_wall() + c->timeout;
    if (!err)
        err = &own;
    enum status status = ask(c, s, end, err);
    if (!status)
        status = listen(c, end, err);
    if (!status)
        status = check_atoms(c, s, err);
    return status ? status : read_labels(c, s, r, err);
}
