# SPDX-License-Identifier: GPL-3.0-or-later
# What holds for every program: help, version, manual page, usage errors.
load ../helper

setup() {
    ROOT=$BATS_TEST_DIRNAME/../..
    PROGRAMS=()
    for source in "$ROOT"/cmd/*.c; do PROGRAMS+=("$(basename "$source" .c)"); done
    cd "$BATS_TEST_TMPDIR" || exit 1
}

# for_each FUNCTION: run it with the name of every program; fails with the names for which it fails
for_each() {
    local program failed=()
    [ ${#PROGRAMS[@]} -gt 0 ]
    for program in "${PROGRAMS[@]}"; do
        "$1" "$program" || failed+=("$program")
    done
    [ ${#failed[@]} -eq 0 ] || { echo "fails for: ${failed[*]}"; return 1; }
}

@test "--help goes to standard output, is at most 80 columns wide, and ends with status 0" {
    help() {
        "$1" --help >out 2>err </dev/null || return 1
        [ -s out ] && [ ! -s err ] || return 1
        grep -q "^usage: $1 " out || return 1
        if grep -nE '^.{81}' out; then return 1; fi
        "$1" -h </dev/null | cmp - out
    }
    for_each help
}

@test "--version names program, version, compiler and libraries" {
    version() {
        "$1" --version >out 2>err </dev/null || return 1
        [ ! -s err ] && grep -qE "^$1 \(deltaqmc\) [0-9]+\.[0-9]+\.[0-9]+$" out || return 1
        grep -q '^compiler: ' out && grep -q '^libraries: .*libxc' out || return 1
        "$1" -V </dev/null | cmp - out
    }
    for_each version
}

@test "help that cannot be written ends with status 4" {
    full() {
        local status=0
        "$1" --help >/dev/full 2>err </dev/null || status=$?
        [ $status -eq 4 ] && grep -q "^$1: " err
    }
    for_each full
}

@test "an unknown option ends with status 2 and the nearest name" {
    unknown() {
        local status=0
        "$1" --sede=3 >out 2>err </dev/null || status=$?
        [ $status -eq 2 ] && [ ! -s out ] && grep -q "^$1: unknown option '--sede'; did you mean --seed?" err
    }
    for_each unknown
}

# The quantities of a program are the options whose value is the name of a unit.
quantities() {
    "$1" --help=mdoc | sed -nE 's|^\.It Fl \\-([a-z0-9-]+) Ar (eV\|A\|fs\|K\|GPa\|eV/A3\|g/cm3\|eV/A\|amu\|A/fs\|km/s\|A3\|1/fs\|1/A)$|\1 \2|p'
}

@test "a quantity with a unit of another dimension ends with status 2 and says what is expected" {
    found=0
    wrong() {
        local name unit bad status
        while read -r name unit; do
            bad=3K
            [ "$unit" != K ] || bad=3eV
            status=0
            "$1" "--$name" $bad >out 2>err </dev/null || status=$?
            if [ $status -ne 2 ] || ! grep -q "^$1: --$name: '$bad' is .* is expected" err; then
                echo "$1 --$name $bad: status $status: $(cat err)"
                return 1
            fi
            found=$((found + 1))
        done < <(quantities "$1")
    }
    for_each wrong
    [ "$found" -gt 0 ]
}

@test "every program has a manual page whose options are those of --help=mdoc" {
    options() {
        local page=$ROOT/man/$1.1
        [ -e "$page" ] || { echo "$page is missing"; return 1; }
        sed -n '/^\.\\" options: begin$/,/^\.\\" options: end$/p' "$page" | sed '1d;$d' >stands
        "$1" --help=mdoc </dev/null >should || return 1
        [ -s should ] && diff stands should || { echo "$page: run make man"; return 1; }
    }
    for_each options
}

@test "manual pages have all their sections" {
    sections() {
        local section
        for section in NAME SYNOPSIS DESCRIPTION OPTIONS EXAMPLES 'EXIT STATUS' 'SEE ALSO'; do
            grep -qx "\.Sh $section" "$ROOT/man/$1.1" || { echo "$1.1 lacks $section"; return 1; }
        done
    }
    for_each sections
}

@test "the tour, the README and the tests know every program" {
    known() {
        grep -q "$1" "$ROOT/man/deltaqmc.7" && grep -q "$1" "$ROOT/README.md" && [ -e "$ROOT/tests/cli/$1.bats" ]
    }
    for_each known
}

@test "manual pages are clean" {
    command -v mandoc || skip "no mandoc"
    mandoc -T lint -W warning "$ROOT"/man/*.[157] >out 2>&1 || true
    if grep -vE 'referenced manual not found|mandoc\.db' out; then return 1; fi
}

@test "the stream's manual page names the keys of the table and no others" {
    sed -nE 's/^ *(KEY|COLUMN)\("([A-Za-z_]+)".*/\2/p' "$ROOT/formats/keys.c" | sort -u >table
    sed -nE 's/^\.It Va (.*)$/\1/p' "$ROOT/man/deltaqmc-stream.5" | grep -vxE 'Lattice|pbc|Properties' | sort -u >page
    [ -s table ]
    diff table page
}

