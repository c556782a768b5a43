"""`weir migrate`: an old node becomes one that runs, is active in the next round
and is paid; what is wrong is said before anything is done, and what was done can
be taken back or gone on with."""
import os
import socket
import sqlite3

import pytest

import market
from devnet import ETHER
from ports import free_port
from views import Views
from wizard import Wizard, chain_after_alpha, everything, old_directory


@pytest.fixture
def chain(tmp_path):
    with chain_after_alpha(tmp_path / "chain") as made:
        yield made


@pytest.fixture
def paced(chain):
    """Blocks come, and rounds begin."""
    with market.Pace(chain, 10):
        yield chain


def transcoder(chain):
    names = [o["name"] for o in
             chain.bonding.functions["getTranscoder"]["outputs"]]
    return dict(zip(names, chain.bonding.call("getTranscoder",
                                              chain.orchestrator)))


def sent(chain, account):
    """Transactions of an account that are in blocks."""
    return chain.nonce(account)


# --- from one end to the other ---
def paid(chain, node, tmp_path, clip):
    """A broadcaster of today finds it, streams through it and pays."""
    broadcaster = chain.broadcaster_node(tmp_path / "b", node, v=4)
    chain.fund_broadcaster(deposit=100 * ETHER, reserve=100 * ETHER)
    with broadcaster:
        views = Views(broadcaster)
        views.until("chain", lambda v: v["ready"])
        market.until_seen(node, chain)
        market.until_paid(broadcaster, node, clip)
        views.close()


@pytest.mark.limit(120)
def test_to_a_node_that_is_paid(paced, tmp_path, clip):
    w = Wizard(paced, tmp_path / "w", **market.PRICES)
    before = old_directory(w.old)
    done = w.run("--yes")
    assert done.code == 0 and done.report["state"] == "done", done
    assert set(done.states.values()) == {"done"}
    told = {r["name"]: r for r in done.report["remarks"]}
    assert told["stream"]["level"] == "ok", told["stream"]
    assert "came back" in told["stream"]["text"]
    assert told["tickets"]["level"] == "ok" and "won" in told["tickets"]["text"]
    assert old_directory(w.old) == before
    assert transcoder(paced)["activationRound"]
    assert paced.registry.call("getServiceURI", paced.orchestrator) == \
        f"https://{w.service}"
    with w.node() as node:
        views = Views(node)
        paced.next_round(initialize=False)
        shown = views.until("staking", lambda v: v["state"] == "active", 60)
        assert shown["bonded"] == "1000 LPT"
        # The console's room has it all.
        room = views.until("migration", lambda v: v.get("state") == "done")
        assert (room["jobs"], room["receipts"], room["claims"],
                room["broadcasts"]) == (3, 9, 1, 1)
        assert [s["state"] for s in room["steps"]] == ["done"] * 9
        kinds = [h["kind"] for h in room["history"]]
        assert kinds.count("receipt") == 9 and kinds.count("job") == 3
        assert sum(h["state"] == "never claimed"
                   for h in room["history"]) == 3
        views.close()
        paid(paced, node, tmp_path, clip)


def test_what_was_made(paced, tmp_path):
    w = Wizard(paced, tmp_path / "w")
    done = w.run("--yes")
    assert done.code == 0, done
    keys = os.listdir(os.path.join(w.old, "keystore"))
    for name in keys:
        paths = [os.path.join(d, "keystore", name) for d in (w.old, w.new)]
        assert open(paths[0], "rb").read() == open(paths[1], "rb").read()
        assert os.stat(paths[1]).st_mode & 0o777 == 0o600
    for path in (w.new, os.path.join(w.new, "keystore")):
        assert os.stat(path).st_mode & 0o777 == 0o700
    assert os.stat(w.config).st_mode & 0o777 == 0o600
    text = open(w.config).read()
    assert paced.orchestrator.address.lower() in text.lower()
    with sqlite3.connect(os.path.join(w.new, "alpha.sqlite")) as db:
        assert db.execute("SELECT count(*) FROM alpha_jobs").fetchone() == (3,)
        assert db.execute(
            "SELECT count(*) FROM alpha_receipts").fetchone() == (9,)
    # The backup is whole, by anybody's reckoning.
    backup = done.report["backup"]
    assert os.stat(backup).st_mode & 0o777 == 0o700
    assert os.system(f"cd {backup} && sha256sum --quiet -c SHA256SUMS") == 0
    assert len(open(os.path.join(backup, "SHA256SUMS")).readlines()) == \
        len(keys) + 1
    # And no record has the password in it.
    for line in w.records():
        assert "pass" not in line["value"] or line["key"] == "ethPassword"


