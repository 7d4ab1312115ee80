/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "formats/number.h"
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "formats/decimal.h"

/* The parts of a real: sign, [whole, whole_end) . [part, part_end) and the exponent. */
struct parts {
    bool negative, has_exponent;
    const char *whole, *whole_end, *part, *part_end;
    int exponent;
};

static inline bool is_digit(char c)
{
    return (unsigned char)(c - '0') < 10;
}

static inline bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

/* [+-]digits after the letter; huge exponents are clamped, they over- or underflow anyway */
static const char *scan_exponent(const char *p, int *exponent)
{
    bool negative = *p == '-';
    p += negative || *p == '+';
    if (!is_digit(*p))
        return NULL;
    int x = 0;
    for (; is_digit(*p); p++)
        x = x < 100000 ? 10 * x + (*p - '0') : x;
    *exponent = negative ? -x : x;
    return p;
}

/* Returns where the number ends, NULL if none starts at p. */
static inline const char *scan_real(const char *p, struct parts *n)
{
    n->negative = *p == '-';
    p += n->negative || *p == '+';
    n->whole = p;
    while (is_digit(*p))
        p++;
    n->whole_end = n->part = n->part_end = p;
    if (*p == '.') {
        n->part = ++p;
        while (is_digit(*p))
            p++;
        n->part_end = p;
    }
    n->exponent = 0;
    n->has_exponent = false;
    if (n->whole == n->whole_end && n->part == n->part_end)
        return NULL;
    if (*p == 'e' || *p == 'E' || *p == 'd' || *p == 'D') {
        n->has_exponent = true;
        p = scan_exponent(p + 1, &n->exponent);
    }
    return p;
}

static bool leading_zero(const struct parts *n)
{
    return n->whole_end - n->whole > 1 && *n->whole == '0';
}

bool number_is_real(const char *p, const char *end)
{
    struct parts n;
    return p < end && scan_real(p, &n) == end && !leading_zero(&n);
}

bool number_is_int(const char *p, const char *end)
{
    struct parts n;
    return number_is_real(p, end) && scan_real(p, &n) && n.whole_end == end;
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
    struct parts n;
    if (p >= end || scan_real(p, &n) != end || n.whole_end != end)
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

/* Eight bytes minus '0' each, first byte lowest. */
static inline uint64_t eight_bytes(const char *p)
{
    uint64_t v;
    memcpy(&v, p, 8);
    return v ^ 0x3030303030303030u;
}

/* Their value as digits: pairs, fours, eight. */
static inline uint64_t value_of_eight(uint64_t v)
{
    v = v * 10 + (v >> 8);
    return (((v & 0x000000ff000000ffu) * 0x000f424000000064u) +
            (((v >> 16) & 0x000000ff000000ffu) * 0x0000271000000001u)) >>
           32;
}

/* How many of them, from the first on, are digits: up to the lowest byte that is 10 or more. */
static inline int digits_of_eight(uint64_t v)
{
    uint64_t others = ((v + 0x7676767676767676u) | v) & 0x8080808080808080u;
    return others ? __builtin_ctzll(others) / 8 : 8;
}

static inline uint64_t append_digits(uint64_t w, const char *p, const char *end)
{
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    for (; end - p >= 8; p += 8)
        w = w * 100000000 + value_of_eight(eight_bytes(p));
#endif
    for (; p < end; p++)
        w = w * 10 + (uint64_t)(*p - '0');
    return w;
}

/* At most 19 digits, so that they fit into 64 bits; false: too many. Trailing zeros of the part are
 * dropped, leading ones do not count. */
static inline bool collect(const struct parts *n, struct decimal *d)
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

static inline bool value_of(const struct parts *n, const char *p, const char *end, double *x)
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
    struct parts n;
    return p < end && scan_real(p, &n) == end && value_of(&n, p, end, x);
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

static char *print_decimal(struct decimal d, bool negative, char *p)
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
    char *end = print_decimal(d, signbit(x), out);
    *end = 0;
    return (size_t)(end - out);
}

/* The digits as they stand, without superfluous zeros. */
static inline char *copy_positional(const struct parts *n, const char *whole, const char *part_end,
                                    char *p)
{
    if (n->negative)
        *p++ = '-';
    if (whole == n->whole_end)
        *p++ = '0';
    for (; whole < n->whole_end; whole++)
        *p++ = *whole;
    if (part_end > n->part) {
        size_t length = (size_t)(part_end - n->part);
        *p++ = '.';
        memcpy(p, n->part, length);
        p += length;
    }
    return p;
}

/* At most 15 significant digits are always the shortest form of their double. Up to 17, they are if
 * the shortest form has as many: compare the digits. */
