# SPDX-License-Identifier: GPL-3.0-or-later
load ../helper
@test "a model reads back as it was written" { unit model round_trip; }
@test "incomplete models are refused" { unit model incomplete; }
