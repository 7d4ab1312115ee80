/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Errors: a status, which is the exit code of the program that ends with it, and one line of text
 * that says what is wrong and then what would be right. Libraries fill a struct err and return its
 * status; only the programs' main loop prints it, with file, line and frame in front.
 */
#ifndef BASE_ERR_H
#define BASE_ERR_H

enum status {
    ST_OK = 0,
    ST_COMPUTE = 1, /* a computation did not succeed: not converged, unstable */
    ST_USAGE = 2,   /* the command line is wrong */
    ST_DATA = 3,    /* the input data are bad */
    ST_SYSTEM = 4   /* cannot read, cannot write, disk full, out of memory */
};

struct err {
    enum status status;
    char text[480];
};

/* Fill *err (may be NULL) from a printf format; returns status, so that `return err_set(...)`. */
enum status err_set(struct err *err, enum status status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#endif
