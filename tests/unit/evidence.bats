# SPDX-License-Identifier: GPL-3.0-or-later
load ../helper

@test "evidence is that of the dense covariance" { unit evidence evidence_is_that_of_the_dense_covariance; }
