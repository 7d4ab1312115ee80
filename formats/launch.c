/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "formats/launch.h"
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "base/checkpoint.h"

static void close_streams(void)
{
    int nobody = open("/dev/null", O_RDWR);
    if (nobody < 0)
        return;
    dup2(nobody, STDIN_FILENO);
    dup2(nobody, STDOUT_FILENO);
    if (nobody > STDERR_FILENO)
        close(nobody);
}

bool launch_wanted(bool ranks)
{
    int number, size;
    if (ranks_launched(&number, &size) && number > 0)
        close_streams();
    if (!ranks)
        ranks_hide();
    return ranks || number == 0;
}

/* Several shells of srun may each do their own part; but several of the same program are likely meant as ranks. */
static void warn(struct log *log)
{
    int size = ranks_lonely();
    const char *number = getenv("SLURM_PROCID");
    if (size > 1 && number && !strcmp(number, "0"))
        log_warning(log,
                    "srun has started %d processes that are not connected by MPI: each does all "
                    "the work; srun --mpi=pmix connects them",
                    size);
}

enum status launch_begin(struct ranks **ranks, int argc, char **argv, struct log *log,
                         struct err *err)
{
    warn(log);
    enum status status = ranks_begin(ranks, err);
    uint64_t command = CHECKPOINT_DIGEST, first;
    for (int i = 1; i < argc; i++)
        command = checkpoint_digest(command, argv[i], strlen(argv[i]) + 1);
    first = command;
    ranks_broadcast(*ranks, &first, sizeof first);
    if (ranks_most(*ranks, first != command))
        status = err_set(err, ST_USAGE, "the ranks were started with different options");
    return status;
}

void launch_end(struct ranks *ranks, struct log *log)
{
    struct ranks_traffic t = ranks_traffic(ranks);
    if (ranks)
        log_detail(
            log,
            "%d ranks: rank 0 gathered %.4g MB in %ld calls, broadcast %.4g MB in %ld, took or "
            "gave %.4g MB in %ld parcels and %.4g MB in %ld letters, and waited %.2f s",
            ranks_size(ranks), t.gathered * 1e-6, t.gathers, t.broadcast_bytes * 1e-6, t.broadcasts,
            t.parcel_bytes * 1e-6, t.parcels, t.letter_bytes * 1e-6, t.letters, t.waited);
    ranks_end(ranks);
}
