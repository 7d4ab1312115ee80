# SPDX-License-Identifier: GPL-3.0-or-later
# The dialect of extended XYZ that the stream reads: cases of our own, and those of the reference data.
load ../helper

setup() {
    cd "$BATS_TEST_TMPDIR" || exit 1
}

CELL='Lattice="4 0 0 0 4 0 0 0 4" Properties=species:S:1:pos:R:3'

# info PAIRS JSON: one atom with these pairs gives these keys
info() {
    printf '1\n%s %s\nH 0 0 0\n' "$CELL" "$1" | xyz-view --json >out 2>err || { cat err; return 1; }
    grep -qF "\"info\": $2, \"arrays\"" out || { echo "$1 gives:"; cat out; return 1; }
}

# good TEXT [JSON]: the text (a printf format) reads without a word; its JSON contains JSON
good() {
    # shellcheck disable=SC2059
    printf -- "$1" | xyz-view --json >out 2>err || { cat err; return 1; }
    [ ! -s err ] || { cat err; return 1; }
    [ -z "${2-}" ] || grep -qF "$2" out || { cat out; return 1; }
}

# bad LINE FRAME TEXT: an error with status 3 there, one line of it
bad() {
    local status=0
    # shellcheck disable=SC2059
    printf -- "$3" | xyz-view >out 2>err || status=$?
    if [ $status -ne 3 ] || [ "$(wc -l <err)" -ne 1 ] ||
        ! grep -q "^xyz-view: standard input:$1: frame $2: " err; then
        echo "$3 gives $status:"
        cat err
        return 1
    fi
}

# bad_pair PAIRS: an error in line 2
bad_pair() {
    bad 2 1 "1\n$CELL $1\nH 0 0 0\n"
}

# bad_atom PROPERTIES WORDS: an error in line 3
bad_atom() {
    bad 3 1 "1\nProperties=$1\n$2\n"
}

@test "scalars have the kind that the grammar gives them" {
    info 'a=2 b=-12 c=+7 big=9007199254740993' '{"a": 2, "b": -12, "c": 7, "big": 9007199254740993}'
    info 'a=1. b=.5 c=1d2 d=-.5D+02 e=1e3' '{"a": 1.0, "b": 0.5, "c": 100.0, "d": -50.0, "e": 1000.0}'
    info 'a=T b=false c=TRUE d=TRuE e=t' '{"a": true, "b": false, "c": true, "d": "TRuE", "e": "t"}'
    info 'a=007 b=1_0 c=1e d=0x1 e=nan f=1.2.3' \
        '{"a": "007", "b": "1_0", "c": "1e", "d": "0x1", "e": "nan", "f": "1.2.3"}'
    info 'huge=18446744073709551616' '{"huge": 18446744073709551616}'
}

@test "strings may be bare, quoted, escaped" {
    info 'a=x/y@z#;w b="two words" c=O'"'"'Brien' '{"a": "x/y@z#;w", "b": "two words", "c": "O'"'"'Brien"}'
    info 'a="q\"q" b="b\\b" c="l\nl" d="a\b" e=""' \
        '{"a": "q\"q", "b": "b\\b", "c": "l\nl", "d": "ab", "e": ""}'
    info "a='it\\'s' b={} c=[T F S]" '{"a": "it'"'"'s", "b": "", "c": "T F S"}'
    info 'a="Ångström λ"' '{"a": "Ångström λ"}'
}

@test "arrays old and new have their shape" {
    info 'a="1 2" b={1 2.5} c="7, 4" d="T F" e={a "b c"} f=" 3.5 "' \
        '{"a": [1, 2], "b": [1.0, 2.5], "c": [7, 4], "d": [true, false], "e": ["a", "b c"], "f": 3.5}'
    info 'a=[1, 2.0] b=[T,F] c=["a b", c] d=[5] e=[1, x]' \
        '{"a": [1.0, 2.0], "b": [true, false], "c": ["a b", "c"], "d": [5], "e": ["1", "x"]}'
    info 'm=[[1, 2, 3], [4, 5, 6]] f=[[1, 2], [3, 4.5]]' \
        '{"m": [[1, 2, 3], [4, 5, 6]], "f": [[1.0, 2.0], [3.0, 4.5]]}'
    info 'v="1 2 3 4 5 6 7 8 9" n=[1, 2, 3, 4, 5, 6, 7, 8, 9]' \
        '{"v": [[1, 4, 7], [2, 5, 8], [3, 6, 9]], "n": [1, 2, 3, 4, 5, 6, 7, 8, 9]}'
    info 'a="1.2 3.4 text" b="T 1"' '{"a": "1.2 3.4 text", "b": "T 1"}'
}

