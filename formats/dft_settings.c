/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "formats/dft_settings.h"
#include <string.h>

/* Length without the last word, if that is a temperature */
static size_t stem(const char *text)
{
    const char *last = strrchr(text, ' ');
    size_t n = strlen(text);
    return last && text[n - 1] == 'K' ? (size_t)(last - text) : n;
}

enum dft_settings_match dft_settings_compare(const char *one, const char *two)
{
    size_t n = stem(one);
    if (!strcmp(one, two))
        return DFT_SETTINGS_SAME;
    return n == stem(two) && !strncmp(one, two, n) ? DFT_SETTINGS_TEMPERATURE : DFT_SETTINGS_OTHER;
}
