# SPDX-License-Identifier: GPL-3.0-or-later
load ../helper

@test "values are taken after a blank or an equals sign, negative ones too" { unit opt values; }
@test "shared options have long and short names" { unit opt shared; }
@test "operands are what is left, and all after --" { unit opt operands; }
@test "options that may be repeated collect in order" { unit opt lists; }
@test "mistakes are usage errors that say what would be right" { unit opt mistakes; }
@test "history names what differs from the defaults" { unit opt history; }
@test "history reads back bit-identical" { unit opt history_bits; }
@test "lists of quantities are read" { unit opt quantities; }

@test "--help shows defaults and units within 80 columns and ends with status 0" {
    run "$DRIVERS/opt" run --cutoff 3 --help
    [ "$status" -eq 0 ]
    while IFS= read -r line; do [ ${#line} -le 80 ]; done <<<"$output"
    output=$(tr -s ' \n' ' ' <<<"$output")
    [[ "$output" == *"--cutoff eV"*"plane-wave cut-off [default 816.342 eV = 30 Ha]"* ]]
    [[ "$output" == *"[default 0.002385 1/fs = 2.385 1/ps]"* ]]
    [[ "$output" == *"largest pressure [not set]"* ]]
    [[ "$output" == *"Trial function:"* ]]
    [[ "$output" == *"[default bcc]"* ]]
}

@test "--help=mdoc is a clean list of all options, shared ones included" {
    run "$DRIVERS/opt" run --help=mdoc
    [ "$status" -eq 0 ]
    [[ "$output" == *".It Fl \\-cutoff Ar eV"*".It Fl o , Fl \\-output Ar FILE"* ]]
    [[ "$output" != *"write .orbitals"* ]]
    {
        printf '.Dd November 23, 2026\n.Dt OPT 1\n.Os\n.Sh NAME\n.Nm opt\n.Nd test\n.Sh OPTIONS\n'
        printf '%s\n' "$output"
    } >"$BATS_TEST_TMPDIR/opt.1"
    command -v mandoc || skip "no mandoc"
    run mandoc -T lint -W warning "$BATS_TEST_TMPDIR/opt.1"
    [ -z "$output" ] || { echo "$output"; return 1; }
}

@test "--version names the version, the compiler and the libraries" {
    run "$DRIVERS/opt" run --orbitals -V
    [ "$status" -eq 0 ]
    [[ "${lines[0]}" =~ ^made-up\ \(deltaqmc\)\ [0-9]+\.[0-9]+\.[0-9]+$ ]]
    [[ "$output" == *"compiler: "*"build: "*"libxc "* ]]
}

@test "help that cannot be written is a failure of the system" {
    run "$DRIVERS/opt" run --help >/dev/null
    run bash -c '"$1" run --help >/dev/full' _ "$DRIVERS/opt"
    [ "$status" -eq 4 ]
    [[ "$output" == *"cannot write"* ]]
}
