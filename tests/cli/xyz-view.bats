# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck disable=SC2094,SC2012 # a file is read twice here, never written
bats_require_minimum_version 1.5.0
load ../helper

setup() {
    cd "$BATS_TEST_TMPDIR" || exit 1
}

# limit KB: of address space, which the address sanitizer needs for itself
limit() {
    case $BIN in *sanitize*) ;; *) ulimit -v "$1" ;; esac
}

# frames N: N frames of two atoms with the keys i = 0 .. N-1, kind and energy
frames() {
    local i
    for ((i = 0; i < $1; i++)); do
        printf '2\nLattice="4 0 0 0 4 0 0 0 4" Properties=species:S:1:pos:R:3:forces:R:3 pbc="T T T" i=%d kind=%s energy=%d.5\n' \
            "$i" "$([ $((i % 2)) = 0 ] && echo solid || echo liquid)" "$((-i))"
        printf 'H 0 0 0 0.25 0 0\nH 0.74 0 0 -0.25 0 0\n'
    done
}

# numbers [OPTION...]: the key i of the frames that come out
numbers() {
    xyz-view "$@" --table i | tail -n +2 | tr '\n' ' '
}

@test "frames pass unchanged, from a file, from standard input, from -" {
    frames 3 >a.xyz
    xyz-view a.xyz | cmp - a.xyz
    xyz-view <a.xyz | cmp - a.xyz
    xyz-view - <a.xyz | cmp - a.xyz
    xyz-view a.xyz - <a.xyz | cmp - <(cat a.xyz a.xyz)
}

@test "--frames selects as Python does, over all inputs" {
    frames 10 >a.xyz
    [ "$(numbers --frames 2:8:3 a.xyz)" = "2 5 " ]
    [ "$(numbers --frames 4 a.xyz)" = "4 " ]
    [ "$(numbers --frames=-2: a.xyz)" = "8 9 " ]
    [ "$(numbers --frames=:-8 a.xyz)" = "0 1 " ]
    [ "$(numbers --frames 9:12 a.xyz a.xyz)" = "9 0 1 " ]
    for bad in 1:2:0 9223372036854775807 99999999999999999999 -9223372036854775808 :9223372036854775807; do
        run -2 xyz-view --frames="$bad" a.xyz
    done
}

@test "--where selects by keys, all conditions together" {
    frames 10 >a.xyz
    [ "$(numbers --where kind=liquid --where 'energy>=-5.5' a.xyz)" = "1 3 5 " ]
    [ "$(numbers --where 'kind!=liquid' --frames 3: a.xyz)" = "4 6 8 " ]
    [ "$(numbers --where '!absent' --where natoms=2 --head 2 a.xyz)" = "0 1 " ]
    [ "$(xyz-view --where kind=gas --count a.xyz)" = 0 ]
    run xyz-view --where '=3' a.xyz
    [ "$status" -eq 2 ]
}

@test "--head ends early and leaves the rest unread" {
    frames 3 >a.xyz
    { cat a.xyz; echo rubbish; } >bad.xyz
    [ "$(numbers --head 2 bad.xyz)" = "0 1 " ]
    [ "$(numbers --frames 0:3 bad.xyz)" = "0 1 2 " ]
}

@test "--keep and --drop choose keys and columns by patterns" {
    frames 1 >a.xyz
    run xyz-view --drop 'forces,k*' a.xyz
    [ "${lines[1]}" = 'Lattice="4 0 0 0 4 0 0 0 4" Properties=species:S:1:pos:R:3 pbc="T T T" i=0 energy=0.5' ]
    [ "${lines[3]}" = "H 0.74 0 0" ]
    run xyz-view --keep 'energy' a.xyz
    [ "${lines[1]}" = 'Lattice="4 0 0 0 4 0 0 0 4" Properties=species:S:1:pos:R:3 pbc="T T T" energy=0.5' ]
    run xyz-view --drop '*' a.xyz
    [ "${lines[2]}" = "H 0 0 0" ]
}

