"""R7: every allocation fails once - of weir, of its libraries, of libc - in a
node that real peers use, in its workers, in a console. Each is made again
(src/base/mem), so that nothing may be noticed: no answer is lost."""
import contextlib
import mmap
import os
import signal
import sqlite3
import struct
import subprocess
import tempfile
import termios

import curl
import house
import media
import publish
import wait
from node import REPORTS, WEIR, Node
from ports import free_port
from terminal import Terminal

SO = os.path.join(os.environ["BUILD"], "failmalloc.so")
END_S = 40


class Failures:
    """struct failmalloc of failmalloc.h: orders to the processes of a role, and
    what became of them. Allocation `first` fails and each `step`-th after it;
    0 and 0: none, they are counted."""

    def __init__(self, directory, role, first, step):
        self.what = f"{role}, allocation {first}" + f" and each {step}. after it" * (step > 0)
        path = os.path.join(directory, "failmalloc")
        with open(path, "wb") as f:
            f.write(struct.pack("<4Q", first, step, 0, 0) + bytes(1024))
        with open(path, "r+b") as f:
            self.map = mmap.mmap(f.fileno(), 0)
        self.environment = {"LD_PRELOAD": SO, "FAILMALLOC": path, "FAILMALLOC_ROLE": role}
        if "ASAN_OPTIONS" in os.environ:
            self.environment["ASAN_OPTIONS"] = \
                os.environ["ASAN_OPTIONS"] + ":verify_asan_link_order=0"

    def count(self):
        return struct.unpack("<Q", self.map[16:24])[0]

    def failed(self):
        return struct.unpack("<Q", self.map[24:32])[0]

    def __str__(self):
        where = self.map[32:].split(b"\0")[0].decode()
        return f"{self.what} {where}".rstrip()


def push(node, body, seq):
    """A segment through all three roles and back."""
    answer = curl.request(
        f"{node.http}/live/pushed/{seq}.ts", method="PUT", body=body,
        http=curl.H1, seconds=30, headers={
            "Accept": "multipart/mixed", "Expect": "", "Content-Duration": "2000"})
    assert answer.status == 200 and len(curl.parts(answer)) == 2, f"push: {answer}"


def look(node, environment):
    """A console that looks into rooms until q, and leaves the terminal as it
    was."""
    full = dict(os.environ, TERM="xterm", XDG_RUNTIME_DIR=node.dir, HOME=node.dir,
                **environment)
    with Terminal([WEIR, "attach", "-datadir", node.datadir], full) as t:
        terminal = os.dup(t.fd)
        modes = termios.tcgetattr(terminal)
        t.sees("Overview")
        t.types("234?")
        t.sees("Keys")
        t.types("\x1bq")
        code = t.code()
        restored = termios.tcgetattr(terminal) == modes
        os.close(terminal)
    assert code == 0, f"the console ended with {code}: {t.screen[-2000:]}"
    assert restored, "the console left the terminal in its own modes"


def serve(node, body, flv):
    publish.librtmp(node.rtmp("live/published"), flv)
    push(node, body, 0)
    push(node, body, 1)
    assert house.good_segment(node, body), "no segment over the network's wire"
    look(node, {})
    status = node.status()
    assert status["node"]["segments_failed"] == 0, f"status: {status['node']}"


def end(node):
    node.process.send_signal(signal.SIGTERM)
    code = node.process.wait(END_S)
    assert code == 0 and not REPORTS.search(node.log()), f"it ended with {code}"
    path = os.path.join(node.datadir, "weir.sqlite")
    with contextlib.closing(sqlite3.connect(path)) as db:
        found = db.execute("PRAGMA integrity_check").fetchone()[0]
    assert found == "ok", f"the database: {found}"


def account(row, failures, wrong):
    """A line is a fault of its own; the other allocations count with it."""
    row.injected += max(0, failures.failed() - 1)
    row.fault(not wrong, f"{failures}: {wrong}")
    return failures.count()


def life(row, role, material, first=0, step=0):
    """The whole life of a node; how many allocations that role makes in it."""
    with tempfile.TemporaryDirectory(prefix="weir-r7-") as directory:
        failures = Failures(directory, role, first, step)
        address = f"127.0.0.1:{free_port()}"
        node = Node(directory, "orchestrator", "transcoder", "broadcaster",
                    serviceAddr=address, orchAddr=address, v=3)
        node.environment = failures.environment
        wrong = ""
        try:
            node.start()
            serve(node, *material)
            end(node)
        except (AssertionError, OSError, TimeoutError, subprocess.TimeoutExpired) as e:
            code = "" if node.alive() else f"; ended with {node.process.returncode}"
            wrong = f"{e}{code}\n{node.log()[-3000:]}"
        finally:
            node.kill()
        return account(row, failures, wrong)


def console(row, node, first=0, step=0):
    failures = Failures(node.dir, "console", first, step)
    wrong = ""
    try:
        look(node, failures.environment)
        assert node.alive(), "the node died of a console"
    except (AssertionError, OSError, TimeoutError) as e:
        wrong = str(e)
    return account(row, failures, wrong)


def spread(total, wanted):
    """That many of 1 ... total, the first and the last among them."""
    if wanted >= total:
        return range(1, total + 1)
    return sorted({1 + n * (total - 1) // (wanted - 1) for n in range(wanted)})


def fail_all(row, role, one, singles):
    """All of them, each for the first time that it is made; others in the
    full form; and some alone."""
    one(1, 1)
    for step in range(2, house.many(2, 30)):
        one(step, step)
    total = one()
    for n in spread(total, singles):
        one(n)
    row.figures[role] = total


def run(row):
    with open(media.flv(), "rb") as f:
        material = house.clip()[0], f.read()
    for role in ("node", "worker"):
        fail_all(row, role, lambda *n, role=role: life(row, role, material, *n),
                 house.many(2, 300))
    with house.house("orchestrator", "transcoder") as node:
        fail_all(row, "console", lambda *n: console(row, node, *n),
                 house.many(3, 10000))
