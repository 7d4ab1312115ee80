# SPDX-License-Identifier: GPL-3.0-or-later
# The whole chain on tiny cells: every program reads what the one before it wrote, the same from a file, a pipe
# and a compressed file, and other programs can read all of it.
load ../helper

setup_file() {
    cd "$BATS_FILE_TMPDIR" || exit 1
    cell-build --fluid atomic --atoms 4 --rs 1.8 --species D --count 3 -o cells.xyz
    dft-baseline -q --ecut 8Ha --orbitals h-sz -o dft-baseline.xyz cells.xyz
    qmc-sample -q --optimize-samples 256 --optimize-steps 2 --samples 1000 -o qmc-sample.xyz dft-baseline.xyz
    qmc-force -q --samples 400 -o qmc-force.xyz qmc-sample.xyz
    soap-describe -q --n-max 3 --l-max 2 -o soap-describe.xyz qmc-force.xyz
    kernel-fit -q --target dft --sparse 6 --n-max 3 --l-max 2 -o kernel-fit.xyz qmc-force.xyz
    kernel-predict -q --model kernel-fit.xyz -o kernel-predict.xyz cells.xyz
    delta-md -q --model kernel-fit.xyz --temperature 5000K --steps 40 --every 2 -o delta-md.xyz cells.xyz
    md-average -q -o md-average.xyz delta-md.xyz
    # An ideal gas crosses its Hugoniot at fourfold compression, far above absolute zero.
    awk 'BEGIN { for (T = 80000; T <= 120000; T += 40000) for (x = 3; x < 6; x++) {
        V = 4 * 2.01410177812 / (0.167 * x * 0.60221407621)
        printf "4\nLattice=\"%.10f 0 0 0 %.10f 0 0 0 %.10f\" Properties=species:S:1:pos:R:3:masses:R:1 pbc=\"T T T\" ", V^(1/3), V^(1/3), V^(1/3)
        printf "internal_energy=%.10f internal_energy_error=1e-3 pressure_GPa=%.10f pressure_GPa_error=1e-2 temperature=%g\n", 6 * 8.617333262e-5 * T, 4 * 8.617333262e-5 * T / V * 160.21766208, T
        for (i = 0; i < 4; i++) print "H 0 0", i * V^(1/3) / 4, "2.01410177812" } }' >states.xyz
    hugoniot -q --initial-energy 0eV -o hugoniot.xyz states.xyz
}

setup() {
    cd "$BATS_FILE_TMPDIR" || exit 1
}

# three_ways INPUT PROGRAM [OPTION...]: file, pipe and compressed file give the bytes of PROGRAM.xyz
three_ways() {
    local input=$1 program=$2
    shift 2
    xyz-view --compress=always "$input" >"$program.in.gz"
    "$program" -q "$@" "$input" | cmp - "$program.xyz"
    "$program" -q "$@" - <"$input" | cmp - "$program.xyz"
    "$program" -q "$@" --compress=never "$program.in.gz" | cmp - "$program.xyz"
    "$program" -q "$@" <"$program.in.gz" | gzip -dc | cmp - "$program.xyz"
    "$program" -q "$@" -o "$program.out.gz" "$input"
    xyz-view --compress=never "$program.out.gz" | cmp - <(xyz-view "$program.xyz")
}

@test "every stage gives the same from a file, a pipe and a compressed file" {
    three_ways qmc-sample.xyz qmc-force --samples 400
    three_ways dft-baseline.xyz qmc-sample --optimize-samples 256 --optimize-steps 2 --samples 1000
    three_ways qmc-force.xyz soap-describe --n-max 3 --l-max 2
    three_ways qmc-force.xyz kernel-fit --target dft --sparse 6 --n-max 3 --l-max 2
    three_ways cells.xyz kernel-predict --model kernel-fit.xyz
    three_ways cells.xyz delta-md --model kernel-fit.xyz --temperature 5000K --steps 40 --every 2
    three_ways delta-md.xyz md-average
    three_ways states.xyz hugoniot --initial-energy 0eV
}

@test "dft-baseline gives the same numbers from a file, a pipe and a compressed file" {
    xyz-view --compress=always cells.xyz >c.xyz.gz
    dft-baseline -q --ecut 8Ha cells.xyz >file.xyz
    dft-baseline -q --ecut 8Ha <cells.xyz >pipe.xyz
    dft-baseline -q --ecut 8Ha --compress=never c.xyz.gz >packed.xyz
    for way in file pipe packed; do
        xyz-view --table dft_free_energy $way.xyz | awk 'NR > 1 { printf "%.5f\n", $1 }' >$way.tsv
        cmp $way.tsv file.tsv
        [ "$(wc -l <$way.tsv)" -eq 3 ]
    done
}

@test "frames keep their number, their order and what earlier programs wrote" {
    for stage in dft-baseline qmc-sample qmc-force soap-describe; do
        [ "$(xyz-view --count $stage.xyz)" -eq 3 ]
    done
    xyz-view --table dft_free_energy,vmc_energy,orbital_basis,soap_settings,history soap-describe.xyz >t.tsv
    awk -F'\t' 'NF != 5 { exit 1 } NR > 1 { if ($1 == "" || $2 == "" || $3 !~ /h-sz/ || $4 == "") exit 1
        n += split($5, part, /;/) } END { exit n < 4 }' t.tsv
    cmp <(xyz-view --json cells.xyz | grep -o '"pos".*"masses"') <(xyz-view --json soap-describe.xyz | grep -o '"pos".*"masses"')
}

@test "ASE reads what every program writes" {
    need_ase
    "$ASE" - "$BIN" <<'END'
import os, sys
from ase.io import read
ran = 0
for program in sorted(os.listdir(sys.argv[1])):
    if program == 'cell-build':
        name = 'cells.xyz'
    elif program == 'xyz-view':
        continue  # its own test
    else:
        name = program + '.xyz'
    frames = read(name, ':')
    assert frames and all(len(a) and 'history' in frames[0].info for a in frames), program
    ran += 1
assert ran >= 10
a = read('qmc-force.xyz')
assert a.info['vmc_energy_error'] > 0 and a.arrays['vmc_forces'].shape == (4, 3) and abs(a.get_masses()[0] - 2.0141) < 1e-3
assert a.arrays['orbitals'].shape[0] == 4 and a.info['dft_stress'].size == 9
assert abs(read('hugoniot.xyz').info['compression'] - 4) < 1e-3
END
}