@test "--rename gives keys and columns other names, values unchanged" {
    printf '1\nProperties=species:S:1:pos:R:3:forces:R:3 energy=-1.25 stress="1 2 3 4 5 6 7 8 9" other=2\nH 0 0 0 0.1 0.2 0.3\n' >r.xyz
    run xyz-view --rename energy=md_energy,forces=md_forces,stress=other,none=no r.xyz
    [ "$status" -eq 0 ]
    [ "${lines[1]}" = 'Properties=species:S:1:pos:R:3:md_forces:R:3 pbc="F F F" md_energy=-1.25 other="1 2 3 4 5 6 7 8 9"' ]
    [ "${lines[2]}" = "H 0 0 0 0.1 0.2 0.3" ]
    [ "$(xyz-view --rename energy=a,a=b r.xyz | xyz-view --table energy,a,b | tail -n 1)" = "NA"$'\t'"NA"$'\t'"-1.25" ]
    for bad in energy energy= =x pos=x x=species a=b=c '' energy=Lattice energy=Properties energy=pbc 'forces=a b' forces=a:b \
        $'energy=\xff'; do
        run xyz-view --rename "$bad" r.xyz
        [ "$status" -eq 2 ]
    done
}

@test "--table prints tab-separated keys, NA where one is missing" {
    frames 2 >a.xyz
    run xyz-view --table i,kind,energy,absent,natoms,pbc a.xyz
    [ "${lines[0]}" = $'i\tkind\tenergy\tabsent\tnatoms\tpbc' ]
    [ "${lines[1]}" = $'0\tsolid\t0.5\tNA\t2\tT T T' ]
    [ "${lines[2]}" = $'1\tliquid\t-1.5\tNA\t2\tT T T' ]
}

@test "--json prints one frame a line" {
    frames 2 >a.xyz
    run xyz-view --json a.xyz
    [ "${#lines[@]}" -eq 2 ]
    [ "${lines[1]}" = '{"natoms": 2, "lattice": [[4.0, 0.0, 0.0], [0.0, 4.0, 0.0], [0.0, 0.0, 4.0]], "pbc": [true, true, true], "plain": false, "info": {"i": 1, "kind": "liquid", "energy": -1.5}, "arrays": {"species": {"type": "S", "cols": 1, "values": ["H", "H"]}, "pos": {"type": "R", "cols": 3, "values": [[0.0, 0.0, 0.0], [0.74, 0.0, 0.0]]}, "forces": {"type": "R", "cols": 3, "values": [[0.25, 0.0, 0.0], [-0.25, 0.0, 0.0]]}}}' ]
}

@test "--count counts the selected frames of all inputs" {
    frames 7 >a.xyz
    [ "$(xyz-view --count a.xyz a.xyz)" = 14 ]
    [ "$(xyz-view --count --where i=3 a.xyz a.xyz)" = 2 ]
    [ "$(xyz-view --count </dev/null)" = 0 ]
    run xyz-view --count --json a.xyz
    [ "$status" -eq 2 ]
}

@test "--check reports on each input and goes on after a bad one" {
    frames 3 >good.xyz
    frames 3 | sed '6s/-1.5/nan/' >bad.xyz
    sed 's/0.74/0.001/' good.xyz >close.xyz
    run xyz-view --check bad.xyz good.xyz close.xyz
    [ "$status" -eq 3 ]
    [[ $output == *"xyz-view: bad.xyz:5: frame 2: key 'energy' is not a number"* ]]
    [[ $output == *"bad.xyz: bad: 1 of 3 frames"*"good.xyz: good: 3 frames, 6 atoms"*"close.xyz: bad: 3 of 3 frames"* ]]
    run xyz-view --check good.xyz
    [ "$status" -eq 0 ] && [ "$output" = "good.xyz: good: 3 frames, 6 atoms" ]
    head -n 10 good.xyz >cut.xyz
    run xyz-view --check cut.xyz good.xyz missing.xyz
    [ "$status" -eq 4 ] && [[ $output == *"cut.xyz: bad: 1 of 3 frames"*"good.xyz: good"* ]]
}

@test "compressed and plain convert into each other, and compressed files join with cat" {
    frames 40 >a.xyz
    xyz-view a.xyz -o a.xyz.gz
    gzip -t a.xyz.gz
    gzip -dc a.xyz.gz | cmp - a.xyz
    xyz-view a.xyz.gz -o back.xyz
    cmp back.xyz a.xyz
    cat a.xyz.gz a.xyz.gz >two.gz
    [ "$(xyz-view --count two.gz)" = 80 ]
    gzip -c a.xyz >plain.gz
    cat plain.gz a.xyz.gz >mixed
    [ "$(xyz-view --count mixed)" = 80 ]
}

