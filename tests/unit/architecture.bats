# SPDX-License-Identifier: GPL-3.0-or-later
# Which folder may include which: the table of CONTRIBUTING.md. dft, qmc, ml, md and eos never meet.
load ../helper

declare -gA allowed=(
    [base]="base"
    [maths]="maths base"
    [crystal]="crystal base maths"
    [basis]="basis base maths crystal"
    [dft]="dft base maths crystal basis"
    [qmc]="qmc base maths crystal basis"
    [ml]="ml base maths crystal"
    [md]="md base maths crystal"
    [eos]="eos base maths"
    [formats]="formats base crystal"
    [cmd]="cmd base maths crystal basis dft qmc ml md eos formats"
)

# upward_includes ROOT: one line for every include that the table forbids; nothing when all is well
upward_includes() {
    local root=$1 file folder included
    while IFS=: read -r file included; do
        folder=${file#"$root"/}
        folder=${folder#libcommon/}
        folder=${folder%%/*}
        [[ $included == */* ]] || { echo "$file: write \"folder/$included\""; continue; }
        [[ " ${allowed[$folder]-} " == *" ${included%%/*} "* ]] || echo "$file includes $included"
    done < <(grep -rHoE '^ *# *include *"[^"]+"' --include='*.[ch]' "$root/libcommon" "$root/formats" "$root/cmd" 2>/dev/null |
        sed -E 's/: *# *include *"([^"]+)"/:\1/')
}

@test "no folder includes one that stands above it or beside it" {
    run upward_includes "$BATS_TEST_DIRNAME/../.."
    [ -z "$output" ] || { echo "$output"; return 1; }
}

@test "the table knows every folder" {
    cd "$BATS_TEST_DIRNAME/../.."
    for folder in libcommon/*/; do
        folder=$(basename "$folder")
        [ -n "${allowed[$folder]-}" ] || { echo "$folder is not in the table"; return 1; }
    done
}

@test "an upward include would be found" {
    cd "$BATS_TEST_TMPDIR"
    mkdir -p libcommon/md libcommon/base formats cmd
    echo '#include "crystal/system.h"' >libcommon/md/good.c
    echo '  #  include "ml/fit.h"' >libcommon/md/bad.c
    echo '#include "formats/frame.h"' >libcommon/base/bad.h
    echo '#include "dft/scf.h"' >formats/bad.c
    echo '#include "local.h"' >formats/plain.c
    echo '#include "dft/scf.h"' >cmd/good.c
    run upward_includes .
    [ "${#lines[@]}" -eq 4 ]
    [[ "$output" == *"md/bad.c includes ml/fit.h"* ]]
    [[ "$output" == *"base/bad.h includes formats/frame.h"* ]]
    [[ "$output" == *"formats/bad.c includes dft/scf.h"* ]]
    [[ "$output" == *'formats/plain.c: write "folder/local.h"'* ]]
}

@test "constants of nature stand in base/units.h only" {
    cd "$BATS_TEST_DIRNAME/../.."
    run grep -srnE '0\.52917|27\.2113|1822\.88|0\.024188|315775|29421\.0|2187\.69' \
        --include='*.[ch]' libcommon formats cmd
    run grep -v '^libcommon/base/units.h' <<<"$output"
    [ -z "$output" ] || { echo "$output"; return 1; }
}

@test "every source file begins with its licence" {
    cd "$BATS_TEST_DIRNAME/../.."
    run grep -L 'SPDX-License-Identifier: GPL-3.0-or-later' libcommon/*/*.[ch] formats/*.[ch] tests/unit/*.[ch]
    [ -z "$output" ] || { echo "$output"; return 1; }
}

@test "every case of a C driver is run by some test" {
    cd "$BATS_TEST_DIRNAME/.."
    local words source driver name
    words=$(grep -rhoE '\w+' --include='*.bats' . | sort -u)
    for source in unit/*.c; do
        grep -q '\bcheck_main(' "$source" || continue
        driver=$(basename "$source" .c)
        for name in $("$DRIVERS/$driver"); do
            grep -qx "$name" <<<"$words" || { echo "$driver $name"; return 1; }
        done
    done
}