@test "keys may be quoted and have blanks around the equals sign" {
    info '"d e" = 4 a= 1 b =2 2body=3 hyphen-ated=x' '{"d e": 4, "a": 1, "b": 2, "2body": 3, "hyphen-ated": "x"}'
}

@test "cell and pbc are understood in every form" {
    for pbc in '"T T F"' '[T, T, F]' '{T T F}' '"True True False"' '"1 1 0"' "'T T F'"; do
        good "1\nLattice=\"1 2 3 4 5 6 7 8 10\" pbc=$pbc Properties=species:S:1:pos:R:3\nH 0 0 0\n" \
            '"lattice": [[1.0, 2.0, 3.0], [4.0, 5.0, 6.0], [7.0, 8.0, 10.0]], "pbc": [true, true, false]'
    done
    good '1\nProperties=species:S:1:pos:R:3 a=1\nH 0 0 0\n' '"lattice": null, "pbc": [false, false, false]'
    good '1\nLattice={4.0D0 0 0 0 .4d1 0 0 0 4} pbc=F\nH 0 0 0\n' '[0.0, 4.0, 0.0], [0.0, 0.0, 4.0]], "pbc": [false'
    good '1\nLattice=[[1, 2, 3], [2, 5, 6], [3, 6, 10]]\nH 0 0 0\n' '"lattice": [[1.0, 2.0, 3.0], [2.0, 5.0'
}

@test "columns of all kinds in any order" {
    good '2\nProperties=pos:R:3:tag:S:2:z:I:1:ok:L:1\n 0 1. .5\ta b -2 T \n1e1 -.5 3d0 "c" d +7 False\n' \
        '"arrays": {"pos": {"type": "R", "cols": 3, "values": [[0.0, 1.0, 0.5], [10.0, -0.5, 3.0]]}, "tag": {"type": "S", "cols": 2, "values": [["a", "b"], ["\"c\"", "d"]]}, "z": {"type": "I", "cols": 1, "values": [-2, 7]}, "ok": {"type": "L", "cols": 1, "values": [true, false]}}'
    good '1\nProperties="species:S:1:pos:R:3" a=1\nH 0 0 0\n'
}

@test "what is no list of pairs is plain XYZ, with extra columns ignored" {
    for comment in 'free text, r = 0.74' '' 'Atoms. Timestep: 10' 'a b=1' '# CELL(abcABC): 1 2' 'i = 0, time = 1.5, E = -2'; do
        good "1\n$comment\nH 0 0 0 9 9\n" "\"plain\": true, \"info\": {\"comment\": \"$comment\"}"
    done
    good '1\nenergy=-3.5 step=4\nH 0 0 0\n' '"plain": false, "info": {"energy": -3.5, "step": 4}'
}

@test "line ends, blanks and a byte order mark do not matter" {
    good '1\r\nLattice="4 0 0 0 4 0 0 0 4" a=1\r\nH 0 0 0\r\n' '"info": {"a": 1}'
    good '\xef\xbb\xbf1\na=1\nH 0 0 0.125' '[[0.0, 0.0, 0.125]]'
    good '  2 \t\n  a=1  \n\tH\t0 0 0 \n   H 1 1 1\n\n  \n' '"natoms": 2'
    good ''
    good '\n\n'
    good '0\na=1\n' '"natoms": 0'
}

