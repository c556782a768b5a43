"""Every generation of old directory (tests/data/alpha), migrated to a node that
runs, is active in the next round and is paid. All of them are of one account,
which no two nodes of a machine may have, so one after the other."""
import os
import shutil
import sqlite3

import pytest

import market
import old_node
from devnet import ETHER, Account
from views import Views
from wizard import Wizard, old_directory

DATA = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "data",
                    "alpha")
# The key of the fixtures, 1; their password.
OWNER = Account("0x7E5F4552091A69125d5DfCb7b8C2659029395Bdf",
                "0x" + "00" * 31 + "01")
PASSWORD = "alpha"

# What is said of each, and whether it has jobs to archive.
OLD = {"0.1": ("0.1", False), "0.2": ("0.2.4", True), "0.3": ("0.3.0", True),
       "0.3-journal": ("0.3.0", True), "0.3-wal": ("0.3.0", True),
       "0.4": ("0.3.2", False), "0.5.0": ("0.5.0", False),
       "0.5.2": ("0.5.2", False), "mixed": ("", True), "damaged": ("", False)}


def fixture(name):
    """A copy of it as a maker of Wizard's."""
    def make(_chain, directory, *_accounts):
        shutil.copytree(os.path.join(DATA, name), directory, symlinks=True)
        keys = os.path.join(directory, "keystore")
        for key in os.listdir(keys) if os.path.isdir(keys) else []:
            os.chmod(os.path.join(keys, key), 0o600)
    return make


@pytest.fixture(scope="module")
def chain(tmp_path_factory):
    with market.Market(tmp_path_factory.mktemp("chain"), "streamflow",
                       round_length=400, first_round=1) as made:
        made.give(OWNER, lpt=5000 * ETHER, wei=1000 * ETHER)
        made.rpc("anvil_impersonateAccount", OWNER.address)
        made.bond_orchestrator(OWNER)
        made.fund_broadcaster(deposit=100 * ETHER, reserve=100 * ETHER)
        yield made


def wizard(chain, directory, name, **more):
    w = Wizard(chain, directory, OWNER, make=fixture(name),
               ethAcctAddr=OWNER.address, **dict(market.PRICES, **more))
    w.answers["ethPassword"] = old_node.password(w.dir, PASSWORD)
    return w


def jobs(w):
    with sqlite3.connect(os.path.join(w.new, "alpha.sqlite")) as db:
        return db.execute("SELECT count(*) FROM alpha_jobs").fetchone()[0]


def migrated(chain, w, name):
    """From the directory to its node, not started."""
    said, has_jobs = OLD[name]
    chain.as_the_alpha_left_it(OWNER)
    before = old_directory(w.old)
    done = w.run("--yes")
    assert done.code == 0 and done.report["state"] == "done", (name, done)
    assert said in done.report["generation"], (name, done.report["generation"])
    assert old_directory(w.old) == before, name
    assert ("archive" in done.states) == has_jobs, (name, done.states)
    assert not has_jobs or jobs(w) > 0, name
    assert done.step("activate")["state"] == "done", name
    return w.node()


@pytest.mark.limit(900)
def test_each_is_paid(chain, tmp_path, clip):
    broadcaster = None
    with market.Pace(chain, 5):
        for name in OLD:
            w = wizard(chain, tmp_path / name, name,
                       **({"serviceAddr": broadcaster.flags["orchAddr"]}
                          if broadcaster else {}))
            w.service = w.answers["serviceAddr"]
            with migrated(chain, w, name) as node:
                if not broadcaster:
                    broadcaster = chain.broadcaster_node(tmp_path / "b", node)
                    broadcaster.start()
                chain.next_round(initialize=False)
                views = Views(node)
                views.until("staking", lambda v: v["state"] == "active", 30)
                views.close()
                market.until_paid(broadcaster, node, clip)
        broadcaster.stop()


@pytest.mark.parametrize("name, why", [
    ("0.5.3", "`weir import"), ("0.5.9", "`weir import"),
    ("no-keys", "there is no keyfile")])
def test_what_is_refused(chain, tmp_path, name, why):
    w = wizard(chain, tmp_path / "w", name)
    del w.answers["ethAcctAddr"]
    w.refused(why, "--yes")
