"""A migration driven from a console's room: through a node that was there for
something else, with the password over the socket, seen by all consoles, and
gone on with when that node was killed."""
import contextlib
import os
import sqlite3

import pytest

import market
import wait
from devnet import PASSWORD
from node import Node
from ports import free_port
from room import Room
from test_migrate import transcoder
from wizard import Wizard, chain_after_alpha, old_directory


@pytest.fixture
def chain(tmp_path):
    with chain_after_alpha(tmp_path / "chain") as made:
        with market.Pace(made, 10):
            yield made


@pytest.fixture
def host(tmp_path):
    """A node off-chain, as one is that was started to have a look."""
    (tmp_path / "host").mkdir()
    node = Node(tmp_path / "host", "broadcaster")
    node.environment = {"XDG_STATE_HOME": str(tmp_path / "w" / "state")}
    with node:
        yield node


def answers(chain, w, **more):
    found = {"oldFlags": "", "roles": "ot", "network": "devnet",
             "ethUrl": chain.url, "ethController": chain.controller.address,
             "serviceAddr": w.service, "pricePerUnit": "1", "rewardCut": "",
             "feeShare": "", "unit": "", "plan": "yes"}
    found.update(more)
    return found


def file_of(w, **more):
    """Answers that nobody is asked for."""
    path = os.path.join(w.dir, "few")
    with open(path, "w") as f:
        for name, value in dict(blockPollingInterval=1,
                                cliAddr=f"127.0.0.1:{free_port()}",
                                x264Preset="ultrafast", **more).items():
            f.write(f"{name} {value}\n")
    return path


def nowhere(text, *directories):
    """No file below has it."""
    for directory in directories:
        for root, _, names in os.walk(directory):
            for name in names:
                if name == "password" or name.endswith(".sock"):
                    continue
                with open(os.path.join(root, name), "rb") as f:
                    assert text.encode() not in f.read(), (root, name)


@pytest.mark.limit(120)
def test_from_the_room(chain, host, tmp_path):
    w = Wizard(chain, tmp_path / "w")
    # A password that is nowhere else.
    secret = "correct horse battery"
    for name in os.listdir(os.path.join(w.old, "keystore")):
        os.remove(os.path.join(w.old, "keystore", name))
    chain.keystore(os.path.join(w.old, "keystore"), chain.orchestrator, secret)
    before = old_directory(w.old)
    room = Room(host)
    room.start(w.old, w.new, answers=file_of(w))
    again = room.views.order("migration_start", **{"from": w.old}, to=w.new)
    assert again[0] == "refused" and "at work" in again[1]

    v = room.answer_until("password", answers(chain, w), None)
    assert v["kind"] == "secret" and v["ask"].startswith("Passphrase of 0x")
    shown = room.views.order("migration_answer", question=v["question"],
                             text="x")
    assert shown[0] == "refused" and "no place for a password" in shown[1]
    room.tell_secret(v, "wrong")
    v = room.question()
    assert v["kind"] == "secret"
    room.tell_secret(v, secret)

    v = room.answer_until("plan", answers(chain, w), None)
    plan = {s["name"]: s for s in room.report()["steps"]}
    assert plan["activate"]["chain"] and not plan["activate"]["reversible"]
    assert market.ether(plan["activate"]["cost"]) > 0
    assert set(s["state"] for s in plan.values()) == {"todo"}
    assert not os.path.exists(w.new)
    # Another console sees the same, and may answer.
    other = Room(host)
    assert other.question()["ask"] == v["ask"]
    other.reply(v, "yes -archive")
    late = room.views.order("migration_answer", question=v["question"],
                            text="yes")
    assert late[0] == "refused", late
    room.asked = list(other.asked)

    v = room.question()
    assert v["kind"] == "word" and v["name"] == "activate"
    assert v["word"] == chain.orchestrator.address[-4:].lower()
    assert "become an orchestrator" in v["about"]
    other.close()
    room.reply(v, v["word"])
    done = room.ended()
    assert done["state"] == "done", done
    states = {s["name"]: s["state"] for s in done["steps"]}
    assert states.pop("archive") == "skipped"
    assert set(states.values()) == {"done"}
    assert not os.path.exists(os.path.join(w.new, "alpha.sqlite"))
    assert transcoder(chain)["activationRound"]
    assert old_directory(w.old) == before
    assert [r["state"] for r in room.wizard["records"]] == ["done"]
    room.close()
    nowhere(secret, w.dir, host.dir)