@test "blank lines between frames are a warning, and an error with --strict" {
    printf '\n1\na=1\nH 0 0 0\n\n\n1\na=2\nH 0 0 0\n' >blank.xyz
    run xyz-view --count blank.xyz
    [ "$status" -eq 0 ] && [[ $output == *"line 1: blank line"*"line 5: blank line"* ]]
    [ "${lines[-1]}" = 2 ]
    run xyz-view --strict --count blank.xyz
    [ "$status" -eq 3 ] && [[ $output == *"blank.xyz:1: frame 1: "* ]]
}

@test "a key without value is true with a warning, and an error with --strict" {
    printf '1\n%s have it=3\nH 0 0 0\n' "$CELL" >bare.xyz
    run xyz-view --json bare.xyz
    [ "$status" -eq 0 ] && [[ $output == *"line 2: key without value: have"* ]]
    [[ $output == *'{"have": true, "it": 3}'* ]]
    run xyz-view --strict bare.xyz
    [ "$status" -eq 3 ] && [[ $output == *"bare.xyz:2: frame 1: "* ]]
}

@test "a bad count is an error in the first line" {
    for count in two 2.0 -1 +1 '1 1' '2 atoms' 99999999999 2147483648 1e1 0x2; do
        bad 1 1 "$count\na=1\nH 0 0 0\n"
    done
}

@test "a truncated frame is an error where the missing line would be" {
    bad 5 1 '3\na=1\nH 0 0 0\nH 1 1 1\n'
    bad 7 2 '1\na=1\nH 0 0 0\n2\na=1\nH 0 0 0\n'
    [ "$(head -n 1 out)" = 1 ] && [ "$(wc -l <out)" -eq 3 ]
    bad 2 1 '1\n'
    bad 2 1 '0'
    bad 5 1 '2000000000\na=1\nH 0 0 0\nH 1 1 1\n'
    bad 4 1 '2\na=1\nH 0 0 0\n1\na=1\nH 0 0 0\n'
}

@test "text after the atoms is an error of the next frame" {
    bad 4 2 '1\na=1\nH 0 0 0\nVEC1 1 0 0\n'
}

@test "malformed pairs are errors of the second line" {
    for pair in 'a="open' 'a=[1, 2' 'a=[[1, 2], [3]]' 'a=[[1, 2] [3, 4]]' 'a=[1, ]' 'a=[ , 2]' 'a={1, 2 "' \
        'a=b=c' 'a=b,c' 'a=x\\\\=y' 'a="x"y' 'a=1 a=2' 'a=' '=3' '""=3' 'a=}' 'a=[1 2, 3]' 'a={b {c}}' 'a=\xff' \
        'pbc="T T"' 'pbc="T T maybe"' 'pbc=2' 'pbc=T pbc=F' 'Lattice="1 0 0 0 1 0 0 0 1"' 'a=1e999' 'a=1\0002'; do
        bad_pair "$pair"
    done
    for lattice in '"4 0 0 0 x 0 0 0 4"' '"4 0 0 0 4 0 0 0"' '"1 2 3 4 5 6 7 8.09.0"' 5 '"1 0 0 0 1 0 0 0 nan"' \
        '[[1, 2, 3], [4, 5, 6], [7, 8, 10]]'; do
        bad 2 1 "1\nLattice=$lattice\nH 0 0 0\n"
    done
    bad 2 1 '1\nLattice="1 0 0 0 1 0 0 0 1" a=b=c\nH 0 0 0\n'
    bad 2 1 '1\na=1 a=2\nH 0 0 0\n'
}

@test "malformed Properties are errors of the second line" {
    for list in species species:S species:S: pos:R:3:species species:s:1 pos:R:-3 pos:R:0 pos:R:3.0 pos:R:three \
        species:S:1:pos:R:3: :S:1 species:S:1:species:S:1 pos:X:3 pos::3 pos:R:99999999999 '""' 3 pos:RR:3; do
        bad 2 1 "1\nProperties=$list\nH 0 0 0\n"
    done
}

