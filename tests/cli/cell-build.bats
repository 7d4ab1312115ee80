# SPDX-License-Identifier: GPL-3.0-or-later
load ../helper
bats_require_minimum_version 1.5.0

# volume and shortest distance of every frame, in bohr^3 per atom and A, periodic images included
measure() {
    awk '
    NR == 1 || left == 0 { n = left = $1; getline; periodic = /pbc="T T T"/
        if (periodic) { split($0, q, "\""); split(q[2], c, " "); a = c[1]; b = c[5]; d = c[9] }
        next_atom = 0; next }
    { x[next_atom] = $2; y[next_atom] = $3; z[next_atom] = $4; next_atom++
      if (--left == 0) {
        best = 1e9
        for (i = 0; i < n; i++) for (j = 0; j < i; j++) {
            u = x[i] - x[j]; v = y[i] - y[j]; w = z[i] - z[j]
            if (periodic) { u -= a * nint(u / a); v -= b * nint(v / b); w -= d * nint(w / d) }
            r = sqrt(u * u + v * v + w * w); if (r < best) best = r }
        printf "%d %.6f %.4f\n", n, periodic ? a * b * d / n / 0.529177210903 ^ 3 : 0, best } }
    function nint(t) { return t < 0 ? -int(0.5 - t) : int(t + 0.5) }' "$@"
}

@test "every lattice has the density asked for and its own nearest neighbours" {
    # nearest distance in units of the cube root of the volume per atom
    while read -r kind atoms nearest; do
        run measure <(cell-build --lattice "$kind" --atoms "$atoms" --rs 1.5)
        [ "$status" -eq 0 ]
        awk -v n="$atoms" -v want="$nearest" '{ v = 4 / 3 * atan2(0, -1) * 1.5 ^ 3
            d = $3 / 0.529177210903 / v ^ (1 / 3)
            if ($1 != n || ($2 - v) ^ 2 > 1e-8 || (d - want) ^ 2 > 1e-6) { print; exit 1 } }' <<< "$output"
    done <<'END'
sc 8 1
bcc 16 1.091124
fcc 32 1.122462
diamond 64 0.866025
END
}

@test "the molecular lattice holds molecules at the bond length asked for" {
    run measure <(cell-build --lattice molecular --atoms 32 --rs 2 --bond 1.4bohr)
    [[ "$output" == 32\ 33.510322\ 0.7408 ]]
}

@test "a mass density gives the volume of the isotope" {
    run measure <(cell-build --lattice sc --atoms 8 --density 0.7g/cm3 --species D)
    # 2.01410177812 amu / (0.7 g/cm3) = 4.77776 A^3 = 32.24218 bohr^3
    awk '{ v = 2.01410177812 * 1.66053906660 / 0.7 / 0.529177210903 ^ 3
        if (($2 - v) ^ 2 > 1e-8) { print v, $0; exit 1 } }' <<< "$output"
}

@test "deuterium is hydrogen with a masses column, hydrogen has none" {
    cell-build --molecule H2 --species D | grep -q 'masses:R:1'
    cell-build --molecule H2 --species D | grep -q '^H .* 2.01410177812$'
    run cell-build --molecule H2
    [[ "$output" != *masses* ]]
}

@test "atomic fluids are packed without overlaps from rs 1.2 to 3" {
    for rs in 1.2 1.5 2 3; do
        run measure <(cell-build --fluid atomic --atoms 64 --rs $rs --count 2)
        awk -v rs=$rs 'BEGIN { d = rs * 0.5292; if (d > 1) d = 1 }
            $3 < d - 0.001 { print; exit 1 } END { if (NR != 2) exit 1 }' <<< "$output"
    done
}

@test "molecular fluids of 128 atoms are packed at their bond length from rs 1.2 to 3" {
    for rs in 1.2 3; do
        run measure <(cell-build --fluid molecular --atoms 128 --rs $rs)
        awk -v rs=$rs 'BEGIN { d = rs * 0.5821; if (d > 0.74) d = 0.74 }
            $1 != 128 || $3 < d - 1e-4 || $3 > 0.7401 { print; exit 1 }' <<< "$output"
    done
}

@test "a minimum distance is kept, and an impossible one is an error of the computation" {
    run measure <(cell-build --fluid atomic --atoms 32 --rs 2 --min-distance 1.3A)
    awk '$3 < 1.3 { print; exit 1 }' <<< "$output"
    run cell-build --fluid atomic --atoms 32 --rs 2 --min-distance 3A
    [ "$status" -eq 1 ]
    [[ "$output" == cell-build:*"cannot be packed"*min-distance* ]]
}

@test "chains and molecules have open boundaries and their spacings" {
    run measure <(cell-build --chain 10 --spacing 1.8bohr; cell-build --molecule H2 --bond 1.4bohr)
    [ "${lines[0]}" = "10 0.000000 0.9525" ]
    [ "${lines[1]}" = "2 0.000000 0.7408" ]
    cell-build --molecule H | grep -q 'pbc="F F F"'
    [ "$(cell-build --molecule H | wc -l)" -eq 3 ]
}

@test "each frame has random numbers of its own, and a seed repeats them" {
    cell-build --fluid atomic --atoms 4 --rs 2 --count 3 > "$BATS_TEST_TMPDIR/a"
    cell-build --fluid atomic --atoms 4 --rs 2 --count 3 > "$BATS_TEST_TMPDIR/b"
    cmp "$BATS_TEST_TMPDIR/a" "$BATS_TEST_TMPDIR/b"
    [ "$(grep '^H' "$BATS_TEST_TMPDIR/a" | sort -u | wc -l)" -eq 12 ]
    cell-build --fluid atomic --atoms 4 --rs 2 --seed 2 > "$BATS_TEST_TMPDIR/c"
    ! cmp -s <(head -6 "$BATS_TEST_TMPDIR/a" | grep '^H') <(grep '^H' "$BATS_TEST_TMPDIR/c")
    cell-build --fluid atomic --atoms 4 --rs 2 --count 1 > "$BATS_TEST_TMPDIR/d"
    cmp <(head -6 "$BATS_TEST_TMPDIR/a" | grep '^H') <(grep '^H' "$BATS_TEST_TMPDIR/d")
}

