"""What the console costs: idle, and from a key to the frame that answers it.

A console at 200x60 on a pseudo-terminal, attached to a node (a process that is
only the socket) with 1,000 sessions and 100,000 log records. Prints one JSON
object:
  console_idle_cpu_pct        processor time over ten seconds in which the node
                              publishes its own section once a second, the same
                              each time, as an idle node may, and a sample
  console_idle_bytes          written to the terminal meanwhile
  console_key_to_frame_ms_p99 from writing a key to the last byte of its frame,
                              while sessions and log move
  console_key_cpu_ms_p99      the console's own processor time of those keys,
                              which a busy machine does not lengthen
  console_key_to_frame_quiet_ms_p99  while nothing moves
"""
import json
import multiprocessing
import os
import select
import struct
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, "..", "tui")]
import fake_daemon as fake  # noqa: E402
import conftest  # noqa: E402

SESSIONS, RECORDS = 1000, 100_000
# Through all rooms, by keys that each change what is on the screen; a key that
# does not would be timed up to the next change of the data. Esc is not among
# them: a terminal's library waits 25 ms for the rest of a sequence.
TOUR = ["2", "j", "j", "k", "G", "g", "s", "<", "I", "I", "/", "7", "7",
        "\r", "\\", "4", "k", "\x1b[5~", "G", "-", "+", "/", "s", "e", "g",
        "\r", "\\", "3", "j", "k", "1", "t", "p", "t", "p", "?", "x"]


def node(path, ready, moving, idle):
    """The node's process: everything is encoded before it is timed."""
    d = fake.FakeDaemon(path)
    d.publish("node", fake.node_view(sessions=SESSIONS))
    views = [{"rows": [fake.session(i, segments_in=1000 + k)
                       for i in range(SESSIONS)]} for k in range(2)]
    d.publish("transcoders", {"rows": [fake.transcoder(i)
                                       for i in range(40)]})
    d.publish("sessions", views[0])
    d.publish("devices", {"rows": [fake.device(i) for i in range(9)]})
    d.trend = fake.trend(24)
    d.log(*("segment %d of session %08x done in %d ms, orchestrator "
            "https://o%d.example.net:8935" % (i, i * 7919, i % 900, i % 9)
            for i in range(RECORDS)))
    wire = [fake.frame(fake.VIEW, struct.pack(">BQ", 2, 2) +
                       json.dumps(v, separators=(",", ":")).encode())
            for v in views]
    same = d._view(0)
    ready.set()
    k = 0
    while True:
        if moving.is_set():
            k += 1
            with d.lock:
                for c in d.clients:
                    d._send(c, wire[k % 2])
            d.log(*("moving record %d" % (k * 20 + i) for i in range(20)))
            time.sleep(0.25)
        elif idle.is_set():
            k += 1
            with d.lock:
                for c in d.clients:
                    d._send(c, same)
            if k % 10 == 0:
                d.add_sample(fake.sample(-k, 3))
            time.sleep(1)
        else:
            time.sleep(0.05)


def take(fd):
    """Reads, and answers as a terminal does; how many bytes it was."""
    got = os.read(fd, 1 << 16)
    for _ in range(got.count(b"\x1b[5n")):
        os.write(fd, b"\x1b[0n")
    return len(got)


def drain(fd, quiet):
    """Reads until nothing came for `quiet` seconds; the last byte's time."""
    n, last = 0, 0.0
    while select.select([fd], [], [], quiet)[0]:
        n += take(fd)
        last = time.perf_counter()
    return n, last


def press(fd, key):
    start = time.perf_counter()
    os.write(fd, key.encode())
    if not select.select([fd], [], [], 1.0)[0]:
        return None
    _, last = drain(fd, 0.004)
    return (last - start) * 1000


def measure(c, rounds):
    """Wall and processor milliseconds of each key, sorted."""
    took, cpu = [], []
    for _ in range(rounds):
        for key in TOUR:
            before = cpu_ns(c.proc.pid)
            ms = press(c.master, key)
            if ms is None:
                raise AssertionError("no frame for key %r" % key)
            took.append(ms)
            cpu.append((cpu_ns(c.proc.pid) - before) / 1e6)
            time.sleep(0.005)
    return sorted(took), sorted(cpu)


def cpu_ns(pid):
    with open("/proc/%d/schedstat" % pid) as f:
        return int(f.read().split()[0])


def p99(values):
    return round(values[min(len(values) - 1, len(values) * 99 // 100)], 2)


def run(directory):
    ready, moving, idle = (multiprocessing.Event() for _ in range(3))
    server = multiprocessing.Process(
        target=node, args=(os.path.join(directory, "weir.sock"), ready,
                           moving, idle), daemon=True)
    server.start()
    ready.wait(60)
    c = conftest.Console(directory, size=(200, 60))
    try:
        drain(c.master, 2.0)
        out = {}
        quiet, _ = measure(c, 6)
        moving.set()
        live, cpu = measure(c, 10)
        moving.clear()
        drain(c.master, 1.5)
        idle.set()
        before, start = cpu_ns(c.proc.pid), time.perf_counter()
        written = drain_for(c.master, 10)
        spent = cpu_ns(c.proc.pid) - before
        wall = time.perf_counter() - start
        out["console_idle_cpu_pct"] = round(spent / wall / 1e7, 3)
        out["console_key_to_frame_ms_p99"] = p99(live)
        out["console_key_to_frame_ms_p50"] = round(live[len(live) // 2], 2)
        out["console_key_to_frame_ms_max"] = round(live[-1], 2)
        out["console_key_cpu_ms_p99"] = p99(cpu)
        out["console_key_to_frame_quiet_ms_p99"] = p99(quiet)
        out["console_idle_bytes"] = written
        out["keys"] = len(live) + len(quiet)
        return out
    finally:
        c.close()
        server.terminate()


def drain_for(fd, seconds):
    end, n = time.perf_counter() + seconds, 0
    while (left := end - time.perf_counter()) > 0:
        if select.select([fd], [], [], left)[0]:
            n += take(fd)
    return n


if __name__ == "__main__":
    if not os.path.exists(conftest.WEIR):
        subprocess.run(["make", "weir"], check=True)
    conftest.WEIR = os.path.abspath(conftest.WEIR)
    with tempfile.TemporaryDirectory() as where:
        print(json.dumps(run(where)))