@test "malformed atom lines are errors where they stand" {
    for word in nan inf -Infinity 0x1p3 1e 1.2.3 -10.1-100.2 NOTANUM 1e999 1,5 1_0 T; do
        bad_atom species:S:1:pos:R:3 "H 0 $word 0"
    done
    bad_atom species:S:1:pos:R:3 'H 0 0'
    bad_atom species:S:1:pos:R:3 'H 0 0 0 0'
    bad_atom species:S:1:pos:R:3 ''
    bad_atom species:S:1:pos:R:3 'H\xc2\xa00\xc2\xa00\xc2\xa00'
    bad_atom species:S:1:pos:R:3 'H\xff 0 0 0'
    bad_atom species:S:1:pos:R:3 'H\0 0 0 0'
    bad_atom species:S:1:pos:R:3 'H 0\r 0 0'
    for word in 1.0 12x 1e2 ''; do bad_atom pos:R:3:i:I:1 "0 0 0 $word"; done
    for word in maybe 1 0 t TRuE; do bad_atom pos:R:3:b:L:1 "0 0 0 $word"; done
}

@test "stress and virial have to agree" {
    info 'stress="0.01 0.02 0.03 0.003 0.002 0.001" virial="-0.64 -0.064 -0.128 -0.064 -1.28 -0.192 -0.128 -0.192 -1.92"' \
        '{"stress": [0.01, 0.02, 0.03, 0.003, 0.002, 0.001], "virial": [[-0.64, -0.064, -0.128], [-0.064, -1.28, -0.192], [-0.128, -0.192, -1.92]]}'
    bad_pair 'stress="0.01 0 0 0 0.01 0 0 0 0.01" virial="0.64 0 0 0 0.64 0 0 0 0.64"'
}

@test "what was read is written so that it reads the same, and is written the same again" {
    printf '1\n%s a=1.0 b=[5] c=[[1, 2, 3], [4, 5, 6]] d="\\3" e={"x y" z} f=[1, 2, 3, 4, 5, 6, 7, 8, 9] "g h"=nan\nH 0.10 1e-7 2.50000000000000001\n' \
        "$CELL" >in.xyz
    xyz-view in.xyz >once.xyz
    xyz-view once.xyz | cmp - once.xyz
    xyz-view --json in.xyz >in.json
    xyz-view --json once.xyz | cmp - in.json
    run grep -c '=\[' once.xyz
    [ "$output" = 0 ]
}

@test "all cases of the reference data come out as stated" {
    need_data extxyz
    command -v python3 >/dev/null || skip "no python3"
    python3 - "$DELTAQMC_DATA/extxyz" "$BIN/xyz-view" <<'END'
import json, subprocess, sys

data, program = sys.argv[1:]
def same(a, b):
    if type(a) != type(b): return False
    if isinstance(a, list): return len(a) == len(b) and all(map(same, a, b))
    if isinstance(a, dict): return a.keys() == b.keys() and all(same(a[k], b[k]) for k in a)
    return a.hex() == b.hex() if isinstance(a, float) else a == b
def view(*options, text=None):
    r = subprocess.run([program, '--compress=never', *options], input=text, capture_output=True)
    return r.returncode, r.stdout, r.stderr.decode()
def frames(text): return [json.loads(line) for line in text.decode().splitlines()]

failed = 0
for row in open(data + '/manifest.tsv').read().splitlines()[1:]:
    name, expect, line, strict_line = row.split('\t')[:4]
    path, want = data + '/files/' + name, json.load(open(data + '/expected/' + name + '.json'))
    status, out, err = view('--json', path)
    got = frames(out)
    good = status == (3 if expect == 'error' else 0) and (expect == 'ok+warn') == ('warning' in err)
    if name.startswith('z1'):
        good = status == 3 and all(map(same, got, want['frames']))
    elif expect == 'error':
        good = good and ':%d: frame %d: ' % (want['error']['line'], want['error']['frame']) in err
    good = good and (name.startswith('z1') or same(got, want['frames']))
    if strict_line and not name.startswith('z1'):
        good = good and ':%s: frame' % strict_line in view('--strict', path)[2]
    if expect != 'error':
        for f in want['frames']:
            f['plain'] = False
            f['info'] = {k: v for k, v in f['info'].items() if v != ''}
        good = good and same(frames(view('--json', text=view(path)[1])[1]), want['frames'])
    if not good:
        failed += 1
        print(name, status, err)
sys.exit(failed != 0)
END
}
