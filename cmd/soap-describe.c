/* SPDX-License-Identifier: GPL-3.0-or-later */
/* soap-describe: the SOAP descriptor of every atom; a varied selection of frames. */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "base/mem.h"
#include "base/units.h"
#include "formats/convert.h"
#include "formats/filter.h"
#include "ml/predict.h"
#include "ml/sparse.h"

struct settings {
    struct soap_settings soap;
    const char *elements;
    int select;
    struct soap *descriptor;
    char *text; /* soap_settings */
    int frames; /* kept for --select */
    struct frame **frame;
    float *mean; /* [frames][size], of length 1 */
};

enum { ELEMENTS = 119 }; /* by atomic number */

#define AT(member) offsetof(struct settings, member)

static const struct opt options[] = {
    {"elements", OPT_TEXT, AT(elements), "LIST",
     "elements with a channel, at most 16, as H,C; not set: those of the first frame", 0, 0},
    {"select", OPT_INT, AT(select), "N",
     "write only the N frames that are farthest from each other, without descriptors", 0, 1e6},
    {"cutoff", OPT_QUANTITY, AT(soap.cutoff), "A", "reach of an environment, at most 20 A",
     OPT_ABOVE_0, SOAP_MAX_CUTOFF},
    {"transition", OPT_QUANTITY, AT(soap.transition), "A", "width of the smooth cut-off",
     OPT_ABOVE_0, HUGE_VAL},
    {"sigma", OPT_QUANTITY, AT(soap.sigma), "A", "width of the Gaussians", OPT_ABOVE_0, HUGE_VAL},
    {"radial-scale", OPT_QUANTITY, AT(soap.scale), "A",
     "neighbours weigh 1/(1 + (r/scale)^exponent); 0: all the same", 0, HUGE_VAL},
    {"radial-exponent", OPT_REAL, AT(soap.exponent), "X", "see radial-scale", 2, 100},
    {"n-max", OPT_INT, AT(soap.n_max), "N", "radial functions", 1, SOAP_MAX_N},
    {"l-max", OPT_INT, AT(soap.l_max), "N", "largest angular momentum", 0, 20},
    {NULL, OPT_END, 0, NULL, NULL, 0, 0}};

static const struct program program = {
    "soap-describe", "SOAP descriptors of atomic environments", "[FILE...]",
    "Reads frames with positions and writes them with the column soap (pure numbers, length 1 per "
    "atom) and the "
    "key soap_settings; with --select, a varied choice of the frames as they are.",
    options};

static enum status set_elements(struct settings *s, const bool present[], enum status bad,
                                struct err *err)
{
    int found = 0;
    for (int z = 1; z < ELEMENTS; z++)
        if (present[z] && found++ < SOAP_MAX_ELEMENTS)
            s->soap.element[s->soap.elements++] = z;
    if (found <= SOAP_MAX_ELEMENTS)
        return ST_OK;
    return err_set(err, bad, "%d elements: a descriptor has channels for %d at most%s", found,
                   SOAP_MAX_ELEMENTS, bad == ST_DATA ? ", which --elements names" : "");
}

/* "H,C" as atomic numbers, ascending */
static enum status parse_elements(struct settings *s, struct err *err)
{
    char *copy = mem_text(s->elements), *next = copy, *word;
    bool present[ELEMENTS] = {false};
    enum status status = ST_OK;
    while (!status && (word = strtok_r(next, ",", &next))) {
        int z = species_element(word);
        if (z > 0)
            present[z] = true;
        else
            status = err_set(err, ST_USAGE, "--elements: '%s' is not an element", word);
    }
    free(copy);
    return status ? status : set_elements(s, present, ST_USAGE, err);
}

static enum status elements_of(struct settings *s, const struct system *y, struct err *err)
{
    bool present[ELEMENTS] = {false};
    for (int i = 0; i < y->n; i++)
        present[y->element[i]] = true;
    s->soap.elements = 0;
    return set_elements(s, present, ST_DATA, err);
}

static enum status begin(void *settings, struct run *run, struct err *err)
{
    struct settings *s = settings;
    (void)run;
    if (s->soap.transition > s->soap.cutoff)
        return err_set(err, ST_USAGE, "--transition must not be larger than --cutoff");
    return s->elements ? parse_elements(s, err) : ST_OK;
}

