"""What every row of the campaign stands on: a node with all roles, honest
peers that are measured while the faults come, and the account of a row."""
import contextlib
import multiprocessing
import os
import sys
import tempfile
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))), "peers"))

import curl  # noqa: E402
import media  # noqa: E402
import rpc  # noqa: E402
import wait  # noqa: E402
from broadcaster import Broadcaster  # noqa: E402
from node import Node  # noqa: E402
from ports import free_port  # noqa: E402

FULL = os.environ.get("CAMPAIGN_N") == "full"
spawn = multiprocessing.get_context("spawn")  # grpc does not survive fork


def many(short, full):
    return full if FULL else short


class Row:
    """Counts faults. fault() is one injection; the row's figures are said
    beside the counts; broken() is a promise of the whole row that fell."""

    def __init__(self, name):
        self.name, self.injected, self.failed = name, 0, 0
        self.figures, self.faults = {}, []
        self.tickets = self.lost = 0  # winners that were owed to us, and lost

    def fault(self, ok, text=""):
        self.injected += 1
        if not ok:
            self.broken(text)

    def broken(self, text):
        self.failed += 1
        self.faults.append(text)

    def promise(self, ok, text):
        if not ok:
            self.broken(text)

    def owed(self, tickets, lost, why=""):
        """Winning tickets whose fate the row followed to its end."""
        self.tickets += tickets
        self.lost += lost
        if lost:
            self.broken(f"{lost} of {tickets} tickets lost: {why}")

    def line(self):
        money = f" tickets={self.tickets} lost={self.lost}" \
            if self.tickets else ""
        figures = "".join(f" {k}={v}" for k, v in self.figures.items())
        passed = max(0, self.injected - self.failed)
        return (f"{self.name} injected={self.injected} passed={passed} "
                f"failed={self.failed}{money}{figures}")


def clip():
    found = []
    for path in media.clip():
        with open(path, "rb") as f:
            found.append(f.read())
    return found


@contextlib.contextmanager
def house(*roles, **flags):
    """A running node; roles default to all three."""
    with tempfile.TemporaryDirectory(prefix="weir-campaign-") as directory:
        if not roles:
            roles = ("orchestrator", "transcoder", "broadcaster")
            address = f"127.0.0.1:{free_port()}"
            flags.setdefault("serviceAddr", address)
            flags.setdefault("orchAddr", address)
        # Debug lines would be most of the cost of a flood.
        flags.setdefault("v", 3)
        node = Node(directory, *roles, **flags).start()
        try:
            yield node
        except BaseException:
            sys.stderr.write(node.log()[-6000:])
            node.kill()
            raise
        try:
            node.stop()
        finally:
            node.kill()


def good_segment(node, body, session=None):
    """Seconds until an honest segment is back, or None."""
    start = time.monotonic()
    try:
        with Broadcaster(node) as peer:
            token = peer.info().auth_token
            try:
                result = peer.transcode(body, rpc.seg_data(
                    body, token=token, profiles=rpc.LADDER[:1]), seconds=20)
            finally:
                peer.end(token)
        if result.WhichOneof("result") != "data":
            return None
    except Exception:  # whatever it is, the honest peer was not served
        return None
    return time.monotonic() - start


def _unary(port, ready, stop, pipe):
    """Runs in a process of its own: unary calls, their latencies in ms."""
    from broadcaster import channel
    from rpc import pb, pb_grpc
    stub = pb_grpc.OrchestratorStub(channel(port))
    took, failed = [], 0
    for _ in range(50):  # warm up
        stub.GetOrchestrator(pb.OrchestratorRequest(), timeout=8)
    ready.set()
    while not stop.is_set():
        start = time.monotonic()
        try:
            stub.GetOrchestrator(pb.OrchestratorRequest(), timeout=8)
        except Exception:
            failed += 1
        took.append((time.monotonic() - start) * 1000)
        time.sleep(0.005)
    pipe.send((sorted(took), failed))


@contextlib.contextmanager
def honest_unary(node, row, p99_ms):
    """Meanwhile an honest peer calls; its p99 is a promise of the row."""
    ready, stop = spawn.Event(), spawn.Event()
    ours, theirs = spawn.Pipe()
    process = spawn.Process(target=_unary, args=(
        node.port("serviceAddr"), ready, stop, theirs), daemon=True)
    process.start()
    if not ready.wait(20 * wait.SCALE):
        row.broken("the honest peer was not served at the start")
    yield
    stop.set()
    if not ours.poll(20):
        row.broken("the honest peer hangs")
        process.kill()
        return
    took, failed = ours.recv()
    process.join()
    p99 = took[min(len(took) - 1, len(took) * 99 // 100)] if took else 9999
    row.figures["honest"] = len(took)
    row.figures["p99_ms"] = round(p99, 1)
    row.promise(not failed, f"{failed} honest calls failed")
    row.promise(p99 <= p99_ms * wait.SCALE,
                f"honest p99 was {p99:.1f} ms, not {p99_ms} ms")


class HonestStream:
    """Pushes segment after segment through the broadcaster while it lives."""

    def __init__(self, node, row, name="honest"):
        self.node, self.row, self.name = node, row, name
        self.clip, self.seq, self.lost = clip(), 0, []
        self.stopping = threading.Event()
        self.thread = threading.Thread(target=self.run, daemon=True)

    def run(self):
        while not self.stopping.is_set():
            body = self.clip[self.seq % len(self.clip)]
            try:
                answer = curl.request(
                    f"{self.node.http}/live/{self.name}/{self.seq}.ts",
                    method="PUT", body=body, http=curl.H1, seconds=30,
                    headers={"Accept": "multipart/mixed", "Expect": "",
                             "Content-Duration": "2000"})
                if answer.status != 200 or len(curl.parts(answer)) < 1:
                    self.lost.append((self.seq, repr(answer)))
            except (OSError, AssertionError) as e:
                self.lost.append((self.seq, str(e)))
            self.seq += 1
            self.stopping.wait(0.5)

    def __enter__(self):
        self.thread.start()
        wait.until(lambda: self.seq > 0, 30, "the honest stream")
        return self

    def __exit__(self, *_):
        self.stopping.set()
        self.thread.join(40)
        self.row.figures["segments"] = self.seq
        self.row.figures["lost"] = len(self.lost)
        for seq, why in self.lost:
            self.row.broken(f"honest segment {seq} was lost: {why[:300]}")


class Cost:
    """What the node holds: compared with what it held at the start."""

    def __init__(self, node):
        self.node = node
        self.rss, self.files = node.rss(), node.open_files()
        self.top = self.rss

    def look(self):
        if self.node.alive():
            self.top = max(self.top, self.node.rss())

    def mib(self):
        self.look()
        return round((self.top - self.rss) / 1024, 1)

    def files_return(self, seconds, slack=2):
        """Do its open files come back to what they were?"""
        try:
            wait.until(lambda: self.node.open_files() <= self.files + slack,
                       seconds)
            return True
        except TimeoutError:
            return False

    def peers_leave(self, flag, seconds, left=0):
        """Are all connections to that port closed, but for `left`?"""
        try:
            wait.until(lambda: self.node.connections(flag) <= left, seconds)
            return True
        except TimeoutError:
            return False
