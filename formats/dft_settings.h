/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The key dft_settings: how labels were computed, in words, the last of which is the electronic temperature ("... 8000K"). */
#ifndef FORMATS_DFT_SETTINGS_H
#define FORMATS_DFT_SETTINGS_H

enum dft_settings_match {
    DFT_SETTINGS_SAME,
    DFT_SETTINGS_TEMPERATURE, /* only the electronic temperature differs */
    DFT_SETTINGS_OTHER
};

enum dft_settings_match dft_settings_compare(const char *one, const char *two);

#endif
