# SPDX-License-Identifier: GPL-3.0-or-later
load ../helper
bats_require_minimum_version 1.5.0

# One molecule and one cell with cheap trial functions, made once.
setup_file() {
    cd "$BATS_FILE_TMPDIR" || return 1
    cell-build --molecule H2 --bond 1.6bohr | dft-baseline --orbitals h-dz --ecut 15Ha |
        qmc-sample --optimize --optimize-samples 1024 --optimize-steps 6 --samples 2000 -o h2.xyz
    cell-build --fluid molecular --atoms 4 --rs 1.8 | dft-baseline --orbitals h-sz --ecut 15Ha --kmesh 2x1x1 |
        qmc-sample --optimize --optimize-samples 512 --optimize-steps 4 --samples 1000 -o cell.xyz
    cat h2.xyz cell.xyz >both.xyz
}

setup() {
    cd "$BATS_TEST_TMPDIR" || return 1
    ln -s "$BATS_FILE_TMPDIR"/*.xyz .
}

quick=(--error 0 --samples 640 --walkers 64 --warmup 10)

# key NAME FILE: the value of a key that is one number
key() {
    xyz-view --table "$1" "$2" | tail -n 1
}

@test "a molecule gets forces with errors, an energy, no stress, and keeps its keys" {
    run -0 qmc-force "${quick[@]}" h2.xyz -o out.xyz
    [ -z "$output" ]
    grep -q 'vmc_forces:R:3:vmc_forces_error:R:3' out.xyz
    grep -q 'vmc_forces_estimator="Hellmann-Feynman' out.xyz
    for k in dft_energy kpoints jastrow vmc_energy_error vmc_variance; do grep -q " $k=" out.xyz; done
    ! grep -q 'vmc_stress\|virial' out.xyz
}

@test "a cell gets stress and virial pressure with errors too" {
    run -0 qmc-force "${quick[@]}" cell.xyz -o out.xyz
    for k in vmc_stress vmc_stress_error vmc_stress_estimator vmc_pressure_virial_GPa vmc_pressure_virial_GPa_error; do
        grep -q " $k=" out.xyz
    done
}

@test "the stretched molecule is pulled together, within the error asked for" {
    run -0 qmc-force --error 5mHa/bohr h2.xyz -o out.xyz
    # a diatomic at 1.6 bohr: dE/dR = 0.053 Ha/bohr = 2.7 eV/A; the axis is whatever cell-build chose
    xyz-view --json out.xyz | tr -d ' ' >out.json
    tail -n 2 out.xyz | awk '
        { for (i = 2; i <= 4; i++) r[NR, i] = $i }
        NR == 1 { n = NF; for (i = 0; i < 3; i++) f[i] = $(n - 5 + i); for (i = 0; i < 3; i++) e[i] = $(n - 2 + i) }
        END { for (i = 0; i < 3; i++) { d = r[2, i + 2] - r[1, i + 2]; l += d * d; pull += f[i] * d; s += e[i] ^ 2 }
            pull /= sqrt(l); s = sqrt(s)
            if (sqrt(s ^ 2 / 3) > 0.2572 || pull < 1.5 - 4 * s || pull > 4 + 4 * s) { print pull, s; exit 1 } }'
}

@test "one thread and two give the same bytes" {
    qmc-force "${quick[@]}" --response -j 1 both.xyz -o one.xyz
    qmc-force "${quick[@]}" --response -j 2 both.xyz -o two.xyz
    cmp one.xyz two.xyz
    qmc-force "${quick[@]}" --response -j 2 --seed 7 both.xyz -o other.xyz
    ! cmp -s one.xyz other.xyz
}

@test "a run killed with kill -9 and started again gives the same bytes as an unbroken one" {
    run=(qmc-force --error 0 --samples 12800 --walkers 64 --warmup 10 --seed 3 --response both.xyz)
    "${run[@]}" -o whole.xyz
    kills=0
    for delay in 0.1 0.2 0.3 0.5 0.7 1 1.5 2 3 5 9 20 60; do
        timeout -s KILL $delay "${run[@]}" --checkpoint c --checkpoint-every 0 -o out.xyz && break
        [ ! -e out.xyz ]
        kills=$((kills + 1))
    done
    [ "$kills" -ge 2 ]
    cmp out.xyz whole.xyz
    "${run[@]}" --checkpoint c -j 2 | cmp - whole.xyz # of a finished run everything is known
    sed 's/ 0\./ 0.1/' both.xyz >moved.xyz
    run -3 qmc-force --error 0 --samples 12800 --walkers 64 --warmup 10 --seed 3 --response --checkpoint c moved.xyz
}

@test "after --max-time the checkpoint is saved, and the same command goes on" {
    run=(qmc-force "${quick[@]}" --samples 6400 cell.xyz)
    "${run[@]}" -o whole.xyz
    run -1 "${run[@]}" --checkpoint c --max-time 0.000001 -o out.xyz
    [[ $output == *"--max-time"*"goes on from c"* ]]
    [ ! -e out.xyz ]
    "${run[@]}" --checkpoint c -o out.xyz
    cmp out.xyz whole.xyz
}

# a signal to the run in the background, out.xyz its output, once a frame is done
stop_after_a_frame() {
    for _ in $(seq 3000); do
        grep -qs vmc_forces out.xyz.* && break
        sleep 0.02
    done
    kill -TERM $!
    status=0
    wait $! || status=$?
    [ "$status" -eq 143 ]
}

@test "a signal ends a run at once in the warm-up, too; frames done before are kept, and known when it goes on" {
    # for hours; 137 is what becomes of a program that goes on
    run -143 timeout --preserve-status -k 60 -s TERM 1 qmc-force --warmup 1000000000 h2.xyz -o out.xyz
    [ ! -e out.xyz ]
    cat h2.xyz h2.xyz >two.xyz
    run=(qmc-force "${quick[@]}" --warmup 8000 two.xyz)
    "${run[@]}" --checkpoint c --checkpoint-every 1000 -o out.xyz 3>&- &
    stop_after_a_frame
    [ "$(xyz-view --count out.xyz.part)" = 1 ]
    run -3 qmc-force "${quick[@]}" --warmup 8000 --checkpoint c cell.xyz
    [[ $output == *"another frame"* ]]
    "${run[@]}" --checkpoint c -o out.xyz
    "${run[@]}" | cmp - out.xyz
}

@test "frames done before a signal that comes between two frames are known when it goes on" {
    mkfifo frames
    qmc-force "${quick[@]}" --checkpoint c -o out.xyz frames 3>&- &
    exec 4>frames
    cat h2.xyz >&4
    stop_after_a_frame
    exec 4>&-
    run -3 qmc-force "${quick[@]}" --checkpoint c cell.xyz
    [[ $output == *"another frame"* ]]
}

@test "the covariance of an atom's components agrees with the error bars" {
    qmc-force "${quick[@]}" --covariance h2.xyz -o out.xyz
    grep -q 'vmc_forces_covariance:R:6' out.xyz
    # columns: ... error of x y z, covariance xx xy xz yy yz zz, in whatever order they were added
    tail -n 2 out.xyz | awk '{ c = NF - 5; e = NF - 8
        if (($c - $e ^ 2) ^ 2 > 1e-12 * $c ^ 2 || ($NF - $(e + 2) ^ 2) ^ 2 > 1e-12 * $NF ^ 2) exit 1
        if ($(c + 2) ^ 2 > $c * $NF) exit 1 }'
    qmc-force "${quick[@]}" h2.xyz | head -n 2 >plain.txt
    ! grep -q covariance plain.txt
}

@test "--response adds the gradient of the energy with respect to the orbitals, and replicas of its noise" {
    qmc-force "${quick[@]}" --response both.xyz -o out.xyz
    for shape in '6 6 24' '4 4 16'; do # h-dz, one k point; h-sz, two
        read -r mean error replicas <<<"$shape"
        grep -q ":vmc_orbital_gradient:R:$mean:vmc_orbital_gradient_error:R:$error:vmc_orbital_gradient_replicas:R:$replicas:vmc_forces_replicas:R:12 " out.xyz
    done
    [ "$(sed -n 's/^Lattice.* vmc_stress_replicas="\([^"]*\)".*/\1/p' out.xyz | wc -w)" -eq 36 ]
    [ "$(grep -c vmc_stress_replicas out.xyz)" -eq 1 ]
    # the error is the root mean square of the replicas, which have at most five digits
    tail -n 4 out.xyz | awk '{ r = NF - 12 - 16
        for (c = 1; c <= 4; c++) {
            s = 0
            for (k = 0; k < 4; k++) { x = $(r + 4 * k + c); s += x * x / 4; sub(/e.*/, "", x); sub(/^-?0*\.0*/, "", x); gsub(/[.-]/, "", x); if (length(x) > 5) exit 1 }
            e = $(r - 4 + c); if (e <= 0 || (e / sqrt(s) - 1) ^ 2 > 4e-8) exit 1
        } }'
}

