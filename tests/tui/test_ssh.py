"""A remote node for real: `ssh -t host weir attach` through an sshd of our own,
and a socket that ssh forwards. The sshd runs as whoever runs the tests, on
loopback, with a key, a configuration and an authorized_keys in a directory that
goes with the test; only what it started is killed."""
import grp
import os
import pathlib
import pwd
import signal
import socket
import subprocess
import time

import pytest

from conftest import WEIR, Console, wait_for
from ports import free_port

SSHD = next((p for p in ("/usr/sbin/sshd", "/usr/local/sbin/sshd")
             if os.access(p, os.X_OK)), None)
GONE_S = 1.0  # the console's own promise

CONFIG = """\
ListenAddress 127.0.0.1
Port {port}
HostKey {where}/host
AuthorizedKeysFile {where}/user.pub
PidFile none
UsePAM no
StrictModes no
PasswordAuthentication no
PermitRootLogin prohibit-password
AllowStreamLocalForwarding yes
"""
CLIENT = """\
Host node
HostName 127.0.0.1
Port {port}
IdentityFile {where}/user
IdentitiesOnly yes
UserKnownHostsFile {where}/known
StrictHostKeyChecking accept-new
BatchMode yes
LogLevel ERROR
"""


def family(pid):
    """Those that a process has started, and those they have."""
    children = {}
    for stat in pathlib.Path("/proc").glob("[0-9]*/stat"):
        try:
            parent = int(stat.read_text().rsplit(")", 1)[1].split()[1])
        except OSError:
            continue
        children.setdefault(parent, []).append(int(stat.parent.name))
    found = [pid]
    for one in found:
        found += children.get(one, [])
    return found[1:]


def is_there(pid):
    try:
        state = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1]
    except OSError:
        return False
    return state.split()[0] != "Z"


def is_console(pid):
    try:
        words = pathlib.Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    except OSError:
        return False
    return words[0].endswith(b"weir") and words[1:2] == [b"attach"]


class Ssh:
    """The sshd, and how a client reaches it."""

    def __init__(self, where):
        self.where, self.port = where, free_port()
        for name in ("host", "user"):
            subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f",
                            where / name], check=True)
        for name, text in (("sshd_config", CONFIG), ("ssh_config", CLIENT)):
            (where / name).write_text(text.format(port=self.port, where=where))
        if os.getuid() == 0:  # as Debian's service has it made
            os.makedirs("/run/sshd", mode=0o755, exist_ok=True)
        self.proc = subprocess.Popen(
            [SSHD, "-D", "-e", "-f", where / "sshd_config"],
            stderr=open(where / "log", "w"), stdin=subprocess.DEVNULL)

    def log(self):
        return (self.where / "log").read_text()

    def listens(self):
        assert self.proc.poll() is None, self.log()
        with socket.socket() as s:
            return s.connect_ex(("127.0.0.1", self.port)) == 0

    def args(self, *words):
        return ["ssh", "-F", str(self.where / "ssh_config"), *map(str, words)]

    def consoles(self):
        return [p for p in family(self.proc.pid) if is_console(p)]

    def close(self):
        ours = family(self.proc.pid)
        self.proc.terminate()
        self.proc.wait()
        for pid in filter(is_there, ours):
            os.kill(pid, signal.SIGKILL)


@pytest.fixture
def ssh(tmp_path):
    if not SSHD:
        pytest.skip("no sshd: install openssh-server")
    shell = pwd.getpwuid(os.getuid()).pw_shell
    if shell.endswith(("/nologin", "/false")):
        pytest.skip(f"sshd starts nothing for a user whose shell is {shell}")
    (tmp_path / "ssh").mkdir(mode=0o700)
    s = Ssh(tmp_path / "ssh")
    try:
        wait_for(s.listens)
        yield s
    finally:
        s.close()


def gives_terminals():
    """Only root may give a terminal to group tty, where that is not its own."""
    master, slave = os.openpty()
    try:
        return os.getuid() == 0 or \
            os.fstat(slave).st_gid == grp.getgrnam("tty").gr_gid
    finally:
        os.close(master)
        os.close(slave)


