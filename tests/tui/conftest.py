"""A console in a pseudo-terminal, its screen kept by a terminal emulator."""
import errno
import fcntl
import os
import re
import select
import signal
import struct
import subprocess
import sys
import termios
import time

import pyte
import pytest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(HERE, "..", "peers")]
import fake_daemon as fake  # noqa: E402
from node import Node  # noqa: E402

WEIR = os.environ.get("WEIR", "./weir")
DEADLINE = 20


class Screen(pyte.Screen):
    """With what xterm has and pyte lacks: scrolling by lines, repeating, and
    what comes in at a line's end in the colours that are set."""

    def delete_characters(self, count=None):
        super().delete_characters(count)
        for x in range(self.columns - (count or 1), self.columns):
            self.buffer[self.cursor.y][x] = self.cursor.attrs

    def scroll_up(self, n=1):
        y = self.cursor.y
        self.cursor.y = self.margins.bottom if self.margins else self.lines - 1
        for _ in range(n or 1):
            self.index()
        self.cursor.y = y

    def scroll_down(self, n=1):
        y = self.cursor.y
        self.cursor.y = self.margins.top if self.margins else 0
        for _ in range(n or 1):
            self.reverse_index()
        self.cursor.y = y

    def draw(self, data):
        self.last = data[-1:]
        super().draw(data)

    def repeat(self, n=1):
        self.draw(self.last * (n or 1))


class Stream(pyte.ByteStream):
    csi = dict(pyte.ByteStream.csi, S="scroll_up", T="scroll_down", b="repeat")
    events = pyte.ByteStream.events | {"scroll_up", "scroll_down", "repeat"}


def wait_for(condition, seconds=DEADLINE):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it never came true"
        time.sleep(0.01)


class Console:
    def __init__(self, datadir, *args, term="xterm-256color", size=(80, 24),
                 env=None, words=(), program=None, cwd=None):
        self.master, slave = os.openpty()
        self.resize(*size, tell=False)
        self.screen = Screen(*size)
        # Asked how it is, it answers, as terminals do.
        self.screen.write_process_input = self.keys
        self.stream = Stream(self.screen)
        self.raw = b""
        full = {"PATH": os.environ["PATH"], "LANG": "C.UTF-8", "TERM": term}
        full.update(env or {})

        def adopt():
            os.setsid()
            fcntl.ioctl(0, termios.TIOCSCTTY, 0)
            # Ignored by what a shell has put into the background, and inherited.
            signal.signal(signal.SIGINT, signal.SIG_DFL)

        self.proc = subprocess.Popen(
            program or [os.path.abspath(WEIR), "attach", *words, "-datadir",
                        str(datadir), *args],
            env=full, cwd=cwd,
            stdin=slave, stdout=slave, stderr=slave, preexec_fn=adopt)
        os.close(slave)

    def read(self, seconds):
        """Feeds the emulator for a while; the bytes that came."""
        got = b""
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            ready, _, _ = select.select([self.master], [], [], left)
            if not ready:
                break
            try:
                data = os.read(self.master, 65536)
            except OSError as e:
                if e.errno != errno.EIO:
                    raise
                data = b""
            if not data:
                break
            got += data
            self.raw += data
            self.stream.feed(data)
            if not seconds:
                break
        return got

    def text(self):
        return "\n".join(line.rstrip() for line in self.screen.display)

    def wait(self, *texts, gone=()):
        end = time.monotonic() + DEADLINE
        while time.monotonic() < end:
            self.read(0.05)
            now = self.text()
            if all(t in now for t in texts) and \
                    not any(t in now for t in gone):
                return now
            if self.proc.poll() is not None:
                break
        raise AssertionError("never %r without %r:\n%s" %
                             (texts, gone, self.text()))

    def wait_raw(self, pattern):
        """The bytes that match; for what an emulator does not show."""
        end = time.monotonic() + DEADLINE
        while time.monotonic() < end and self.proc.poll() is None:
            found = re.search(pattern, self.raw, re.S)
            if found:
                return found.group()
            self.read(0.05)
        raise AssertionError("never %r" % pattern)

    def keys(self, text):
        os.write(self.master, text.encode())

    def resize(self, w, h, tell=True):
        fcntl.ioctl(self.master, termios.TIOCSWINSZ,
                    struct.pack("HHHH", h, w, 0, 0))
        if tell:
            self.screen.resize(h, w)
            os.kill(self.proc.pid, signal.SIGWINCH)

    def cpu(self):
        """Seconds of processor time used so far."""
        with open("/proc/%d/stat" % self.proc.pid) as f:
            fields = f.read().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def wait_exit(self, seconds=DEADLINE):
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if self.master >= 0:
                self.read(0.02)
            if self.proc.poll() is not None:
                return self.proc.returncode
            if self.master < 0:
                time.sleep(0.01)
        raise AssertionError("still there after %s s" % seconds)

    def hang_up(self):
        os.close(self.master)
        self.master = -1

    def close(self):
        if self.proc.poll() is None:
            self.proc.kill()
            self.proc.wait()
        if self.master >= 0:
            self.hang_up()


@pytest.fixture
def node(tmp_path):
    """A real one; most tests do with a daemon."""
    n = Node(tmp_path, "orchestrator", "transcoder", orchSecret="s3cret")
    n.start()
    n.wait_log("ready after")
    yield n
    n.stop()


@pytest.fixture
def daemon(tmp_path):
    d = fake.FakeDaemon(tmp_path / "weir.sock")
    d.publish("node", fake.node_view())
    d.publish("sessions", {"rows": [fake.session(i) for i in range(12)]})
    d.publish("transcoders", {"rows": [fake.transcoder(i)
                                       for i in range(3)]})
    d.log("first record", "second record")
    yield d
    d.close()


@pytest.fixture
def attach(tmp_path, daemon):
    made = []

    def start(*args, **kw):
        made.append(Console(tmp_path, *args, **kw))
        return made[-1]

    yield start
    for c in made:
        c.close()