def test_a_dry_run_changes_nothing(paced, tmp_path):
    w = Wizard(paced, tmp_path / "w")
    before = everything(w.dir), old_directory(w.old)
    nonce = sent(paced, paced.orchestrator)
    done = w.run("--dry-run")
    assert done.code == 0, done
    assert (everything(w.dir, but=["answers"]), old_directory(w.old)) == before
    assert sent(paced, paced.orchestrator) == nonce
    assert done.report["state"] == "planned" and done.report["dry_run"]
    assert set(done.states.values()) == {"todo"}
    activate = done.step("activate")
    # Three segments of a job of two profiles, at 150 Gwei each.
    told = [r["text"] for r in done.report["remarks"] if r["name"] == "unpaid"]
    assert told and "3 segments, worth 0.0000009 ETH, were never" in told[0]
    assert activate["chain"] and not activate["reversible"]
    assert "started empty" in activate["why"] and activate["counter"]
    assert market.ether(activate["cost"]) > 0
    assert done.report["account"].lower() == paced.orchestrator.address.lower()


def stream(done):
    assert done.code == 0, done
    return [r for r in done.report["remarks"] if r["name"] == "stream"]


def test_a_stream_that_does_not_come_through(paced, tmp_path):
    """Said, with what may be in the way; the migration is done all the same."""
    off = {"network": "offchain", "ethUrl": None, "ethController": None,
           "pricePerUnit": None, "blockPollingInterval": None,
           "refunder": None, "jobsManager": None}
    w = Wizard(paced, tmp_path / "a", **off)
    with socket.socket() as s:
        s.bind(("127.0.0.1", int(w.service.split(":")[1])))
        s.listen()
        told, = stream(w.run("--yes"))
    assert told["level"] == "warn" and told["text"].startswith("not tried")
    # It listens elsewhere than it says.
    w = Wizard(paced, tmp_path / "b", **off,
               httpAddr=f"127.0.0.2:{free_port()}")
    told, = stream(w.run("--yes"))
    assert "the work is done, but" in told["text"], told
    assert "not reachable" in told["text"]
    w = Wizard(paced, tmp_path / "c", **off, tryOut="no")
    assert not stream(w.run("--yes"))
    w = Wizard(paced, tmp_path / "d", **dict(off, transcoder=None))
    told, = stream(w.run("--yes"))
    assert told["level"] == "note" and "other machines" in told["text"]
    left = os.path.join(w.state, "weir", "migration")
    assert not [n for n in os.listdir(left) if n.endswith(".trial")]


def test_done_is_done(paced, tmp_path):
    w = Wizard(paced, tmp_path / "w")
    assert w.run("--yes").code == 0
    nonce = sent(paced, paced.orchestrator)
    before = everything(w.dir)
    for more in ((), ("--yes",), ("--resume", "--yes")):
        again = w.run(*more)
        assert again.code == 0 and again.report["state"] == "nothing to do"
        assert set(again.states.values()) == {"done"}
    after = everything(w.dir)
    for found in (before, after):
        found.pop("answers")
    assert after == before
    assert sent(paced, paced.orchestrator) == nonce
