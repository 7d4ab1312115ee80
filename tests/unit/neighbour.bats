# SPDX-License-Identifier: GPL-3.0-or-later
load ../helper

@test "neighbours in cells of any shape and cut-offs of any size are those of a brute-force search" { unit neighbour any_cell; }
@test "each pair is listed in both directions and their number is that of the density" { unit neighbour symmetric; }
@test "the search for close atoms finds a pair exactly when there is one" { unit neighbour closer; }
