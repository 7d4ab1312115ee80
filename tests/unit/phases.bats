# SPDX-License-Identifier: GPL-3.0-or-later
load ../helper

@test "structure factors by matrix products are sums over the atoms" { unit phases sums; }
@test "forces by matrix products are sums over the reciprocal vectors" { unit phases forces; }
