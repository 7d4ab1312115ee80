# SPDX-License-Identifier: GPL-3.0-or-later
load ../helper

@test "the correlation time of an autoregressive series is found" { unit stats correlation_time; }
@test "error bars cover the truth as often as they say" { unit stats coverage; }
@test "weights shift the mean as they should" { unit stats weights; }
@test "a shift and a factor change only mean and scale" { unit stats scaling; }
@test "short and constant series have defined errors" { unit stats short; }
@test "the beginning of a relaxing series is left out" { unit stats relaxing; }
@test "a stationary series keeps most of its samples" { unit stats stationary; }
