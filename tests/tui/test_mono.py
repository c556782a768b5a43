"""Nothing is told by colour alone: every room without colours, and in ASCII,
says what it says with them."""
import pytest

import fake_daemon as fake
import view_def
from conftest import wait_for
from test_console import colours


def text(field, path):
    """Alike each time, and of a kind with the field."""
    known = {"state": "running", "role": "O", "kind": "gpu", "level": "broken",
             "result": "fail", "outcome": "failed", "origin": "flag",
             "name": "orchestrator" if "roles" in path else "a name"}
    return known.get(field, "%s-%s" % (field, path[-2]))


def publish(daemon):
    for section in fake.SECTIONS:
        view = view_def.fill(section, text, lambda field: fake.NOW - 60_000
                             if field.endswith("_ms") else 7)
        if section == "node":
            view["now_ms"] = fake.NOW
        daemon.publish(section, view)


def rooms(c):
    """The screens of all rooms, in the order of Tab."""
    found = []
    c.wait("alarms 2")
    for _ in view_def.rooms():
        before = c.text()
        while c.read(0.15):
            pass
        found.append(c.text())
        c.keys("\t")
        wait_for(lambda: c.read(0.05) is not None and c.text() != before or
                 len(view_def.rooms()) == 1)
    return found


@pytest.mark.parametrize("size", [(80, 24), (120, 40), (200, 60)])
def test_every_room(attach, daemon, size):
    publish(daemon)
    with_colours, mono, ascii_ = (
        attach(*args, size=size) for args in
        [("-color", "256"), ("-color", "never"), ("-ascii", "-color", "never")])
    said = rooms(with_colours)
    assert len(set(said)) == len(view_def.rooms())
    for one, other in zip(said, rooms(mono)):
        assert one.splitlines()[1:] == other.splitlines()[1:]
    assert colours(with_colours.raw) and not colours(mono.raw)
    # What is selected stands out: reverse, bold or underlined.
    assert b"\x1b[7m" in mono.raw or b";7m" in mono.raw
    plain = rooms(ascii_)
    assert all(b < 128 for b in ascii_.raw)
    for one, other in zip(said, plain):
        assert words(one) == words(other)


def words(screen):
    """The words alone: frames, bars and plots are drawn otherwise in ASCII, and
    what is cut has another ellipsis."""
    return [w for w in "".join(
        ch if ch.isascii() and ch.isalpha() else " " for ch in screen).split()
        if len(w) > 3]
