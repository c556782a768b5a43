"""R18: consoles come and go, and twenty stay: the node holds nothing of those
that left, and what one costs is told."""
import json
import os
import signal
import socket
import struct
import time

import house
import views
from node import WEIR
from terminal import Terminal

HELLO, SUBSCRIBE = 1, 6
MANY = 20


def environment(node):
    return dict(os.environ, TERM="xterm", XDG_RUNTIME_DIR=node.dir, HOME=node.dir)


def attach(node):
    return Terminal([WEIR, "attach", "-datadir", node.datadir], environment(node))


def visit(node, row, how):
    """One console: looks, and leaves by a key, a kill or a closed terminal."""
    wrong = ""
    try:
        with attach(node) as t:
            t.sees("Overview")
            t.types("24")
            t.sees("following")
            if how == 0:
                t.types("q")
                code = t.code()
                wrong = "" if code == 0 else f"exit {code}"
            elif how == 1:
                os.kill(t.pid, signal.SIGKILL)
            # else: its terminal is closed, while it paints
    except (AssertionError, OSError) as e:
        wrong = str(e)
    row.fault(not wrong and node.alive(), wrong or "the node is gone")


def frame(kind, payload):
    payload = json.dumps(payload).encode()
    return struct.pack(">IB", len(payload), kind) + payload


def break_off(node, row, n):
    """A connection that ends at some byte of its greeting, or right after it."""
    said = frame(HELLO, {"protocol": 1, "version": "0", "pid": 0}) + \
        frame(SUBSCRIBE, {"sections": (1 << len(views.SECTIONS)) - 1,
                          "log": True, "log_after": 0})
    s = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        s.connect(os.path.join(node.datadir, "weir.sock"))
        s.sendall(said[:n % (len(said) + 1)])
        row.fault(node.alive(), "the node is gone")
    except OSError as e:
        row.fault(False, f"refused: {e}")
    finally:
        s.close()


def cpu_s(pid):
    with open(f"/proc/{pid}/stat") as f:
        fields = f.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def rss_kib(pid):
    with open(f"/proc/{pid}/statm") as f:
        return int(f.read().split()[1]) * os.sysconf("SC_PAGESIZE") // 1024


def twenty(node, row):
    """All see what is new; their cost, and the node's for all of them."""
    consoles = []
    seconds = house.many(3, 20)
    before = cpu_s(node.process.pid)
    time.sleep(seconds)
    alone = cpu_s(node.process.pid) - before
    rss = node.rss()
    try:
        for _ in range(MANY):
            consoles.append(attach(node))
        for t in consoles:
            t.sees("Overview")
            t.types("4")
            t.sees("following")
        start = cpu_s(node.process.pid), sum(cpu_s(t.pid) for t in consoles)
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            for t in consoles:
                t._read(0.01)
        row.figures["node_cpu_pct"] = "%.1f->%.1f" % (
            100 * alone / seconds, 100 * (cpu_s(node.process.pid) - start[0]) / seconds)
        row.figures["console_cpu_pct"] = "%.2f" % (100 * (
            sum(cpu_s(t.pid) for t in consoles) - start[1]) / seconds / MANY)
        row.figures["node_mib_for_20"] = "%.1f" % ((node.rss() - rss) / 1024)
        row.figures["console_mib"] = "%.1f" % (
            sum(rss_kib(t.pid) for t in consoles) / MANY / 1024)
        for t in consoles:
            t.types("q")
        for t in consoles:
            row.fault(t.code() == 0, "it did not leave in order")
    finally:
        for t in consoles:
            t.__exit__()


def run(row):
    with house.house("orchestrator", "transcoder") as node:
        for n in range(5):  # warm up
            visit(node, row, n % 3)
        for n in range(200):
            break_off(node, row, n)
        twenty(node, row)
        cost = house.Cost(node)
        for n in range(house.many(60, 1000)):
            visit(node, row, n % 3)
        for n in range(house.many(1000, 20000)):
            break_off(node, row, n)
        row.figures["rss_mib"] = f"+{cost.mib()}"
        # What a sanitizer keeps of the freed is not the node's.
        row.promise(os.environ.get("MODE") == "asan" or
                    cost.mib() <= max(4, cost.rss / 1024 / 50),
                    f"memory grew by {cost.mib()} MiB from {cost.rss // 1024} MiB")
        row.promise(cost.files_return(10), f"{node.open_files()} open files, "
                    f"{cost.files} before")
