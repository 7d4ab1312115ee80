/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/child.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#ifdef __linux__
#include <sys/prctl.h>
#endif
#include "base/mem.h"
#include "base/threads.h"

struct child {
    pid_t pid;
    int in, out; /* what it reads and writes, our ends */
    bool reaped;
    char end[32];
};

/* Between fork and exec: only what a signal handler might call. */
static void become(const char *command, int in, int out)
{
    setpgid(0, 0);
#ifdef PR_SET_PDEATHSIG
    prctl(PR_SET_PDEATHSIG, SIGKILL); /* if we are killed */
#endif
    signal(SIGPIPE, SIG_DFL);
    if (dup2(in, STDIN_FILENO) >= 0 && dup2(out, STDOUT_FILENO) >= 0)
        execl("/bin/sh", "sh", "-c", command, (char *)NULL);
    _exit(127);
}

/* No other child may hold an end, or this one would never see the end of its input. */
static void close_on_exec(const int fd[2])
{
    for (int i = 0; i < 2; i++)
        fcntl(fd[i], F_SETFD, FD_CLOEXEC);
}

static void close_both(const int fd[2])
{
    close(fd[0]);
    close(fd[1]);
}

struct child *child_new(const char *command, struct err *err)
{
    int in[2], out[2];
    if (pipe(in)) {
        err_set(err, ST_SYSTEM, "cannot make a pipe: %s", strerror(errno));
        return NULL;
    }
    if (pipe(out)) {
        err_set(err, ST_SYSTEM, "cannot make a pipe: %s", strerror(errno));
        close_both(in);
        return NULL;
    }
    close_on_exec(in);
    close_on_exec(out);
    pid_t pid = fork();
    if (pid == 0)
        become(command, in[0], out[1]);
    if (pid < 0) {
        err_set(err, ST_SYSTEM, "cannot start '%.100s': %s", command, strerror(errno));
        close_both(in);
        close_both(out);
        return NULL;
    }
    setpgid(pid, pid); /* whoever is first */
    close(in[0]);
    close(out[1]);
    fcntl(in[1], F_SETFL, O_NONBLOCK);
    struct child *c = MEM_NEW(struct child, 1);
    *c = (struct child){.pid = pid, .in = in[1], .out = out[0]};
    return c;
}

int child_output(const struct child *c)
{
    return c->out;
}

/* write() that returns EPIPE instead of raising the signal, whatever the program has made of that */
static ssize_t write_quietly(int fd, const void *data, size_t n)
{
    sigset_t pipe_signal, pending, old;
    sigemptyset(&pipe_signal);
    sigaddset(&pipe_signal, SIGPIPE);
    sigpending(&pending);
    pthread_sigmask(SIG_BLOCK, &pipe_signal, &old);
    ssize_t done = write(fd, data, n);
    int why = errno;
    if (done < 0 && why == EPIPE && !sigismember(&pending, SIGPIPE))
        sigtimedwait(&pipe_signal, NULL, &(struct timespec){0});
    pthread_sigmask(SIG_SETMASK, &old, NULL);
    errno = why;
    return done;
}

enum status child_write(struct child *c, const void *data, size_t n, double end, struct err *err)
{
    const char *p = data;
    while (n) {
        ssize_t done = write_quietly(c->in, p, n);
        if (done > 0) {
            p += done;
            n -= (size_t)done;
            continue;
        }
        if (done < 0 && errno != EAGAIN && errno != EINTR)
            return err_set(err, ST_COMPUTE, "it no longer reads its input");
        double left = end - threads_wall();
        if (!(left > 0))
            return err_set(err, ST_COMPUTE, "it does not read its input");
        struct pollfd room = {.fd = c->in, .events = POLLOUT};
        poll(&room, 1, (int)(1000 * (left < 1 ? left : 1)) + 1);
    }
    return ST_OK;
}

static void nap(void)
{
    nanosleep(&(struct timespec){.tv_nsec = 10000000}, NULL);
}

/* Has it ended within so many seconds? It is not reaped yet, so that its number stays its own. */
static bool ended(const struct child *c, double seconds)
{
    double end = threads_wall() + seconds;
    for (;;) {
        siginfo_t info = {0};
        if (waitid(P_PID, (id_t)c->pid, &info, WEXITED | WNOHANG | WNOWAIT) && errno != EINTR)
            return true;
        if (info.si_pid == c->pid)
            return true;
        if (!(threads_wall() < end))
            return false;
        nap();
    }
}

/* The child has ended: end what it has left behind, and take note of how. */
static void reap(struct child *c)
{
    int how = 0;
    kill(-c->pid, SIGKILL);
    while (waitpid(c->pid, &how, 0) < 0 && errno == EINTR)
        ;
    c->reaped = true;
    if (WIFSIGNALED(how))
        snprintf(c->end, sizeof c->end, "signal %d", WTERMSIG(how));
    else
        snprintf(c->end, sizeof c->end, "exit status %d", WEXITSTATUS(how));
}

const char *child_end(struct child *c)
{
    if (!c->reaped && ended(c, 0.5))
        reap(c);
    return c->reaped ? c->end : NULL;
}

void child_free(struct child *c, double patience)
{
    if (!c)
        return;
    close(c->in);
    if (!c->reaped && !ended(c, patience)) {
        kill(-c->pid, SIGTERM);
        if (!ended(c, 1))
            kill(-c->pid, SIGKILL);
    }
    if (!c->reaped)
        reap(c);
    close(c->out);
    free(c);
}