needs_a_terminal = pytest.mark.skipif(
    not gives_terminals(), reason="/dev/pts is mounted without gid=tty, so sshd "
    "needs to be root to give anybody a terminal")


def attach(ssh, node, *args, size=(80, 24)):
    return Console(node.datadir, size=size, program=ssh.args(
        "-t", "node", os.path.abspath(WEIR), "attach", *args, "-datadir",
        node.datadir))


def walk(c):
    """Looks around: keys arrive, sizes do, colours and letters come back."""
    c.wait("O on", "Roles", "no alarms")
    c.keys("3")
    c.wait("Transcoder", "cpu")
    c.resize(120, 40)
    c.wait("Transcoder", "Detach")
    c.keys("4")
    c.wait("ready after", "following")
    c.keys("1")
    c.wait("Roles")


@needs_a_terminal
def test_attach_and_detach(ssh, node):
    c = attach(ssh, node)
    try:
        walk(c)
        assert len(ssh.consoles()) == 1
        c.keys("q")
        assert c.wait_exit() == 0
        assert b"the node stays at work" in c.raw
        wait_for(lambda: not ssh.consoles())
    finally:
        c.close()


@needs_a_terminal
@pytest.mark.parametrize("who", ["client", "session"])
def test_a_killed_connection(ssh, node, who):
    """The console over there ends within a second; the node does not care."""
    c = attach(ssh, node)
    try:
        c.wait("O on", "Roles")
        console, = ssh.consoles()
        if who == "client":
            c.proc.kill()
        else:  # sshd's process for this connection, the console's parent's
            for pid in family(ssh.proc.pid):
                if pathlib.Path(f"/proc/{pid}/comm").read_text().strip() == "sshd":
                    os.kill(pid, signal.SIGKILL)
        # Its second begins where its terminal is gone.
        wait_for(lambda: has_lost_its_terminal(console))
        end = time.monotonic() + GONE_S
        while is_there(console):
            assert time.monotonic() < end, "it is still there"
            time.sleep(0.01)
        c.wait_exit()
        assert node.status()["node"]["state"] == "running"
    finally:
        c.close()
    # And whoever comes back finds it.
    c = attach(ssh, node)
    try:
        walk(c)
    finally:
        c.close()


def has_lost_its_terminal(pid):
    try:
        return "(deleted)" in os.readlink(f"/proc/{pid}/fd/0") or \
            not os.path.exists(os.readlink(f"/proc/{pid}/fd/0"))
    except OSError:
        return True  # and has ended


def test_a_forwarded_socket(ssh, node, tmp_path):
    """ssh -L, the picker, and a tunnel that breaks and is there again."""
    sockets = tmp_path / "run/weir"
    sockets.mkdir(parents=True, mode=0o700)
    env = {"XDG_RUNTIME_DIR": str(tmp_path / "run"), "HOME": str(tmp_path / "home"),
           "PATH": os.environ["PATH"], "LANG": "C.UTF-8"}
    (tmp_path / "home").mkdir()

    def forward():
        tunnel = subprocess.Popen(ssh.args(
            "-N", "-o", "StreamLocalBindUnlink=yes", "-o", "ExitOnForwardFailure=yes",
            "-L", f"{sockets}/far.sock:{node.datadir}/weir.sock", "node"))
        # 0: one that is listed answers.
        wait_for(lambda: not subprocess.run(
            [WEIR, "nodes"], env=env, stdout=subprocess.DEVNULL).returncode)
        return tunnel

    tunnel = forward()
    c = Console(tmp_path / "home", words=["far"], env=env, size=(100, 30))
    try:
        walk(c)
        c.keys("\x0e")
        c.wait("far", "sock")
        c.keys("\x1b")
        c.wait("Roles")
        tunnel.kill()
        tunnel.wait()
        c.wait("Roles", gone=["no alarms"])
        tunnel = forward()
        c.wait("O on", "no alarms")
        c.keys("q")
        assert c.wait_exit() == 0
    finally:
        c.close()
        tunnel.kill()
        tunnel.wait()