@test "compression follows the data" {
    frames 3 >a.xyz
    xyz-view a.xyz -o a.gz
    magic() { head -c 2 "$1" | od -An -tx1 | tr -d ' \n'; }
    [ "$(magic a.gz)" = 1f8b ]
    xyz-view a.gz | cat >piped
    [ "$(magic piped)" = 1f8b ]
    xyz-view a.xyz | cat >piped
    cmp piped a.xyz
    xyz-view a.gz >redirected
    cmp redirected a.xyz
    xyz-view --compress=never a.gz | cmp - a.xyz
    xyz-view --compress=always a.xyz >always
    [ "$(magic always)" = 1f8b ]
    xyz-view --compress=never a.xyz -o never.gz
    cmp never.gz a.xyz
    [ "$(xyz-view --table i a.gz | head -n 1)" = i ] # a table is no stream
    [ "$(xyz-view --count a.gz)" = 3 ]
    xyz-view --table i a.gz -o table.gz
    [ "$(magic table.gz)" = 1f8b ]
}

@test "any number of threads and any level give the same text, and one level the same bytes" {
    frames 3000 >a.xyz
    xyz-view -j1 a.xyz -o one.gz
    xyz-view -j2 a.xyz -o two.gz
    cmp one.gz two.gz
    xyz-view --level 1 a.xyz -o fast.gz
    [ "$(stat -c %s fast.gz)" -gt "$(stat -c %s one.gz)" ]
    xyz-view -j2 fast.gz -o back.xyz
    cmp back.xyz a.xyz
    run xyz-view --level 10 a.xyz
    [ "$status" -eq 2 ]
}

@test "compressed input cut anywhere is an error, and what comes out is a prefix" {
    frames 4 >a.xyz
    xyz-view a.xyz -o a.gz
    gzip -c a.xyz >b.gz
    for file in a.gz b.gz; do
        size=$(stat -c %s $file)
        for ((n = 1; n < size; n += 3)); do
            head -c "$n" $file >cut.gz
            status=0
            xyz-view --compress=never cut.gz >out 2>err || status=$?
            [ "$status" -eq 3 ] || { echo "$file cut at $n: status $status"; return 1; }
            cmp -n "$(stat -c %s out)" out a.xyz
        done
    done
}

@test "damaged and padded compressed input" {
    frames 4 >a.xyz
    xyz-view a.xyz -o a.gz
    { cat a.gz; echo text; } >garbage
    run xyz-view --count garbage
    [ "$status" -eq 3 ] && [[ $output == *"garbage after the last gzip member"* ]]
    { cat a.gz; head -c 1000 /dev/zero; } >padded
    run xyz-view --count padded
    [ "$status" -eq 0 ] && [[ $output == *"warning"*"zero padding"* ]]
    # one bit of the compressed text: the checksum notices
    cp a.gz bit.gz
    printf '\xaa' | dd of=bit.gz bs=1 seek=60 conv=notrunc 2>/dev/null
    run xyz-view --count bit.gz
    [ "$status" -eq 3 ]
    head -c -28 a.gz >no-end
    run xyz-view --count no-end
    [ "$status" -eq 3 ] && [[ $output == *"end-of-file block"* ]]
}

@test "--split numbers the files, and they join again" {
    frames 10 >a.xyz
    xyz-view --split 4 a.xyz -o part.xyz.gz
    [ "$(ls part*)" = $'part-0001.xyz.gz\npart-0002.xyz.gz\npart-0003.xyz.gz' ]
    [ "$(xyz-view --count part-0003.xyz.gz)" = 2 ]
    xyz-view --compress=never part-*.gz | cmp - a.xyz
    xyz-view --split-size 0.0005 a.xyz -o size.xyz
    [ "$(ls size-* | wc -l)" -gt 2 ]
    cat size-*.xyz | cmp - a.xyz
    run xyz-view --split 4 a.xyz
    [ "$status" -eq 2 ]
    mkdir folder
    for bad in - folder folder/ folder/none/ /dev/null; do # what others cannot be named after
        run -2 xyz-view --split 4 a.xyz -o "$bad"
    done
    [ -z "$(ls folder)" ] && [ ! -e /dev/null-0001 ]
}

