"""Strings of strangers in every field there is, in every room: no byte of them
is an order to the operator's terminal, nor hides or reorders what it shows."""
import json
import os
import re
import subprocess

import pytest

import fake_daemon as fake
import view_def
from conftest import WEIR

# Orders of terminals, the same with C1 in UTF-8 and alone (which is no UTF-8),
# what reorders or hides, and what is no UTF-8 at all.
ORDERS = [
    "\x1b]0;owned\x07", "\x1b[31337;1H", "\x1b[2J\x1b[3J", "\x1bc", "\x1b[6n",
    "\x1bP$q\x1b\\", "\x1b_x\x1b\\", "\x1b[8;1;1t", "\x1b(0", "\r\n\x08\x08",
    "\x9b31337m", "\x9d0;owned\x9c", "\x90x\x9c", "\x85\x8d", "\x7f\x0e",
    "\u202eabc\u202c", "\u202a\u202b\u202d", "\u2066\u2067\u2068\u2069",
    "\u200b\u200e\u200f\ufeff", "\u061c\u180e\u00ad", "\U000e0041\u2028",
    "a\u0301\u0301\u0301\u0301", "\u6771\u4eac\uff21", "\U0001f469\u200d\U0001f4bb",
]
BROKEN = ["\x00", "\udc9b31337m", "\udcc0\udc9b[2J", "\udce0\udc80\udc9b", "\udcff\udcfe",
          "\udced\udca0\udc80", "\udcf4\udc90\udc80\udc80", "\udce6\udc9d"]
# What ncurses and the console themselves send.
OWN = re.compile(
    rb"\x1b\[\??[0-9]{0,4}(;[0-9]{0,4})*[ABCDGHJKLMPSTX@abcdefghlmr`]|"
    rb"\x07\x1b\[5n|"  # an alarm's bell, and the question behind it
    rb"\x1b\]52;c;[A-Za-z0-9+/=]*\x07|"
    rb"\x1b[()][0AB]|\x1b[78=>M]|\x1b\[[!>][0-9;]*p|\x1b\[5n|"
    rb"\x1b\[2[23];0;0t|\x1b\[[0-9]+b|[\r\n\x08\x0e\x0f]")
HIDDEN = re.compile("[\x00-\x1f\x7f-\x9f\xad\u061c\u180e\u200b-\u200f\u2028-"
                    "\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\U000e0000-"
                    "\U000e007f]")


def assert_clean(raw, lines=False):
    """lines: plain output, of which only line ends are no text."""
    rest = raw.replace(b"\n", b"") if lines else OWN.sub(b"", raw)
    rest = rest.decode("utf-8")  # strictly
    found = HIDDEN.search(rest)
    assert not found, "%r in %r" % (
        found.group(), rest[max(0, found.start() - 40):found.end() + 40])
    for order in (b"\x1b[31337", b"\x1b]0", b"\x1bc", b"\x1b[6n", b"\x1b[3J"):
        assert order not in raw


def hostile(kind, turn, keep=()):
    """A text for each field: one order, then its own name."""
    count = [turn]

    def text(field, path):
        if field in keep:
            return keep[field]
        count[0] += 1
        return kind[count[0] % len(kind)] + "-".join(map(str, path[-2:]))
    return text


# With these the rooms take other turns than with nonsense.
SENSE = {"state": "running", "role": "O", "kind": "gpu", "level": "broken",
         "result": "fail", "outcome": "failed", "origin": "flag"}


def number(field):
    return fake.NOW - 5000 if field.endswith("_ms") else 7


def publish(daemon, kind, turn, keep):
    for section in fake.SECTIONS:
        view = view_def.fill(section, hostile(kind, turn, keep), number)
        if section == "node":
            view["now_ms"] = fake.NOW
        daemon.publish(section, view)
    for i, order in enumerate(kind):
        daemon.log(order + "record %d" % i, name=order + "name",
                   level=["info", "unusual", "broken"][i % 3])


def settle(c):
    while c.read(0.05):
        pass


def visit(c):
    """Each room, its rows and what opens; then the help and the prompt."""
    for _ in view_def.rooms():
        settle(c)
        for key in ("j", "\r", "j", "?", "x", "\x1b", "y", "/"):
            c.keys(key)
            settle(c)
        c.keys("\x1b")
        settle(c)
        c.keys("\t")


def test_sections_are_known():
    assert view_def.sections() == fake.SECTIONS


@pytest.mark.parametrize("size", [(80, 24), (200, 60)])
@pytest.mark.parametrize("keep", [{}, SENSE], ids=["nonsense", "sense"])
def test_every_field_in_every_room(attach, daemon, size, keep):
    c = attach("-bell=false", size=size)
    c.wait("Roles")
    for turn in range(0, len(ORDERS), 8):
        publish(daemon, ORDERS, turn, keep)
        visit(c)
    assert c.proc.poll() is None
    assert_clean(c.raw)


