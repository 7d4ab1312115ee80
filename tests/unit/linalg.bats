# SPDX-License-Identifier: GPL-3.0-or-later
load ../helper

@test "a matrix product is the sum over the inner index" { unit linalg product; }
@test "a complex matrix product conjugates when asked" { unit linalg complex_product; }
@test "eigenvectors solve the real symmetric problem, plain and general" { unit linalg eigen; }
@test "eigenvectors solve the Hermitian problem, plain and general" { unit linalg eigen_z; }
@test "a pencil of real matrices has real and complex eigenvalues" { unit linalg pencil; }
@test "Cholesky factors multiply to the matrix and solve" { unit linalg cholesky; }
@test "inverse and determinant agree with the expansion" { unit linalg inverse; }
@test "complex inverse and phase of the determinant" { unit linalg inverse_z; }
@test "linear systems are solved" { unit linalg solve; }
@test "QR solves least squares, whole and in stacked chunks" { unit linalg qr; }
@test "QR takes in more rows, and another triangle" { unit linalg append; }
@test "rows are as independent as the least pivot says" { unit linalg independence; }
@test "singular, indefinite and NaN matrices are errors with a sentence" { unit linalg bad; }
