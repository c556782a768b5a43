"""What an operator does with money, by `weir <command>` on a real node and a
development chain: stake, rewards, unbonding; deposit, unlock, withdrawal."""
import json

import pytest

import wait
from devnet import ETHER, PASSWORD, Devnet
from views import Views

URI = "https://o.example.org:8935"


@pytest.fixture(scope="module", params=["arbitrum", "streamflow"])
def deployed(request, tmp_path_factory):
    with Devnet(tmp_path_factory.mktemp("chain"), request.param,
                unbonding_period=2) as chain:
        yield chain


@pytest.fixture
def chain(deployed):
    with deployed.undone():
        yield deployed


@pytest.fixture
def run(chain, start, tmp_path):
    """run(account, flag=value) -> a node that has the account's key."""
    def make(account, **flags):
        keys = tmp_path / f"keys-{account.address[2:8]}"
        chain.keystore(keys, account)
        (tmp_path / "password").write_text(PASSWORD)
        (tmp_path / "password").chmod(0o600)
        flags = dict({
            "network": "devnet", "ethUrl": chain.url,
            "ethController": chain.controller.address,
            "ethKeystorePath": str(keys),
            "ethPassword": str(tmp_path / "password"),
            "blockPollingInterval": 1, "reward": True,
        }, **flags)
        node = start(**flags)
        node.wait_log("ready after")
        node.views = look(node)
        return node
    return make


def look(node):
    views = Views(node)
    views.until("staking", lambda v: v["eth_balance"], 20)
    return views


def order(node, *words, check=True):
    return node.command(*words, "--yes", check=check)


def transcoder(chain, who):
    names = [o["name"] for o in
             chain.bonding.functions["getTranscoder"]["outputs"]]
    return dict(zip(names, chain.bonding.call("getTranscoder", who)))


def stake(chain, who):
    return chain.bonding.call("getDelegator", who)[0]


def order_next(node, *words):
    """When the transactions under way are over; until then it is refused."""
    def is_taken():
        done = order(node, *words, check=False)
        assert not done.returncode or "is under way" in done.stderr, done
        return not done.returncode
    wait.until(is_taken, 30, f"{words[0]} is taken")


def wait_stake(chain, who, amount):
    wait.until(lambda: stake(chain, who) == amount, 30,
               f"{amount / ETHER} LPT are bonded")


def test_from_nothing_to_withdrawal(chain, run):
    """Activate, two rounds with their rewards, unbond, withdraw."""
    who = chain.orchestrator
    node = run(who)
    before = chain.token.call("balanceOf", who)
    asked = node.command("activate", "1000 LPT", "reward_cut=10",
                         "fee_cut=95%", f"service_uri={URI}", check=False)
    assert asked.returncode == 1 and "give --yes" in asked.stderr
    assert stake(chain, who) == 0
    done = order(node, "activate", "1000", "LPT", "reward_cut=10",
                 "fee_cut=95%", f"service_uri={URI}")
    assert "4 transactions: approve, bond, transcoder, service_uri" \
        in done.stderr
    assert "place 1 of 10" in done.stderr
    wait.until(lambda: chain.registry.call("getServiceURI", who) == URI, 40,
               "the service URI is registered")
    assert stake(chain, who) == 1000 * ETHER
    facts = transcoder(chain, who)
    assert (facts["rewardCut"], facts["feeShare"]) == (100000, 50000)
    node.views.until("staking", lambda v: [
        s["state"] for s in v["activation"] if s["state"] != "skipped"] ==
        ["done"] * 4, what="the activation is shown as done")
    refused = order(node, "activate", check=False)
    assert refused.returncode == 1 and "it is done" in refused.stderr

    for _ in range(2):
        now = chain.next_round()
        wait.until(lambda: transcoder(chain, who)["lastRewardRound"] == now,
                   30, "the reward is called")
    rewards = [e for e in chain.bonding.events("Reward")]
    assert len(rewards) == 2
    state = node.views.until("staking", lambda v: v["reward_called"])
    assert state["state"] == "active" and state["rank"] == 1
    assert state["fee_cut"] == "95 %" and state["service_uri"] == URI

    done = order(node, "unbond", "400 LPT")
    assert "can be withdrawn from round" in done.stderr
    node.views.until("staking", lambda v: v["locks"])
    early = order(node, "withdraw_stake", check=False)
    assert early.returncode == 1 and "in 2 rounds" in early.stderr
    chain.next_round(2)
    node.views.until("staking", lambda v: v["locks"][0]["open"])
    order(node, "withdraw_stake")
    wait.until(lambda: chain.token.call("balanceOf", who) ==
               before - 600 * ETHER, 30, "the stake is back")
    text = node.command("stake").stdout
    assert "active, rank 1 of 10" in text and "(fee cut 95 %)" in text
    assert json.loads(node.command("stake", "--json").stdout)["rank"] == 1
    txs = json.loads(node.command("txs", "--json").stdout)
    kinds = [t["kind"] for t in reversed(txs)]
    assert kinds[:4] == ["approve", "bond", "transcoder", "service_uri"]
    assert kinds.count("reward") >= 2
    assert all(t["state"] in ("confirmed", "mined", "sent") for t in txs)


