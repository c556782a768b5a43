"""R7: every allocation fails, once each: in the node, in a worker, in the
console. Memory is given back and asked for again (src/base/mem); what no hook
reaches answers an error. Nothing dies of it but what says so."""
import os
import pty
import select
import signal
import sqlite3
import struct
import subprocess
import sys
import tempfile
import time

import house
import wait
from node import REPORTS, WEIR, Node, free_port

SHIM = os.path.join(os.environ["BUILD"], "failmalloc.so")


class Injector:
    """The n-th allocation of processes `weir <who>` fails; n 0 only counts."""

    def __init__(self, directory, who, n):
        self.path = os.path.join(directory, "failmalloc")
        with open(self.path, "wb") as f:
            f.write(struct.pack("<16sQQQ", who.encode(), n, 0, 0))
        self.environment = {"LD_PRELOAD": SHIM}

    def read(self):
        """Allocations until now; 1 once one has failed."""
        with open(self.path, "rb") as f:
            return struct.unpack("<16sQQQ", f.read())[2:]


def node_in(directory, environment):
    address = f"127.0.0.1:{free_port()}"
    node = Node(directory, "orchestrator", "transcoder", "broadcaster",
                serviceAddr=address, orchAddr=address, v=3)
    node.environment = environment
    return node


def whole(node):
    """The database, if there is one yet."""
    path = os.path.join(node.datadir, "weir.sqlite")
    if not os.path.exists(path):
        return True
    with sqlite3.connect(path) as db:
        return db.execute("PRAGMA integrity_check").fetchone()[0] == "ok"


def ended_well(node, code):
    """Of itself, with a word, or as it was told; never by a signal."""
    return code >= 0 and not REPORTS.search(node.log()) and (
        code == 0 or "weir: " in node.log())


def live(node, body):
    """Its life: start, a segment, a look at it, the end. What went wrong, or
    "". A node may refuse to start, in words."""
    node.start(ready=False)

    def settled():
        if node.process.poll() is not None:
            return True
        try:
            node.wait_ready(0.2)
            return True
        except (AssertionError, OSError):
            return False
    wait.until(settled, 20, "weir listens or says why not")
    if node.process.poll() is None:
        # The one segment that met the failure may be lost, with an error.
        if house.good_segment(node, body) is None and \
                house.good_segment(node, body) is None:
            return "no segment comes back any more"
        node.command("status", check=False)
        node.process.send_signal(signal.SIGTERM)
    try:
        code = node.process.wait(30 * wait.SCALE)
    except subprocess.TimeoutExpired:
        return "it does not stop"
    if not ended_well(node, code):
        return f"it ended with {code}: {node.log()[-500:]}"
    return "" if whole(node) else "the database is damaged"


def look(node, injector):
    """A console on a terminal, left with q; its wait status."""
    pid, fd = pty.fork()
    if pid == 0:
        os.chdir(os.path.dirname(injector.path))
        os.environ.update(injector.environment, TERM="xterm", XDG_RUNTIME_DIR=node.dir,
                          HOME=node.dir)
        os.execv(WEIR, [WEIR, "attach", "-datadir", node.datadir])
    end = time.monotonic() + 20 * wait.SCALE
    pressed = 0
    try:
        while time.monotonic() < end:
            done, status = os.waitpid(pid, os.WNOHANG)
            if done:
                return status
            if select.select([fd], [], [], 0.1)[0]:
                try:
                    os.read(fd, 65536)
                except OSError:
                    pass
            elif pressed < 12:
                os.write(fd, b"2348q"[pressed % 5:pressed % 5 + 1])
                pressed += 1
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
        return signal.SIGKILL
    finally:
        os.close(fd)


def spread(total, wanted):
    """Allocations to fail: all of them, or a part from first to last."""
    step = max(1, total // wanted)
    return range(1, total + 1, step)


def node_or_worker(row, who, body, wanted):
    fired = 0
    with tempfile.TemporaryDirectory(prefix="weir-r7-") as d:
        count = Injector(d, who, 0)
        wrong = live(node_in(d, count.environment), body)
        row.promise(not wrong, f"{who} without a failure: {wrong}")
        total = count.read()[0]
    row.promise(total > 100, f"{total} allocations of {who}: is it counted?")
    for n in spread(total, wanted):
        with tempfile.TemporaryDirectory(prefix="weir-r7-") as d:
            injector = Injector(d, who, n)
            node = node_in(d, injector.environment)
            try:
                wrong = live(node, body)
            finally:
                node.kill()
            row.fault(not wrong, f"{who}, allocation {n}: {wrong}")
            fired += injector.read()[1]
    row.figures[f"{who}_allocations"] = total
    row.figures[f"{who}_failed"] = fired


def console(row, wanted):
    with house.house("orchestrator", "transcoder") as node:
        with tempfile.TemporaryDirectory(prefix="weir-r7-") as d:
            count = Injector(d, "attach", 0)
            status = look(node, count)
            total = count.read()[0]
            row.promise(status == 0, f"the console ended with {status}")
            for n in spread(total, wanted):
                injector = Injector(d, "attach", n)
                status = look(node, injector)
                row.fault(os.WIFEXITED(status),
                          f"console, allocation {n}: wait status {status}")
        row.figures["console_allocations"] = total
        row.promise(node.alive(), "the node died with its console")


def run(row):
    body = house.clip()[0]
    node_or_worker(row, "run", body, house.many(10, sys.maxsize))
    node_or_worker(row, "worker", body, house.many(4, 2000))
    console(row, house.many(4, sys.maxsize))
