/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "formats/labels.h"
#include <string.h>
#include "formats/keys.h"

static const char *const prefixes[] = {"dft_",    "vmc_",    "dmc_", "qmc_",
                                       "jastrow", "orbital", "soap"};
static const char *const endings[] = {"_energy", "_forces", "_stress",
                                      "_virial", "_error",  "_uncertainty"};
static const char *const others[] = {"free_energy", "force",          "momenta", "dipole",
                                     "magmom",      "magmoms",        "charges", "energies",
                                     "stresses",    "initial_magmoms"};

#define COUNT(list) (sizeof(list) / sizeof(list)[0])

static bool begins(const char *name, const char *prefix)
{
    return !strncmp(name, prefix, strlen(prefix));
}

static bool ends(const char *name, const char *ending)
{
    size_t n = strlen(name), m = strlen(ending);
    return n >= m && !strcmp(name + n - m, ending);
}

bool labels_stale(const char *name)
{
    const struct key *key = keys_find(name);
    if (key)
        return strcmp(key->owner, "everyone") && strcmp(key->owner, "user");
    for (size_t i = 0; i < COUNT(prefixes); i++)
        if (begins(name, prefixes[i]))
            return true;
    for (size_t i = 0; i < COUNT(endings); i++)
        if (ends(name, endings[i]))
            return true;
    for (size_t i = 0; i < COUNT(others); i++)
        if (!strcmp(name, others[i]))
            return true;
    return false;
}

void labels_drop(struct frame *f)
{
    for (int i = frame_keys(f) - 1; i >= 0; i--)
        if (labels_stale(frame_key_name(f, i)))
            frame_remove_key(f, frame_key_name(f, i));
    for (int i = frame_columns(f) - 1; i >= 0; i--)
        if (labels_stale(frame_column_name(f, i)))
            frame_remove_column(f, frame_column_name(f, i));
}
