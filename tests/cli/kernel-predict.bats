# SPDX-License-Identifier: GPL-3.0-or-later
load ../helper
load ../pair_labels

setup_file() {
    cd "$BATS_FILE_TMPDIR" || exit 1
    local small=(-q -j 1 --sparse 40 --n-max 5 --l-max 3 --energy-noise 15meV --stress-noise 1GPa)
    cell-build --fluid atomic --atoms 12 --rs 1.9 --count 8 | pair_labels dft >train.xyz
    cell-build --fluid atomic --atoms 12 --rs 1.9 --count 4 --seed 9 --label new >cells.xyz
    kernel-fit "${small[@]}" --target dft train.xyz -o a.xyz
    kernel-fit "${small[@]}" --target dft --cutoff 2.2A --zeta 2 train.xyz -o b.xyz
}

setup() {
    cd "$BATS_FILE_TMPDIR" || exit 1
}

status_is() {
    [ "$status" -eq "$1" ] || { echo "status $status: $output"; return 1; }
    [[ "$output" == *"kernel-predict: "* ]]
}

@test "energy, forces, stress and uncertainty are written, all else stays" {
    kernel-predict --model a.xyz cells.xyz -o out.xyz
    xyz-view --table energy,energy_uncertainty,stress,config_type out.xyz | awk -F'\t' 'NR > 1 && ($2 > 0) && $NF == "new" { n++ } END { exit n != 4 }'
    grep -q 'Properties=species:S:1:pos:R:3:forces:R:3' out.xyz
    grep -q 'history="cell-build.*; kernel-predict ' out.xyz
    [ "$(grep -c '^H ' out.xyz)" -eq 48 ]
}

@test "several models are added up" {
    for m in a b; do kernel-predict --model $m.xyz cells.xyz | xyz-view --table energy,energy_uncertainty >$m.tsv; done
    kernel-predict --model a.xyz --model b.xyz cells.xyz | xyz-view --table energy,energy_uncertainty >sum.tsv
    paste a.tsv b.tsv sum.tsv | awk 'NR > 1 { d = $1 + $3 - $5; u = sqrt($2 ^ 2 + $4 ^ 2) - $6
        if (d * d > 1e-16 || u * u > 1e-16) exit 1; n++ } END { exit n != 4 }'
}

@test "forces are minus the slope of the energy on the stream" {
    xyz-view --frames 1 cells.xyz >x.xyz
    awk 'NR == 7 { $3 = sprintf("%.12f", $3 + 0.0005) } 1' x.xyz >up.xyz
    awk 'NR == 7 { $3 = sprintf("%.12f", $3 - 0.0005) } 1' x.xyz >down.xyz
    f=$(kernel-predict --model a.xyz x.xyz | awk 'NR == 7 { print $6 }')
    kernel-predict --model a.xyz up.xyz down.xyz | xyz-view --table energy |
        awk -v f="$f" 'NR > 1 { e[NR] = $1 } END { d = -(e[2] - e[3]) / 0.001 - f; if (d * d > 1e-8 * (1 + f * f)) { print d, f; exit 1 } }'
}

@test "--key writes one energy and leaves the others" {
    kernel-predict --model a.xyz cells.xyz | kernel-predict --key entropy --model b.xyz >out.xyz
    xyz-view --table energy,entropy_energy out.xyz >t.tsv
    kernel-predict --model a.xyz cells.xyz | xyz-view --table energy >a.tsv
    kernel-predict --model b.xyz cells.xyz | xyz-view --table energy >b.tsv
    paste a.tsv b.tsv t.tsv | awk 'NR > 1 { if ($1 != $3 || $2 != $4) exit 1; n++ } END { exit n != 4 }'
}

