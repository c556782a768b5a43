"""A slow, long line between a console and its terminal: 960 bytes a second, as
9600 baud carry, and a quarter of a second each way. What the console's side
takes at once (`buffer`, as ssh and TCP do) waits there for the line; with a
small one the console is blocked instead, as on a serial line. It counts bytes,
paints and what waits."""
import os
import select
import threading
import time

import conftest

TICK = 0.01
QUESTION = b"\x1b[5n"  # behind each paint


class SlowConsole(conftest.Console):
    def __init__(self, datadir, *args, rate=960, delay=0.25, buffer=1 << 20,
                 answers=True, **kw):
        self.rate, self.delay, self.buffer = rate, delay, buffer
        self.lock = threading.RLock()
        self.waiting = b""       # for the line
        self.down, self.up = [], []  # (when it arrives, bytes)
        self.most_waiting = 0
        self.open, self.stuck = True, False
        super().__init__(datadir, *args, **kw)
        if not answers:
            self.screen.write_process_input = lambda data: None
        self.thread = threading.Thread(target=self._relay, daemon=True)
        self.thread.start()

    def paints(self):
        return self.raw.count(QUESTION)

    def reset(self):
        """What is counted, from now on."""
        with self.lock:
            self.raw, self.most_waiting = b"", 0

    def _take(self):
        room = self.buffer - len(self.waiting)
        if self.stuck or room <= 0 or \
                not select.select([self.master], [], [], 0)[0]:
            return
        try:
            got = os.read(self.master, min(room, 65536))
        except OSError:
            got = b""
        self.raw += got
        self.waiting += got
        self.most_waiting = max(self.most_waiting, len(self.waiting))

    def _relay(self):
        credit, last = 0.0, time.monotonic()
        while self.open:
            time.sleep(TICK)
            with self.lock:
                now = time.monotonic()
                self._take()
                credit = min(credit + (now - last) * self.rate,
                             self.rate * 4 * TICK)
                last = now
                n = 0 if self.stuck else min(int(credit), len(self.waiting))
                if n:
                    credit -= n
                    self.down.append((now + self.delay, self.waiting[:n]))
                    self.waiting = self.waiting[n:]
                self._arrive(now)

    def _arrive(self, now):
        while self.down and self.down[0][0] <= now:
            self.stream.feed(self.down.pop(0)[1])
        while self.up and self.up[0][0] <= now:
            try:
                os.write(self.master, self.up.pop(0)[1])
            except OSError:
                self.up.clear()

    def read(self, seconds):
        """What arrives is fed by the relay; this only lets time pass."""
        time.sleep(min(seconds, 0.02))
        return b""

    def text(self):
        with self.lock:
            return super().text()

    def keys(self, text):
        with self.lock:
            self.up.append((time.monotonic() + self.delay, text.encode()))

    def resize(self, w, h, tell=True):
        with self.lock:
            super().resize(w, h, tell)

    def close(self):
        self.open = False
        self.thread.join()
        super().close()