@test "an error says program, file, line, frame; what came before is written" {
    frames 3 | sed '7s/0.25/x/' >a.xyz
    status=0
    xyz-view a.xyz >out 2>err || status=$?
    [ "$status" -eq 3 ]
    [ "$(cat err)" = "xyz-view: a.xyz:7: frame 2: bad real 'x' in forces" ]
    frames 1 | cmp - out
}

@test "with -o an error leaves no file of that name but FILE.part" {
    frames 3 | sed '7s/0.25/x/' >a.xyz
    run xyz-view a.xyz -o out.xyz
    [ "$status" -eq 3 ] && [ ! -e out.xyz ] && [[ $output == *"out.xyz.part"* ]]
    frames 1 | cmp - out.xyz.part
    echo rubbish >bad.xyz
    run xyz-view bad.xyz -o none.xyz
    [ "$status" -eq 3 ] && [ -z "$(ls none* 2>/dev/null)" ]
    echo old >kept.xyz
    run xyz-view a.xyz -o kept.xyz
    [ "$(cat kept.xyz)" = old ]
}

@test "--on-error=skip passes over bad frames, counts them, and finds the next one" {
    { frames 2 | sed '3s/0.25/x/'; frames 1; printf '3\na=1\nH 0 0 0\n'; frames 2; echo two; frames 1; } >a.xyz
    status=0
    xyz-view --on-error=skip a.xyz -o out.xyz 2>err || status=$?
    [ "$status" -eq 0 ]
    [ "$(numbers out.xyz)" = "1 0 0 1 0 " ]
    [ "$(tail -n 1 err)" = "xyz-view: warning: 3 frames skipped" ]
}

@test "--on-error=skip: a bad file does not stop the rest but shows in the status" {
    frames 2 >a.xyz
    head -n 6 a.xyz >cut.xyz
    run numbers --on-error=skip cut.xyz a.xyz
    status=0
    xyz-view --on-error=skip cut.xyz a.xyz -o out.xyz 2>err || status=$?
    [ "$status" -eq 3 ] && [ "$(numbers out.xyz)" = "0 0 1 " ]
    status=0
    xyz-view --on-error=skip missing.xyz a.xyz -o out.xyz 2>err || status=$?
    [ "$status" -eq 4 ] && [ "$(numbers out.xyz)" = "0 1 " ]
}

@test "--on-error=skip: input that ends inside a frame, wherever, shows in the status" {
    frames 2 >a.xyz
    local n first size
    first=$(frames 1 | wc -c) size=$(wc -c <a.xyz)
    for ((n = first + 1; n < size - 1; n += 3)); do # the last byte but one and the last make a whole frame
        status=0
        head -c "$n" a.xyz | xyz-view --on-error=skip >out.xyz 2>err || status=$?
        [ "$status" -eq 3 ] && cmp out.xyz <(frames 1) && grep -q 'frame 2.*end of input\|end of input.*frame 2' err ||
            { echo "cut at $n: status $status"; cat err; return 1; }
    done
    for n in 6 7; do # a bad line before the cut
        { frames 2 | head -n "$n" | sed '6s/Lattice="4/Lattice="x/;7s/0.25/x/'; } >cut.xyz
        status=0
        xyz-view --on-error=skip cut.xyz a.xyz -o out.xyz 2>err || status=$?
        [ "$status" -eq 3 ] && [ "$(numbers out.xyz)" = "0 0 1 " ]
        [ "$(grep -c 'end of input inside frame 2' err)" -eq 1 ]
        [ "$(tail -n 1 err)" = "xyz-view: warning: 1 frame skipped" ]
        frames 2 | sed '6s/Lattice="4/Lattice="x/;7s/0.25/x/' | xyz-view --on-error=skip >out.xyz # no cut
        cmp out.xyz <(frames 1)
    done
}

@test "files that cannot be read or written are errors of the system" {
    frames 1 >a.xyz
    run xyz-view missing.xyz
    [ "$status" -eq 4 ] && [[ $output == "xyz-view: missing.xyz: cannot open: "* ]]
    run xyz-view .
    [ "$status" -eq 4 ]
    run xyz-view a.xyz -o missing/out.xyz
    [ "$status" -eq 4 ]
    for options in "" "--compress=always" "--count" "--json"; do
        status=0
        # shellcheck disable=SC2086
        xyz-view $options a.xyz >/dev/full 2>err || status=$?
        [ "$status" -eq 4 ] && [ "$(wc -l <err)" -eq 1 ]
    done
    status=0
    xyz-view a.xyz -o /dev/full 2>err || status=$?
    [ "$status" -eq 4 ] && [ "$(wc -l <err)" -eq 1 ]
    xyz-view a.xyz -o /dev/null
    [ -c /dev/null ]
}

