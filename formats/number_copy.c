/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Numbers of the columns, from the text that was read to the text that is written. */
#include "formats/number.h"
#include "formats/number_parts.h"

/* The digits as they stand, without superfluous zeros. */
static inline char *copy_positional(const struct number_parts *n, const char *whole,
                                    const char *part_end, char *p)
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

/* At most 15 significant digits are always the shortest form of their double. */
static inline bool already_shortest(const struct number_parts *n, const char *whole,
                                    const char *part_end)
{
    if (n->has_exponent)
        return false;
    long whole_digits = n->whole_end - whole, part_digits = part_end - n->part;
    if (whole_digits == 0 && part_digits > 4 && !memcmp(n->part, "0000", 4))
        return false;
    return whole_digits + part_digits <= 15;
}

static const char *copy_any_real(const char *p, const char *end, char **out)
{
    struct number_parts n;
    const char *after = number_scan(p, &n);
    if (!after || after > end || (after < end && !number_is_blank(*after)))
        return NULL;
    const char *whole = n.whole, *part_end = n.part_end;
    while (whole < n.whole_end && *whole == '0')
        whole++;
    while (part_end > n.part && part_end[-1] == '0')
        part_end--;
    double x;
    if (already_shortest(&n, whole, part_end)) {
        *out = copy_positional(&n, whole, part_end, *out);
        return after;
    }
    if (!number_real(p, after, &x))
        return NULL;
    *out += number_print(x, *out);
    return after;
}

#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__

/* Digits from p on, eight at a time, appended to *w (which may overflow); returns their end. */
static inline const char *scan_part(const char *p, uint64_t *w)
{
    static const uint64_t ten_to[8] = {1, 10, 100, 1000, 10000, 100000, 1000000, 10000000};
    for (;; p += 8) {
        uint64_t v = number_eight_bytes(p);
        int n = number_digits_of_eight(v);
        if (n < 8) {
            if (n)
                *w = *w * ten_to[n] + number_value_of_eight(v << (64 - 8 * n));
            return p + n;
        }
        *w = *w * 100000000 + number_value_of_eight(v);
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
    *out = number_print_decimal(shortest, negative, *out);
    return 0;
}

/* The common case: [-]digits.digits, no superfluous zeros but at the end, in shortest form.
 * NULL: something else. */
static inline const char *copy_common_real(const char *start, const char *end, char **out)
{
    const char *whole = start + (*start == '-'), *p = whole;
    uint64_t w = 0;
    while (number_is_digit(*p))
        w = 10 * w + (uint64_t)(*p++ - '0');
    long whole_digits = p - whole;
    if (*p != '.' || whole_digits == 0 || whole_digits > 15 || (*whole == '0' && whole_digits > 1))
        return NULL;
    const char *part = p + 1, *first = part, *after = scan_part(part, &w), *part_end = after;
    if (after < end && !number_is_blank(*after))
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
    struct number_parts n;
    const char *after = number_scan(p, &n);
    if (!after || after > end || (after < end && !number_is_blank(*after)) || n.whole_end != after)
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
