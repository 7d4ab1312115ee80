# SPDX-License-Identifier: GPL-3.0-or-later
# What the Makefile does besides building. Nested runs of make must not inherit the outer one's options.
load ../helper

setup() {
    cd "$BATS_TEST_DIRNAME/../.." || exit 1
    [[ $BIN == */build/bin ]] || skip "only for the release build"
    [ -e build/config.mk ] || skip "make has not run here"
}

quiet_make() { env -u MAKEFLAGS -u MAKELEVEL -u MAKEOVERRIDES make --no-print-directory "$@"; }

@test "install puts every program and page in place, and uninstall takes them away again" {
    quiet_make install DESTDIR="$BATS_TEST_TMPDIR" PREFIX=/usr >/dev/null
    for source in cmd/*.c; do [ -x "$BATS_TEST_TMPDIR/usr/bin/$(basename "$source" .c)" ]; done
    for page in man/*.[157]; do cmp "$page" "$BATS_TEST_TMPDIR/usr/share/man/man${page##*.}/${page#man/}"; done
    quiet_make uninstall DESTDIR="$BATS_TEST_TMPDIR" PREFIX=/usr >/dev/null
    run find "$BATS_TEST_TMPDIR" -type f
    [ -z "$output" ]
}

@test "a second make has nothing to do, other flags compile everything again" {
    local one=("OUT=$BATS_TEST_TMPDIR" "$BATS_TEST_TMPDIR/libcommon/base/err.o")
    run quiet_make "${one[@]}"
    [[ "$output" == *"-c libcommon/base/err.c"* ]]
    run quiet_make "${one[@]}"
    [[ "$output" != *"-c libcommon/base/err.c"* ]]
    run quiet_make "${one[@]}" ARCH=x86-64
    [[ "$output" == *"-march=x86-64 "*"-c libcommon/base/err.c"* ]]
    run quiet_make "${one[@]}" ARCH=x86-64
    [[ "$output" != *"-c libcommon/base/err.c"* ]]
}

@test "MPI=0 builds without MPI what otherwise has it where there is one" {
    run quiet_make OUT="$BATS_TEST_TMPDIR" MPI=0 "$BATS_TEST_TMPDIR/libcommon/base/ranks_mpi.o"
    [ "$status" -eq 0 ]
    [[ "$output" == *"-c libcommon/base/ranks_mpi.c"* && "$output" != *HAVE_MPI* ]]
    run quiet_make -n all MPI=0
    [[ "$output" != *"-lmpi"* && "$output" == *"no MPI"* ]]
    grep -q '^MPI_LIBS := ' build/config.mk || return 0
    run quiet_make -n all OUT="$BATS_TEST_TMPDIR"
    [[ "$output" == *HAVE_MPI* && "$output" == *"MPI ("* && "$output" == *-lmpi* ]]
}

@test "compilers and kinds of build have folders of their own" {
    run quiet_make -n all CC=clang ARCH=x86-64-v2
    [[ "$output" == *"-march=x86-64-v2"*"build/release-clang/libcommon/base/rng.o"* ]]
    run quiet_make -n all SANITIZE=1
    [[ "$output" == *"-fsanitize=address,undefined"*"build/sanitize/"* ]]
    run quiet_make -n all DEBUG=1
    [[ "$output" == *"-O0"*"build/debug/"* ]]
}

@test "make help lists the goals" {
    run quiet_make help
    [ "$status" -eq 0 ]
    for goal in all check demo bench lint man install uninstall clean; do [[ "$output" == *"make $goal "* ]]; done
}

@test "the list of options is put between the markers of a page, once and in place" {
    printf '#!/bin/sh\necho .Bl\necho .El\n' >"$BATS_TEST_TMPDIR/program"
    chmod +x "$BATS_TEST_TMPDIR/program"
    printf '%s\n' one '.\" options: begin' old '.\" options: end' two >"$BATS_TEST_TMPDIR/page"
    for _ in 1 2; do .ci/man-options "$BATS_TEST_TMPDIR/program" "$BATS_TEST_TMPDIR/page"; done
    printf '%s\n' one '.\" options: begin' .Bl .El '.\" options: end' two | diff - "$BATS_TEST_TMPDIR/page"
    echo one >"$BATS_TEST_TMPDIR/page"
    run .ci/man-options "$BATS_TEST_TMPDIR/program" "$BATS_TEST_TMPDIR/page"
    [ "$status" -eq 1 ]
}
