# SPDX-License-Identifier: GPL-3.0-or-later
load ../helper

@test "a noisy gradient of a known shape: shrinking leaves the noise out" { unit shrink shapes; }
@test "a gradient that is well known is not shrunk" { unit shrink signals; }
