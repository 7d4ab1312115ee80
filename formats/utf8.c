/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "formats/utf8.h"
#include <string.h>

/* Length of the sequence at p, 0 if it is not valid. */
static int sequence(const unsigned char *p, const unsigned char *end)
{
    if (*p < 0x80)
        return 1;
    int n = *p < 0xc2 ? 0 : *p < 0xe0 ? 2 : *p < 0xf0 ? 3 : *p < 0xf5 ? 4 : 0;
    if (end - p < n)
        return 0;
    for (int i = 1; i < n; i++)
        if (p[i] < 0x80 || p[i] > 0xbf)
            return 0;
    if ((*p == 0xe0 && p[1] < 0xa0) || (*p == 0xed && p[1] > 0x9f) || (*p == 0xf0 && p[1] < 0x90) ||
        (*p == 0xf4 && p[1] > 0x8f))
        return 0;
    return n;
}

bool utf8_valid(const char *text, const char *text_end)
{
    const unsigned char *p = (const unsigned char *)text, *end = (const unsigned char *)text_end;
    while (p < end) {
        int n = sequence(p, end);
        if (!n)
            return false;
        p += n;
    }
    return true;
}

void utf8_mend(char *text)
{
    const char *end = text + strlen(text);
    for (char *p = text; p < end;) {
        int n = sequence((const unsigned char *)p, (const unsigned char *)end);
        if (!n)
            *p = '?';
        p += n ? n : 1;
    }
}
