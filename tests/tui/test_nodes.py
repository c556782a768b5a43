"""Several nodes: found, listed, attached to by name, switched between."""
import json
import os
import pathlib
import shutil
import socket
import subprocess
import sys
import tempfile

import pytest

import fake_daemon as fake
from conftest import WEIR, Console, wait_for

HERE = os.path.dirname(os.path.abspath(__file__))


@pytest.fixture
def home(tmp_path):
    """A user's places, with a node in each, and one of each that is not."""
    for where in (".lpData/mainnet", ".lpData/offchain", "run/weir",
                  ".config/weir", "srv/far"):
        (tmp_path / where).mkdir(parents=True)
    made = {}
    for name, path in {"mainnet": ".lpData/mainnet/weir.sock",
                       "forwarded": "run/weir/forwarded.sock",
                       "far": "srv/far/weir.sock"}.items():
        made[name] = fake.FakeDaemon(tmp_path / path)
        made[name].publish("node", fake.node_view(node_id=name, network=name))
    made["mainnet"].publish("node", fake.node_view(network="mainnet", alarms=[
        {"id": "a", "level": "broken", "text": "disk is full"}]))
    stale = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    stale.bind(str(tmp_path / ".lpData/offchain/weir.sock"))
    stale.close()
    (tmp_path / ".config/weir/nodes").write_text(
        "# mine\nfar %s/srv/far\n\nlost ~/srv/lost/weir.sock\n" % tmp_path)
    yield tmp_path, made
    for d in made.values():
        d.close()


def environment(where):
    return {"HOME": str(where), "XDG_RUNTIME_DIR": str(where / "run"),
            "PATH": os.environ["PATH"], "LANG": "C.UTF-8"}


def weir(where, *words, **kw):
    return subprocess.run([WEIR, *words], env=environment(where), timeout=30,
                          capture_output=True, text=True, **kw)


def listed(where, code=0, **kw):
    r = weir(where, "nodes", "--json", **kw)
    assert r.returncode == code, r.stderr
    return {row["name"]: row for row in json.loads(r.stdout)}


def test_list(home):
    where, _ = home
    rows = listed(where)
    assert {n: r["state"] for n, r in rows.items()} == {
        "mainnet": "alive", "forwarded": "alive", "far": "alive",
        "offchain": "stale", "lost": "missing"}
    assert rows["mainnet"]["alarms"] == 1 and rows["far"]["alarms"] == 0
    assert rows["far"]["version"] == "0.1.0"
    assert rows["far"]["roles"] == ["orchestrator", "transcoder"]
    assert rows["lost"]["path"] == str(where / "srv/lost/weir.sock")
    assert rows["offchain"]["why"]
    text = weir(where, "nodes").stdout
    assert "mainnet          alive" in text and "1 alarms" in text
    assert "offchain         stale" in text


def test_no_node_at_all(tmp_path):
    r = weir(tmp_path, "nodes")
    assert r.returncode == 1 and "no node found" in r.stdout
    assert listed(tmp_path, 1) == {}


def test_odd_ones(home):
    where, made = home
    made["far"].protocol = 9
    made["forwarded"].version = "\x1b]0;owned\x07"
    mute = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    mute.bind(str(where / "run/weir/mute.sock"))
    mute.listen(1)
    rows = listed(where)
    assert rows["far"]["state"] == "odd" and "protocol" in rows["far"]["why"]
    assert rows["mute"]["state"] == "silent"
    mute.close()
    assert "\x1b" not in weir(where, "nodes").stdout


def test_wrong_file(home):
    where, _ = home
    (where / ".config/weir/nodes").write_text("good /a\nbad\n")
    r = weir(where, "nodes")
    assert r.returncode == 2 and "line 2" in r.stderr
    assert "mainnet" in r.stdout  # the others are there nevertheless


@pytest.mark.skipif(os.geteuid() != 0, reason="needs two users")
def test_foreign_socket():
    """Of another user: neither listed as a node nor spoken to."""
    with tempfile.TemporaryDirectory() as where:
        where = pathlib.Path(where)
        os.chmod(where, 0o755)
        program = shutil.copy(WEIR, where / "weir")
        run = where / "run/weir"
        run.mkdir(parents=True)
        os.chown(run, 65534, 65534)
        other = subprocess.Popen(
            [sys.executable, "-B", "-c", "import sys, os, time\n"
             "sys.path.insert(0, %r)\nimport fake_daemon\nos.setuid(65534)\n"
             "d = fake_daemon.FakeDaemon(%r)\nos.chmod(d.path, 0o666)\n"
             "print('up', flush=True)\ntime.sleep(60)" % (
                 HERE, str(run / "weir.sock"))], stdout=subprocess.PIPE)
        try:
            assert other.stdout.readline() == b"up\n"

            def as_third(*words):
                return subprocess.run(
                    [program, *words, "-datadir", str(run)], user=12345,
                    env=environment(where), capture_output=True, text=True,
                    timeout=30)
            r = as_third("nodes", "--json")
            assert r.returncode == 1
            assert {row["state"] for row in json.loads(r.stdout)} == {"foreign"}
            r = as_third("status")
            assert r.returncode == 2 and "of another user" in r.stderr
        finally:
            other.kill()
            other.wait()
            other.stdout.close()


@pytest.fixture
def console(home):
    made = []

    def start(*words, **kw):
        made.append(Console(home[0] / ".lpData/mainnet", words=words,
                            env=environment(home[0]), **kw))
        return made[-1]

    yield start
    for c in made:
        c.close()


def test_attach_by_name_and_path(home, console):
    where, _ = home
    for word in ("far", "srv/far", "./srv/far/weir.sock"):
        c = console(str(where / word) if "/" in word else word)
        c.wait("Roles", " far ")
        c.keys("q")
        assert c.wait_exit() == 0
    c = console("nowhere")
    assert c.wait_exit() == 2
    assert b"no node is called" in c.raw and b"forwarded" in c.raw


def test_picker(home, console):
    where, made = home
    c = console(size=(100, 30))
    c.wait("alarms 1", "disk is full")
    c.keys(":nodes\r")
    c.wait("Nodes", "ALARMS 1", "stale", "missing", "far", "* is here")
    c.keys("\x1b")
    c.wait("disk is full", gone=["* is here"])
    c.keys("\x0e")  # by key; rows are in the order of their names
    c.wait("* is here", "1    far", "4 *  mainnet")
    c.keys("?")
    c.wait("Keys (", "to this node", gone=["Everywhere"])
    c.keys("x")
    c.wait("* is here", gone=["Keys ("])
    c.keys("5")  # offchain
    c.wait("offchain: stale")
    c.keys("1")
    c.wait("no alarms", " far ", gone=["disk is full", "* is here"])
    made["far"].publish("node", fake.node_view(sessions=33))
    c.wait("33 of 40")
    wait_for(lambda: not made["mainnet"].clients, 20)
    c.keys("\x0e")
    c.wait("1 *  far")
    c.keys("jjj\r")
    c.wait("alarms 1", "disk is full")
    c.keys("q")
    assert c.wait_exit() == 0
