"""What `weir migrate` refuses, and says why, before anything is done: each time
the whole place is as it was, to the times of its files."""
import contextlib
import http.server
import os
import sqlite3
import threading

import pytest

import market
import old_node
from devnet import ETHER
from ports import free_port
from wizard import Wizard, everything, old_directory


@pytest.fixture(scope="module")
def chain(tmp_path_factory):
    with market.Market(tmp_path_factory.mktemp("chain"), "streamflow",
                       round_length=100, first_round=1) as made:
        made.bond_orchestrator()
        made.as_the_alpha_left_it(made.orchestrator)
        yield made


@pytest.fixture
def wizard(chain, tmp_path):
    return Wizard(chain, tmp_path / "w")


# --- keys ---
def test_a_wrong_password(wizard):
    wizard.answers["ethPassword"] = old_node.password(wizard.dir, "wrong")
    done = wizard.refused("keyfile", "--yes")
    assert wizard.answers["ethPassword"] not in done.error
    assert "could not decrypt" in done.error or "password" in done.error


def test_no_password_and_nobody_to_ask(wizard):
    del wizard.answers["ethPassword"]
    wizard.refused("there is no terminal to ask", "--yes")


def test_two_keys(chain, tmp_path):
    both = chain.orchestrator, chain.delegator
    w = Wizard(chain, tmp_path / "w", *both)
    done = w.refused("say which is the node's", "--yes")
    for account in both:
        assert account.address.lower() in done.error.lower()
    w.answers["ethAcctAddr"] = chain.stranger.address
    w.refused("no whole keyfile of", "--yes")
    w.answers["ethAcctAddr"] = chain.orchestrator.address
    done = w.run("--dry-run")
    assert done.code == 0, done
    assert done.report["account"].lower() == chain.orchestrator.address.lower()


def test_no_key_at_all(wizard):
    for name in os.listdir(os.path.join(wizard.old, "keystore")):
        os.remove(os.path.join(wizard.old, "keystore", name))
    wizard.refused("No new account is ever made", "--yes")


def test_the_key_of_a_delegator(chain, tmp_path):
    chain.bond(chain.delegator, 5 * ETHER, chain.orchestrator)
    w = Wizard(chain, tmp_path / "w", chain.delegator)
    w.refused("the stake is with", "--yes")


# --- a node that runs ---
def test_a_node_that_has_its_database_open(wizard):
    with contextlib.closing(sqlite3.connect(
            os.path.join(wizard.old, "lp.sqlite3"))) as db:
        db.execute("BEGIN IMMEDIATE")
        wizard.refused("still runs", "--yes")
        db.rollback()
    assert wizard.run("--dry-run").code == 0