@test "--baseline-label adds a label on the frame to the models" {
    kernel-predict --model a.xyz train.xyz -o plain.xyz
    sed 's/dft_energy=/dft_entropy_energy=0.25 dft_free_energy=/' train.xyz | kernel-predict --model a.xyz --baseline-label dft -o sum.xyz
    xyz-view --table energy,stress,dft_energy,dft_stress plain.xyz >plain.tsv
    xyz-view --table energy,stress,entropy_energy sum.xyz >sum.tsv
    paste plain.tsv sum.tsv | awk 'NR > 1 { for (k = 1; k <= 10; k++) { d = $k + $(k + 10) - $(k + 20); if (d * d > 1e-16) exit 1 }
        if ($31 != 0.25) exit 1; n++ } END { exit n != 8 }'
    # columns: species, pos, dft_forces, forces
    paste plain.xyz sum.xyz | awk 'NF == 20 { for (k = 5; k <= 7; k++) { d = $k + $(k + 3) - $(k + 13); if (d * d > 1e-16) exit 1 }; n++ }
        END { exit n != 96 }'
    grep -q entropy_energy plain.xyz && return 1
    # no model: the label alone, without an entropy of something else
    sed 's/dft_energy=/entropy_energy=3 dft_energy=/' train.xyz | kernel-predict --baseline-label dft | xyz-view --table energy,dft_energy,entropy_energy |
        awk 'NR > 1 { if ($1 != $2 || $3 != "NA") exit 1; n++ } END { exit n != 8 }'
    kernel-predict --baseline-label '' --key copy plain.xyz | xyz-view --table energy,copy_energy | awk 'NR > 1 { if ($1 != $2) exit 1; n++ } END { exit n != 8 }'
    kernel-predict --model a.xyz --baseline-label dft --key all train.xyz | xyz-view --table all_energy |
        paste - sum.tsv | awk 'NR > 1 { if ($1 != $2) exit 1; n++ } END { exit n != 8 }'
}

@test "an empty --baseline-label takes what was written last, and keeps its entropy" {
    sed 's/dft_energy=/free_energy=5 free_energy_error=1 entropy_energy=3 &/' train.xyz >stale.xyz
    kernel-predict --model a.xyz stale.xyz >first.xyz
    run grep -c free_energy first.xyz
    [ "$output" = 0 ]
    kernel-predict --model b.xyz --baseline-label '' first.xyz | xyz-view --table energy,entropy_energy >sum.tsv
    kernel-predict --model a.xyz --model b.xyz train.xyz | xyz-view --table energy | paste - sum.tsv |
        awk 'NR > 1 { d = $1 - $2; if (d * d > 1e-16 || $3 != 3) { print; exit 1 } n++ } END { exit n != 8 }'
    # with --key the frame keeps its energies; the free one is the one of its forces, as in ASE
    sed 's/ energy=/ free_energy=5 energy=/' first.xyz | kernel-predict --baseline-label '' --key copy |
        xyz-view --table free_energy,copy_energy | awk 'NR > 1 { if ($1 != 5 || $2 != 5) { print; exit 1 } n++ } END { exit n != 8 }'
}

@test "error bars of what stood there before go with it" {
    sed 's/dft_energy=/energy=1 energy_error=2 stress_error="1 1 1 1 1 1 1 1 1" sum_energy=3 sum_energy_error=4 &/' train.xyz |
        sed 's/Properties=[^ ]*/&:forces_error:R:3/; s/^H .*/& 1 1 1/' >old.xyz
    [ "$(grep -c 'forces_error:R:3' old.xyz)" = 8 ]
    kernel-predict --model a.xyz old.xyz >new.xyz
    run grep -c ' energy_error\|stress_error\|forces_error' new.xyz
    [ "$output" = 0 ]
    kernel-predict --model a.xyz --key sum old.xyz >new.xyz
    run grep -c 'sum_energy_error' new.xyz
    [ "$output" = 0 ]
    [ "$(grep -c ' energy=1 energy_error=2 stress_error' new.xyz)" = 8 ]
}

@test "a label that is missing ends with status 3, one for a server of forces with status 2" {
    run kernel-predict --model a.xyz --baseline-label dft cells.xyz
    status_is 3 && [[ "$output" == *"dft_energy is missing"* ]]
    sed 's/dft_stress="[^"]*"//' train.xyz >nostress.xyz
    run kernel-predict --model a.xyz --baseline-label dft nostress.xyz
    status_is 3 && [[ "$output" == *"dft_stress is missing"* ]]
    run kernel-predict --baseline-label dft --ipi unix:x train.xyz
    status_is 2
}

@test "results are the same for any number of threads, from a pipe and from a compressed file" {
    kernel-predict -j 1 --model a.xyz cells.xyz -o one.xyz
    kernel-predict -j 2 --model a.xyz <cells.xyz | cmp - one.xyz
    gzip -c cells.xyz >cells.xyz.gz
    kernel-predict --model a.xyz --compress=never cells.xyz.gz | cmp - one.xyz
    gzip -c a.xyz >packed.xyz.gz
    kernel-predict --model packed.xyz.gz cells.xyz | xyz-view --table energy,stress >packed.tsv
    xyz-view --table energy,stress one.xyz | cmp - packed.tsv
}

