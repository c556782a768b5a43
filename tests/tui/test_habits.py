"""A person's habits: forms, tags, search, copies, files, the mouse."""
import base64
import csv
import re

import pytest

import fake_daemon as fake

CHAIN = {"network": "devnet", "chain_id": 31337, "ready": True,
         "eth_balance": "2 ETH", "gas_price": "1 gwei", "round": 9}
PRICING = {"advertised": "1000 wei/px", "max_price": "1200 wei/px",
           "renditions": [{"name": "P240p30fps16x9",
                           "text": "P240p30fps16x9"}]}


def publish_chain(daemon):
    daemon.publish("chain", CHAIN)
    daemon.publish("staking", {"lpt_balance": "8 LPT", "bonded": "20 LPT"})
    daemon.publish("pricing", PRICING)


def test_ladder_form(attach, daemon):
    """Presets and one's own, refused where wrong, with what they cost."""
    publish_chain(daemon)
    c = attach("-color", "never")
    c.keys("6")
    c.wait("1000 wei/px")
    c.keys("l")
    c.wait("Rendition 10", "P240p30fps16x9", "1 renditions: 3.1 Mpx/s")
    c.keys("\ttop 1280x720 30fps 4000q")
    c.keys("\t")
    c.wait('wrong: "4000q" is no size, rate')
    c.keys("\r")            # goes back to what is wrong, and no further
    c.wait(">! Rendition 2")
    c.keys("\x7fk")
    c.wait("2 renditions: 30.7 Mpx/s", "at 1000 wei/px",
           gone=["wrong"])
    c.keys("\r")
    c.wait("Do this?", "set_ladder")
    c.keys("\x1b")
    c.wait("left as it was", "Rendition 2")
    assert not daemon.commands
    c.keys("\x14\x14\t\x0e\r\r")    # undo, then the next preset offered
    name, args = daemon.wait_command()
    assert name == "set_ladder"
    assert args["ladder"] == "P240p30fps16x9,P720p60fps16x9"
    c.wait("done, as you wish", gone=["Rendition"])


def test_bond_form(attach, daemon):
    """All of what is there; a no leads back into the form."""
    publish_chain(daemon)
    daemon.answer = lambda name, args: ("asks", "bond it\n  gas 1")
    c = attach()
    c.keys("5")
    c.wait("20 LPT")
    c.keys("b")
    c.wait("Amount", "at most 8 LPT")
    c.keys("\r")
    c.wait("wrong: is needed")
    c.keys("%%")
    c.wait("4 LPT", gone=["wrong"])
    c.keys("\r")
    c.wait("acts on the chain", "gas 1")
    assert daemon.commands == [("bond", {"amount": "4 LPT"})]
    c.keys("\x1b")
    c.wait("left as it was", "Delegate")
    c.keys("m\r")
    c.wait("acts on the chain")
    c.keys("6a65\r")
    c.wait("accepted, it is sent", gone=["Delegate"])
    assert daemon.commands[-1] == ("bond", {"amount": "8 LPT"})


def test_keys_before_data(attach, daemon):
    """Whoever types at once is shown what has come since all the same."""
    publish_chain(daemon)
    c = attach()
    c.keys("7f?x\x1b")
    c.wait("left as it was", "Spending", "O on")


def test_form_keys(attach, daemon):
    """? tells the keys of where one is; nothing there leaves the console."""
    publish_chain(daemon)
    c = attach()
    c.wait("O on")
    c.keys("7f?")
    c.wait("A form", "take the last change back", gone=["Everywhere"])
    c.keys("x")
    c.wait("Deposit", gone=["A form"])
    c.keys("\x03")          # Ctrl-C goes back, and no further
    c.wait("left as it was", "Spending")
    c.keys(":?")
    c.wait("A line", "complete the word", gone=["Everywhere"])
    c.keys("\x1b\x1b\x1b\x1b")
    c.wait("Spending", gone=["A line"])
    assert c.proc.poll() is None