@test "threads that wait for each other leave the processors to others, unless the user says how long to wait" {
    waits() { "$@" cell-build --molecule H2 -j 2 -o /dev/null 2>&1 | sed -n 's/.*GOMP_SPINCOUNT = //p' | tail -n 1; }
    export OMP_DISPLAY_ENV=verbose
    [ "$(waits env -u GOMP_SPINCOUNT -u OMP_WAIT_POLICY)" = "'10000'" ]
    [ "$(waits env GOMP_SPINCOUNT=777)" = "'777'" ]
    usual=$(waits env -u GOMP_SPINCOUNT OMP_WAIT_POLICY=active)
    [ -n "$usual" ] && [ "$usual" != "'10000'" ]
}

@test "what a program sets for its own threads is not handed to the programs that it starts" {
    cd "$BATS_TEST_TMPDIR"
    cell-build --molecule H2 -o h2.xyz
    for theirs in '' OPENBLAS_NUM_THREADS=7 GOMP_SPINCOUNT=777; do
        run env -u GOMP_SPINCOUNT -u OMP_WAIT_POLICY -u OPENBLAS_NUM_THREADS $theirs \
            delta-md -q -j 2 --baseline 'env >environment; exit 1' --temperature 300K h2.xyz -o md.xyz
        [ "$status" -ne 0 ]
        run grep -e GOMP_SPINCOUNT -e OPENBLAS_NUM_THREADS -e DELTAQMC_THREADS environment
        [ "$output" = "$theirs" ]
    done
}

@test "no threads are started that do nothing, whatever the user sets" {
    cd "$BATS_TEST_TMPDIR"
    mkfifo in
    threads() { # threads VARIABLE=VALUE: of a program that computes with one and waits for its input
        env -u GOMP_SPINCOUNT -u OMP_WAIT_POLICY -u OPENBLAS_NUM_THREADS "$1" dft-baseline -q -j 1 in >out &
        # opens when the program does, and not for ever where that is dead
        timeout 20 bash -c 'exec 4>in; find "/proc/$0/task" -mindepth 1 -maxdepth 1 | wc -l' $!
        wait $!
    }
    for theirs in A=B GOMP_SPINCOUNT=777 OMP_WAIT_POLICY=passive; do
        [ "$(threads "$theirs")" -eq 1 ]
    done
}

