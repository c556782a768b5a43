"""A program on a terminal of its own, and somebody who types at it."""
import os
import pty
import select
import termios
import time

import wait


class Terminal:
    def __init__(self, args, env=None, cwd=None):
        self.screen = b""
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            try:
                if cwd:
                    os.chdir(cwd)
                os.execve(args[0], args, env or os.environ)
            finally:
                os._exit(127)

    def _read(self, seconds):
        """False when there is nothing more: the program has ended."""
        if not select.select([self.fd], [], [], seconds)[0]:
            return True
        try:
            got = os.read(self.fd, 65536)
        except OSError:
            got = b""
        for _ in range(got.count(b"\x1b[5n")):  # asked how it is
            os.write(self.fd, b"\x1b[0n")
        self.screen += got
        return bool(got)

    def sees(self, text, seconds=20):
        """Waits until the screen has shown it since the last time."""
        deadline = time.monotonic() + seconds * wait.SCALE
        while text.encode() not in self.screen:
            assert time.monotonic() < deadline and self._read(0.1), \
                f"no {text!r} in {self.screen!r}"
        self.screen = self.screen.split(text.encode(), 1)[1]

    def types(self, text):
        os.write(self.fd, text.encode())

    def echoes(self):
        return bool(termios.tcgetattr(self.fd)[3] & termios.ECHO)

    def code(self, seconds=20):
        """The exit status; what it still said is in screen."""
        deadline = time.monotonic() + seconds * wait.SCALE
        while self._read(0.1):
            assert time.monotonic() < deadline, f"still runs: {self.screen!r}"
        _, status = os.waitpid(self.pid, 0)
        self.pid = None
        os.close(self.fd)
        return os.waitstatus_to_exitcode(status)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.pid:
            os.kill(self.pid, 9)
            os.waitpid(self.pid, 0)
            os.close(self.fd)
