"""The console on a terminal: starts, shows, obeys, and leaves well."""
import json
import os
import re
import signal
import subprocess
import time

import pytest

import fake_daemon as fake
from conftest import WEIR, Console


def weir(datadir, *words):
    return subprocess.run([WEIR, words[0], *words[1:], "-datadir",
                           str(datadir)], capture_output=True, text=True,
                          timeout=20)


def test_rooms(attach):
    c = attach()
    c.wait("O on", "0.0.0.0:8935", "3 of 40", "no alarms")
    c.keys("2")
    c.wait("stream-000", "Ratio")
    c.keys("\r")
    c.wait("P360p30fps16x9", "under way")
    c.keys("\x1b")
    c.wait("stream-011")
    c.keys("3")
    c.wait("Tesla T4", "remote2")
    c.keys("\t")
    c.wait("second record", "following")
    c.keys("?")
    c.wait("Keys (")
    c.keys("xq")
    assert c.wait_exit() == 0
    assert b"the node stays at work" in c.raw


def test_flags_of_a_node_that_runs(attach):
    """They start nothing; whoever gave a role is told that it is not there."""
    c = attach("-broadcaster", "-orchestrator")
    c.wait("a node runs here already, without broadcaster", "start_role")
    c = attach("-orchestrator", "-transcoder")
    c.wait("O on")
    c.keys("2")
    assert "runs here already" not in c.wait("stream-000")


def test_live_data(attach, daemon):
    c = attach()
    c.keys("4")
    c.wait("second record")
    daemon.log("hot off the press")
    c.wait("hot off the press")
    daemon.publish("node", fake.node_view(alarms=[
        {"id": "a", "level": "broken", "text": "disk is full",
         "since_ms": fake.NOW - 5000}]))
    c.wait("alarms 1")
    c.keys("1")
    c.wait("FAIL", "disk is full")


