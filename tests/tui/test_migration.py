"""The room of the migration on a terminal: a person starts one, leaves steps out,
types a password that nobody sees, and what cannot be taken back."""
STEPS = [
    {"number": 1, "name": "backup", "state": "todo", "title": "back it up",
     "reversible": True},
    {"number": 2, "name": "archive", "state": "todo", "optional": True,
     "title": "archive jobs", "reversible": True},
    {"number": 3, "name": "activate", "state": "todo", "optional": True,
     "chain": True, "cost": "0.0004 ETH", "title": "join the pool",
     "counter": "`weir unbond`"},
]


def wizard(state, **more):
    view = {"state": state, "order": "start", "from": "/home/o/.lpData",
            "to": "/home/o/weir/mainnet",
            "places": "/home/o/.lpData|/srv/lp"}
    view.update(more)
    return view


def asks(number, kind, text, **more):
    return wizard("asks", question=number, kind=kind, name=kind, ask=text,
                  **more)


def test_by_hand(attach, daemon):
    c = attach()
    daemon.publish("wizard", {"places": "/home/o/.lpData|/srv/lp"})
    c.keys("M")
    c.wait("S: a node of the alpha", "/home/o/.lpData, /srv/lp")
    c.keys("S")
    c.wait("/home/o/weir/mainnet")
    c.keys("\r")
    assert daemon.wait_command(1) == (
        "migration_start", {"from": "/home/o/.lpData",
                            "to": "/home/o/weir/mainnet"})

    daemon.publish("wizard", asks(1, "secret", "Passphrase of 0xaa01"))
    c.wait("Passphrase of 0xaa01", "a answers")
    c.keys("axyzzy-plugh")
    c.wait("(typed; it is not shown)")
    c.keys("\r")
    assert daemon.wait_command(2) == (1, "xyzzy-plugh")
    c.wait("heard")
    assert b"xyzzy" not in c.raw

    plan = {"report": [{"steps": STEPS, "cost": "0.0004 ETH"}]}
    daemon.publish("wizard", asks(2, "plan", "Do all of this?", word="yes",
                                  **plan))
    c.wait("[x] archive", "[x] activate", "0.0004 ETH", "NO")
    c.keys("j")
    c.keys("t")
    c.wait("[ ] archive")
    c.keys("ayes")
    c.wait("left out: -archive", "gas about 0.0004 ETH")
    c.keys("\r")
    assert daemon.wait_command(3) == (
        "migration_answer", {"question": 2, "text": "yes -archive"})

    daemon.publish("wizard", wizard(
        "running", now="the end of round 7 is locked; waiting another 12 "
        "blocks", **plan))
    c.wait("waiting another 12 blocks", "at work")
    daemon.publish("wizard", asks(3, "word", "Send it?", word="aa01",
                                  about="become an orchestrator", **plan))
    c.wait("become an orchestrator")
    c.keys("ayes\r")
    c.wait("type aa01 to go on")
    c.keys("\x15aa01\r")
    assert daemon.wait_command(4) == (
        "migration_answer", {"question": 3, "text": "aa01"})

    daemon.publish("wizard", wizard(
        "ended", report=[{"state": "done", "steps": STEPS, "next":
                          "start the new node with: weir -config x"}]))
    c.wait("done; start the new node with")
    c.keys("q")
    assert c.wait_exit() == 0


def test_what_was_interrupted(attach, daemon):
    c = attach()
    daemon.publish("wizard", {"records": [
        {"id": "1f2e", "state": "under way", "from": "/a", "to": "/b",
         "at_ms": 1}]})
    c.keys("M")
    c.wait("/b: r goes on", "under way")
    c.keys("r")
    c.wait("go on with a migration")
    c.keys("\r")
    assert daemon.wait_command(1) == ("migration_resume", {"id": "1f2e"})
    c.keys("b")
    assert daemon.wait_command(2) == ("migration_rollback", {"id": "1f2e"})


def test_a_console_that_only_looks(attach, daemon):
    c = attach("-readonly")
    daemon.publish("wizard", asks(1, "secret", "Passphrase of 0xaa01"))
    c.keys("M")
    c.wait("Passphrase of 0xaa01")
    c.keys("asesame\r")
    c.wait("read-only")
    assert not daemon.commands