def test_killed_between_steps(chain, run):
    """An activation goes on after kill -9, and bonds once."""
    who = chain.orchestrator
    node = run(who)
    chain.automine(False)
    order(node, "activate", "1000 LPT", "reward_cut=10", "fee_share=5",
          f"service_uri={URI}")
    for _ in range(4):
        sent = chain.nonce(who)
        wait.until(lambda: chain.nonce(who, "pending") > sent, 30,
                   "the next step is sent")
        node.kill()
        chain.mine()
        node.start()
    wait.until(lambda: chain.registry.call("getServiceURI", who) == URI, 30)
    assert stake(chain, who) == 1000 * ETHER
    assert len(chain.bonding.events("Bond")) == 1
    look(node)


def test_orchestrator_settings(chain, run):
    """Only what changes is sent, and not when the contracts would refuse."""
    who = chain.bond_orchestrator(uri=URI)
    node = run(who)
    now = chain.round
    wait.until(lambda: transcoder(chain, who)["lastRewardRound"] == now, 30)
    node.views.until("staking", lambda v: v["reward_called"])
    done = order(node, "set_orchestrator", "reward_cut=25")
    assert "reward cut 10 %, fee share 50 % (fee cut 50 %)" in done.stderr
    wait.until(lambda: transcoder(chain, who)["rewardCut"] == 250000, 30)
    assert transcoder(chain, who)["feeShare"] == 500000
    chain.lock_round()
    node.views.until("chain", lambda v: v["round_locked"])
    late = order(node, "set_orchestrator", "reward_cut=30", check=False)
    assert late.returncode == 1 and "blocks" in late.stderr
    order(node, "set_orchestrator", "service_uri=https://other.example:1")
    wait.until(lambda: chain.registry.call("getServiceURI", who) ==
               "https://other.example:1", 30)


def test_move_and_rebond(chain, run):
    who, first = chain.delegator, chain.bond_orchestrator()
    second = chain.bond_orchestrator(chain.orchestrator2)
    node = run(who)
    order(node, "bond", "10 LPT", first.address)
    wait_stake(chain, who, 10 * ETHER)
    order_next(node, "bond", "5 LPT")
    wait_stake(chain, who, 15 * ETHER)
    order_next(node, "bond_to", second.address)
    wait.until(lambda: chain.bonding.call("getDelegator", who)[2] ==
               second.address.lower(), 30, "the stake has moved")
    chain.next_round()
    now = chain.round
    node.views.until("chain", lambda v: v["round_initialized"] == now)
    order_next(node, "unbond", "15 LPT")
    node.views.until("staking", lambda v: v["locks"])
    order(node, "rebond", f"delegate={first.address}")
    wait_stake(chain, who, 15 * ETHER)
    bad = order(node, "bond", "1 LPT",
                first.address[:-1] + first.address[-1].swapcase(),
                check=False)
    assert bad.returncode == 1 or first.address[-1].isdigit()


def test_funds(chain, run):
    """Deposit and reserve: in, locked, unlocking, out."""
    who = chain.broadcaster
    node = run(who)
    rich = chain.balance(who)
    order(node, "fund", "deposit=1 ETH", "reserve=0.5 ETH")
    wait.until(lambda: chain.sender_info(who)[:3] ==
               (ETHER, 0, ETHER // 2), 30, "the funds are in")
    refused = order(node, "withdraw", check=False)
    assert refused.returncode == 1 and "are locked" in refused.stderr
    order(node, "unlock")
    wait.until(lambda: chain.sender_info(who)[1], 30, "it unlocks")
    order(node, "cancel_unlock")
    wait.until(lambda: not chain.sender_info(who)[1], 30)
    order(node, "unlock")
    wait.until(lambda: chain.sender_info(who)[1], 30)
    early = order(node, "withdraw", check=False)
    assert early.returncode == 1 and "another 2 rounds" in early.stderr
    chain.next_round(2)
    now = chain.round
    node.views.until("chain", lambda v: v["round"] == now)
    order(node, "withdraw")
    wait.until(lambda: chain.sender_info(who)[0] == 0, 30, "it is out")
    assert rich - chain.balance(who) < ETHER // 10  # only gas


def test_rounds_are_initialised(chain, run):
    run(chain.stranger, initializeRound=True, initializeRoundMaxDelay="1s")
    now = chain.next_round(initialize=False)
    wait.until(lambda: chain.rounds.call("lastInitializedRound") == now, 30,
               "the round is initialised")


def test_stuck_transaction(chain, run):
    """Nobody mines: it is sped up, another cancelled."""
    who = chain.broadcaster
    node = run(who)
    chain.automine(False)
    order(node, "fund", "deposit=1 ETH")
    sped = order(node, "speed_up", "1")
    assert "is sent again" in sped.stdout
    order(node, "fund", "deposit=2 ETH")
    order(node, "cancel_tx", "2")
    chain.mine()
    wait.until(lambda: chain.sender_info(who)[0] == ETHER, 30)
    chain.mine_every(1)
    states = node.views.until("txs", lambda v: [
        t["state"] for t in v["rows"] if t["id"] == 2] == ["cancelled"], 60)
    assert [t["state"] for t in states["rows"] if t["id"] == 1][0] in \
        ("mined", "confirmed")