@test "tables and logs go into named pipes and devices, which stay what they are" {
    cell-build --lattice molecular --atoms 16 --rs 1.6 |
        awk '/Lattice/ { sub(/pos:R:3/, "pos:R:3:x_forces:R:3"); $0 = $0 " x_energy=" n++ } /^H / { $0 = $0 " 0 0 0.1" } 1' >x.xyz
    mkfifo pipe
    through() { # through COMMAND...: what comes out of the pipe is in the file `out`
        timeout 20 cat pipe >out &
        "$@" && wait $! && [ -p pipe ]
    }
    through kernel-fit -q --target x --sparse 10 --report pipe x.xyz -o model.xyz
    grep -q "^training" out
    through delta-md -q --model model.xyz --temperature 300K --steps 3 --every 1 --log pipe x.xyz -o run.xyz
    [ "$(grep -c "^[0-9]" out)" -ge 1 ]
    through md-average -q --table pipe run.xyz -o /dev/null
    [ -s out ] && [ "$(find . -name "*.tmp*" -o -name "*.part" | wc -l)" -eq 0 ]
    # an open file is written from where it stands: nothing of what is in it is lost
    ln -s /proc/self/fd/3 third
    { echo before >&3; md-average -q --table third run.xyz -o average.xyz; echo after >&3; } 3>whole
    [ "$(head -n 1 whole)" = before ] && [ "$(tail -n 1 whole)" = after ] && [ "$(wc -l <whole)" -gt 2 ] && [ -L third ]
}

@test "a file that is read is not written, and no file is written twice" {
    cell-build --molecule H2 -o h.xyz
    cell-build --lattice molecular --atoms 16 --rs 1.6 |
        awk '/Lattice/ { sub(/pos:R:3/, "pos:R:3:x_forces:R:3"); $0 = $0 " x_energy=" n++ } /^H / { $0 = $0 " 0 0 0.1" } 1' >x.xyz
    kernel-fit -q --target x --sparse 10 x.xyz -o m.gz
    cp h.xyz keep
    refused() { # refused COMMAND...: a usage error in one line, and h.xyz as it was
        status=0
        "$@" >out 2>err || status=$?
        [ "$status" -eq 2 ] && [ "$(wc -l <err)" -eq 1 ] && [ ! -s out ] && cmp keep h.xyz || { echo "$@"; cat err; return 1; }
    }
    ln -s h.xyz link
    refused dft-baseline --scf-log h.xyz h.xyz
    refused dft-baseline --scf-log link h.xyz -o o.xyz
    refused dft-baseline --scf-log "$PWD/h.xyz" <h.xyz
    refused dft-baseline --scf-log ./new h.xyz -o new
    grep -q -e "--scf-log and --output are one file: './new'" err
    refused qmc-sample --opt-log h.xyz h.xyz
    refused qmc-sample --opt-log new --structure-factor new h.xyz
    refused qmc-sample --checkpoint new h.xyz -o new
    refused qmc-sample --jastrow h.xyz x.xyz -o h.xyz
    refused qmc-force --checkpoint h.xyz h.xyz
    refused md-average --table h.xyz h.xyz
    refused md-average --rdf new --table "$PWD/new" h.xyz
    refused kernel-fit --target x --report h.xyz h.xyz
    refused kernel-fit --target x --validate h.xyz x.xyz -o h.xyz
    refused hugoniot --initial-energy 0 --table h.xyz h.xyz
    refused hugoniot --initial-energy 0 --compare "theirs=h.xyz" --table h.xyz x.xyz
    refused hugoniot --initial-energy 0 --plot a.svg --plot-velocity a.svg h.xyz
    refused delta-md --model m.gz --temperature 300K --log h.xyz h.xyz
    cp m.gz model
    refused delta-md --model m.gz --temperature 300K x.xyz -o m.gz
    cmp m.gz model
    # what may be: output over an input, one device for all
    dft-baseline -q --ecut 8Ha --scf-log /dev/null h.xyz -o h.xyz
    grep -q dft_energy h.xyz
    delta-md -q --model m.gz --temperature 300K --steps 1 --every 1 --log /dev/null x.xyz -o /dev/null
}