@test "output may replace its input, through a link too; standard output may not" {
    frames 3 >a.xyz
    chmod 640 a.xyz
    ln -s a.xyz link.xyz
    xyz-view --frames 1: a.xyz -o a.xyz
    [ "$(numbers a.xyz)" = "1 2 " ] && [ "$(stat -c %a a.xyz)" = 640 ]
    xyz-view --frames 1: a.xyz -o link.xyz
    [ -L link.xyz ] && [ "$(numbers a.xyz)" = "2 " ]
    status=0
    xyz-view a.xyz >>a.xyz 2>err || status=$?
    [ "$status" -eq 2 ] && [ "$(numbers a.xyz)" = "2 " ]
}

@test "a name of an open descriptor is written from where it stands, and stays a link" {
    frames 2 >a.xyz
    ln -s /proc/self/fd/1 out # as /dev/stdout is
    { echo before; xyz-view a.xyz -o out; xyz-view --frames 0 a.xyz -o "$PWD/out"; echo after; } >all
    { echo before; cat a.xyz; frames 1; echo after; } | cmp - all
    { rm gone && xyz-view a.xyz -o out; } >gone # a file without a name
    [ -L out ] && [ ! -e gone ]
    xyz-view a.xyz -o /dev/fd/3 3>third
    cmp a.xyz third
    status=0
    xyz-view a.xyz -o out >>a.xyz 2>err || status=$?
    [ "$status" -eq 2 ] && [ "$(wc -l <err)" -eq 1 ]
    frames 2 | cmp - a.xyz
    xyz-view --compress=always a.xyz -o out | xyz-view --compress=never | cmp - a.xyz
    run -4 xyz-view a.xyz -o /dev/fd/99
}

@test "a label is text" {
    run -2 cell-build --chain 2 --label $'\xff'
    cell-build --chain 2 --label $'\xc3\xbc' | xyz-view --table config_type | grep -qx $'\xc3\xbc'
}

@test "an empty stream is no error unless frames are required" {
    xyz-view </dev/null >out
    [ ! -s out ]
    xyz-view </dev/null -o empty.xyz.gz
    [ "$(stat -c %s empty.xyz.gz)" -eq 28 ]
    [ "$(xyz-view --count empty.xyz.gz)" = 0 ]
    run xyz-view --require-frames /dev/null
    [ "$status" -eq 3 ]
}

@test "a closed pipe ends the program quietly" {
    frames 2000 >a.xyz
    { status=0; xyz-view a.xyz 2>err || status=$?; echo $status >code; } | head -n 1 >/dev/null
    [ ! -s err ] && [ "$(cat code)" -eq 141 ]
    trap '' PIPE # children inherit it: then write() fails instead
    { status=0; xyz-view a.xyz 2>err || status=$?; echo $status >code; } | head -n 1 >/dev/null
    [ ! -s err ] && [ "$(cat code)" -eq 141 ]
}

@test "each frame comes out as soon as it is read" {
    frames 1 >one.xyz
    coproc xyz-view
    for _ in 1 2 3; do
        cat one.xyz >&"${COPROC[1]}"
        for _ in 1 2 3 4; do IFS= read -r -t 5 line <&"${COPROC[0]}"; done
        [ "$line" = "H 0.74 0 0 -0.25 0 0" ]
    done
    kill "$COPROC_PID"
}

@test "SIGTERM and SIGINT end with 143 and 130, with what was read written" {
    frames 1 >one.xyz
    for signal in TERM:143 INT:130; do
        mkfifo pipe
        xyz-view pipe -o out.xyz 2>err &
        exec 7>pipe
        cat one.xyz >&7
        sleep 0.5
        kill "-${signal%:*}" $!
        status=0
        wait $! || status=$?
        exec 7>&-
        [ "$status" -eq "${signal#*:}" ] || { echo "$signal: $status"; return 1; }
        [ ! -e out.xyz ] && cmp one.xyz out.xyz.part
        rm -f pipe out.xyz*
    done
}

