/* SPDX-License-Identifier: GPL-3.0-or-later */
/* UTF-8 as RFC 3629 has it: no overlong forms, no surrogates, nothing above U+10FFFF. */
#ifndef FORMATS_UTF8_H
#define FORMATS_UTF8_H

#include <stdbool.h>

bool utf8_valid(const char *p, const char *end);
/* A question mark for every byte that is not part of a valid sequence. */
void utf8_mend(char *text);

#endif