@test "--response changes nothing else; without it what an earlier run wrote is removed" {
    qmc-force "${quick[@]}" --response both.xyz -o with.xyz
    qmc-force "${quick[@]}" both.xyz -o plain.xyz
    ! grep -q 'orbital_gradient\|replicas' plain.xyz
    sed -i 's/; qmc-force[^"]*"/"/' with.xyz # its history
    qmc-force "${quick[@]}" with.xyz -o again.xyz
    cmp again.xyz plain.xyz
    for f in with plain; do # up to the forces; those of the cell have 17 columns
        { xyz-view --table vmc_energy,vmc_stress $f.xyz; tail -n 4 $f.xyz | cut -d ' ' -f 1-17; } >$f.txt
    done
    cmp with.txt plain.txt
}

@test "--response needs five walkers for each twist" {
    run -2 qmc-force "${quick[@]}" --walkers 8 --response cell.xyz
    [[ "$output" == *"5 walkers for each of 2 twists"* ]]
    qmc-force "${quick[@]}" --walkers 10 --response cell.xyz | grep -q vmc_orbital_gradient
}

@test "every device can be switched off; an infinite variance is noticed" {
    qmc-force --error 0 --samples 20000 h2.xyz -v -o on.xyz 2>on.log
    ! grep -q 'warning' on.log
    qmc-force --error 0 --samples 20000 --zero-variance off --space-warp off h2.xyz -o bare.xyz 2>bare.log
    grep -q 'warning.*infinite' bare.log
    grep -q 'estimator="Hellmann-Feynman + Pulay.*bare' bare.xyz
    qmc-force "${quick[@]}" --pulay off h2.xyz -o out.xyz
    grep -q 'estimator="Hellmann-Feynman at' out.xyz
}