static inline bool already_shortest(const struct parts *n, const char *whole, const char *part_end)
{
    if (n->has_exponent)
        return false;
    long whole_digits = n->whole_end - whole, part_digits = part_end - n->part;
    if (whole_digits == 0 && part_digits > 4 && !memcmp(n->part, "0000", 4))
        return false;
    return whole_digits + part_digits <= 15;
}

static const char *copy_converted(const struct parts *n, const char *whole, const char *part_end,
                                  const char *p, const char *end, char **out)
{
    double x;
    if (!value_of(n, p, end, &x))
        return NULL;
    struct decimal d, shortest;
    if (x != 0 && !n->has_exponent && fabs(x) >= 1e-4 && fabs(x) < 1e16 && collect(n, &d)) {
        shortest = decimal_shortest(fabs(x));
        if (shortest.digits == d.digits && shortest.exponent == d.exponent) {
            *out = copy_positional(n, whole, part_end, *out);
            return end;
        }
    }
    *out += number_print(x, *out);
    return end;
}

static const char *copy_any_real(const char *p, const char *end, char **out)
{
    struct parts n;
    const char *after = scan_real(p, &n);
    if (!after || after > end || (after < end && !is_blank(*after)))
        return NULL;
    const char *whole = n.whole, *part_end = n.part_end;
    while (whole < n.whole_end && *whole == '0')
        whole++;
    while (part_end > n.part && part_end[-1] == '0')
        part_end--;
    if (!already_shortest(&n, whole, part_end))
        return copy_converted(&n, whole, part_end, p, after, out);
    *out = copy_positional(&n, whole, part_end, *out);
    return after;
}

#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__

/* Digits from p on, eight at a time, appended to *w (which may overflow); returns their end. */
static inline const char *scan_part(const char *p, uint64_t *w)
{
    static const uint64_t ten_to[8] = {1, 10, 100, 1000, 10000, 100000, 1000000, 10000000};
    for (;; p += 8) {
        uint64_t v = eight_bytes(p);
        int n = digits_of_eight(v);
        if (n < 8) {
            if (n)
                *w = *w * ten_to[n] + value_of_eight(v << (64 - 8 * n));
            return p + n;
        }
        *w = *w * 100000000 + value_of_eight(v);
    }
}

/* 16 to 19 digits: they are in shortest form if the shortest form of their double has the same
 * (1); if not, that is written (0). -1: the slow way has to decide. */
static inline int copy_long(uint64_t digits, long decimals, bool negative, char **out)
{
    double x;
    struct decimal d = {digits, (int)-decimals};
    if (!decimal_to_double(d, &x))
        return -1;
    struct decimal shortest = decimal_shortest(x);
    if (shortest.digits == d.digits && shortest.exponent == d.exponent)
        return 1;
    *out = print_decimal(shortest, negative, *out);
    return 0;
}

/* The common case: [-]digits.digits, no superfluous zeros but at the end, in shortest form.
 * NULL: something else. */
static inline const char *copy_common_real(const char *start, const char *end, char **out)
{
    const char *whole = start + (*start == '-'), *p = whole;
    uint64_t w = 0;
    while (is_digit(*p))
        w = 10 * w + (uint64_t)(*p++ - '0');
    long whole_digits = p - whole;
    if (*p != '.' || whole_digits == 0 || whole_digits > 15 || (*whole == '0' && whole_digits > 1))
        return NULL;
    const char *part = p + 1, *first = part, *after = scan_part(part, &w), *part_end = after;
    if (after < end && !is_blank(*after))
        return NULL;
    while (part_end > part && part_end[-1] == '0')
        part_end--;
    if (*whole == '0') {
        whole_digits = 0;
        while (first < part_end && *first == '0')
            first++;
        if (first - part >= 4 && first < part_end)
            return NULL; /* below 0.0001 */
    }
    long digits = whole_digits + (part_end - first);
    if (digits > 15) {
        int same = whole_digits + (after - first) > 19
                       ? -1
                       : copy_long(w, after - part, whole != start, out);
        if (same <= 0)
            return same ? NULL : after;
    }
    memcpy(*out, start, NUMBER_SIZE);
    *out += (part_end > part ? part_end : p) - start;
    return after;
}

const char *number_copy_real(const char *p, const char *end, char **out)
{
    const char *after = copy_common_real(p, end, out);
    return after ? after : copy_any_real(p, end, out);
}

#else

const char *number_copy_real(const char *p, const char *end, char **out)
{
    return copy_any_real(p, end, out);
}

#endif

const char *number_copy_int(const char *p, const char *end, char **out)
{
    struct parts n;
    const char *after = scan_real(p, &n);
    if (!after || after > end || (after < end && !is_blank(*after)) || n.whole_end != after)
        return NULL;
    while (n.whole < after - 1 && *n.whole == '0')
        n.whole++;
    if (n.negative && *n.whole != '0')
        *(*out)++ = '-';
    size_t length = (size_t)(after - n.whole);
    memcpy(*out, n.whole, length);
    *out += length;
    return after;
}
