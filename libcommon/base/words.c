/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/words.h"
#include <string.h>

/* By one row of the table. */
int words_distance(const char *a, const char *b)
{
    enum { LONGEST = 64 };
    int row[LONGEST + 1], n = (int)strnlen(b, LONGEST);
    for (int j = 0; j <= n; j++)
        row[j] = j;
    for (int i = 0; i < LONGEST && a[i]; i++) {
        int diagonal = row[0];
        row[0] = i + 1;
        for (int j = 1; j <= n; j++) {
            int change = diagonal + (a[i] != b[j - 1]),
                one = row[j] < row[j - 1] ? row[j] : row[j - 1];
            diagonal = row[j];
            row[j] = change < one + 1 ? change : one + 1;
        }
    }
    return row[n];
}