def test_tags(attach, daemon):
    """Marks stay with their rows; one answer for all of them."""
    c = attach("-color", "never")
    c.wait("O on")
    c.keys("3")
    c.wait("Tesla T4")
    c.keys(" j ")
    c.wait("* cpu0", "* remote2", "2 tagged (*)")
    c.keys("/gpu\r")
    c.wait("2 of them hidden by the filter", gone=["* cpu0"])
    c.keys("\\")
    daemon.publish("transcoders", {"rows": [fake.transcoder(i)
                                            for i in (2, 1, 0)]})
    c.keys("I")
    c.wait("* cpu0", "* remote2")
    c.keys("d")
    c.wait("Do these 2?", "drain_transcoder cpu0",
           "drain_transcoder remote2")
    assert not daemon.commands
    c.keys("\r")
    daemon.wait_command(2)
    assert [a["id"] for _, a in daemon.commands] == ["remote2", "cpu0"]
    c.keys("U")
    c.wait("Tesla T4", gone=["* cpu0", "tagged"])


def test_transactions_together(attach, daemon):
    publish_chain(daemon)
    daemon.publish("txs", {"rows": [
        {"id": i, "kind": "bond", "state": "sent", "can_replace": i != 2}
        for i in (1, 2, 3)]})
    daemon.answer = lambda name, args: (
        "asks", "%s number %d\n  gas 0.1 ETH" % (name, args["id"]))
    c = attach()
    c.keys("9")
    c.wait("bond")
    c.keys("   +")
    c.wait("These 2 act on the chain", "speed_up number 1",
           "speed_up number 3", "type 6a65")
    assert len(daemon.commands) == 2
    c.keys("6a65\r")
    daemon.wait_command(4)
    assert [a["id"] for _, a in daemon.commands] == [3, 1, 3, 1]
    c.wait("accepted, it is sent")


def test_find(attach, daemon):
    c = attach()
    c.wait("O on")
    c.keys("2")
    c.wait("stream-000")
    c.keys("nstream-01\r")
    c.wait('1 of 2 with "stream-01"', "stream-003")
    c.keys("nn")
    c.wait("1 of 2")
    c.keys("N")
    c.wait("2 of 2")
    c.keys("y")
    c.wait("copied 1f2e000b")
    c.keys("4")
    c.wait("second record", "following")
    c.keys("*FIRST rec\r")
    c.wait("held", 'found "first rec"', "second record")


def test_csv(attach, daemon, tmp_path):
    """All rows; nothing of a stranger's is a formula; no file is replaced."""
    daemon.publish("sessions", {"rows": [
        fake.session(i, manifest="=1+1\"\x1b[2J" if not i else "s%d" % i)
        for i in range(200)]})
    c = attach(cwd=tmp_path)
    c.wait("O on")
    c.keys("2")
    c.wait("s11")
    c.keys("W")
    c.wait(":save-csv weir-sessions-20260921-141320.csv")
    c.keys("\r")
    c.wait("written: weir-sessions-")
    path = tmp_path / "weir-sessions-20260921-141320.csv"
    rows = list(csv.reader(path.open(newline="")))
    assert len(rows) == 201 and rows[0][:2] == ["id", "Session"]
    assert {r[0] for r in rows[1:]} == {"%08x" % (0x1f2e0000 + i)
                                        for i in range(200)}
    assert [r[1] for r in rows if r[0] == "1f2e0000"] == [
        "'=1+1\"\\x1b[2J"]
    assert path.stat().st_mode & 0o777 == 0o600
    c.keys("W\r")
    c.wait("is there already: give another name")
    c.keys("  ")
    c.keys(":save-csv! %s\r" % path)
    c.wait("written: /")
    assert len(list(csv.reader(path.open(newline="")))) == 3


