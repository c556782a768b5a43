#!/usr/bin/python3 -B
"""Random keys x random sizes x random nodes: soak.py [SECONDS [SEED]].

A console in a terminal emulator, attached to a node that is only a socket and
says anything: every field of every section, none, or thousands of rows; it asks,
refuses, is silent, goes away in the middle of a frame and comes back. Keys are
any. The console may leave when a key says so, and never otherwise; a report of a
sanitizer, another exit status or a signal is a finding. Prints what was done."""
import os
import random
import re
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(HERE, "..", "peers")]
import conftest  # noqa: E402
import fake_daemon as fake  # noqa: E402
import view_def  # noqa: E402

REPORT = re.compile(rb"[a-z_/]+\.[ch]:\d+:\d+:[^\n]*runtime error|"
                    rb"==\d+==ERROR|Sanitizer")
SPECIAL = ["\x1b", "\r", "\t", "\x7f", "\x1b[A", "\x1b[B", "\x1b[C", "\x1b[D",
           "\x1b[5~", "\x1b[6~", "\x1b[H", "\x1b[F", "\x1b[3~", "\x1b[Z", "\x1bOP",
           "\x0c", "\x0e", "\x14", "\x10", "\x12", "\x15", "\x17", "\x0b",
           "\x1b[1;5A", "\x1b[200~", "\x1b[", "\x1b[0n", "\u6771", "\xe9"]
LETTERS = [chr(c) for c in range(0x20, 0x7f)]
WORDS = [":set_max_sessions 7\r", ":drain\r", ":bond 5 LPT\r", "/a|b\r", "\\",
         ":filter x\r", ":help\r", "?", ":set_log_level ", ":nodes\r", "\r6a65\r",
         ":activate\r", ":save-screen /dev/null\r", "/\x1b"]
TEXTS = ["", "x", "running", "gpu", "O", "B", "live", "failed", "broken", "pass",
         "0.5 ETH", "12 LPT", "1200 wei/px", "\x1b[2J", "\u202e", "\u6771\u4eac" * 20,
         "a" * 600, "https://o.example:8935", "a\nb\nc", "-1", "99999999999999999999"]
NUMBERS = [0, 1, -1, 7, 100, 2**31, -2**31, 2**53, 2**63 - 1, -2**63, fake.NOW,
           fake.NOW - 60000, 5760]
DOUBLES = [0.0, -1.0, 0.5, 1e300, -1e300, 1e-300, 3.0]


