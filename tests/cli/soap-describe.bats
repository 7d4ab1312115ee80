# SPDX-License-Identifier: GPL-3.0-or-later
load ../helper

setup_file() {
    cd "$BATS_FILE_TMPDIR" || exit 1
    cell-build --fluid atomic --atoms 8 --rs 1.6 --count 6 >cells.xyz
}

setup() {
    cd "$BATS_FILE_TMPDIR" || exit 1
}

status_is() {
    [ "$status" -eq "$1" ] || { echo "status $status: $output"; return 1; }
    [[ "$output" == *"soap-describe: "* ]]
}

@test "every atom gets a descriptor of length 1, every frame its settings" {
    soap-describe cells.xyz >out.xyz
    grep -q 'Properties=species:S:1:pos:R:3:soap:R:252 .*soap_settings="soap H n=8 l=6' out.xyz
    awk '/^H / { s = 0; for (k = 5; k <= NF; k++) s += $k ^ 2; if (NF != 256 || (s - 1) ^ 2 > 1e-24) exit 1; n++ } END { exit n != 48 }' out.xyz
}

@test "descriptors survive a permutation of the atoms and a shift by lattice vectors" {
    xyz-view --frames 1 cells.xyz >one.xyz
    { head -n 2 one.xyz; tail -n 8 one.xyz | tac; } >turned.xyz
    a=$(sed -n 's/.*Lattice="\([^ ]*\) .*/\1/p' one.xyz)
    awk -v a="$a" '/^H / { $2 = sprintf("%.12f", $2 + 2 * a); $4 = sprintf("%.12f", $4 - a) } 1' one.xyz >shifted.xyz
    soap-describe one.xyz | tail -n 8 >x
    soap-describe turned.xyz | tail -n 8 | tac >y
    soap-describe shifted.xyz | tail -n 8 >z
    for other in y z; do
        paste -d ' ' x $other | awk '{ for (k = 5; k <= 256; k++) { d = $k - $(k + 256); if (d * d > 1e-20) exit 1 } n++ } END { exit n != 8 }'
    done
}

@test "--elements makes room for others, an unknown one ends with status 3" {
    soap-describe --elements H,C --n-max 2 --l-max 1 cells.xyz | grep -q 'soap:R:20 .*soap H,C'
    printf '1\nProperties=species:S:1:pos:R:3 pbc="F F F"\nC 0 0 0\n' | cat cells.xyz - >mixed.xyz
    run soap-describe mixed.xyz -o out.xyz
    status_is 3
    [[ "$output" == *"mixed.xyz:"*"frame 7: C is not"* ]]
    run soap-describe --elements H,X cells.xyz
    status_is 2
}

@test "more elements than a descriptor has channels for are an error, in the list and in a frame" {
    local names=(H He Li Be B C N O F Ne Na Mg Al Si P S Cl)
    most() { local IFS=,; echo "${names[*]:0:$1}"; }
    soap-describe --elements "$(most 16)" --n-max 1 --l-max 0 cells.xyz | grep -q 'soap H,He,.*,P,S n=1'
    run soap-describe --elements "$(most 17)" --n-max 1 --l-max 0 cells.xyz -o none.xyz
    status_is 2
    [[ "$output" == *"17 elements"*"16 at most"* ]]
    { printf '17\nProperties=species:S:1:pos:R:3 pbc="F F F"\n'
      for i in {0..16}; do echo "${names[i]} $((2 * i)) 0 0"; done; } >many.xyz
    run soap-describe --n-max 1 --l-max 0 many.xyz
    status_is 3
    [[ "$output" == *"many.xyz:"*"frame 1: 17 elements"*"16 at most"* ]]
    # such a frame decides nothing about the next one
    run soap-describe -q --on-error=skip --n-max 1 --l-max 0 many.xyz cells.xyz -o out.xyz
    [ "$status" -eq 0 ]
    grep -q 'soap_settings="soap H n=1' out.xyz
}

@test "--select writes the frames that are farthest apart, as they were" {
    cell-build --lattice sc --atoms 8 --rs 1.6 >crystal.xyz
    cat cells.xyz cells.xyz crystal.xyz | soap-describe --select 2 >two.xyz
    [ "$(grep -c Lattice two.xyz)" -eq 2 ]
    grep -q 'lattice=sc.*soap-describe' two.xyz
    run grep -c 'soap:R' two.xyz
    [ "$output" = 0 ]
    run soap-describe --select 9 cells.xyz cells.xyz -o six.xyz
    [ "$status" -eq 0 ]
    [[ "$output" == *"6 of 12 frames differ"* ]]
    [ "$(grep -c Lattice six.xyz)" -eq 6 ]
}

@test "the same from a pipe, a compressed file and with two threads" {
    soap-describe -j 1 cells.xyz -o one.xyz
    soap-describe -j 2 <cells.xyz | cmp - one.xyz
    gzip -c cells.xyz | soap-describe --compress=never | cmp - one.xyz
    soap-describe cells.xyz -o one.xyz.gz
    gzip -dc one.xyz.gz | cmp - one.xyz
}

@test "bad frames end with status 3, bad options with 2, no frames are none" {
    head -n 13 cells.xyz >cut.xyz
    run soap-describe cut.xyz -o out-cut.xyz
    status_is 3
    [ ! -e out-cut.xyz ]
    run soap-describe --transition 9A cells.xyz
    status_is 2
    run soap-describe --sigma -1A cells.xyz
    status_is 2
    run soap-describe --cutoff 20.1A </dev/null
    status_is 2
    [[ "$output" == *"at most 20 A"* ]]
    soap-describe </dev/null >out.xyz
    [ ! -s out.xyz ]
}

@test "ASE reads the descriptors" {
    need_ase
    soap-describe cells.xyz -o out.xyz
    "$ASE" -c 'from ase.io import read
assert all(a.arrays["soap"].shape == (8, 252) for a in read("out.xyz", ":"))'
}
