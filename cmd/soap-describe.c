/* SPDX-License-Identifier: GPL-3.0-or-later */
/* soap-describe: SOAP descriptors of atoms, or a choice of the most different frames. */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "base/mem.h"
#include "base/units.h"
#include "formats/convert.h"
#include "formats/filter.h"
#include "formats/keys.h"
#include "ml/predict.h"
#include "ml/sparse.h"

struct settings {
    struct soap_settings soap;
    int select;
    struct soap *descriptor; /* for the elements of the last frame */
    /* --select: every frame and the mean descriptor of its atoms, normalised */
    int n, size;
    struct frame **frame;
    float *mean;
};

#define AT(member) offsetof(struct settings, member)

static const struct opt options[] = {
    {"select", OPT_INT, AT(select), "N",
     "write the N most different frames, unchanged and in their order, instead; 0: describe all", 0,
     HUGE_VAL},
    {"Descriptor", OPT_SECTION, 0, NULL, NULL, 0, 0},
    {"cutoff", OPT_QUANTITY, AT(soap.cutoff), "A", "reach of an environment", OPT_ABOVE_0,
     HUGE_VAL},
    {"transition", OPT_QUANTITY, AT(soap.transition), "A", "width of the smooth cut-off",
     OPT_ABOVE_0, HUGE_VAL},
    {"sigma", OPT_QUANTITY, AT(soap.sigma), "A", "width of the Gaussians", OPT_ABOVE_0, HUGE_VAL},
    {"radial-scale", OPT_QUANTITY, AT(soap.scale), "A",
     "neighbours weigh 1/(1 + (r/scale)^exponent); 0: all the same", 0, HUGE_VAL},
    {"radial-exponent", OPT_REAL, AT(soap.exponent), "X", "see radial-scale", 2, 100},
    {"n-max", OPT_INT, AT(soap.n_max), "N", "radial functions", 1, 24},
    {"l-max", OPT_INT, AT(soap.l_max), "N", "largest angular momentum", 0, 20},
    {NULL, OPT_END, 0, NULL, NULL, 0, 0}};

static const struct program program = {
    "soap-describe", "SOAP descriptors of atomic environments", "[FILE...]",
    "Reads frames with positions (A) and writes them with the column soap, the normalised power "
    "spectrum of every atom, and the key soap_settings; with --select writes a choice of the "
    "frames.",
    options};

static bool has_element(const struct soap_settings *s, int element)
{
    for (int e = 0; e < s->elements; e++)
        if (s->element[e] == element)
            return true;
    return false;
}

static int ascending(const void *a, const void *b)
{
    return *(const int *)a - *(const int *)b;
}

/* The descriptor's channels are the elements of the frame. */
static enum status choose_elements(struct soap_settings *soap, const struct system *s,
                                   struct err *err)
{
    soap->elements = 0;
    for (int i = 0; i < s->n; i++) {
        if (has_element(soap, s->element[i]))
            continue;
        if (soap->elements == SOAP_MAX_ELEMENTS)
            return err_set(err, ST_DATA, "more than %d elements", SOAP_MAX_ELEMENTS);
        soap->element[soap->elements++] = s->element[i];
    }
    qsort(soap->element, (size_t)soap->elements, sizeof *soap->element, ascending);
    return ST_OK;
}

static enum status prepare(struct settings *set, const struct system *s, struct err *err)
{
    struct soap_settings wanted = set->soap;
    enum status status = choose_elements(&wanted, s, err);
    if (status != ST_OK)
        return status;
    if (set->descriptor && soap_settings_equal(&wanted, &set->descriptor->settings))
        return ST_OK;
    if (set->descriptor && set->select)
        return err_set(err, ST_DATA,
                       "the elements differ from those of the first frame: frames to select from "
                       "need the same elements");
    soap_free(set->descriptor);
    set->descriptor = soap_new(&wanted, err);
    return set->descriptor ? ST_OK : err->status;
}