def test_trend(attach, daemon):
    """The node's last hours are there at once; a new sample moves them; a
    console that lost its node asks for what it missed."""
    daemon.trend = fake.trend()
    c = attach()
    c.wait("Segments/min, 1h: 8577", "Real-time ratio, 1h: mean 0.40x", "-30m")
    daemon.add_sample(fake.sample(-1, 1000))
    c.wait("Segments/min, 1h: 9571")  # six of an hour ago have gone
    c.keys("t")
    c.wait("Segments/min, 24h: ", "-12h")
    c.keys("\x1bOC")
    c.wait("Pixels/s, 24h: ")
    assert daemon.trend_after == [-1]
    daemon.bye("for a moment")
    c.wait("for a moment")
    c.wait("no alarms", gone=("for a moment",))
    assert daemon.trend_after == [-1, fake.NOW // 10000]


def test_command(attach, daemon):
    c = attach()
    c.keys("3")
    c.wait("Tesla T4")
    c.keys("d")
    c.wait("drain_transcoder cpu0", "Enter: do it")
    assert not daemon.commands
    c.keys("\r")
    assert daemon.wait_command() == ("drain_transcoder", {"id": "cpu0"})
    c.wait("done, as you wish")
    daemon.answer = lambda name, args: ("refused", "not today")
    c.keys(":set_max_sessions 5\r\r")
    assert daemon.wait_command(2) == ("set_max_sessions", {"n": 5})
    c.wait("refused, not today")
    c.keys(":set_max_sessions many\r")
    c.wait("is a number from")


def test_money(attach, daemon):
    """The node is asked what it would do; the word it names does it."""
    daemon.answer = lambda name, args: (
        "asks", "bond 5 LPT to 0x15d3\n  stake 0 LPT, then 5 LPT\n  gas 1")
    c = attach()
    c.keys("1")
    c.wait("orchestrator")
    c.keys(":bond 5 LPT\r")
    c.wait("acts on the chain", "stake 0 LPT, then 5 LPT", "type 6a65")
    assert daemon.commands == [("bond", {"amount": "5 LPT"})]
    c.keys("6a66\r")
    c.wait("6a66")
    assert len(daemon.commands) == 1
    c.keys("\x7f5\r")
    c.wait("accepted, it is sent")
    assert daemon.commands[1] == ("bond", {"amount": "5 LPT"})
    c.keys(":unlock\r")
    c.wait("type 6a65")
    c.keys("\x1b")
    c.wait("left as it was")
    assert len(daemon.commands) == 3


def test_readonly(attach, daemon):
    c = attach("-readonly")
    c.keys("3")
    c.wait("Tesla T4")
    c.keys("d")
    c.wait("read-only", "this console is read-only")
    c.keys(":unlock\r")
    c.wait("unlock: this console is read-only")
    assert not daemon.commands
    c.keys("\rq")
    c.wait_exit()
    assert not daemon.commands


def test_resize(attach):
    c = attach()
    c.wait("Roles")
    for w, h in [(200, 60), (59, 24), (60, 16), (132, 43), (20, 5), (80, 24)]:
        c.resize(w, h)
        if w < 60 or h < 16:
            c.wait("too small")
        else:
            c.wait("Roles", "Detach")
    c.keys("2")
    c.wait("stream-000")


@pytest.mark.parametrize("term, works", [
    ("xterm-256color", True), ("screen-256color", True), ("linux", True),
    ("vt100", True), ("xterm", True), ("ansi", True), ("dumb", False),
    ("no-such-terminal", False)])
def test_terminals(attach, term, works):
    c = attach(term=term)
    if works:
        c.wait("Roles", "0.0.0.0:8935")
        c.keys("q")
        assert c.wait_exit() == 0
    else:
        assert c.wait_exit() == 2
        assert b"weir status" in c.raw


def colours(raw):
    """SGR parameters that set a colour."""
    sets = b";".join(re.findall(rb"\x1b\[([0-9;]*)m", raw)).split(b";")
    return [s for s in sets if s[:1] in (b"3", b"4") and len(s) == 2
            and s not in (b"39", b"49")]


@pytest.mark.parametrize("args, env, want", [
    ((), {}, True), ((), {"NO_COLOR": "1"}, False),
    (("-color", "never"), {}, False),
    (("-color", "16"), {"NO_COLOR": "1"}, True)])
def test_colours(attach, args, env, want):
    c = attach(*args, env=env)
    c.wait("Roles")
    assert bool(colours(c.raw)) is want


def test_ascii_locale(attach):
    for kw in [{"env": {"LANG": "C", "LC_ALL": "C"}}, {}]:
        c = attach(*([] if kw else ["-ascii"]), **kw)
        c.wait("Roles", "0.0.0.0:8935")
        # The alternate character set is not ASCII on the screen, but on
        # the wire it is.
        assert all(b < 128 for b in c.raw)


def settle(c):
    while c.read(0.5):
        pass


def test_idle_is_silent(attach, daemon):
    c = attach()
    c.wait("Roles")
    settle(c)
    before = c.cpu()
    # The same again: nothing changes, nothing is written.
    daemon.publish("node", fake.node_view())
    assert c.read(1.5) == b""
    assert c.cpu() - before <= 0.03


@pytest.mark.parametrize("how", ["hangup", "sighup", "sigterm"])
def test_lost_terminal(attach, how):
    c = attach()
    c.wait("Roles")
    if how == "hangup":
        c.hang_up()
    else:
        os.kill(c.proc.pid,
                signal.SIGHUP if how == "sighup" else signal.SIGTERM)
    assert c.wait_exit(1.0) == 0


def test_node_goes_and_comes(attach, daemon, tmp_path):
    c = attach()
    c.wait("no alarms")
    daemon.bye("the node stops")
    daemon.close()
    c.wait("Roles", gone=["no alarms"])
    settle(c)
    before = c.cpu()
    c.read(1.0)
    assert c.cpu() - before <= 0.03, "spins while the node is gone"
    again = fake.FakeDaemon(tmp_path / "weir.sock")
    again.publish("node", fake.node_view(sessions=17))
    try:
        c.wait("17 of 40", "no alarms")
    finally:
        again.close()


def test_no_node(tmp_path):
    c = Console(tmp_path)
    try:
        assert c.wait_exit() == 2
        assert b"no node runs at" in c.raw
    finally:
        c.close()


def test_other_protocol(attach, daemon):
    daemon.protocol = 9
    c = attach()
    c.wait("node speaks protocol 9")


def test_suspend(attach):
    c = attach()
    c.wait("Roles")
    c.keys("\x1a")
    # Without a shell to bring it back SIGTSTP does nothing to an orphan:
    # the console leaves its screen and comes straight back.
    settle(c)
    assert c.raw.count(b"\x1b[?1049l") == 1
    c.keys("2")
    c.wait("stream-000")


def test_hostile_text(attach, daemon):
    c = attach()
    daemon.publish("sessions", {"rows": [fake.session(
        0, manifest="\x1b]0;owned\x07\x1b[2J\u202e\u9b31")]})
    c.keys("2")
    c.wait("?]0;owned")
    assert b"\x1b]0;" not in c.raw
    assert "\u202e".encode() not in c.raw


def test_copy_and_dump(attach, tmp_path):
    c = attach()
    c.keys("2")
    c.wait("stream-000")
    c.keys("y")
    c.wait("copied 1f2e0000")
    assert b"\x1b]52;c;MWYyZTAwMDA=\a" in c.raw
    c.keys(":save-screen %s/screen.txt\r" % tmp_path)
    c.wait("screen written")
    assert "stream-011" in (tmp_path / "screen.txt").read_text()


def test_script(attach, tmp_path):
    script = tmp_path / "script"
    script.write_text("# the log\n:wait Roles\n4\n:wait second record\n"
                      ":save-screen %s/log.txt\nq\n" % tmp_path)
    c = attach("-script", str(script))
    assert c.wait_exit() == 0
    assert "first record" in (tmp_path / "log.txt").read_text()


def test_status(daemon, tmp_path):
    r = weir(tmp_path, "status")
    assert r.returncode == 0, r.stderr
    assert "orchestrator running" in r.stdout
    assert "stream-011" in r.stdout and "remote2" in r.stdout
    daemon.publish("devices", {"rows": [fake.device(i) for i in range(12)]})
    r = weir(tmp_path, "status")
    assert "| gpu10 " in r.stdout, r.stdout
    r = weir(tmp_path, "status", "--json")
    view = json.loads(r.stdout)
    assert view["node"]["pid"] == 4711
    assert len(view["sessions"]["rows"]) == 12
    daemon.publish("node", fake.node_view(alarms=[
        {"id": "a", "level": "unusual", "text": "getting \x1b[31mwarm"}]))
    r = weir(tmp_path, "status")
    assert r.returncode == 1
    assert "getting" in r.stdout and "\x1b" not in r.stdout
    daemon.close()
    r = weir(tmp_path, "status")
    assert r.returncode == 2 and "no node runs" in r.stderr


def test_command_line(daemon, tmp_path):
    r = weir(tmp_path, "drain-transcoder", "gpu0")
    assert r.returncode == 0, r.stderr
    assert daemon.wait_command() == ("drain_transcoder", {"id": "gpu0"})
    assert "as you wish" in r.stdout
    daemon.answer = lambda name, args: ("refused", "no such transcoder")
    r = weir(tmp_path, "drain_transcoder", "gpu9")
    assert r.returncode == 1 and "no such transcoder" in r.stderr
    r = weir(tmp_path, "set_max_sessions", "lots")
    assert r.returncode == 2 and len(daemon.commands) == 2
    r = weir(tmp_path, "drain", "-readonly")
    assert r.returncode == 1 and "-readonly" in r.stderr
    assert len(daemon.commands) == 2


def test_switches(daemon, tmp_path):
    """None is passed over: somebody may rely on it."""
    for words in (("set_max_sessions", "3", "--dry-run"), ("status", "--yes"),
                  ("unlock", "--wait"), ("drain", "--json"),
                  ("status", "--all", "-ascii"),
                  ("bond", "1 LPT", "--answers", "file"),
                  ("attach", "--output=file")):
        r = weir(tmp_path, *words)
        assert r.returncode == 2 and f"{words[0]} takes no --" in r.stderr
    assert not daemon.commands
    r = weir(tmp_path, "bond", "--help")
    assert r.stdout.startswith("Usage: weir bond AMOUNT"), r.stdout
    assert weir(tmp_path, "help", "bond").stdout == r.stdout
    assert weir(tmp_path, "help", "bund").returncode == 2


def test_money_line(daemon, tmp_path):
    """Without a terminal nothing acts on the chain, unless --yes says so."""
    daemon.answer = lambda name, args: ("asks", "unlock\n  gas 1")
    r = weir(tmp_path, "unlock")
    assert r.returncode == 1 and "give --yes" in r.stderr
    assert not daemon.commands
    r = weir(tmp_path, "unlock", "--yes", "-readonly")
    assert r.returncode == 1 and not daemon.commands
    r = weir(tmp_path, "unlock", "--yes")
    assert r.returncode == 0 and "it is sent" in r.stdout, r.stderr
    assert "gas 1" in r.stderr and len(daemon.commands) == 2
    r = weir(tmp_path, "unlock", "--dry-run", "--yes", "-readonly")
    assert r.returncode == 0 and "gas 1" in r.stdout, r.stderr
    assert len(daemon.commands) == 3, "it was asked about, and no more"
    daemon.answer = lambda name, args: ("done", "a,b\n1,2")
    r = weir(tmp_path, "txs", "--csv")
    assert r.stdout == "a,b\n1,2\n"
    assert daemon.commands[-1] == ("txs", {"format": "csv"})