class Soak:
    def __init__(self, directory, seed):
        self.dice = random.Random(seed)
        self.directory = directory
        self.path = os.path.join(directory, "weir.sock")
        self.counts = dict.fromkeys(
            ("keys", "sizes", "views", "records", "restarts", "outages"), 0)
        self.known = view_def.objects()
        self.console = None
        self.daemon = None
        self.start_daemon()
        self.start_console()

    # --- the node ---

    def start_daemon(self):
        self.daemon = fake.FakeDaemon(self.path)
        self.daemon.answer = self.answer
        for section in fake.SECTIONS:
            if self.dice.random() < 0.8:
                self.daemon.publish(section, self.view("view_" + section))

    def answer(self, name, args):
        return self.dice.choice(["done", "refused", "accepted", "asks"]), \
            self.dice.choice(TEXTS)

    def view(self, name, rows=None):
        out = {}
        for kind, field, item in self.known[name]:
            if self.dice.random() < 0.1:
                continue
            if kind == "L":
                n = rows if rows is not None else self.dice.choice(
                    [0, 1, 2, 3, 17])
                out[field] = [self.view(item, self.dice.choice([0, 1, 2]))
                              for _ in range(n)]
            elif kind == "S":
                out[field] = self.dice.choice(TEXTS)
            elif kind == "I":
                out[field] = self.dice.choice(NUMBERS)
            elif kind == "D":
                out[field] = self.dice.choice(DOUBLES)
            else:
                out[field] = self.dice.random() < 0.5
        return out

    def speak(self):
        what = self.dice.random()
        if what < 0.7:
            section = self.dice.choice(fake.SECTIONS)
            view = {} if self.dice.random() < 0.1 else self.view("view_" + section)
            if section == "node" and self.dice.random() < 0.8:
                view["now_ms"] = fake.NOW
            self.daemon.publish(section, view)
            self.counts["views"] += 1
        elif what < 0.97:
            n = self.dice.choice([1, 3, 100])
            self.daemon.log(*(self.dice.choice(TEXTS) for _ in range(n)),
                            level=self.dice.choice(
                                ["trace", "debug", "info", "unusual", "broken"]))
            self.counts["records"] += n
        else:
            if self.dice.random() < 0.5:
                self.daemon.bye(self.dice.choice(TEXTS))
            self.daemon.close()
            self.start_daemon()
            self.counts["outages"] += 1

    # --- the console ---

    def start_console(self):
        self.console = conftest.Console(
            self.directory, *self.dice.choice([(), ("-ascii",), ("-color", "never")]),
            term=self.dice.choice(["xterm-256color", "screen-256color", "linux",
                                   "vt100", "rxvt"]),
            size=self.size(), cwd=self.directory,
            env={k: v for k, v in os.environ.items()
                 if k.endswith("SAN_OPTIONS")})
        # A console that leaves reads no more: who types must not wait for it.
        os.set_blocking(self.console.master, False)
        self.console.screen.write_process_input = self.type
        # What is told to end before it has drawn ends as any program does.
        end = time.monotonic() + conftest.DEADLINE
        while not self.console.raw and self.console.proc.poll() is None:
            assert time.monotonic() < end, "it draws nothing"
            self.console.read(0.05)

    def size(self):
        return self.dice.choice([(80, 24), (120, 40), (200, 60), (60, 16), (30, 10),
                                 (self.dice.randrange(1, 300),
                                  self.dice.randrange(1, 90))])

    def type(self, text):
        """Lost where it has just left, or reads nothing."""
        try:
            self.console.keys(text)
        except OSError:
            pass

    def press(self):
        for _ in range(self.dice.choice([1, 1, 2, 5, 30])):
            what = self.dice.random()
            keys = self.dice.choice(SPECIAL if what < 0.4 else
                                    WORDS if what < 0.5 else LETTERS)
            # Most of what leaves is left out, or it would do nothing else.
            if keys in "qQ" and self.dice.random() < 0.95:
                continue
            self.type(keys)
            self.counts["keys"] += 1

    def left(self):
        """Whether it has ended, which a key may have told it to."""
        c = self.console
        if c.proc.poll() is None:
            return False
        c.read(0.05)
        report = REPORT.search(c.raw)
        said = c.raw[report.start():] if report else c.raw[-300:]
        assert c.proc.returncode == 0 and not report, "exit %d: %s" % (
            c.proc.returncode, said.decode("utf-8", "replace")[:6000])
        c.close()
        return True

    def step(self):
        if self.left():
            self.counts["restarts"] += 1
            self.start_console()
        what = self.dice.random()
        if what < 0.6:
            self.press()
        elif what < 0.7:
            self.console.resize(*self.size())
            self.counts["sizes"] += 1
        else:
            self.speak()
        self.console.read(self.dice.choice([0, 0, 0.01]))
        if len(self.console.raw) > 1 << 20:
            self.console.raw = self.console.raw[-20000:]

    def finish(self):
        """However it stands, it ends in order, and says what it lost."""
        self.console.resize(80, 24)
        end = time.monotonic() + conftest.DEADLINE
        self.console.proc.terminate()
        while not self.left():
            assert time.monotonic() < end, "it does not end"
            self.console.read(0.05)
        self.daemon.close()


def soak(seconds, seed):
    with tempfile.TemporaryDirectory(prefix="weir-soak-") as directory:
        s = Soak(directory, seed)
        end = time.monotonic() + seconds
        try:
            while time.monotonic() < end:
                s.step()
            s.finish()
        except AssertionError as e:
            raise AssertionError("seed %d, %s: %s" % (seed, s.counts, e)) from e
        finally:
            s.console.close()
        return s.counts


if __name__ == "__main__":
    conftest.WEIR = os.path.abspath(conftest.WEIR)
    total = int(sys.argv[1]) if len(sys.argv) > 1 else 600
    first = int(sys.argv[2]) if len(sys.argv) > 2 else int(time.time())
    print("seed %d, %d s: %s" % (first, total, soak(total, first)))
