"""Bad lines: slow, long, stuck, dumb. Nothing here depends on how fast this
machine is: bytes, paints and their order are counted, times are only told."""
import time

import pytest

import fake_daemon as fake
from conftest import wait_for
from slow_line import SlowConsole

CELLS = 80 * 24


@pytest.fixture
def slow(tmp_path, daemon):
    made = []

    def start(*args, **kw):
        made.append(SlowConsole(tmp_path, *args, **kw))
        return made[-1]

    yield start
    for c in made:
        c.close()


class Traffic:
    """A node where everything moves all the time: a console on a fast line
    paints four times a second."""

    def __init__(self, daemon):
        self.daemon, self.n = daemon, 0

    def step(self):
        self.n += 1
        k = self.n
        self.daemon.publish("node", fake.node_view(
            sessions=k % 40, segments_ok=1000 * k, cpu=k % 100 / 100))
        self.daemon.publish("sessions", {"rows": [
            fake.session(i, segments_in=k * 7 + i, segments_out=k * 5 + i,
                         latency_ms=500 + (k * 37 + i * 11) % 900)
            for i in range(12)]})
        self.daemon.log("record %d of a node at work" % k)

    def flow(self, seconds, each=0.2):
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            self.step()
            time.sleep(each)


def test_data_waits_for_the_line(slow, daemon):
    """However much moves, the line has no backlog, and paints become rarer."""
    traffic = Traffic(daemon)
    c = slow()
    c.wait("Roles", "0.0.0.0:8935")
    c.keys("2")
    c.wait("stream-000")
    traffic.flow(4)  # until the line is known
    c.reset()
    before = traffic.n
    traffic.flow(8)
    published, paints, n = traffic.n - before, c.paints(), len(c.raw)
    print("in 8 s: %d versions published, %d pieces, %d bytes, at most %d "
          "waiting" % (published, paints, n, c.most_waiting))
    assert 0 < paints < published
    assert c.most_waiting < 960, "more than a second of the line waits"
    assert n <= 8 * 960


def test_keys_pass_by_data(slow, daemon):
    traffic = Traffic(daemon)
    c = slow()
    c.wait("Roles", "0.0.0.0:8935")
    traffic.flow(4)
    c.keys("2")
    c.wait("stream-000", "Ratio")
    c.reset()
    took = []
    for word in ("7", "72", "726", "7261", "72615"):
        if not took:
            c.keys("/")
        traffic.step()
        start = time.monotonic()
        c.keys(word[-1])
        c.wait("/" + word)
        took.append(int((time.monotonic() - start) * 1000))
    print("key to screen at 960 bytes/s and 500 ms: %s ms" % took)
    assert c.most_waiting < CELLS


def test_held_key_does_not_pile_up(slow, daemon):
    """An arrow held down repeats 30 times a second; frames are left out, the
    last place is right."""
    daemon.publish("sessions", {"rows": [fake.session(i) for i in range(200)]})
    c = slow()
    c.wait("Roles", "0.0.0.0:8935")
    c.keys("2")
    c.wait("stream-000", "stream-010")
    wait_for(lambda: c.read(0.05) or not c.waiting and not c.down)
    c.reset()
    for _ in range(90):
        c.keys("j")
        time.sleep(1 / 30)
    c.wait("stream-090")
    print("90 keys: %d bytes in %d pieces, at most %d waiting" % (
        len(c.raw), c.paints(), c.most_waiting))
    assert c.paints() < 60
    assert c.most_waiting < 960


def test_stuck_line(slow, daemon):
    """The terminal takes nothing for a while: the console neither waits in a
    write nor stores frames; then the newest is shown."""
    traffic = Traffic(daemon)
    c = slow(buffer=64, rate=20000, delay=0.01)
    c.wait("Roles", "0.0.0.0:8935")
    c.stuck = True
    c.keys("2")
    traffic.flow(1)
    c.keys("3")
    traffic.flow(1)
    c.keys("\t")
    traffic.flow(1)
    # It works: it reads what the node says, and has taken the last key.
    daemon.log("the last word")
    wait_for(lambda: c.read(0.05) or not c.up)
    c.reset()
    c.stuck = False
    c.wait("following", "the last word")
    print("%d bytes after it" % len(c.raw))
    assert len(c.raw) < 6 * CELLS
    assert b"Tesla T4" not in c.raw, "a frame of the past was kept"


@pytest.mark.parametrize("how", ["signal", "key"])
def test_stuck_line_ends(slow, how):
    """It is told to end while it cannot write."""
    c = slow(buffer=64, rate=20000, delay=0.01, size=(200, 60))
    c.wait("Roles")
    c.stuck = True
    for key in "2341234":  # more than the terminal's buffer takes
        c.keys(key)
        time.sleep(0.05)
    if how == "signal":
        c.proc.terminate()
    else:
        c.keys("q")
    assert c.wait_exit() == 0


@pytest.mark.parametrize("kind", [{"answers": False}, {"term": "rxvt"}])
def test_terminal_that_never_answers(slow, daemon, kind):
    """It is asked in vain, or not at all; data comes nevertheless."""
    c = slow(rate=1 << 20, delay=0, **kind)
    c.wait("Roles")
    c.keys("4")
    for n in range(5):
        daemon.log("word %d" % n)
        c.wait("word %d" % n)
    c.keys("q")
    assert c.wait_exit() == 0


def test_no_answer_is_left_to_the_shell(slow):
    """A console leaves when its questions are answered: the shell that reads
    next gets no sequence that it did not ask for."""
    c = slow(rate=1 << 20, delay=0.2)
    c.wait("Roles")
    c.keys("2")
    c.keys("q")
    assert c.wait_exit() == 0
    asked = c.paints()
    wait_for(lambda: c.read(0.01) or not c.up)
    assert asked >= 2
    assert not any(b"\x1b[5n" in data for _, data in c.down)