@test "open boundaries have no stress, and an old one does not stay" {
    printf '2\nProperties=species:S:1:pos:R:3 pbc="F F F" stress="1 0 0 0 1 0 0 0 1"\nD 0 0 0\nH 0 0 0.8\n' >pair.xyz
    kernel-predict --model a.xyz pair.xyz >out.xyz
    run grep -c 'stress=' out.xyz
    [ "$output" = 0 ]
    awk 'NR > 2 { s += $7; if ($5 != 0) exit 1 } END { exit s * s > 1e-20 }' out.xyz
}

@test "a model without its uncertainty, or --uncertainty=no, writes none" {
    kernel-fit -q -j 1 --sparse 20 --n-max 4 --l-max 2 --uncertainty no --energy-noise 15meV --target dft train.xyz -o plain.xyz
    run kernel-predict --model plain.xyz cells.xyz
    [ "$status" -eq 0 ] && [[ "$output" != *uncertainty* ]]
    run kernel-predict --uncertainty no --model a.xyz cells.xyz
    [ "$status" -eq 0 ] && [[ "$output" != *energy_uncertainty* ]]
}

@test "--uncertainty=forces writes that of every component, periodic and of several models" {
    xyz-view --frames 0 cells.xyz >one.xyz
    for m in a b; do kernel-predict --uncertainty forces --model $m.xyz one.xyz | grep '^H ' | cut -d ' ' -f 8-10 >$m.sd; done
    kernel-predict --uncertainty forces --model a.xyz --model b.xyz one.xyz -o both.xyz
    grep -q 'forces_uncertainty:R:3' both.xyz
    grep '^H ' both.xyz | cut -d ' ' -f 8-10 | paste -d ' ' a.sd b.sd - |
        awk '{ for (k = 1; k <= 3; k++) { d = $k ^ 2 + $(k + 3) ^ 2 - $(k + 6) ^ 2; if (!($k > 0) || d * d > 1e-20) { print; exit 1 } } n++ } END { exit n != 12 }'
}

@test "an incomplete model, or what is none, ends with status 3" {
    xyz-view --frames 0:30 a.xyz >short.xyz
    run kernel-predict --model short.xyz cells.xyz
    status_is 3
    [[ "$output" == *"30 of the 40 environments"* ]]
    run kernel-predict --model cells.xyz cells.xyz
    status_is 3
    sed 's/ zeta=[^ ]*//' a.xyz >no-zeta.xyz
    run kernel-predict --model no-zeta.xyz cells.xyz
    status_is 3
    [[ "$output" == *"'zeta' is missing"* ]]
    sed 's/kernel soap 1/neural 7/' a.xyz >kind.xyz
    run kernel-predict --model kind.xyz cells.xyz
    status_is 3
    : >empty.xyz
    run kernel-predict --model empty.xyz cells.xyz
    status_is 3
    run kernel-predict --model absent.xyz cells.xyz
    status_is 4
}

@test "a model with a number out of range, or a count that is not whole, ends with status 3" {
    damaged=0
    while read -r name value text; do
        sed "2s/ $name=[^ ]*/ $name=$value/" a.xyz >damaged.xyz
        run cmp -s a.xyz damaged.xyz
        [ "$status" -eq 1 ]
        run kernel-predict --model damaged.xyz cells.xyz
        status_is 3
        [[ "$output" == *"damaged.xyz: "*"$text"* ]] || { echo "$name: $output"; return 1; }
        damaged=$((damaged + 1))
    done <<'END'
soap_n 25 soap_n of the model is 25: a whole number from 1 to 24 would be right
soap_n 4.9 soap_n of the model is 4.9
soap_l 21 soap_l of the model is 21
soap_l 2.5 soap_l of the model is 2.5
zeta 3.7 zeta of the model is 3.7
two_body_knots 29.5 two_body_knots of the model is 29.5
soap_sigma_bohr 0 positive cut-off and sigma
soap_transition_bohr 9 transition no wider
soap_exponent 0 radial exponent
soap_centre 0 centre weight
soap_cutoff_bohr 1e3 cut-off of at most 20 A
END
    [ "$damaged" -eq 11 ]
}

