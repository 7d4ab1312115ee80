/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "formats/ipi.h"
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "base/mem.h"
#include "formats/ipi_wire.h"

static enum status get_init(const struct ipi_link *l, struct err *err)
{
    int32_t bead, n;
    enum status status = ipi_get(l, &bead, sizeof bead, NULL, err);
    if (!status)
        status = ipi_get(l, &n, sizeof n, NULL, err);
    if (status)
        return status;
    if (n < 0 || n > IPI_LONGEST_TEXT)
        return err_set(err, ST_DATA, "INIT announces a text of %ld bytes: 0 to %d would be right",
                       (long)n, IPI_LONGEST_TEXT);
    char *text = MEM_NEW(char, n + 1);
    status = ipi_get(l, text, (size_t)n, NULL, err);
    if (!status && strstr(text, "batch_size"))
        status =
            err_set(err, ST_DATA, "the server wants batches of systems: set its batch_size to 1");
    free(text);
    return status;
}

static enum status get_positions(const struct ipi_link *l, struct system *s, struct err *err)
{
    double m[9], inverse[9];
    int32_t n;
    enum status status = ipi_get(l, m, sizeof m, NULL, err);
    if (!status)
        status = ipi_get(l, inverse, sizeof inverse, NULL, err);
    if (!status)
        status = ipi_get(l, &n, sizeof n, NULL, err);
    if (status)
        return status;
    if (n != s->n)
        return err_set(err, ST_DATA, "the server sends %ld atoms, the frame that names them has %d",
                       (long)n, s->n);
    status = ipi_get(l, s->pos, (size_t)n * sizeof *s->pos, NULL, err);
    for (int i = 0; s->periodic && i < 9; i++)
        s->cell[i % 3][i / 3] = m[i]; /* vectors stand in columns */
    return status ? status : system_check(s, err);
}

static bool all_finite(const struct ipi_result *r, int n)
{
    bool good = isfinite(r->energy);
    for (int i = 0; i < 3 * n; i++)
        good = good && isfinite(r->force[i / 3][i % 3]);
    for (int i = 0; i < 9; i++)
        good = good && isfinite(r->stress[i / 3][i % 3]);
    return good;
}

static enum status put_result(const struct ipi_link *l, const struct system *s,
                              const struct ipi_result *r, struct err *err)
{
    int32_t n = s->n, none = 0;
    double virial[9], volume = s->periodic ? system_volume(s) : 0;
    if (!all_finite(r, s->n))
        return err_set(err, ST_COMPUTE, "energy, forces or stress are not finite: nothing is sent");
    for (int i = 0; i < 9; i++)
        virial[i] = -volume * r->stress[i / 3][i % 3];
    enum status status = ipi_put_header(l, "FORCEREADY", err);
    if (!status)
        status = ipi_put(l, &r->energy, sizeof r->energy, err);
    if (!status)
        status = ipi_put(l, &n, sizeof n, err);
    if (!status)
        status = ipi_put(l, r->force, (size_t)n * sizeof *r->force, err);
    if (!status)
        status = ipi_put(l, virial, sizeof virial, err);
    return status ? status : ipi_put(l, &none, sizeof none, err);
}

enum state { NEED_INIT, READY, HAVE_DATA };

/* What is being served */
struct service {
    struct ipi_link link;
    const struct ipi_provider *provider;
    struct system *system;
    struct ipi_result result;
    enum state state;
    long served;
};

static enum status get_positions_and_compute(struct service *v, struct err *err)
{
    enum status status = get_positions(&v->link, v->system, err);
    v->state = HAVE_DATA;
    if (!status)
        status = v->provider->evaluate(v->provider->self, v->system, &v->result, err);
    v->served += !status;
    return status;
}

/* One message; *end after EXIT. */
static enum status answer(struct service *v, const char *header, bool *end, struct err *err)
{
    static const char *const names[] = {"NEEDINIT", "READY", "HAVEDATA"};
    if (!strcmp(header, "STATUS"))
        return ipi_put_header(&v->link, names[v->state], err);
    if (!strcmp(header, "INIT")) {
        v->state = READY;
        return get_init(&v->link, err);
    }
    if (!strcmp(header, "POSDATA"))
        return get_positions_and_compute(v, err);
    if (!strcmp(header, "GETFORCE") && v->state == HAVE_DATA) {
        v->state = READY;
        return put_result(&v->link, v->system, &v->result, err);
    }
    *end = !strcmp(header, "EXIT");
    return *end ? ST_OK
                : err_set(err, ST_DATA, "message '%s' %s", header,
                          strcmp(header, "GETFORCE") ? "is not one of the i-PI protocol"
                                                     : "came before any POSDATA");
}

enum status ipi_check_address(const char *address, struct err *err)
{
    struct ipi_address a;
    enum status status = ipi_address_parse(address, &a, err);
    free(a.host);
    return status;
}

enum status ipi_serve(const char *address, double timeout, struct system *s,
                      const struct ipi_provider *provider, long *served, struct err *err)
{
    struct service v = {.link = {-1, address, timeout, provider->stop, provider->self},
                        .provider = provider,
                        .system = s,
                        .result.force = mem_new(s->n, sizeof(double[3])),
                        .state = NEED_INIT};
    char header[IPI_HEADER + 1];
    bool end = false;
    enum status status = ipi_connect(&v.link, err);
    while (!status && !end) {
        status = ipi_get_header(&v.link, header, &end, err);
        if (!status && !end)
            status = answer(&v, header, &end, err);
    }
    *served = v.served;
    if (v.link.fd >= 0)
        close(v.link.fd);
    free(v.result.force);
    return status;
}
