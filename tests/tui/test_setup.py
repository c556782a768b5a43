"""A machine that nobody has told what it is: questions on a plain terminal, a
config file, a node, its console, and the room of settings over that node."""
import os
import re
import subprocess

import pytest

from conftest import WEIR, Console
from ports import free_port


@pytest.fixture
def home(tmp_path):
    """start(*flags) -> `weir` in a home where it was never run; its node ends
    with the test."""
    made = []
    env = {"HOME": str(tmp_path), "XDG_RUNTIME_DIR": str(tmp_path)}

    def start(*flags, size=(100, 40)):
        c = Console(tmp_path, size=size, env=env, program=[WEIR, *flags])
        made.append(c)
        return c

    start.env = dict(os.environ, **env)
    start.env.pop("XDG_CONFIG_HOME", None)
    yield start
    for c in made:
        c.close()
    subprocess.run([WEIR, "stop"], env=start.env, capture_output=True,
                   stdin=subprocess.DEVNULL, timeout=30)


def order(home, *words):
    return subprocess.run([WEIR, *words], env=home.env, capture_output=True,
                          text=True, stdin=subprocess.DEVNULL, timeout=30)


def test_guided_broadcaster(home, tmp_path):
    """Asked, checked, written, started; changed and saved in the console."""
    rtmp, http, cli = (f"127.0.0.1:{free_port()}" for _ in range(3))
    c = home("-cliAddr", cli)
    c.wait("What is this machine to be?")
    c.keys("3\n")
    c.wait("Network: offchain")
    c.keys("?\n")
    c.wait("Everything of one network")
    c.keys("\n")
    c.wait("Orchestrators to use")
    c.keys("nowhere.invalid:1\n")
    c.wait("That will not do", "nowhere.invalid")
    c.keys("127.0.0.1:8935\n")
    c.wait("Most sessions at once [10]")
    c.keys("7\n")
    c.wait("Address to take RTMP")
    c.keys(f"{rtmp}\n")
    c.wait("Address for playback")
    c.keys(f"{http}\n")
    c.wait("Renditions")
    path = tmp_path / ".config" / "weir" / "weir.conf"
    assert not path.exists()
    c.keys("\n")
    c.wait("Roles", "broadcaster", "running")  # the console
    before = path.read_text()
    assert path.stat().st_mode & 0o777 == 0o600
    assert re.search(r"^broadcaster true$", before, re.M)
    assert re.search(rf"^rtmpAddr {rtmp}$", before, re.M)
    # The room of settings, on that node.
    c.keys("O")
    c.wait("Config file", "weir.conf", "maxSessions")
    c.keys("/maxSessions\r")
    c.wait("1 to 100000, or auto")
    c.keys("\r")
    c.wait("A change takes effect at once")
    c.keys("\x150\r")
    c.wait("allowed are 1 to 100000")
    c.keys("\x1523\r")
    c.wait("set maxSessions 23", "Enter: do it")
    c.keys("\r")
    c.wait("done, -maxSessions 23", "not in file")
    c.keys("S")
    c.wait("-maxSessions 7", "+maxSessions 23", "Comments, order")
    c.keys("\r")
    c.wait("save_config", "Enter: do it")
    c.keys("\r")
    c.wait("done, written", gone=["not in file"])
    assert path.read_text() == before.replace("maxSessions 7",
                                              "maxSessions 23")
    # A role, too: stopped and back while the console watches.
    c.keys("\\/broadcaster: ingest\r")
    c.wait("-broadcaster")
    c.keys("r")
    c.wait("stop_role broadcaster", "Enter: do it")
    c.keys("\r")
    c.wait("the broadcaster is stopped", "not in file")
    c.keys("r")
    c.wait("start_role broadcaster", "Enter: do it")
    c.keys("\r")
    c.wait("the broadcaster runs")
    c.keys("\x1b")
    c.keys("q")
    assert c.wait_exit() == 0
    # The next start asks nothing.
    assert order(home, "stop").returncode == 0
    c = home()
    c.wait("broadcaster", "running", gone=["What is this machine"])
    assert "23" in c.text()
    c.keys("q")
    c.wait_exit()


def test_just_looking(home, tmp_path):
    c = home("-cliAddr", f"127.0.0.1:{free_port()}")
    c.wait("What is this machine to be?")
    c.keys("whatever\n")
    c.wait("1 to 4: whatever")
    c.keys("4\n")
    c.wait("Overview", "Settings")
    assert not (tmp_path / ".config").exists()
    c.keys("q")
    assert c.wait_exit() == 0


@pytest.mark.parametrize("key", ["\x04", "\x03"])
def test_given_up(home, tmp_path, key):
    c = home()
    c.wait("What is this machine to be?")
    c.keys("1\n")
    c.wait("Network: offchain")
    c.keys("\n")
    c.wait("Address at which broadcasters")
    c.keys(key)
    assert c.wait_exit() != 0
    assert not (tmp_path / ".config").exists()
    assert not (tmp_path / ".lpData").exists()


def test_nobody_there(home):
    """Without a terminal nothing is asked."""
    done = order(home, "run")
    assert done.returncode == 2 and "no role was given" in done.stderr
    done = order(home, "setup", "transcoder")
    assert done.returncode and "-orchAddr is needed" in done.stderr
