#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# CPU seconds on one thread, PBE, Gamma, 30 Ha, molecular hydrogen at r_s 1.7: a frame from scratch with forces
# and stress, and a step of 0.25 fs in a trajectory; then the wall time of one thread over that of two, beside what the
# machine gives just then: twice that of one run over that of two independent ones at once; and the time of
# --response over that of the frame from scratch (sums of three of each, in turn), for gradients of a few samples
# of qmc-force: how many there are changes little. Energies within 1e-6 Ha. pw.x on the same cells, with the same pseudopotential, when there
# is one and PSEUDO_H names a GTH PBE file for it.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
export OMP_NUM_THREADS=1

row() { printf '%s\t%s\t%s\t%s\n' "$@"; }

# cpu COMMAND...: user and system seconds of its process
cpu() {
    bash -c 'TIMEFORMAT="%U %S"; time "$@" >out 2>err' timed "$@" 2>seconds || { cat err >&2; exit 1; }
    awk '{ print $1 + $2 }' seconds
}

# a short flight: every atom on a straight line at thermal speed (4000 K, 0.25 fs: 0.0144 A per component)
flight() { # flight FILE STEPS
    awk -v steps="$2" '
        function normal() { return sqrt(-2 * log(1 - rand())) * cos(6.283185307 * rand()) }
        { line[NR] = $0 }
        END {
            srand(1)
            for (i = 3; i <= NR; i++) { split(line[i], x, " "); for (d = 1; d <= 3; d++) { r[i, d] = x[d + 1]; v[i, d] = 0.0144 * normal() } }
            for (t = 0; t <= steps; t++) {
                print line[1]; print line[2]
                for (i = 3; i <= NR; i++) printf "H %.8f %.8f %.8f\n", r[i, 1] + t * v[i, 1], r[i, 2] + t * v[i, 2], r[i, 3] + t * v[i, 3]
            }
        }' "$1"
}

pw_input() { # pw_input FILE ATOMS KT_HA
    awk -v n="$2" -v kt="$3" -v pseudo="$(basename "$PSEUDO_H")" -v folder="$(dirname "$PSEUDO_H")" '
        NR == 2 { match($0, /Lattice="[^"]*"/); split(substr($0, RSTART + 9, RLENGTH - 10), a, " ") }
        NR > 2 { atoms = atoms "H " $2 " " $3 " " $4 "\n" }
        END {
            printf "&control calculation=\"scf\", prefix=\"h\", outdir=\"./pw\", pseudo_dir=\"%s\", tprnfor=.true., tstress=.true. /\n", folder
            printf "&system ibrav=0, nat=%d, ntyp=1, ecutwfc=60, occupations=\"smearing\", smearing=\"fd\", degauss=%g, nbnd=%d /\n", n, 2 * kt, (kt > 0.05 ? 2.15 * n : 0.8 * n)
            printf "&electrons conv_thr=2e-6 /\nATOMIC_SPECIES\nH 1.008 %s\nK_POINTS gamma\nCELL_PARAMETERS angstrom\n", pseudo
            for (i = 1; i <= 9; i++) printf "%s%s", a[i], i % 3 ? " " : "\n"
            printf "ATOMIC_POSITIONS angstrom\n%s", atoms
        }' "$1"
}

one() { # one ATOMS KELVIN KT
    options="-q -j 1 --tolerance 1e-6Ha --electron-temperature $2K"
    # shellcheck disable=SC2086
    first=$(cpu dft-baseline $options "cell$1.xyz")
    row dft-baseline "N=$1 kT=$3Ha SCF" "$first" s
    if command -v pw.x >/dev/null 2>&1 && [ -f "${PSEUDO_H:-}" ]; then
        pw_input "cell$1.xyz" "$1" "$3" >pw.in
        row pw.x "N=$1 kT=$3Ha SCF" "$(cpu pw.x -in pw.in)" s
    fi
}

steps() { # steps ATOMS COUNT: the first frame is not counted
    flight "cell$1.xyz" "$2" >flight.xyz
    all=$(cpu dft-baseline -q -j 1 --tolerance 1e-6Ha --electron-temperature 3157.75K flight.xyz)
    first=$(cpu dft-baseline -q -j 1 --tolerance 1e-6Ha --electron-temperature 3157.75K "cell$1.xyz")
    row dft-baseline "N=$1 kT=0.01Ha MD step" "$(awk -v a="$all" -v f="$first" -v n="$2" 'BEGIN { printf "%.3f", (a - f) / n }')" s
}

response() { # response ATOMS SAMPLES MESH: with the Jastrow factor of jastrow.xyz, if that is there
    options="-q -j 1 --tolerance 1e-6Ha --electron-temperature 3157.75K --kmesh $3"
    jastrow="--optimize --optimize-steps 3"
    [ ! -f jastrow.xyz ] || jastrow="--jastrow jastrow.xyz"
    # shellcheck disable=SC2086
    dft-baseline $options --orbitals h-tz "cell$1.xyz" |
        qmc-sample -q -j 1 $jastrow --samples "$2" -o sampled.xyz
    [ -f jastrow.xyz ] || cp sampled.xyz jastrow.xyz
    qmc-force -q -j 1 --samples "$2" --response sampled.xyz -o gradient.xyz 2>/dev/null
    for turn in 1 2 3; do
        # shellcheck disable=SC2086
        echo "$turn $(cpu dft-baseline $options "cell$1.xyz") $(cpu dft-baseline $options --response gradient.xyz)"
    done >turns
    row dft-baseline "N=$1 kT=0.01Ha mesh $3 response over SCF" "$(awk '{ a += $2; b += $3 } END { printf "%.2f", b / a }' turns)" x
}

wall() {
    start=$(date +%s.%N)
    "$@" >/dev/null 2>&1
    date +%s.%N | awk -v s="$start" '{ print $1 - s }'
}

for n in 16 32 64 128; do
    cell-build -q --fluid molecular --atoms $n --rs 1.7 --seed 3 -o cell$n.xyz
    one $n 3157.75 0.01
    one $n 20000 0.063
done
steps 32 20
steps 64 12
steps 128 6
response 16 2000 1x1x1
response 16 1000 2x2x2
response 32 1000 1x1x1
response 64 1000 1x1x1

run() { # run THREADS ATOMS
    dft-baseline -q -j "$1" --electron-temperature 3157.75K "cell$2.xyz"
}

both() { # both ATOMS
    run 1 "$1" &
    run 1 "$1"
    wait
}

middle() { # middle FILE LINES: the median
    sort -n "$1" | awk -v n="$2" 'NR == (n + 1) / 2 { printf "%.2f", $1 }'
}

two_threads() { # two_threads ATOMS TURNS: medians of the ratios in turn, as a neighbour on the machine takes from any of them
    for _ in $(seq "$2"); do
        echo "$(wall run 1 "$1") $(wall run 2 "$1") $(wall both "$1")"
    done | awk '{ print $1 / $2 >"threads"; print 2 * $1 / $3 >"runs" }'
    row dft-baseline "N=$1 kT=0.01Ha, two threads over one" "$(middle threads "$2")" x
    row dft-baseline "N=$1 kT=0.01Ha, two runs at once over one" "$(middle runs "$2")" x
}

unset OMP_NUM_THREADS
two_threads 32 15
two_threads 64 9
two_threads 128 3