@test "cells get the finite-size correction of the same samples, instead of what is there" {
    sed 's/ qmc_finite_size_energy=[^ ]*/ qmc_finite_size_energy=99/' cell.xyz >old.xyz
    qmc-force "${quick[@]}" old.xyz -o out.xyz
    grep -q ' qmc_finite_size_energy=.*qmc_finite_size_energy_error=' out.xyz
    ! grep -q 'qmc_finite_size_energy=99' out.xyz
}

@test "an energy that is better known is kept; one of another trial function is replaced, with a warning" {
    sed 's/ vmc_energy_error=[^ ]*/ vmc_energy_error=1e6/' cell.xyz >vague.xyz
    run -0 qmc-force "${quick[@]}" vague.xyz -o own.xyz
    [ -z "$output" ]
    energy=$(key vmc_energy own.xyz)
    error=$(key vmc_energy_error own.xyz)
    [ "$(key vmc_samples own.xyz)" = 640 ]
    put() { # SHIFT ERROR, both in error bars of the run
        awk -v e="$energy" -v s="$error" -v shift="$1" -v error="$2" 'BEGIN { CONVFMT = "%.12g" }
            { sub(" vmc_energy=[^ ]*", " vmc_energy=" e + shift * s)
              sub(" vmc_energy_error=[^ ]*", " vmc_energy_error=" error * s)
              sub(" vmc_samples=[^ ]*", " vmc_samples=77 vmc_twist_energy=\"1 2\"") } 1' cell.xyz
    }
    put 2 0.5 >kept.xyz
    run -0 qmc-force "${quick[@]}" kept.xyz -o out.xyz
    [ -z "$output" ]
    for k in vmc_energy vmc_energy_error vmc_variance vmc_samples vmc_twist_energy; do
        [ "$(key $k out.xyz)" = "$(key $k kept.xyz)" ]
    done
    [ "$(key vmc_stress out.xyz)" = "$(key vmc_stress own.xyz)" ]
    put 2 1.5 >worse.xyz
    qmc-force "${quick[@]}" worse.xyz -o out.xyz
    [ "$(key vmc_energy out.xyz)" = "$energy" ]
    [ "$(key vmc_samples out.xyz)" = 640 ]
    ! grep -q vmc_twist_energy out.xyz
    put 20 0.5 >other.xyz
    run -0 qmc-force "${quick[@]}" other.xyz -o out.xyz
    [[ "$output" == *"warning"*"vmc_energy is 17.9 error bars"*"another trial function"* ]]
    [ "$(key vmc_energy out.xyz)" = "$energy" ]
}