@test "after kill -9 there is no file of that name" {
    frames 1 >one.xyz
    mkfifo pipe
    xyz-view pipe -o out.xyz.gz &
    exec 7>pipe
    cat one.xyz >&7
    sleep 0.3
    kill -9 $!
    wait $! || true
    exec 7>&-
    [ ! -e out.xyz.gz ]
}

@test "a huge declared count costs neither time nor memory" {
    printf '2147483647\na=1\nH 0 0 0\n' >huge.xyz
    limit 1000000
    run timeout 2 xyz-view -j1 huge.xyz
    [ "$status" -eq 3 ] && [[ $output == *"huge.xyz:4: frame 1: end of input: 1 of 2147483647 atom lines"* ]]
    printf '1000000000000\na=1\nH 0 0 0\n' >huge.xyz
    run timeout 2 xyz-view -j1 huge.xyz
    [ "$status" -eq 3 ] && [[ $output == *"huge.xyz:1: frame 1: "* ]]
    printf '1\nProperties=species:S:1:pos:R:3:x:R:2000000000\nH 0 0 0 1\n' >wide.xyz
    run timeout 2 xyz-view -j1 wide.xyz
    [ "$status" -eq 3 ] && [[ $output == *"wide.xyz:3: frame 1: expected 2000000004 columns, found 5"* ]]
}

@test "a million atoms in one frame pass" {
    { printf '1000000\nLattice="200 0 0 0 200 0 0 0 200" Properties=species:S:1:pos:R:3\n'
      awk 'BEGIN { for (i = 0; i < 1000000; i++) print "H", i % 100 * 2, int(i / 100) % 100 * 2, int(i / 10000) * 2 }'; } >big.xyz
    limit 2000000
    [ "$(xyz-view -j1 big.xyz | tail -n +3 | cmp - <(tail -n +3 big.xyz) && echo same)" = same ]
    [ "$(xyz-view -j1 --table natoms big.xyz | tail -n 1)" = 1000000 ]
}

@test "a comment line and rows of any length pass" {
    { printf '1\nProperties=species:S:1:pos:R:3:soap:R:20000 text='; head -c 300000 /dev/zero | tr '\0' x; printf '\nH 0 0 0'
      awk 'BEGIN { for (i = 0; i < 20000; i++) printf " %d.5", i; print "" }'; } >long.xyz
    [ "$(xyz-view --json long.xyz | grep -c '19999.5\]\]')" = 1 ]
    xyz-view long.xyz >again.xyz
    xyz-view again.xyz | cmp - again.xyz
}

@test "ASE reads what is written, and the same from what ASE writes" {
    need_ase
    frames 3 >a.xyz
    printf '1\nLattice="1 2 3 4 5 6 7 8 10" Properties=pos:R:3:species:S:1:masses:R:1 m=[[1, 2], [3, 4]] one=[5] s="a \\"b\\"" nine=[1,2,3,4,5,6,7,8,9]\n0.1 0.2 0.3 H 2.5\n' >>a.xyz
    xyz-view a.xyz -o b.xyz
    "$ASE" - <<'END'
import ase.io, numpy
a = ase.io.read('b.xyz', ':')
assert len(a) == 4
assert a[1].get_potential_energy() == -1.5 and a[1].get_forces()[1, 0] == -0.25 and a[1].info['kind'] == 'liquid'
last = a[3]
assert (last.cell[:] == [[1, 2, 3], [4, 5, 6], [7, 8, 10]]).all() and last.pbc.all()
assert (last.info['m'] == [[1, 2], [3, 4]]).all() and list(last.info['one']) == [5] and last.info['s'] == 'a "b"'
assert last.info['nine'].shape == (9,) and last.get_masses()[0] == 2.5 and last.positions[0, 2] == 0.3
numpy.random.seed(1)
for atoms in a:
    atoms.positions += numpy.random.rand(len(atoms), 3)
ase.io.write('c.extxyz', a)
END
    xyz-view c.extxyz -o d.xyz
    [ "$(xyz-view --count --where kind=liquid d.xyz)" = 1 ]
    xyz-view d.xyz | cmp - d.xyz
}

@test "a frame without finite numbers, an unknown mode or an operand too many is refused in words" {
    frames 1 >a.xyz
    run xyz-view --no-such-option a.xyz
    [ "$status" -eq 2 ]
    run xyz-view --compress=sometimes a.xyz
    [ "$status" -eq 2 ]
    run xyz-view --head=-1 a.xyz
    [ "$status" -eq 2 ]
}
