"""Terminals that are too small, change all the time, stop, or are gone: the
console recovers, or ends at once and costs nothing; the node does not care."""
import os
import random
import signal
import subprocess
import sys
import termios
import time

import pytest

import fake_daemon as fake
from conftest import WEIR, wait_for

GONE_S = 1.0  # the console's own promise


def end(c):
    """Waits for its end; the seconds of processor time it took in all."""
    deadline = time.monotonic() + GONE_S
    while time.monotonic() < deadline:
        pid, status, usage = os.wait4(c.proc.pid, os.WNOHANG)
        if pid:
            c.proc.returncode = os.waitstatus_to_exitcode(status)
            return usage.ru_utime + usage.ru_stime
        time.sleep(0.01)
    raise AssertionError("the console is still there")


def test_small(attach):
    c = attach()
    c.wait("Roles")
    c.keys("2")
    c.wait("stream-000")
    for size in [(30, 10), (59, 16), (60, 15), (17, 3), (16, 2), (5, 1), (1, 1)]:
        c.resize(*size)
        if size[0] >= 17:
            c.wait("weir needs 60x16")
        elif size[0] > 5:
            c.wait("60x16!")
        else:
            c.wait("60x16!"[:size[0] - 1] if size[0] > 1 else "")
    c.resize(30, 10)
    c.wait("weir needs 60x16", "too small: 30x10", "q: detach")
    c.keys("3?:\x1b")  # what cannot be seen is not done
    c.resize(80, 24)
    c.wait("stream-000", "Ratio", gone=["weir needs", "Keys ("])
    c.resize(30, 10)
    c.wait("weir needs 60x16")
    c.keys("q")
    assert c.wait_exit() == 0


def test_starts_small(attach):
    c = attach(size=(30, 10))
    c.wait("weir needs 60x16")
    c.resize(100, 30)
    c.wait("Roles", "0.0.0.0:8935")


def test_resize_storm(attach, daemon):
    """As a window is drawn by its corner, while data and keys come."""
    c = attach()
    c.wait("Roles")
    dice = random.Random(7)
    before = c.cpu()
    for n in range(300):
        c.resize(dice.randrange(1, 220), dice.randrange(1, 70))
        if n % 7 == 0:
            c.keys(dice.choice("1234j"))
        if n % 11 == 0:
            daemon.publish("node", fake.node_view(sessions=n % 40))
        if n % 5 == 0:
            c.read(0)
    c.resize(100, 30)
    daemon.publish("node", fake.node_view(sessions=29))
    c.wait("29/40", "Detach")  # too small, it would take no key
    c.keys("2")
    c.wait("stream-000", "stream-011", "Ratio", "29/40")
    print("300 sizes: %.2f s of processor time" % (c.cpu() - before))
    # The screen is what one drawn anew would be.
    lines = c.text()
    c.keys("\x0c")
    while c.read(0.3):
        pass
    assert c.text() == lines


def test_stops_and_goes_on(attach, daemon, tmp_path):
    """Ctrl-Z in a shell: its modes and its screen are back, and again ours."""
    c = attach(program=["bash", "--norc", "-i"],
               env={"PS1": "prompt> ", "HOME": str(tmp_path)})
    c.wait("prompt>")
    modes = termios.tcgetattr(c.master)[3]
    for key in ("3", "2"):
        c.keys("fg\r" if key == "2" else
               "%s attach -datadir %s\r" % (WEIR, tmp_path))
        c.wait("Overview", "Detach")
        c.keys(key)
        c.wait("Tesla T4" if key == "3" else "stream-000")
        assert termios.tcgetattr(c.master)[3] & termios.ICANON == 0
        c.keys("\x1a")
        c.wait("Stopped", "prompt>", gone=["Overview"])
        shell = termios.tcgetattr(c.master)[3]
        assert shell & termios.ISIG and modes & termios.ISIG
    daemon.publish("node", fake.node_view(sessions=33))  # while it is stopped
    c.keys("fg\r")
    c.wait("stream-000")
    c.keys("1")
    c.wait("33 of 40")
    c.keys("q")
    c.wait("the node stays at work", "prompt>")
    c.keys("stty -a | grep -o -e '-*icanon' -e '-*echo '; exit\r")
    c.wait("icanon", gone=["-icanon"])
    assert c.wait_exit() == 0


@pytest.mark.parametrize("painting", [False, True], ids=["quiet", "painting"])
@pytest.mark.parametrize("how", ["master closed", "hangup ignored",
                                 "other session", "no more output taken"])
def test_gone(attach, daemon, how, painting):
    program = None
    if how == "hangup ignored":
        program = ["sh", "-c", "trap '' HUP; exec \"$@\"", "sh", WEIR,
                   "attach", "-datadir", os.path.dirname(daemon.path)]
    if how == "other session":  # no SIGHUP reaches it, only EIO
        program = ["setsid", "-w", WEIR, "attach", "-datadir",
                   os.path.dirname(daemon.path)]
    c = attach(program=program, size=(200, 60))
    c.wait("Roles")
    if painting:
        c.keys("2")
        for n in range(30):
            daemon.publish("sessions", {"rows": [
                fake.session(i, segments_in=n) for i in range(60)]})
    if how == "no more output taken":
        c.keys("12341234")  # more than fits into the terminal's buffer
    c.hang_up()
    took = end(c)
    assert took < 2, "%.2f s of processor time" % took
    wait_for(lambda: not daemon.clients)


def test_sshd_killed(attach, daemon, tmp_path):
    """What holds the other end is killed, as sshd is with its machine."""
    script = (
        "import os, pty, sys\n"
        "pid, fd = pty.fork()\n"
        "if not pid: os.execv(sys.argv[1], sys.argv[1:])\n"
        "print(pid, flush=True)\n"
        "while True: os.read(fd, 4096)\n")
    sshd = subprocess.Popen(
        [sys.executable, "-c", script, WEIR, "attach", "-datadir",
         str(tmp_path)], stdout=subprocess.PIPE,
        env={"PATH": os.environ["PATH"], "LANG": "C.UTF-8", "TERM": "xterm"})
    console = int(sshd.stdout.readline())
    wait_for(lambda: daemon.clients)
    sshd.send_signal(signal.SIGKILL)
    sshd.wait()
    sshd.stdout.close()
    wait_for(lambda: not os.path.exists("/proc/%d/exe" % console) or
             open("/proc/%d/stat" % console).read().split()[2] == "Z", GONE_S)
    wait_for(lambda: not daemon.clients)