/* "cutoff 2.5 A, ..., elements H": what is needed to compute the column again. */
static char *describe(const struct soap_settings *s)
{
    char *text =
        mem_print("cutoff=%.10gA transition=%.10gA sigma=%.10gA radial-scale=%.10gA "
                  "radial-exponent=%.10g n-max=%d l-max=%d elements=",
                  s->cutoff * UNITS_BOHR_A, s->transition * UNITS_BOHR_A, s->sigma * UNITS_BOHR_A,
                  s->scale * UNITS_BOHR_A, s->exponent, s->n_max, s->l_max);
    for (int e = 0; e < s->elements; e++) {
        char *longer = mem_print("%s%s%s", text, e ? "," : "", species_symbol(s->element[e]));
        free(text);
        text = longer;
    }
    return text;
}

static enum status put_descriptors(const struct settings *set, int atoms, const double *row,
                                   struct run *run, struct frame *f, struct err *err)
{
    const size_t size = (size_t)set->descriptor->size;
    memcpy(frame_add_reals(f, "soap", size), row, (size_t)atoms * size * sizeof *row);
    char *text = describe(&set->descriptor->settings);
    frame_set_string(f, "soap_settings", text);
    free(text);
    enum status status = run_put(run, f, err);
    return status == ST_OK ? run_flush(run, err) : status;
}

static void keep(struct settings *set, int atoms, const double *row, const struct frame *f)
{
    const int size = set->size = set->descriptor->size;
    const size_t n = (size_t)set->n;
    set->frame = mem_grow(set->frame, n, n + 1, sizeof *set->frame);
    set->mean = mem_grow(set->mean, n * (size_t)size, (n + 1) * (size_t)size, sizeof *set->mean);
    double *sum = MEM_NEW(double, size), square = 0;
    for (int i = 0; i < atoms; i++)
        for (int k = 0; k < size; k++)
            sum[k] += row[(size_t)i * size + k];
    for (int k = 0; k < size; k++)
        square += sum[k] * sum[k];
    for (int k = 0; k < size; k++)
        set->mean[n * (size_t)size + k] = (float)(sum[k] / sqrt(square));
    free(sum);
    set->frame[set->n++] = frame_copy(f);
}

static enum status frame(void *settings, struct run *run, struct frame *f, struct err *err)
{
    struct settings *set = settings;
    struct system *s = system_from_frame(f, err);
    if (!s)
        return err->status;
    double *row = NULL;
    enum status status = prepare(set, s, err);
    if (status == ST_OK) {
        row = MEM_NEW(double, (size_t)s->n * set->descriptor->size);
        status = predict_descriptors(set->descriptor, s, row, err);
    }
    if (status == ST_OK && set->select)
        keep(set, s->n, row, f);
    else if (status == ST_OK)
        status = put_descriptors(set, s->n, row, run, f, err);
    free(row);
    system_free(s);
    return status;
}

static int by_index(const void *a, const void *b)
{
    const size_t x = *(const size_t *)a, y = *(const size_t *)b;
    return (x > y) - (x < y);
}

static enum status end(void *settings, struct run *run, struct err *err)
{
    struct settings *set = settings;
    if (!set->select || !set->n)
        return ST_OK;
    size_t *chosen = MEM_NEW(size_t, set->select);
    const int count = sparse_farthest((size_t)set->n, set->size, set->mean, NULL,
                                      set->select < set->n ? set->select : set->n, chosen);
    qsort(chosen, (size_t)count, sizeof *chosen, by_index);
    if (count < set->select)
        log_warning(run_log(run), "%d different frames among %d, %d were wanted", count, set->n,
                    set->select);
    enum status status = ST_OK;
    for (int i = 0; i < count && status == ST_OK; i++)
        status = run_put(run, set->frame[chosen[i]], err);
    free(chosen);
    return status;
}

static void release(void *settings)
{
    struct settings *set = settings;
    for (int i = 0; i < set->n; i++)
        frame_free(set->frame[i]);
    free(set->frame);
    free(set->mean);
    soap_free(set->descriptor);
}

int main(int argc, char **argv)
{
    struct settings settings = {.soap = soap_defaults};
    const struct filter filter = {.program = &program,
                                  .kind = FILTER_REDUCE,
                                  .settings = &settings,
                                  .settings_size = sizeof settings,
                                  .frame = frame,
                                  .end = end,
                                  .free = release};
    return filter_main(&filter, argc, argv);
}
