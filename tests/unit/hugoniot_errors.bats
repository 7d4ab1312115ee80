# SPDX-License-Identifier: GPL-3.0-or-later
load ../helper

@test "deviations of a point are as large as its error bars" { unit hugoniot_errors errors_of_a_point_are_calibrated; }
@test "deviations of the largest compression are as large as its error bar" { unit hugoniot_errors error_of_the_maximum_is_calibrated; }
@test "a maximum between far points is as uncertain as the curve there" { unit hugoniot_errors maximum_between_far_points_is_uncertain; }
@test "deviations of the line of velocities are as large as its error bars" { unit hugoniot_errors errors_of_the_line_are_calibrated; }