@test "frames that cannot be predicted end with status 3 and the place" {
    printf '1\nProperties=species:S:1:pos:R:3 pbc="F F F"\nHe 0 0 0\n' | cat cells.xyz - >bad.xyz
    run kernel-predict --model a.xyz bad.xyz -o out.xyz
    status_is 3
    [[ "$output" == *"bad.xyz:"*"frame 5: atom 1 is He"* ]]
    [ ! -e none ]
    run kernel-predict -q --on-error=skip --model a.xyz bad.xyz -o skipped.xyz
    [ "$status" -eq 0 ]
    [ "$(grep -c 'energy=' skipped.xyz)" -eq 4 ]
    printf '2\nProperties=species:S:1:pos:R:3 pbc="F F F"\nH 0 0 0\nH 0 0 0.01\n' >close.xyz
    run kernel-predict --model a.xyz close.xyz
    status_is 3
}

@test "no model is wrong usage, no frames are none" {
    run kernel-predict cells.xyz
    status_is 2
    kernel-predict --model a.xyz </dev/null >out.xyz
    [ ! -s out.xyz ]
}

@test "it is a server: one frame in, one frame out" {
    mkfifo in out
    kernel-predict --model a.xyz <in >out &
    exec 7>in 8<out
    for k in 1 2; do
        xyz-view --frames $k cells.xyz >&7
        for _ in {1..14}; do IFS= read -r -t 20 line <&8; [ -n "$line" ]; done
    done
    exec 7>&- 8<&-
    wait
}

@test "100 000 atoms have the energy, forces and stress of their unit cell" {
    xyz-view --frames 0 cells.xyz >unit.xyz
    awk -v m=21 'NR == 1 { n = $1; print n * m ^ 3; next }
        NR == 2 { split($0, q, "\""); split(q[2], c, " "); a = c[1]
            printf "Lattice=\"%.17g 0 0 0 %.17g 0 0 0 %.17g\" Properties=species:S:1:pos:R:3\n", m * a, m * a, m * a; next }
        { for (i = 0; i < m; i++) for (j = 0; j < m; j++) for (k = 0; k < m; k++)
            printf "H %.17g %.17g %.17g\n", $2 + i * a, $3 + j * a, $4 + k * a }' unit.xyz >large.xyz
    kernel-predict -j 2 --uncertainty no --model b.xyz large.xyz >out.xyz
    kernel-predict --uncertainty no --model b.xyz unit.xyz >one.xyz
    for f in one out; do xyz-view --table energy,stress $f.xyz >$f.tsv; done
    paste one.tsv out.tsv | awk 'NR == 2 { d = $11 / ($1 * 9261) - 1; if (d * d > 1e-22) { print; exit 1 }
        for (k = 2; k <= 10; k++) { d = $k - $(k + 10); if (d * d > 1e-22) { print; exit 1 } } }'
    awk 'NR == FNR { if (FNR > 2) f[n++] = $5 " " $6 " " $7; next }
        FNR > 2 { split(f[int((FNR - 3) / 9261)], g, " "); for (k = 1; k <= 3; k++) { d = $(k + 4) - g[k]; if (d * d > 1e-18) { print; exit 1 } } }' one.xyz out.xyz
}

@test "another processor's arithmetic gives the same to 1e-12" {
    # total energies of hydrogen: 13.6 eV per atom below those of the pair potential
    awk '{ if (match($0, /dft_energy=[^ ]*/)) { e = substr($0, RSTART + 11, RLENGTH - 11)
        sub(/dft_energy=[^ ]*/, sprintf("dft_energy=%.12g", e - 12 * 13.6)) } print }' train.xyz >total.xyz
    kernel-fit -q -j 1 --sparse 40 --n-max 5 --l-max 3 --target dft total.xyz -o total-model.xyz
    for core in Zen Nehalem; do
        OPENBLAS_CORETYPE=$core kernel-predict --uncertainty no --model total-model.xyz cells.xyz >$core.xyz
        xyz-view --table energy $core.xyz >$core.tsv
    done
    paste Zen.tsv Nehalem.tsv | awk 'NR > 1 { d = $1 / $2 - 1; if ($1 > -150 || d * d > 1e-24) { print; exit 1 } n++ } END { exit n != 4 }'
    paste <(grep '^H ' Zen.xyz) <(grep '^H ' Nehalem.xyz) |
        awk '{ for (k = 5; k <= 7; k++) { d = $k - $(k + 7); s += $k ^ 2; if (d * d > m) m = d * d } } END { exit m > 1e-22 * s / NR }'
}

# ipi_run ADDRESS CLIENT_ADDRESS MODE: our server sends cells.xyz; what came back is in ipi.xyz
ipi_run() {
    xyz-view --frames 0 cells.xyz >first.xyz
    "$DRIVERS/ipi_server" "$1" "$3" <cells.xyz >ipi.xyz 2>server.err &
    local server=$!
    run kernel-predict -j 1 --model a.xyz --ipi "$2" --timeout 20 first.xyz -o last.xyz
    SERVER=0
    wait $server || SERVER=$?
}