@test "pipe, file and compressed input give the same frames" {
    qmc-force "${quick[@]}" both.xyz -o file.xyz
    qmc-force "${quick[@]}" <both.xyz >pipe.xyz
    gzip -c both.xyz | qmc-force "${quick[@]}" --compress never >zip.xyz
    cmp file.xyz pipe.xyz
    cmp file.xyz zip.xyz
}

@test "the warp leaves no net force and lowers the error" {
    qmc-force --error 0 --samples 4000 cell.xyz -o on.xyz
    qmc-force --error 0 --samples 4000 --space-warp off cell.xyz -o off.xyz
    squares() { tail -n 4 "$1" | awk '{ for (i = NF - 2; i <= NF; i++) s += $i ^ 2; for (i = 0; i < 3; i++) n[i] += $(NF - 5 + i) }
        END { printf "%.6f %.9f\n", s, n[0] ^ 2 + n[1] ^ 2 + n[2] ^ 2 }'; }
    read -r with net < <(squares on.xyz)
    read -r without free < <(squares off.xyz)
    awk -v w="$with" -v o="$without" -v n="$net" -v f="$free" 'BEGIN { exit !(w < o && n < 1e-9 && f > 1e-6) }'
}

@test "a net force is removed only on request" {
    qmc-force "${quick[@]}" --space-warp off --remove-net-force cell.xyz -o out.xyz
    tail -n 4 out.xyz | awk '{ for (i = 0; i < 3; i++) n[i] += $(NF - 5 + i) }
        END { exit !(n[0] ^ 2 + n[1] ^ 2 + n[2] ^ 2 < 1e-18) }'
}

@test "a frame without what is needed ends with status 3 and the key's name" {
    for k in jastrow jastrow_form orbital_basis kpoints; do
        sed "s/ $k=/ other=/" h2.xyz >bad.xyz
        run -3 qmc-force "${quick[@]}" bad.xyz
        [[ "$output" == "qmc-force: bad.xyz:"*"frame 1: "*"$k"* ]]
    done
    sed 's/orbitals:R/other:R/' h2.xyz >bad.xyz
    run -3 qmc-force "${quick[@]}" bad.xyz
    [[ "$output" == *orbitals* ]]
}

@test "a wrong form, count or cut-off of the Jastrow factor is bad data" {
    sed 's/tempered/temperd/' h2.xyz >bad.xyz
    run -3 qmc-force "${quick[@]}" bad.xyz
    [[ "$output" == *"should be like"* ]]
    sed 's/ jastrow="[^ ]* / jastrow="/' h2.xyz >bad.xyz
    run -3 qmc-force "${quick[@]}" bad.xyz
    [[ "$output" == *jastrow* ]]
    sed 's/ jastrow="[^ ]* / jastrow="99 /' cell.xyz >bad.xyz
    run -3 qmc-force "${quick[@]}" bad.xyz
    [[ "$output" == *cut-off* ]]
}

@test "a spin that does not go with the electrons is refused" {
    run -3 qmc-force "${quick[@]}" --spin 1 h2.xyz
    [[ "$output" == *electrons* ]]
}

@test "bad frames can be skipped, and a bad frame leaves no output file" {
    sed 's/ jastrow=/ other=/' h2.xyz >mixed.xyz
    cat cell.xyz >>mixed.xyz
    run -0 qmc-force "${quick[@]}" --on-error=skip mixed.xyz -o out.xyz
    [ "$(xyz-view --table vmc_samples out.xyz | wc -l)" -eq 2 ]
    rm out.xyz
    run -3 qmc-force "${quick[@]}" mixed.xyz -o out.xyz
    [ ! -e out.xyz ]
}

@test "usage errors end with status 2" {
    run -2 qmc-force --error 0 h2.xyz
    [[ "$output" == *--samples* ]]
    run -2 qmc-force --error 5K h2.xyz
    run -2 qmc-force --space-warp maybe h2.xyz
    run -2 qmc-force --stride -1 h2.xyz
    run -2 qmc-force --max-time 5 h2.xyz
    [[ "$output" == *--checkpoint* ]]
}

@test "an empty stream is no error" {
    run -0 qmc-force </dev/null
    [ -z "$output" ]
}

@test "--help and --version" {
    run -0 qmc-force --help
    [[ "$output" == *--space-warp* ]]
    run -0 qmc-force --version
    [[ "$output" == "qmc-force "* ]]
}
