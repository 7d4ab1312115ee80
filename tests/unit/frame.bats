# SPDX-License-Identifier: GPL-3.0-or-later
load ../helper
@test "species and pos are written first, everything else in its order" { unit frame written; }
@test "getters check kind and size" { unit frame getters; }
@test "columns give their numbers" { unit frame columns; }
@test "changes leave the rest as it was" { unit frame changes; }
@test "removing the last column shortens the lines" { unit frame last_column; }
@test "what is not finite is not written" { unit frame finite; }
@test "systems and frames convert both ways, positions bit for bit" { unit frame convert; }
@test "keys convert units" { unit frame keys; }
@test "conditions compare numbers and strings" { unit frame where; }
@test "slices follow Python" { unit frame slice; }
@test "trial wave functions keep their order on the stream" { unit frame trial; }
@test "frames that programs cannot use are named" { unit frame validate; }
