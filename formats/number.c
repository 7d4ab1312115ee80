/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "formats/number.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "formats/number_parts.h"

static bool leading_zero(const struct number_parts *n)
{
    return n->whole_end - n->whole > 1 && *n->whole == '0';
}

bool number_is_real(const char *p, const char *end)
{
    struct number_parts n;
    return p < end && number_scan(p, &n) == end && !leading_zero(&n);
}

bool number_is_int(const char *p, const char *end)
{
    struct number_parts n;
    return number_is_real(p, end) && number_scan(p, &n) && n.whole_end == end;
}

int number_logical(const char *p, const char *end)
{
    static const char *const words[] = {"F",     "T",    "false", "true",
                                        "False", "True", "FALSE", "TRUE"};
    size_t length = (size_t)(end - p);
    for (int i = 0; i < 8; i++)
        if (strlen(words[i]) == length && !memcmp(words[i], p, length))
            return i % 2;
    return -1;
}

bool number_int(const char *p, const char *end, int64_t *x)
{
    struct number_parts n;
    if (p >= end || number_scan(p, &n) != end || n.whole_end != end)
        return false;
    uint64_t limit = (uint64_t)INT64_MAX + n.negative, w = 0;
    for (p = n.whole; p < end; p++) {
        unsigned digit = (unsigned)(*p - '0');
        if (w > (limit - digit) / 10)
            return false;
        w = 10 * w + digit;
    }
    *x = n.negative ? (int64_t)(0 - w) : (int64_t)w;
    return true;
}

static inline uint64_t append_digits(uint64_t w, const char *p, const char *end)
{
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    for (; end - p >= 8; p += 8)
        w = w * 100000000 + number_value_of_eight(number_eight_bytes(p));
#endif
    for (; p < end; p++)
        w = w * 10 + (uint64_t)(*p - '0');
    return w;
}

/* At most 19 digits, so that they fit into 64 bits; false: too many. Trailing zeros of the part are
 * dropped, leading ones do not count. */
static inline bool collect(const struct number_parts *n, struct decimal *d)
{
    const char *whole = n->whole, *part = n->part, *part_end = n->part_end;
    while (whole < n->whole_end && *whole == '0')
        whole++;
    while (part_end > part && part_end[-1] == '0')
        part_end--;
    d->exponent = n->exponent - (int)(part_end - part);
    if (whole == n->whole_end)
        while (part < part_end && *part == '0')
            part++;
    if ((n->whole_end - whole) + (part_end - part) > 19)
        return false;
    d->digits = append_digits(append_digits(0, whole, n->whole_end), part, part_end);
    return true;
}

/* The C library's exact conversion; it wants e for d. */
static double convert_slowly(const char *p, const char *end)
{
    char small[64], *copy = small;
    size_t length = (size_t)(end - p);
    if (length >= sizeof small && !(copy = malloc(length + 1)))
        abort();
    memcpy(copy, p, length);
    copy[length] = 0;
    for (char *c = copy; *c; c++)
        if (*c == 'd' || *c == 'D')
            *c = 'e';
    double x = strtod(copy, NULL);
    if (copy != small)
        free(copy);
    return x;
}

static inline bool value_of(const struct number_parts *n, const char *p, const char *end, double *x)
{
    struct decimal d;
    if (n->part_end - n->part > 10000 || !collect(n, &d) || !decimal_to_double(d, x)) {
        *x = convert_slowly(p, end);
        return isfinite(*x);
    }
    if (n->negative)
        *x = -*x;
    return true;
}

bool number_real(const char *p, const char *end, double *x)
{
    struct number_parts n;
    return p < end && number_scan(p, &n) == end && value_of(&n, p, end, x);
}

static const char digit_pairs[] =
    "00010203040506070809101112131415161718192021222324252627282930313233"
    "34353637383940414243444546474849505152535455565758596061626364656667"
    "6869707172737475767778798081828384858687888990919293949596979899";

static size_t print_digits(uint64_t w, char *out)
{
    char digits[20], *p = digits + 20;
    for (; w >= 100; w /= 100)
        memcpy(p -= 2, digit_pairs + 2 * (w % 100), 2);
    if (w >= 10)
        memcpy(p -= 2, digit_pairs + 2 * w, 2);
    else
        *--p = (char)('0' + w);
    size_t n = (size_t)(digits + 20 - p);
    memcpy(out, p, n);
    return n;
}

size_t number_print_int(int64_t x, char *out)
{
    char *p = out;
    if (x < 0)
        *p++ = '-';
    p += print_digits(x < 0 ? 0 - (uint64_t)x : (uint64_t)x, p);
    *p = 0;
    return (size_t)(p - out);
}

static char *print_scientific(const char *digits, int n, int leading, char *p)
{
    *p++ = digits[0];
    if (n > 1) {
        *p++ = '.';
        memcpy(p, digits + 1, (size_t)(n - 1));
        p += n - 1;
    }
    *p++ = 'e';
    return p + number_print_int(leading, p);
}

/* n digits, the first of which stands for 10^leading */
static char *print_positional(const char *digits, int n, int leading, char *p)
{
    if (leading < 0) {
        memcpy(p, "0.0000", 6);
        p += 1 - leading;
        memcpy(p, digits, (size_t)n);
        return p + n;
    }
    int whole = leading + 1;
    memcpy(p, digits, (size_t)(n < whole ? n : whole));
    if (n <= whole) {
        memset(p + n, '0', (size_t)(whole - n));
        return p + whole;
    }
    p[whole] = '.';
    memcpy(p + whole + 1, digits + whole, (size_t)(n - whole));
    return p + n + 1;
}

char *number_print_decimal(struct decimal d, bool negative, char *p)
{
    char digits[20];
    int n = (int)print_digits(d.digits, digits), leading = d.exponent + n - 1;
    if (negative)
        *p++ = '-';
    return leading < -4 || leading >= 16 ? print_scientific(digits, n, leading, p)
                                         : print_positional(digits, n, leading, p);
}

size_t number_print(double x, char *out)
{
    struct decimal d = {0, 0};
    if (x != 0)
        d = decimal_shortest(fabs(x));
    char *end = number_print_decimal(d, signbit(x), out);
    *end = 0;
    return (size_t)(end - out);
}
