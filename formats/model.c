/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "formats/model.h"
#include <stdlib.h>
#include <string.h>
#include "base/mem.h"
#include "formats/convert.h"
#include "formats/frame_parts.h"
#include "formats/keys.h"
#include "formats/stream.h"

static const char count_key[] = "model_environments";

struct model *model_new(void)
{
    return MEM_NEW(struct model, 1);
}

void model_free(struct model *m)
{
    if (!m)
        return;
    for (int i = 0; i < m->parameters; i++) {
        free(m->parameter[i].name);
        free(m->parameter[i].text);
        free(m->parameter[i].x);
    }
    for (int i = 0; i < m->environments; i++)
        system_free(m->environment[i]);
    free(m->parameter);
    free(m->environment);
    free(m->weight);
    free(m);
}

static struct model_parameter *find(const struct model *m, const char *name)
{
    for (int i = 0; i < m->parameters; i++)
        if (!strcmp(m->parameter[i].name, name))
            return &m->parameter[i];
    return NULL;
}

/* An existing parameter, emptied, or a new one. */
static struct model_parameter *renew(struct model *m, const char *name)
{
    struct model_parameter *p = find(m, name);
    if (!p) {
        size_t n = (size_t)m->parameters;
        m->parameter = mem_grow(m->parameter, n, n + 1, sizeof *m->parameter);
        p = &m->parameter[m->parameters++];
        p->name = mem_text(name);
        return p;
    }
    free(p->text);
    free(p->x);
    p->text = NULL;
    p->x = NULL;
    p->n = 0;
    return p;
}

void model_set_text(struct model *m, const char *name, const char *text)
{
    char *copy = mem_text(text);
    renew(m, name)->text = copy;
}

void model_set_reals(struct model *m, const char *name, int n, const double *x)
{
    double *copy = MEM_NEW(double, n);
    memcpy(copy, x, (size_t)n * sizeof *x);
    struct model_parameter *p = renew(m, name);
    p->n = n;
    p->x = copy;
}

void model_set_real(struct model *m, const char *name, double x)
{
    model_set_reals(m, name, 1, &x);
}

void model_add(struct model *m, struct system *environment, double weight)
{
    size_t n = (size_t)m->environments;
    if ((n & (n - 1)) == 0) { /* full: twice the room */
        size_t room = n ? 2 * n : 1;
        m->environment = mem_grow(m->environment, n, room, sizeof *m->environment);
        m->weight = mem_grow(m->weight, n, room, sizeof *m->weight);
    }
    m->environment[n] = environment;
    m->weight[n] = weight;
    m->environments++;
}

bool model_has(const struct model *m, const char *name)
{
    return find(m, name) != NULL;
}

enum status model_get_text(const struct model *m, const char *name, const char **text,
                           struct err *err)
{
    const struct model_parameter *p = find(m, name);
    if (!p || !p->text)
        return err_set(err, ST_DATA, "model parameter '%s' %s: a string is needed", name,
                       p ? "is a number" : "is missing");
    *text = p->text;
    return ST_OK;
}

enum status model_get_reals(const struct model *m, const char *name, int n, double *x,
                            struct err *err)
{
    const struct model_parameter *p = find(m, name);
    if (!p)
        return err_set(err, ST_DATA, "model parameter '%s' is missing", name);
    if (p->text || p->n != n)
        return err_set(err, ST_DATA, "model parameter '%s' is not %d number%s", name, n,
                       n == 1 ? "" : "s");
    memcpy(x, p->x, (size_t)n * sizeof *x);
    return ST_OK;
}

enum status model_get_real(const struct model *m, const char *name, double *x, struct err *err)
{
    return model_get_reals(m, name, 1, x, err);
}

void model_frame(const struct model *m, int i, struct frame *f)
{
    frame_clear(f);
    system_to_frame(m->environment[i], f);
    keys_set(f, "weight", 1, &m->weight[i]);
    if (i > 0)
        return;
    frame_set_int(f, count_key, m->environments);
    for (int k = 0; k < m->parameters; k++) {
        const struct model_parameter *p = &m->parameter[k];
        if (p->text)
            frame_set_string(f, p->name, p->text);
        else if (p->n)
            frame_set_reals(f, p->name, (size_t)p->n, p->x);
    }
}

static bool is_parameter(const char *name)
{
    static const char *const others[] = {"weight", "history", "config_type", count_key};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        if (!strcmp(name, others[i]))
            return false;
    return true;
}

/* All keys of the first frame that are numbers or strings. */
static void read_parameters(struct model *m, const struct frame *f)
{
    for (int i = 0; i < f->keys; i++) {
        const char *name = f->key[i].name, *text;
        size_t n = frame_key_size(f, name);
        double *x = MEM_NEW(double, n);
        if (!is_parameter(name))
            ;
        else if (!frame_get_string(f, name, &text, NULL))
            model_set_text(m, name, text);
        else if (!frame_get_reals(f, name, n, x, NULL))
            model_set_reals(m, name, (int)n, x);
        free(x);
    }
}

static enum status add_frame(struct model *m, const struct frame *f, int64_t *count,
                             struct err *err)
{
    double weight;
    if (m->environments == 0) {
        if (frame_get_int(f, count_key, count, NULL))
            return err_set(err, ST_DATA,
                           "not a model: key '%s', which kernel-fit writes, is missing", count_key);
        read_parameters(m, f);
    }
    if (keys_get(f, "weight", 1, &weight, err))
        return ST_DATA;
    if (m->environments >= *count)
        return err_set(err, ST_DATA, "the model has more than the %lld environments it states",
                       (long long)*count);
    struct system *s = system_from_frame(f, err);
    if (!s)
        return ST_DATA;
    model_add(m, s, weight);
    return ST_OK;
}

static enum status read_all(struct model *m, struct reader *r, struct frame *f, struct err *err)
{
    int64_t count = 0;
    bool end = false;
    enum status status = ST_OK;
    while (!status && !end) {
        status = reader_next(r, f, &end, err);
        if (!status && !end)
            status = add_frame(m, f, &count, err);
    }
    if (status)
        return status;
    if (m->environments == 0)
        return err_set(err, ST_DATA,
                       "the model is empty: a stream that kernel-fit wrote is needed");
    if (m->environments < count)
        return err_set(err, ST_DATA, "the model has %d of the %lld environments it states",
                       m->environments, (long long)count);
    return ST_OK;
}

struct model *model_read(const char *path, struct err *err)
{
    struct err own = {0};
    struct reader *r = reader_open(path, false, &own);
    if (!r) {
        err_set(err, own.status, "%s: %s", path, own.text);
        return NULL;
    }
    struct model *m = model_new();
    struct frame *f = frame_new();
    if (read_all(m, r, f, &own)) {
        err_set(err, own.status, "%s:%ld: frame %ld: %s", reader_name(r), reader_line(r),
                reader_frame(r), own.text);
        model_free(m);
        m = NULL;
    }
    frame_free(f);
    reader_close(r);
    return m;
}