class OldNode(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        body = b"1" if self.path == "/EthNetworkID" else b""
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


def test_a_node_that_answers_on_its_port(wizard):
    with http.server.HTTPServer(("127.0.0.1", 0), OldNode) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        wizard.answers["oldFlags"] = \
            f"livepeer -transcoder -cliAddr 127.0.0.1:{server.server_port}"
        wizard.refused("an old node still runs", "--yes")
        server.shutdown()


# --- directories ---
def test_directories(wizard, tmp_path):
    old, new = wizard.old, wizard.new
    wizard.new = os.path.join(old, "mainnet")
    wizard.refused("lie within each other", "--yes")
    wizard.new, wizard.old = new, str(tmp_path / "nowhere")
    wizard.refused("there is no such directory", "--yes")
    wizard.old = str(tmp_path / "empty")
    os.mkdir(wizard.old)
    wizard.refused("no node has been here", "--yes")
    wizard.old = old
    os.makedirs(new)
    with open(os.path.join(new, "mine"), "w") as f:
        f.write("keep")
    wizard.refused("is not empty", "--yes")
    os.remove(os.path.join(new, "mine"))
    wizard.answers["backup"] = old
    wizard.refused("would lie in one of the data directories", "--yes")


def test_a_target_that_cannot_be_written(wizard):
    wizard.new = "/proc/weir-new/devnet"
    before = old_directory(wizard.old)
    done = wizard.run("--yes")
    assert done.code == 1 and "/proc" in done.error, done
    assert old_directory(wizard.old) == before


def test_what_is_of_today(wizard, tmp_path):
    os.rename(os.path.join(wizard.old, "lp.sqlite3"),
              os.path.join(wizard.old, "lpdb.sqlite3"))
    with contextlib.closing(sqlite3.connect(
            os.path.join(wizard.old, "lpdb.sqlite3"))) as db:
        for table in ("jobs", "claims", "receipts", "broadcasts"):
            db.execute(f"DROP TABLE {table}")
        db.execute("CREATE TABLE orchestrators (ethereumAddr STRING PRIMARY "
                   "KEY, createdAt, updatedAt, serviceURI, pricePerPixel, "
                   "activationRound, deactivationRound, stake)")
        db.execute("INSERT INTO kv VALUES ('chainID', 1, '')")
        db.commit()
    wizard.refused("`weir import", "--yes")


def test_directories_that_were_not_given(wizard):
    """Where they used to lie it is looked for; the new one must be said."""
    command = wizard.command("--dry-run")
    bare = [c for c in command if c not in ("--from", wizard.old)]
    done = wizard.run_as(bare)
    assert done.code == 1 and "give --from" in done.error, done
    os.rename(wizard.old, os.path.join(wizard.dir, ".lpData"))
    done = wizard.run_as(bare)
    assert done.code == 0, done
    assert done.report["from"] == os.path.join(wizard.dir, ".lpData")
    done = wizard.run_as([c for c in bare if c not in ("--to", wizard.new)])
    assert done.code == 1 and "give --to" in done.error, done


# --- answers ---
def test_missing_answers(wizard):
    del wizard.answers["network"], wizard.answers["orchestrator"]
    del wizard.answers["transcoder"]
    done = wizard.refused("are not answered", "--yes")
    for word in ("network", "orchestrator", "offchain"):
        assert word in done.error
    wizard.answers.update(network="devnet", orchestrator=True,
                          pricePerUnit=None, serviceAddr=None)
    done = wizard.refused("are not answered", "--yes")
    # 150 Gwei a segment in two profiles: what that is for a pixel is said.
    assert "serviceAddr" in done.error and "pricePerUnit" in done.error
    assert "by what its jobs cost" in done.error


def test_nobody_confirms(wizard):
    wizard.refused("give --yes")


def test_neither_begun_nor_over(wizard):
    wizard.refused("no migration of these two directories to go on", "--resume")
    wizard.refused("to take back", "--rollback", "--yes")


# --- the chain ---
def test_an_rpc_that_is_not_there(wizard):
    wizard.answers["ethUrl"] = f"http://127.0.0.1:{free_port()}"
    wizard.refused("the chain could not be read", "--yes")


def test_no_money(chain, wizard):
    rich = chain.balance(chain.orchestrator)
    chain.set_balance(chain.orchestrator, 10 ** 10)
    try:
        wizard.refused("send it some ETH", "--yes")
    finally:
        chain.set_balance(chain.orchestrator, rich)


def test_transactions_of_another_program(chain, wizard):
    chain.automine(False)
    try:
        chain.submit(chain.orchestrator, chain.stranger, "0x", 1)
        wizard.refused("another program has sent 1 transactions", "--yes")
    finally:
        chain.automine()
        chain.mine()


def test_the_protocol_has_moved_on(chain, tmp_path):
    """Nothing is to be sent to contracts that everybody left; files are."""
    w = Wizard(chain, tmp_path / "w")
    before = chain.snapshot()
    try:
        chain.rounds.send("setLIPUpgradeRound", 73, chain.round,
                          sender=chain.governor)
        nonce = chain.nonce(chain.orchestrator)
        done = w.run("--yes")
        assert done.code == 0, done
        assert "Arbitrum" in done.stops[0] and "would cost ETH" in done.stops[0]
        assert not any(s["chain"] for s in done.report["steps"])
        assert chain.nonce(chain.orchestrator) == nonce
        assert os.path.exists(w.config)
    finally:
        chain.restore(before)


def test_off_chain_there_is_nothing_to_send(chain, tmp_path):
    w = Wizard(chain, tmp_path / "w", network="offchain", ethUrl=None,
               ethController=None, pricePerUnit=None, blockPollingInterval=None,
               refunder=None, jobsManager=None)
    before = everything(w.old)
    done = w.run("--yes")
    assert done.code == 0, done
    assert not any(s["chain"] for s in done.report["steps"])
    assert everything(w.old) == before
    with w.node():
        pass
