/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which word was meant. */
#ifndef BASE_WORDS_H
#define BASE_WORDS_H

/* Levenshtein distance: letters to change, add or leave out; of a long word the beginning counts. */
int words_distance(const char *a, const char *b);

#endif
