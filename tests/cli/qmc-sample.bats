# SPDX-License-Identifier: GPL-3.0-or-later
load ../helper
bats_require_minimum_version 1.5.0

# One molecule and one cell at two twists with cheap trial orbitals, made once.
setup_file() {
    cd "$BATS_FILE_TMPDIR" || return 1
    cell-build --molecule H2 --bond 1.5bohr --label mol | dft-baseline --orbitals h-dz --ecut 15Ha -o h2.xyz
    cell-build --fluid molecular --atoms 4 --rs 1.8 | dft-baseline --orbitals h-sz --ecut 15Ha --kmesh 2x1x1 -o cell.xyz
    cat h2.xyz cell.xyz >both.xyz
    qmc-sample --error 0 --samples 3000 h2.xyz -o trial.xyz
}

setup() {
    cd "$BATS_TEST_TMPDIR" || return 1
    ln -s "$BATS_FILE_TMPDIR"/*.xyz .
}

quick=(--error 0 --samples 640 --walkers 64 --warmup 10 --optimize-samples 256 --optimize-steps 2)

# key NAME FILE: the value of a key that is one number, of the last frame
key() {
    xyz-view --table "$1" "$2" | tail -n 1
}

@test "a molecule gets its energy, error, variance, samples and Jastrow factor and keeps its keys" {
    run -0 qmc-sample "${quick[@]}" h2.xyz -o out.xyz
    [ -z "$output" ]
    for k in vmc_energy vmc_energy_error vmc_variance vmc_samples jastrow jastrow_form dft_energy kpoints; do
        grep -q " $k=" out.xyz
    done
    grep -q 'config_type=mol' out.xyz
    grep -q 'history=.*cell-build.*dft-baseline.*qmc-sample' out.xyz
    [ "$(key vmc_samples out.xyz)" -le 640 ]
    awk -v e="$(key vmc_energy out.xyz)" 'BEGIN { exit !(e > -33.5 && e < -30) }'
}

@test "--error stops when the error bar is small enough" {
    run -0 qmc-sample --error 3mHa trial.xyz -o out.xyz
    # 3 mHa per atom, two atoms, in eV
    awk -v e="$(key vmc_energy_error out.xyz)" 'BEGIN { exit !(e > 0.03 && e <= 0.16328) }'
}

@test "a frame with a Jastrow factor is sampled with it; --optimize makes a new one" {
    qmc-sample "${quick[@]}" trial.xyz -o same.xyz
    [ "$(xyz-view --table jastrow same.xyz)" = "$(xyz-view --table jastrow trial.xyz)" ]
    qmc-sample "${quick[@]}" --optimize trial.xyz -o new.xyz
    [ "$(xyz-view --table jastrow_form new.xyz)" = "$(xyz-view --table jastrow_form trial.xyz)" ]
}

@test "--jastrow takes the parameters of another frame" {
    qmc-sample "${quick[@]}" --jastrow trial.xyz h2.xyz -o out.xyz
    [ "$(xyz-view --table jastrow out.xyz)" = "$(xyz-view --table jastrow trial.xyz)" ]
    run -3 qmc-sample --jastrow h2.xyz h2.xyz
    [[ $output == *jastrow* ]]
    run -4 qmc-sample --jastrow missing.xyz h2.xyz
}

@test "--optimize-shared writes one Jastrow factor on all frames, in their order" {
    qmc-sample "${quick[@]}" --optimize-shared both.xyz -o out.xyz
    [ "$(xyz-view --table jastrow out.xyz | tail -n 2 | sort -u | wc -l)" -eq 1 ]
    [ "$(grep -c ' vmc_energy=' out.xyz)" -eq 2 ]
    grep -m 1 ' vmc_energy=' out.xyz | grep -q config_type=mol
}

@test "--no-jastrow samples the determinants alone and leaves no parameters behind" {
    qmc-sample "${quick[@]}" --no-jastrow trial.xyz -o out.xyz
    run ! grep -q jastrow= out.xyz
    run -2 qmc-sample --no-jastrow --optimize trial.xyz
}

@test "one thread and two give the same bytes, another seed gives others" {
    qmc-sample "${quick[@]}" -j 1 both.xyz -o one.xyz
    qmc-sample "${quick[@]}" -j 2 both.xyz -o two.xyz
    cmp one.xyz two.xyz
    qmc-sample "${quick[@]}" --seed 5 both.xyz -o other.xyz
    run ! cmp -s one.xyz other.xyz
}

@test "file, pipe, compressed input and -o give the same frames" {
    qmc-sample "${quick[@]}" h2.xyz -o file.xyz
    qmc-sample "${quick[@]}" <h2.xyz | cmp - file.xyz
    gzip -c h2.xyz | qmc-sample "${quick[@]}" --compress never | cmp - file.xyz
    gzip -c h2.xyz | qmc-sample "${quick[@]}" | gzip -dc | cmp - file.xyz
    qmc-sample "${quick[@]}" </dev/null | cmp - /dev/null
}

@test "a frame without orbitals is an error that names the remedy; --on-error=skip passes over it" {
    cell-build --molecule H2 -o bare.xyz
    run -3 qmc-sample bare.xyz -o out.xyz
    [[ $output == "qmc-sample: bare.xyz:1: frame 1: "*"'orbitals'"*"dft-baseline --orbitals"* ]]
    [ ! -e out.xyz ]
    cat bare.xyz h2.xyz >mixed.xyz
    run -0 qmc-sample "${quick[@]}" --on-error skip mixed.xyz -o out.xyz
    [ "$(grep -c ' vmc_energy=' out.xyz)" -eq 1 ]
}

@test "numbers that do not fit together end with status 3" {
    sed 's/orbital_basis=h-dz/orbital_basis=h-qz/' h2.xyz >basis.xyz
    run -3 qmc-sample basis.xyz
    [[ $output == *h-qz* ]]
    sed 's/orbital_basis=h-dz/orbital_basis=h-tz/' h2.xyz >width.xyz
    run -3 qmc-sample width.xyz
    run -3 qmc-sample --spin 1 h2.xyz
    [[ $output == *"2S = 1"* ]]
    run -3 qmc-sample --spin 2 h2.xyz
    [[ $output == *"orbitals"* ]]
    sed 's/ jastrow="/ jastrow="9 /' trial.xyz >many.xyz
    run -3 qmc-sample many.xyz
}

@test "nothing to stop at is a usage error" {
    run -2 qmc-sample --error 0 h2.xyz
    [[ $output == *--samples* ]]
}