@test "rattling displaces atoms by the standard deviation asked for" {
    paste -d' ' <(cell-build --lattice sc --atoms 1000 --rs 3 | grep ^H) \
        <(cell-build --lattice sc --atoms 1000 --rs 3 --rattle 0.05A | grep ^H) |
        awk '{ s += ($2 - $6) ^ 2 + ($3 - $7) ^ 2 + ($4 - $8) ^ 2 }
             END { s = sqrt(s / 3000); if (s < 0.0474 || s > 0.0526) { print s; exit 1 } }'
}

@test "frames carry their label, boundaries and history" {
    run cell-build --lattice fcc --rs 1.4 --label 'cold crystal'
    [[ "${lines[0]}" == 4 ]]
    [[ "${lines[1]}" == Lattice=*'config_type="cold crystal"'* ]]
    [[ "${lines[1]}" == *'history="cell-build '*'--lattice=fcc'*'--rs=1.4'* ]]
}

@test "a supercell may be given by its cells" {
    [ "$(cell-build --lattice bcc --supercell 1x2x3 --rs 1.4 | head -1)" -eq 12 ]
    run cell-build --lattice bcc --supercell 1x2x3 --atoms 16 --rs 1.4
    [ "$status" -eq 2 ]
    run cell-build --lattice bcc --supercell 2x2 --rs 1.4
    [ "$status" -eq 2 ]
    [[ "$output" == *AxBxC* ]]
}

@test "a number of atoms that does not fit names the nearest that do" {
    run cell-build --lattice bcc --atoms 15 --rs 1.4
    [ "$status" -eq 2 ]
    [[ "$output" == *"8 and 16"* ]]
    run cell-build --lattice diamond --atoms 3 --rs 1.4
    [ "$status" -eq 2 ]
    [[ "$output" == *"at least 8"* ]]
}

@test "contradictory and missing options are usage errors" {
    for bad in "" "--lattice sc" "--lattice sc --rs 1 --density 1" "--fluid atomic --rs 1.5" \
        "--fluid molecular --atoms 3 --rs 1.5" "--lattice sc --molecule H2 --rs 1" "--molecule H2 --rs 1" \
        "--chain 3 --atoms 3" "--lattice hcp --rs 1" "--lattice sc --rs 1.4bohr" "--lattice sc --rs -1" \
        "--lattice sc --rs nan" "--lattice sc --density 3GPa" "--species Li --molecule H2" "--chain -1" \
        "--molecule H2 --bond 0" "--fluid atomic --atoms 4 --rs 2 --supercell 1x1x1"; do
        # shellcheck disable=SC2086
        run cell-build $bad
        [ "$status" -eq 2 ] || { echo "$bad: $status $output"; return 1; }
        [[ "$output" == cell-build:* ]] || { echo "$bad: $output"; return 1; }
    done
}

@test "a rattle that makes atoms overlap is an error, not a bad frame" {
    run cell-build --lattice sc --atoms 8 --rs 0.1 --rattle 0.2A
    [ "$status" -eq 1 ]
    [[ "$output" == *"apart"* ]]
}

@test "no frames are an empty stream; output to a file is complete, compressed or absent" {
    [ -z "$(cell-build --molecule H --count 0)" ]
    cd "$BATS_TEST_TMPDIR"
    cell-build --fluid atomic --atoms 8 --rs 2 --count 5 -o f.xyz.gz
    [ "$(zcat f.xyz.gz | grep -c Lattice)" -eq 5 ]
    cmp <(zcat f.xyz.gz) <(cell-build --fluid atomic --atoms 8 --rs 2 --count 5)
    run cell-build --fluid atomic --atoms 32 --rs 2 --min-distance 3A -o g.xyz
    [ "$status" -eq 1 ]
    [ ! -e g.xyz ]
    run cell-build --molecule H -o /nonexistent/g.xyz
    [ "$status" -eq 4 ]
}

@test "frames pass through the stream's own reader and ASE" {
    cell-build --lattice diamond --rs 1.6 --species D --rattle 0.02 --count 2 -o "$BATS_TEST_TMPDIR/d.xyz"
    cmp <(xyz-view "$BATS_TEST_TMPDIR/d.xyz" | grep ^H) <(grep ^H "$BATS_TEST_TMPDIR/d.xyz")
    need_ase
    run "$ASE" -c 'import sys, ase.io
a = ase.io.read(sys.argv[1], 1)
assert len(a) == 8 and a.pbc.all() and abs(a.get_masses()[0] - 2.01410177812) < 1e-9' "$BATS_TEST_TMPDIR/d.xyz"
    [ "$status" -eq 0 ]
}

@test "a supercell of more atoms than there can be is a usage error" {
    for atoms in "" "--atoms 5"; do
        # shellcheck disable=SC2086
        run cell-build --lattice diamond --rs 1.5 --supercell 1000x1000x1000 $atoms
        [ "$status" -eq 2 ]
        [ "${#lines[@]}" -eq 1 ]
        [[ "$output" == *8000000000* ]]
    done
}

@test "--help and --version say what they should" {
    run cell-build --help
    [ "$status" -eq 0 ]
    [[ "$output" == *--lattice*--fluid*--rs*--density*--count* ]]
    run cell-build --version
    [ "$status" -eq 0 ]
    [[ "$output" == cell-build* ]]
}
