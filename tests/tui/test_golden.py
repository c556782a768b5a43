"""The stored screens, end to end: what tests/unit draws on a canvas, a real
console shows on a terminal, letter by letter and look by look, in colours, in
mono and in ASCII.

tests/tui/golden/NAME.txt and NAME-ascii.txt are the letters, NAME.look the style
of each cell, theme.txt what a style looks like. The unit tests hand their scenes
over as the frames a node would send. `make golden` writes all of them anew."""
import os
import pathlib
import subprocess
import time

import pytest
from pyte.graphics import FG_ANSI, FG_BG_256

import fake_daemon as fake
from conftest import DEADLINE, Console

GOLDEN = pathlib.Path(__file__).parent / "golden"
ROOT = pathlib.Path(__file__).parents[2]
UNIT = pathlib.Path(os.environ.get("BUILD", "build"),
                    os.environ.get("MODE", "release"), "tests/unit")
MODES = {"256": ("-color", "256"), "16": ("-color", "16"),
         "mono": ("-color", "never"), "ascii": ("-ascii", "-color", "never")}
KEYS = {"Enter": "\r", "Esc": "\x1b", "Tab": "\t", "Space": " ", "F1": "\x1bOP",
        "PgDn": "\x1b[6~", "Right": "\x1bOC"}


@pytest.fixture(scope="session")
def scenes(tmp_path_factory):
    """A directory of NAME.scene, as the unit tests hand them over."""
    where = tmp_path_factory.mktemp("scenes")
    tests = [p.stem for p in (ROOT / "tests/unit").glob("test_*.c")
             if "unit/scene.h" in p.read_text() and p.stem != "test_theme"]
    for name in tests:
        # A screen that differs is that test's to report.
        subprocess.run([UNIT / name], cwd=ROOT, capture_output=True, timeout=120,
                       env=dict(os.environ, SCENES=str(where)))
    return where


def test_every_screen_has_its_test(scenes):
    """What no test draws any more is not kept."""
    stored = {p.stem for p in GOLDEN.glob("*.txt")} - {"theme"}
    assert stored == {p.stem for p in scenes.glob("*.scene")}
    assert {p.stem for p in GOLDEN.glob("*.look")} <= stored


def theme(mode):
    """What each letter of a .look is on a terminal."""
    column = {"mono": 0, "ascii": 0, "16": 1, "256": 2}[mode]
    looks = {}
    for line in (GOLDEN / "theme.txt").read_text().splitlines()[2:]:
        fields = line[14:].split()
        fg, bg, attrs = fields[column * 4 + 1:column * 4 + 4]
        looks[line[0]] = (colour(fg), colour(bg), "B" in attrs, "R" in attrs,
                          "U" in attrs)
    return looks


def colour(number):
    n = int(number)
    return "default" if n < 0 else FG_ANSI[30 + n] if n < 8 else FG_BG_256[n]


def look(cell):
    fg = cell.fg.replace("bright", "")  # bold ones are bright to pyte
    return fg, cell.bg, cell.bold, cell.reverse, cell.underscore


def shows(letter, a_look):
    """What is to be seen of a look: nothing of a blank's colour and weight."""
    return a_look[1:2] + a_look[3:] if letter == " " else a_look


def rows(name, w, h):
    lines = (GOLDEN / name).read_text().split("\n")[:h]
    return [line.ljust(w) for line in lines]


def screens():
    """Rooms in every mode, and what opens in them, which has one size, in one."""
    for path in sorted(GOLDEN.glob("*.look")):
        room, size = path.stem.rsplit("-", 1)
        of_a_room = (GOLDEN / (room + "-200x60.look")).exists()
        for mode in MODES if of_a_room else ["256"]:
            if mode != "16" or size == "80x24":
                yield path.stem, mode


@pytest.mark.parametrize("name, mode", screens())
def test_screen(scenes, tmp_path, name, mode):
    stored = name + "-ascii" if mode == "ascii" else name
    head, rest = (scenes / (stored + ".scene")).read_bytes().split(b"\n", 1)
    w, h, *keys = head.decode().split()
    size = int(w), int(h)
    *first, frames = rest.split(b"\n", size[1])
    (tmp_path / "run/weir").mkdir(parents=True)
    daemon = fake.FakeDaemon(tmp_path / "run/weir/n.sock")
    daemon.frames = frames
    c = Console(tmp_path, *MODES[mode], words=["n"], size=size, env={
        "XDG_RUNTIME_DIR": str(tmp_path / "run"), "HOME": str(tmp_path)})
    try:
        # All is there once what comes last is: the plots.
        c.wait(*(line.decode() for line in first[1:]))
        for key in keys:
            c.keys(KEYS.get(key) or
                   (key if len(key) == 1 else chr(ord(key[1]) & 31)))
        compare(c, mode, stored, size)
    finally:
        c.close()
        daemon.close()


def compare(c, mode, stored, size):
    text = rows(stored + ".txt", *size)
    end = time.monotonic() + DEADLINE
    while (unlike := differences(c, mode, stored, text, size)):
        assert time.monotonic() < end, "(row, column, is, should be): %r\n%s" % (
            unlike[:20], c.text())
        c.read(0.1)


def differences(c, mode, stored, text, size):
    looks, name = theme(mode), stored.removesuffix("-ascii")
    unicode = rows(name + ".txt", *size)
    # The title has the node's name, which a scene has not.
    title = c.screen.display[0].find(" n ") + 1
    now = [c.screen.display[0].replace(" n ", "   ")] + c.screen.display[1:]
    unlike = [(y, is_, want) for y, (is_, want) in enumerate(zip(now, text))
              if is_.rstrip() != want.rstrip()]
    if unlike:
        return unlike
    for y, marks in enumerate(rows(name + ".look", *size)):
        for x, mark in enumerate(marks):
            cell = c.screen.buffer[y][x]
            same = mode != "ascii" or text[y][x] == unicode[y][x]
            if not same or not cell.data or (y, x) == (0, title):
                continue
            want, is_ = shows(cell.data, looks[mark]), shows(cell.data, look(cell))
            if want != is_:
                unlike.append((y, x, is_, want))
    return unlike
