# SPDX-License-Identifier: GPL-3.0-or-later
# delta-md --ipi: we are the server of the i-PI protocol, a driver gives the forces.
load ../helper

setup_file() {
    cd "$BATS_FILE_TMPDIR" || exit 1
    random_cells
    random_model a.model.gz --sparse 16 --pair 1A
    random_model b.model.gz --sparse 8 --pair 1.2A
    # a cell of any shape: the order of its numbers on the wire matters
    xyz-view --frames 1 cells.xyz | sed 's/Lattice="\([^ ]*\) [^ ]* [^ ]* /Lattice="\1 0.3 -0.2 /' >start.xyz
}

setup() {
    cd "$BATS_TEST_TMPDIR" || exit 1
    ln -s "$BATS_FILE_TMPDIR"/* .
    SOCKET="unix:$PWD/socket"
    MD="delta-md -q -j 1 --temperature 500K --timestep 0.2fs --steps 40 --timeout 10"
}

# driven MODE OPTION...: a run with the driver of the tests; $status, $output and ENDED, its status
driven() {
    local mode=$1
    shift
    "$DRIVERS/ipi_driver" "$SOCKET" "$mode" &
    local driver=$!
    ENDED=0
    run $MD --ipi "$SOCKET" "$@"
    [ "$mode" != hang ] || kill $driver 2>/dev/null || true
    wait $driver || ENDED=$?
}

# same FILE FILE: frames with the same energies, stress and atoms to rounding
same() {
    [ "$(grep -c . "$1")" -eq "$(grep -c . "$2")" ]
    paste -d ' ' <(xyz-view --table energy,stress "$1") <(xyz-view --table energy,stress "$2") |
        awk 'NR > 1 { for (c = 1; c <= NF / 2; c++) { d = $c - $(c + NF / 2); if (!(d * d < 1e-16)) { print; exit 1 } } }'
    paste -d ' ' <(grep ^H "$1") <(grep ^H "$2") |
        awk '{ for (c = 2; c <= NF / 2; c++) { d = $c - $(c + NF / 2); if (!(d * d < 1e-14)) { print; exit 1 } } }'
}

@test "kernel-predict as the driver gives the run that its model gives" {
    $MD --model a.model.gz start.xyz >direct.xyz
    kernel-predict -q -j 1 --model a.model.gz --ipi "$SOCKET" start.xyz -o /dev/null &
    local driver=$!
    $MD --ipi "$SOCKET" start.xyz >driven.xyz
    wait $driver
    same direct.xyz driven.xyz
    [ ! -e socket ]
}

@test "driver and model add up, over TCP, whoever is first" {
    local port=$((20000 + RANDOM))
    $MD --model a.model.gz --model b.model.gz start.xyz >direct.xyz
    $MD --ipi localhost:$port --model b.model.gz start.xyz >driven.xyz &
    local server=$!
    sleep 0.3
    kernel-predict -q -j 1 --model a.model.gz --ipi localhost:$port --timeout 20 start.xyz -o /dev/null
    wait $server
    same direct.xyz driven.xyz
}

@test "a driver's manners do not matter: extras, single bytes, a new one after each answer" {
    driven plain start.xyz -o plain.xyz
    [ "$status" -eq 0 ] && [ "$ENDED" -eq 0 ]
    for mode in extras slow; do
        driven $mode start.xyz -o $mode.xyz
        [ "$status" -eq 0 ] && [ "$ENDED" -eq 0 ]
        cmp plain.xyz $mode.xyz
    done
    (while "$DRIVERS/ipi_driver" "$SOCKET" once; do :; done) &
    local swarm=$!
    $MD --ipi "$SOCKET" start.xyz -o once.xyz
    kill $swarm
    wait $swarm || true
    cmp plain.xyz once.xyz
}

@test "open boundaries and a driver" {
    sed 's/pbc="T T T"/pbc="F F F"/' start.xyz >open.xyz
    $MD --model a.model.gz open.xyz >direct.xyz
    kernel-predict -q -j 1 --model a.model.gz --ipi "$SOCKET" open.xyz -o /dev/null &
    $MD --ipi "$SOCKET" open.xyz >driven.xyz
    wait
    paste -d ' ' <(grep ^H direct.xyz) <(grep ^H driven.xyz) |
        awk '{ for (c = 2; c <= NF / 2; c++) { d = $c - $(c + NF / 2); if (!(d * d < 1e-14)) { print; exit 1 } } } END { exit NR != 32 }'
}

@test "a driver that dies, hangs or does not keep to the protocol: status 1 and one line" {
    while read -r mode text; do
        driven $mode --timeout 2 start.xyz -o run.xyz
        echo "$mode: status $status: $output" # seen when the test fails
        [ "$status" -eq 1 ]
        [ "${#lines[@]}" -eq 1 ]
        [[ "$output" == "delta-md: start.xyz:1: frame 1: step 0: "*"$text"* ]]
        [ ! -e run.xyz ] && [ ! -e socket ]
    done <<'END'
die ended inside a message; no driver connected
hang was not complete in time
garbage answered 'HELLO' where READY would be right
nan are not finite
fewer answers for 7 atoms, not 8
state answered 'READY' where HAVEDATA would be right
long announces extras of 2147483647 bytes
END
}

@test "a driver that is killed on the way leaves the trajectory up to then" {
    $MD --steps 1000000 --timeout 1 --ipi "$SOCKET" start.xyz >run.xyz 2>message &
    local server=$! status=0
    "$DRIVERS/ipi_driver" "$SOCKET" plain &
    local driver=$!
    until_size run.xyz 5000
    kill -9 $driver
    wait $driver || true
    wait $server || status=$?
    [ "$status" -eq 1 ]
    grep -q 'step [0-9]*: the connection .* broke: .*no driver connected' message
    [ "$(wc -l <message)" -eq 1 ]
    xyz-view --strict run.xyz >seen
    [ "$(grep -c '^8$' seen)" -ge 2 ]
}

@test "a port that there is not is a usage error" {
    for port in 0 99999 65536 -1; do
        run $MD --timeout 0.3 --ipi "localhost:$port" start.xyz
        [ "$status" -eq 2 ]
        [[ "$output" == *"ports are from 1 to 65535"* ]]
    done
}

@test "nobody connects: an error after --timeout, and the socket is gone" {
    run $MD --timeout 0.3 --ipi "$SOCKET" start.xyz
    [ "$status" -eq 1 ]
    [[ "$output" == *"no driver connected to $SOCKET within 0.3 s"* ]]
    [ ! -e socket ]
}

@test "a signal ends the wait for a driver" {
    $MD --ipi "$SOCKET" start.xyz -o run.xyz 2>message &
    local server=$! status=0
    for _ in $(seq 1000); do [ -e socket ] && break; sleep 0.02; done
    kill -TERM $server
    wait $server || status=$?
    [ "$status" -ne 0 ]
    [ ! -e socket ] && [ ! -e run.xyz ]
}

@test "a stale socket is replaced, one in use and other files are not" {
    $MD --ipi "$SOCKET" start.xyz -o run.xyz 2>message &
    local server=$!
    for _ in $(seq 1000); do [ -e socket ] && break; sleep 0.02; done
    run $MD --ipi "$SOCKET" start.xyz
    [ "$status" -eq 4 ]
    [[ "$output" == *"cannot listen at $SOCKET: "* ]]
    kill -9 $server
    wait $server || true
    [ -S socket ]
    driven plain start.xyz -o run.xyz
    [ "$status" -eq 0 ] && [ ! -e socket ]
    echo precious >socket
    run $MD --ipi "$SOCKET" start.xyz
    [ "$status" -eq 4 ]
    [ "$(cat socket)" = precious ]
}

@test "a checkpoint and a driver: a run that was killed goes on to the same bytes" {
    local run="$MD --steps 300 --every 5 --ipi $SOCKET --checkpoint-every 3 start.xyz"
    kernel-predict -q -j 1 --model a.model.gz --ipi "$SOCKET" start.xyz -o /dev/null &
    $run --checkpoint whole.check -o whole.xyz
    wait
    for delay in 0.2 0.1 0.3; do
        kernel-predict -q -j 1 --model a.model.gz --ipi "$SOCKET" start.xyz -o /dev/null 2>/dev/null &
        local driver=$!
        $run --checkpoint run.check -o run.xyz 2>/dev/null &
        local server=$!
        sleep $delay
        kill -9 $server $driver 2>/dev/null || true
        wait
    done
    kernel-predict -q -j 1 --model a.model.gz --ipi "$SOCKET" start.xyz -o /dev/null 2>/dev/null &
    driver=$!
    $run --checkpoint run.check -o run.xyz
    kill $driver 2>/dev/null || true
    wait
    cmp run.xyz whole.xyz
}

@test "wrong usage of --ipi ends with status 2" {
    for option in "--ipi nowhere" "--ipi :123" "--ipi unix:" "--ipi $SOCKET --replicas 2" "--ipi $SOCKET --baseline cat"; do
        run $MD $option start.xyz
        echo "$option: $output"
        [ "$status" -eq 2 ]
    done
}

@test "ASE's SocketClient is a driver" {
    need_ase
    local name=deltaqmc-$$-$RANDOM
    "$ASE" - "$name" <<'END' &
import os, sys, time
from ase.io import read
from ase.calculators.lj import LennardJones
from ase.calculators.socketio import SocketClient
a = read("start.xyz")
a.calc = LennardJones(sigma=1.2, epsilon=0.01, rc=3)
for _ in range(200):
    if os.path.exists("/tmp/ipi_" + sys.argv[1]):
        break
    time.sleep(0.05)
SocketClient(unixsocket=sys.argv[1], timeout=20).run(a, use_stress=True)
END
    $MD --steps 20 --ipi "unix:$name" start.xyz -o run.xyz
    wait
    "$ASE" - <<'END'
from ase.io import read
from ase.calculators.lj import LennardJones
for a in read("run.xyz", ":"):
    b = a.copy()
    b.calc = LennardJones(sigma=1.2, epsilon=0.01, rc=3)
    assert abs(a.get_potential_energy() - b.get_potential_energy()) < 1e-7 and abs(a.get_potential_energy()) > 1e-4
    assert abs(a.get_forces() - b.get_forces()).max() < 1e-7
    assert abs(a.get_stress() - b.get_stress()).max() < 1e-9
END
}
