# SPDX-License-Identifier: GPL-3.0-or-later
load ../helper
@test "what zlib packs in any way is unpacked, and nothing longer or shorter" { unit inflate zlib; }
@test "damaged data that zlib accepts give the same text" { unit inflate damaged; }
@test "noise does no harm" { unit inflate noise; }