def test_no_utf8(attach, daemon):
    c = attach("-bell=false", size=(120, 40))
    c.wait("Roles")
    publish(daemon, BROKEN, 0, SENSE)
    visit(c)
    assert c.proc.poll() is None
    assert_clean(c.raw)


@pytest.mark.parametrize("args", [("-ascii",), ("-color", "never")])
def test_other_glyphs(attach, daemon, args):
    c = attach("-bell=false", *args)
    c.wait("Roles")
    publish(daemon, ORDERS, 3, SENSE)
    visit(c)
    assert_clean(c.raw)
    if args == ("-ascii",):
        assert all(b < 128 for b in c.raw)


@pytest.mark.parametrize("locale", ["C", "POSIX"])
def test_locale_without_utf8(attach, daemon, locale):
    c = attach("-bell=false", env={"LANG": locale, "LC_ALL": locale})
    c.wait("Roles")
    publish(daemon, ORDERS, 1, SENSE)
    visit(c)
    assert all(b < 128 for b in c.raw)
    assert_clean(c.raw)


def test_answers_dialogs_and_goodbye(attach, daemon):
    c = attach("-bell=false")
    c.wait("Roles")
    for kind in ORDERS + BROKEN:
        daemon.answer = lambda name, args, k=kind: ("refused", k + "why")
        c.keys(":unlock\r")
        settle(c)
        daemon.answer = lambda name, args, k=kind: ("asks", "%s1\n%s2" % (k, k))
        c.keys(":unlock\r")
        settle(c)
        c.keys("\x1b")
        settle(c)
    daemon.bye("".join(ORDERS))
    settle(c)
    c.keys("q")
    assert c.wait_exit() == 0
    assert_clean(c.raw)


def on_terminal(datadir, *words, env=None):
    """What the command says on a terminal, which is asked for nothing."""
    master, slave = os.openpty()
    full = {"PATH": os.environ["PATH"], "LANG": "C.UTF-8", "TERM": "xterm"}
    full.update(env or {})
    proc = subprocess.Popen([WEIR, *words, "-datadir", str(datadir)], env=full,
                            stdin=slave, stdout=slave, stderr=slave)
    os.close(slave)
    raw = b""
    while True:
        try:
            got = os.read(master, 65536)
        except OSError:
            got = b""
        if not got:
            break
        raw += got
    os.close(master)
    proc.wait(20)
    return proc.returncode, raw.replace(b"\r\n", b"\n")


def test_plain_output(daemon, tmp_path):
    publish(daemon, ORDERS, 0, SENSE)
    everything = "".join(ORDERS) + "\nsecond"
    code, raw = on_terminal(tmp_path, "status")
    assert b"record" not in raw and b"renditions" not in raw and len(raw) > 500
    assert_clean(raw, lines=True)
    code, raw = on_terminal(tmp_path, "status", "--json")
    assert_clean(raw, lines=True)
    said = json.loads(raw)
    assert said["node"]["roles"][0]["name"].endswith("0-name")
    for outcome in ("done", "refused", "accepted"):
        daemon.answer = lambda name, args, o=outcome: (o, everything)
        for words in (["drain"], ["txs"], ["txs", "--csv"], ["doctor"]):
            code, raw = on_terminal(tmp_path, *words)
            assert b"second" in raw
            assert_clean(raw, lines=True)
    daemon.answer = lambda name, args: ("done", json.dumps(
        {"a": ORDERS}, ensure_ascii=False))
    code, raw = on_terminal(tmp_path, "txs", "--json")
    assert json.loads(raw) == {"a": ORDERS}
    assert_clean(raw, lines=True)


def test_plain_errors(daemon, tmp_path):
    """A node's goodbye, its version, and what the operator's own words were."""
    daemon.version = "".join(ORDERS)
    daemon.protocol = 9
    for words in (["status"], ["drain"]):
        code, raw = on_terminal(tmp_path, *words)
        assert code == 2 and b"protocol" in raw
        assert_clean(raw, lines=True)
    code, raw = on_terminal(tmp_path, "\x1b]0;owned\x07")
    assert code == 2
    assert_clean(raw, lines=True)
    daemon.close()
    code, raw = on_terminal(tmp_path / "\x1b[31337m", "status")
    assert_clean(raw, lines=True)


def test_question_on_a_terminal(daemon, tmp_path):
    daemon.answer = lambda name, args: ("asks", "".join(ORDERS))
    master, slave = os.openpty()
    proc = subprocess.Popen(
        [WEIR, "unlock", "-datadir", str(tmp_path)], stdin=slave, stdout=slave,
        stderr=slave, env={"PATH": os.environ["PATH"], "LANG": "C.UTF-8"})
    os.close(slave)
    raw = b""
    while b"to do it: " not in raw:
        raw += os.read(master, 4096)
    os.write(master, b"no\n")
    assert proc.wait(20) == 1
    os.close(master)
    assert_clean(raw.replace(b"\r\n", b"\n"), lines=True)
