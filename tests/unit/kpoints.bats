# SPDX-License-Identifier: GPL-3.0-or-later
load ../helper

@test "meshes have the number of points that time reversal leaves, with weights that add to one" { unit kpoints counts; }
@test "a reduced mesh integrates every wave that the full mesh integrates" { unit kpoints integrates; }
@test "time-reversal invariant points are told from all others" { unit kpoints trim; }
@test "a mesh by spacing is the smallest that is as fine in every direction" { unit kpoints spaced; }
