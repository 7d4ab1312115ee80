# SPDX-License-Identifier: GPL-3.0-or-later
load ../helper

# both CASE: alone and as 3 ranks
both() {
    unit ranks "$1"
    need_mpi
    run ranks 3 "$DRIVERS/ranks" "$1"
    [ "$status" -eq 0 ] || { echo "$output"; return 1; }
}

@test "shares join, differ by one item at most, and rank 0 has some" { both shares; }
@test "rank 0 gets the rows of all" { both rows; }
@test "rank 0 gets items of any size" { both items; }
@test "all get what rank 0 tells, and the largest of their values" { both broadcast; }
@test "all get the items of all, and sums over all" { both exchange; }
@test "parcels arrive, in the order of the list" { both parcels; }
@test "messages and bytes are counted" { both traffic; }
@test "groups of ranks are as runs of their size" { both groups; }
@test "letters are fetched in their order" { both letters; }
@test "launchers are known by what they leave in the environment" { unit ranks launchers; }