# same_answers: energies, forces and stress in ipi.xyz are those of the filter
same_answers() {
    kernel-predict -j 1 --model a.xyz --uncertainty no cells.xyz >direct.xyz
    for f in ipi direct; do xyz-view --table energy,stress $f.xyz >$f.tsv; grep '^H ' $f.xyz | cut -d ' ' -f 5-7 >>$f.tsv; done
    [ "$(wc -l <ipi.tsv)" -eq 53 ]
    paste ipi.tsv direct.tsv | awk 'NR > 1 { h = NF / 2; for (k = 1; k <= h; k++) { d = $k - $(k + h); if (d * d > 1e-18 * (1 + $k * $k)) { print; exit 1 } } }'
}

@test "i-PI: energies, forces and virial over a socket are those of the filter" {
    for mode in plain fused slow; do
        ipi_run "unix:$PWD/socket-$mode" "unix:$PWD/socket-$mode" $mode
        [ "$status" -eq 0 ] && [ "$SERVER" -eq 0 ] || { echo "$mode: $output"; cat server.err; return 1; }
        [[ "$output" == *"4 evaluations"* ]]
        same_answers
    done
    xyz-view --frames 3 cells.xyz | kernel-predict -j 1 --model a.xyz | xyz-view --table energy >x.tsv
    xyz-view --table energy last.xyz | paste - x.tsv | awk 'NR > 1 { d = $1 - $2; exit d * d > 1e-18 }'
}

@test "i-PI: the same over TCP" {
    port=$((20000 + RANDOM))
    ipi_run $port localhost:$port plain
    [ "$status" -eq 0 ] || { echo "$output"; cat server.err; return 1; }
    same_answers
}

@test "i-PI: a server that is none, breaks off or wants something else is an error with its reason" {
    while read -r mode code text; do
        ipi_run "unix:$PWD/bad-$mode" "unix:$PWD/bad-$mode" "$mode"
        [ "$status" -eq "$code" ] || { echo "$mode: status $status: $output"; return 1; }
        [[ "$output" == *"kernel-predict: "*"$text"* ]] || { echo "$mode: $output"; return 1; }
    done <<'END'
hang 4 ended inside a message
garbage 3 'HELLO' is not one of the i-PI protocol
batch 3 batches
fewer 3 sends 11 atoms
END
    rm -f last.xyz
    run kernel-predict --model a.xyz --ipi "unix:$PWD/nobody" --timeout 0.3 first.xyz -o last.xyz
    status_is 4
    [[ "$output" == *"nobody within 0.3 s"* ]] && [ ! -e last.xyz ]
    # an address is looked at before anything else
    for input in first.xyz /dev/null absent.xyz; do
        for address in nowhere unix: :20000 host:; do
            run kernel-predict --model a.xyz --ipi $address $input
            status_is 2
            [[ "${#lines[@]}" -eq 1 && "$output" == *"'$address' is not unix:NAME or host:port"* ]]
        done
    done
}

@test "ASE reads what it writes" {
    need_ase
    kernel-predict --model a.xyz cells.xyz -o ase.xyz
    "$ASE" - <<'END'
from ase.io import read
for a in read("ase.xyz", ":"):
    assert abs(a.get_forces().sum()) < 1e-9 and a.get_potential_energy() != 0 and a.get_stress(voigt=False).shape == (3, 3)
END
}

@test "i-PI: it serves ASE's SocketIOCalculator" {
    need_ase
    kernel-predict --model a.xyz cells.xyz -o ase.xyz
    "$ASE" - "deltaqmc-$$" <<'END'
import subprocess, sys
from ase.io import read
from ase.calculators.socketio import SocketIOCalculator
name = sys.argv[1]
frames = read("ase.xyz", ":")
with SocketIOCalculator(unixsocket=name, timeout=60) as calc:
    client = subprocess.Popen(["kernel-predict", "-q", "--model", "a.xyz", "--ipi", "unix:" + name, "cells.xyz", "-o", "served.xyz"])
    for a in frames:
        b = a.copy()
        b.calc = calc
        assert abs(b.get_potential_energy() - a.get_potential_energy()) < 1e-7
        assert abs(b.get_forces() - a.get_forces()).max() < 1e-7
        assert abs(b.get_stress() - a.get_stress()).max() < 1e-9
assert client.wait(60) == 0
END
}