static char *describe_settings(const struct soap_settings *s)
{
    char *text = mem_text("soap");
    for (int e = 0; e < s->elements; e++) {
        char *longer = mem_print("%s%c%s", text, e ? ',' : ' ', species_symbol(s->element[e]));
        free(text);
        text = longer;
    }
    char *all = mem_print(
        "%s n=%d l=%d cutoff=%.10gA transition=%.10gA sigma=%.10gA scale=%.10gA exponent=%g", text,
        s->n_max, s->l_max, s->cutoff * UNITS_BOHR_A, s->transition * UNITS_BOHR_A,
        s->sigma * UNITS_BOHR_A, s->scale * UNITS_BOHR_A, s->exponent);
    free(text);
    return all;
}

static enum status prepare(struct settings *s, const struct system *y, struct err *err)
{
    if (s->descriptor)
        return ST_OK;
    if (!s->elements && elements_of(s, y, err))
        return err->status;
    s->descriptor = soap_new(&s->soap, err);
    if (!s->descriptor)
        return err->status;
    s->text = describe_settings(&s->soap);
    return ST_OK;
}

/* Keep a frame with the mean of its descriptors, normalised. */
static void keep(struct settings *s, const struct frame *f, int atoms, const double *row)
{
    int size = s->descriptor->size, n = s->frames;
    if ((n & (n - 1)) == 0) {
        int room = n ? 2 * n : 1;
        s->frame = mem_grow(s->frame, n, room, sizeof *s->frame);
        s->mean = mem_grow(s->mean, (size_t)n * size, (size_t)room * size, sizeof *s->mean);
    }
    sparse_mean(atoms, size, row, s->mean + (size_t)n * size);
    s->frame[s->frames++] = frame_copy(f);
}

static enum status frame(void *settings, struct run *run, struct frame *f, struct err *err)
{
    struct settings *s = settings;
    struct system *y = system_from_frame(f, err);
    if (!y)
        return err->status;
    enum status status = prepare(s, y, err);
    size_t count = status ? 0 : (size_t)y->n * s->descriptor->size;
    double *row = MEM_NEW(double, count);
    if (!status)
        status = predict_descriptors(s->descriptor, y, row, err);
    if (!status && s->select) {
        keep(s, f, y->n, row);
    } else if (!status) {
        memcpy(frame_add_reals(f, "soap", s->descriptor->size), row, count * sizeof *row);
        frame_set_string(f, "soap_settings", s->text);
        status = run_put(run, f, err);
    }
    free(row);
    system_free(y);
    return status;
}

/* The chosen frames, in the order of the input */
static enum status end(void *settings, struct run *run, struct err *err)
{
    struct settings *s = settings;
    if (!s->select || !s->frames)
        return ST_OK;
    size_t *chosen = MEM_NEW(size_t, s->select);
    bool *wanted = MEM_NEW(bool, s->frames);
    int count = sparse_farthest(s->frames, s->descriptor->size, s->mean, NULL, s->select, chosen);
    enum status status = ST_OK;
    if (count < s->select)
        log_warning(run_log(run), "%d of %d frames differ from each other; --select %d wants more",
                    count, s->frames, s->select);
    for (int i = 0; i < count; i++)
        wanted[chosen[i]] = true;
    for (int i = 0; i < s->frames && !status; i++)
        if (wanted[i])
            status = run_put(run, s->frame[i], err);
    free(chosen);
    free(wanted);
    return status;
}

static void release(void *settings)
{
    struct settings *s = settings;
    for (int i = 0; i < s->frames; i++)
        frame_free(s->frame[i]);
    free(s->frame);
    free(s->mean);
    free(s->text);
    soap_free(s->descriptor);
}

int main(int argc, char **argv)
{
    struct settings settings = {.soap = soap_defaults};
    struct filter filter = {.program = &program,
                            .kind = FILTER_REDUCE,
                            .settings = &settings,
                            .settings_size = sizeof settings,
                            .begin = begin,
                            .frame = frame,
                            .end = end,
                            .free = release};
    return filter_main(&filter, argc, argv);
}