@pytest.mark.parametrize("env, want", [
    ({}, b"\x1b]52;c;MWYyZTAwMDA=\a"),
    ({"TMUX": "/tmp/x,1,0"}, b"\x1bPtmux;\x1b\x1b]52;c;MWYyZTAwMDA=\a\x1b\\"),
    ({"STY": "1.x"}, b"\x1bP\x1b]52;c;MWYyZTAwMDA=\a\x1b\\")])
def test_copy_through(attach, env, want):
    c = attach(env=env)
    c.wait("O on")
    c.keys("2")
    c.wait("stream-000")
    c.keys("y")
    c.wait_raw(re.escape(want))
    c.keys("  Y")       # the emulator shows what tmux and screen would eat
    copied = c.wait_raw(rb"\]52;c;[A-Za-z0-9+/=]{20,}\a")[6:-1]
    lines = base64.b64decode(copied).decode().split("\n")
    assert [x.split("\t")[0] for x in lines] == ["stream-000", "stream-001"]


def test_history(attach, daemon, tmp_path):
    """Lines outlive the console, but for those that set a secret."""
    state = tmp_path / "state"
    c = attach(env={"XDG_STATE_HOME": str(state)})
    c.wait("O on")
    c.keys(":set_log_level debug\r")
    daemon.wait_command(1)
    c.wait("as you wish")  # its answer would come over what is said next
    c.keys(":set orchSecret hush\r\x1b")
    c.wait("left as it was")
    c.keys(":set_max_sessions 5\r\r")
    daemon.wait_command(2)
    c.keys("q")
    assert c.wait_exit() == 0
    path = state / "weir" / "history"
    assert path.read_text() == "set_log_level debug\nset_max_sessions 5\n"
    assert path.stat().st_mode & 0o777 == 0o600
    c = attach(env={"XDG_STATE_HOME": str(state)})
    c.wait("O on")
    c.keys(":\x1b[A")
    c.wait(":set_max_sessions 5")
    c.keys("\x15log\x12")
    c.wait(':set_log_level debug', 'lines with "log"')
    c.keys("\r")
    daemon.wait_command(3)
    assert daemon.commands[2] == daemon.commands[0]


def test_completion(attach, daemon):
    publish_chain(daemon)
    daemon.publish("pricing", dict(PRICING, senders=[
        {"address": "0x1234567890123456789012345678901234567890"}]))
    c = attach()
    c.wait("O on", "5 St")
    c.keys(":unset_p\t0x\t")
    c.wait(":unset_price 0x1234567890123456789012345678901234567890")
    c.keys("\x15set_ladder P144\t,P57\t")
    c.wait(":set_ladder P144p30fps16x9,P576p",
           "P576p30fps16x9  P576p25fps16x9")


def test_mouse(attach):
    """Off, until it is asked for; gone when the console is."""
    c = attach()
    c.wait("O on")
    assert b"\x1b[?1000h" not in c.raw
    c.keys("\x1bOQ")
    c.wait("mouse on")
    assert b"\x1b[?1000h\x1b[?1006h" in c.raw
    c.keys("\x1b[<0;16;2M\x1b[<0;16;2m")
    c.wait("[2 Sess", "stream-000")
    c.keys("\x1b[<0;3;3M")
    c.wait("Sessionv")
    c.keys("\x1b[<0;3;6M\x1b[<65;3;9My")
    c.wait("copied 1f2e0006")
    c.keys(":set mouse off\r")
    c.wait("mouse off")
    assert c.raw.count(b"\x1b[?1000l") == 1
    c.keys(":mouse on\r")
    c.wait("mouse on")
    c.keys("q")
    assert c.wait_exit() == 0
    assert c.raw.count(b"\x1b[?1000l") == 2


def test_no_mouse(attach):
    c = attach(term="vt100")
    c.wait("Roles")
    c.keys(":mouse on\r")
    c.wait("this terminal has no mouse")
    assert b"\x1b[?1000h" not in c.raw