@pytest.mark.limit(120)
def test_the_node_is_killed(chain, host, tmp_path):
    """A new one offers to go on, and nothing is sent twice."""
    w = Wizard(chain, tmp_path / "w")
    room = Room(host)
    room.start(w.old, w.new, answers=file_of(w))
    v = room.answer_until("activate", answers(chain, w), PASSWORD)
    chain.automine(False)
    nonce = chain.nonce(chain.orchestrator)
    room.reply(v, v["word"])
    wait.until(lambda: any(r["event"] == "sent" for r in w.records()), 30,
               "it is sent")
    host.kill()
    room.close()
    chain.automine()
    host.start()
    room = Room(host)
    found = room.views.until("wizard", lambda v: v["records"])
    assert found["state"] == "" and len(found["records"]) == 1
    assert found["records"][0]["state"] == "under way"
    assert found["records"][0]["to"] == w.new
    # The wizard has died with its node.
    room.order("resume", id=found["records"][0]["id"])
    room.answer_all(answers(chain, w), PASSWORD)
    done = room.ended()
    assert done["state"] == "done", done
    assert chain.nonce(chain.orchestrator) <= nonce + 2
    assert transcoder(chain)["activationRound"]

    # And back.
    room.order("rollback")
    room.answer_all(answers(chain, w), PASSWORD)
    assert room.ended()["state"] == "undone"
    assert not os.path.exists(w.new)
    room.close()


@pytest.mark.limit(60)
def test_halted(chain, host, tmp_path):
    w = Wizard(chain, tmp_path / "w")
    room = Room(host)
    said = room.views.order("migration_halt")
    assert said[0] == "refused"
    room.start(w.old, w.new, answers=file_of(w))
    room.question()
    said = room.views.order("migration_halt")
    assert said[0] == "accepted", said
    room.views.until("wizard", lambda v: v["state"] == "ended")
    assert not os.path.exists(w.new) and not w.records()
    said = room.views.order("migration_answer", question=1, text="yes")
    assert said[0] == "refused", said
    room.close()


@pytest.mark.limit(90)
def test_the_node_lives_below_the_old_directory(chain, tmp_path):
    """As with the defaults of both: ~/.lpData, and ~/.lpData/offchain."""
    w = Wizard(chain, tmp_path / "w")
    (tmp_path / "host").mkdir()
    node = Node(tmp_path / "host", "broadcaster",
                datadir=os.path.join(w.old, "offchain"))
    node.datadir = node.flags["datadir"]
    node.environment = {"XDG_STATE_HOME": w.state}
    with node:
        room = Room(node)
        room.start(w.old, w.new)
        room.answer_all(answers(chain, w, network="offchain"), PASSWORD)
        done = room.ended()
        assert done["state"] == "done", done["error"]
        backup = os.path.join(done["backup"], "data")
        assert sorted(os.listdir(backup)) == ["keystore", "lp.sqlite3"]
        room.close()


@pytest.mark.limit(60)
def test_an_old_node_that_runs_is_waited_for(chain, host, tmp_path):
    w = Wizard(chain, tmp_path / "w")
    room = Room(host)
    with contextlib.closing(sqlite3.connect(
            os.path.join(w.old, "lp.sqlite3"))) as db:
        db.execute("BEGIN IMMEDIATE")
        room.start(w.old, w.new)
        v = room.answer_until("stopped", answers(chain, w), PASSWORD)
        assert "still runs" in v["ask"] and "Stop it" in v["ask"], v["ask"]
        room.reply(v, "")
        v = room.question()
        assert v["name"] == "stopped"
        db.rollback()
    room.reply(v, "")
    assert room.question()["kind"] == "secret"
    room.close()
