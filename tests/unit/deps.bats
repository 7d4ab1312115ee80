# SPDX-License-Identifier: GPL-3.0-or-later
# .ci/deps on machines where something is missing, made of a PATH with links to what is there.
load ../helper

setup() {
    cd "$BATS_TEST_TMPDIR" || exit 1
    mkdir path
    for program in sh sed uname id env cc make; do ln -s "$(command -v $program)" path/$program; done
    DEPS=$BATS_TEST_DIRNAME/../../.ci/deps
}

# fake NAME: a program that writes its arguments to the log
fake() {
    printf '#!/bin/sh\necho "%s $*" >>"%s/log"\n' "$1" "$PWD" >"path/$1"
    chmod +x "path/$1"
}

@test "without pkg-config, Debian's packages are installed, compiler and headers included" {
    fake apt-get
    printf '#!/bin/sh\necho 0\n' >path/uid
    rm path/id
    mv path/uid path/id
    chmod +x path/id
    PATH=$PWD/path run sh "$DEPS"
    grep -q 'apt-get .*update' log
    grep 'install -y' log | head -n 1 >first
    for package in build-essential pkg-config libopenblas-dev liblapacke-dev libgsl-dev libfftw3-dev libxc-dev \
        zlib1g-dev librandom123-dev bats gnuplot-nox; do
        grep -q " $package" first
    done
    [ "$status" -ne 0 ] # nothing was really installed, and that is said
}

@test "one who is not root goes through sudo" {
    fake sudo
    fake apt-get
    rm path/id
    printf '#!/bin/sh\necho 1000\n' >path/id
    chmod +x path/id
    PATH=$PWD/path run sh "$DEPS"
    grep -q '^sudo env DEBIAN_FRONTEND=noninteractive apt-get .*install -y' log
}

@test "without sudo the command for root is named" {
    fake apt-get
    rm path/id
    printf '#!/bin/sh\necho 1000\n' >path/id
    chmod +x path/id
    PATH=$PWD/path run sh "$DEPS"
    [ "$status" -eq 1 ]
    [[ "$output" == *"As root, run: apt-get install build-essential"* ]]
    [ ! -e log ]
}

@test "systems without apt-get get the names of the packages" {
    PATH=$PWD/path run sh "$DEPS"
    [ "$status" -eq 1 ]
    [[ "$output" == *"Fedora: "*"gsl-devel"*"Arch: "*"libxc"*"Homebrew: "*"openblas"* ]]
}

@test "flags come with OpenBLAS before GSL and without GSL's own BLAS" {
    command -v pkg-config || skip "no pkg-config"
    run sh "$DEPS"
    [ "$status" -eq 0 ]
    [[ "$output" == *"-lopenblas"*"-lgsl "* ]]
    [[ "$output" != *gslcblas* ]]
}
