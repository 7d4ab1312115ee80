# SPDX-License-Identifier: GPL-3.0-or-later
# The examples of the manual pages, run as they stand, in order, in a fresh directory.
load ../helper

# commands PAGE: the lines after "$ " in the literal blocks of EXAMPLES, with what they continue on
commands() {
    awk '/^\.Sh / { examples = /^\.Sh EXAMPLES/ }
        /^\.Bd / { block = 1; next }
        /^\.Ed/ { block = 0; next }
        examples && block && (more || /^\$ /) {
            sub(/^\$ /, "")
            more = /(\\e|\\|\||&&)$/
            print
        }' "$1" | sed -e "s/\\\\(aq/'/g" -e 's/\\(dq/"/g' -e 's/\\-/-/g' -e 's/\\&//g' -e 's/\\e/\\/g'
}

# Half an hour is for a sanitized build on a busy machine; what hangs must end at last.
examples() {
    local page=$BATS_TEST_DIRNAME/../../man/$1
    [ -e "$page" ] || { echo "no such page"; return 1; }
    cd "$BATS_TEST_TMPDIR" || return 1
    commands "$page" >script
    [ -s script ] || { echo "$1 has no examples that can be run"; return 1; }
    run timeout 1800 bash -euxo pipefail script </dev/null
    [ "$status" -eq 0 ] || { printf '%s\n' "$output" | tail -n 30; return 1; }
}

@test "the examples of xyz-view work as they stand" { examples xyz-view.1; }
@test "the examples of cell-build work as they stand" { examples cell-build.1; }
@test "the examples of dft-baseline work as they stand" { examples dft-baseline.1; }
@test "the examples of qmc-sample work as they stand" { examples qmc-sample.1; }
@test "the examples of qmc-force work as they stand" { examples qmc-force.1; }
@test "the examples of soap-describe work as they stand" { examples soap-describe.1; }
@test "the examples of kernel-fit work as they stand" { examples kernel-fit.1; }
@test "the examples of kernel-predict work as they stand" { examples kernel-predict.1; }
@test "the examples of delta-md work as they stand" { examples delta-md.1; }
@test "the examples of md-average work as they stand" { examples md-average.1; }
@test "the examples of hugoniot work as they stand" { examples hugoniot.1; }
@test "the tour of deltaqmc(7) works as it stands" { examples deltaqmc.7; }

@test "no manual page of a program is left out here" {
    for page in "$BATS_TEST_DIRNAME"/../../man/*.1; do
        grep -q "examples $(basename "$page");" "$BATS_TEST_FILENAME"
    done
}

@test "an example that fails would be found" {
    cd "$BATS_TEST_TMPDIR"
    printf '%s\n' '.Sh EXAMPLES' '.Bd -literal' '$ echo a\e' '  b' 'a b' '$ false |' '  cat' '.Ed' '.Sh SEE ALSO' \
        '.Bd -literal' '$ echo no' '.Ed' >page
    commands page >script
    printf '%s\n' "echo a\\" '  b' 'false |' '  cat' | diff - script
    run bash -euo pipefail script
    [ "$status" -ne 0 ]
}
