/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <signal.h>
#include <time.h>
#include "formats/filter_parts.h"

/* A signal handler has no argument: the variables of the program that outlive its functions. */
static volatile sig_atomic_t caught, caught_at; /* the first signal, and when it came (s) */

enum {
    AGAIN = 2
}; /* seconds until a signal is a second request, not the first one by another way */

/* The first signal ends the run in order, a later one at once. But timeout(1), shells and make send the same request to a
 * program and to its group, within microseconds. */
static void catch_signal(int number)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    if (!caught) {
        caught_at = (sig_atomic_t)now.tv_sec;
        caught = number;
    } else if (now.tv_sec - caught_at >= AGAIN) {
        signal(number, SIG_DFL);
        raise(number);
    }
}

void run_watch_signals(void)
{
    struct sigaction action = {.sa_handler =
                                   catch_signal}; /* no SA_RESTART: a wait for input ends */
    sigemptyset(&action.sa_mask);
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
}

void run_watch_reader(struct reader *reader)
{
    reader_watch(reader, &caught);
}

int run_caught(void)
{
    return caught;
}
