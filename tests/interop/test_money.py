"""Money from end to end: an orchestrator stakes and is activated by commands,
two rounds bring their rewards, a broadcaster funds itself and pays for its
stream, winners are redeemed, and all of it comes out again. At each stop the chain, the
node's ledger and what its commands say agree to the wei."""
import json
import re

import pytest

import curl
import market
import wait
from devnet import ETHER
from views import Views

STAKE = 1000 * ETHER
DEPOSIT, RESERVE = 10 * ETHER, 5 * ETHER


@pytest.fixture(params=["arbitrum", "streamflow"])
def chain(tmp_path, request):
    with market.Market(tmp_path / "chain", request.param, round_length=400,
                       first_round=1, unbonding_period=2) as made:
        yield made


@pytest.fixture
def nodes(chain, tmp_path):
    """(orchestrator, broadcaster): bonded to nobody, funded with nothing."""
    o = chain.orchestrator_node(tmp_path / "o", reward=True, v=4)
    b = chain.broadcaster_node(tmp_path / "b", o, v=4)
    for node in (o, b):
        node.start()
        node.views = Views(node)
        node.views.until("staking", lambda v: v["eth_balance"], 20)
    yield o, b
    for node in (o, b):
        print(f"--- {node.log_path}\n{node.log()[-4000:]}")
        node.stop()


def order(node, *words):
    return node.command(*words, "--yes")


def transcoder(chain, who):
    names = [o["name"] for o in
             chain.bonding.functions["getTranscoder"]["outputs"]]
    return dict(zip(names, chain.bonding.call("getTranscoder", who)))


def stake(chain, who):
    return chain.bonding.call("pendingStake", who, 0)


def next_round(chain, *nodes):
    now = chain.next_round()
    for node in nodes:
        node.views.until("chain", lambda v: v["round_initialized"] == now)
    return now


def confirmed(chain, node):
    """Mines until all transactions are final."""
    def final():
        chain.mine()
        return {t["state"] for t in market.transactions(node)} == {"confirmed"}
    wait.until(final, 30, "transactions are confirmed")


def activate(chain, node):
    who = chain.orchestrator
    before = chain.token.call("balanceOf", who)
    order(node, "activate", f"{STAKE // ETHER} LPT", "reward_cut=10",
          "fee_share=5", f"service_uri={node.service}")
    wait.until(lambda: chain.registry.call("getServiceURI", who) ==
               node.service, 40, "the service URI is registered")
    assert stake(chain, who) == STAKE
    assert before - chain.token.call("balanceOf", who) == STAKE


def rewarded(chain, node):
    """Two rounds; the stake grows by what the events say."""
    who = chain.orchestrator
    for _ in range(2):
        now = next_round(chain, node)
        wait.until(lambda: transcoder(chain, who)["lastRewardRound"] == now,
                   30, "the reward is called")

    def both():
        events = chain.bonding.events("Reward")
        return len(events) > 1 and events
    # anvil's calls see what a block does a moment before its logs can be had.
    events = wait.until(both, 5, "two rewards in the logs")
    assert len(events) == 2
    earned = sum(e.args["amount"] for e in events)
    # Shares are parts in 10^27 of the stake: a wei or two stay behind.
    assert 0 <= STAKE + earned - stake(chain, who) <= 4
    shown = node.views.until("staking", lambda v: v["reward_called"])
    assert shown["state"] == "active"
    assert shown["pending_stake"].endswith(" LPT")


def fund(chain, node):
    order(node, "fund", f"deposit={DEPOSIT // ETHER} ETH",
          f"reserve={RESERVE // ETHER} ETH")
    wait.until(lambda: chain.sender_info(chain.broadcaster)[:3] ==
               (DEPOSIT, 0, RESERVE), 30, "the funds are in")
    confirmed(chain, node)


def stream(chain, orchestrator, broadcaster, clip, at_least=2):
    """Segment after segment, paid, until so many tickets have won."""
    sent = 0

    def push():
        nonlocal sent
        answer = curl.request(
            f"{broadcaster.http}/live/paid/{sent}.ts", method="PUT",
            body=clip[sent % len(clip)], http=curl.H1, seconds=30,
            headers={"Accept": "multipart/mixed", "Expect": "",
                     "Content-Duration": "2000"})
        assert answer.status == 200 and len(curl.parts(answer)) == 2, answer
        sent += 1
        chain.mine()
        return len(market.tickets(orchestrator)) >= at_least and sent >= 6
    wait.until(push, 90, f"{at_least} tickets win")
    return sent


def redeemed(chain, node):
    """All that was won is paid, and the books say so to the wei."""
    chain.mine(market.PARAMS_BLOCKS)
    assert market.settle(node, chain)
    won = market.tickets(node)
    assert {t["state"] for t in won} == {"redeemed"}
    assert {market.key(t) for t in won} == set(chain.redeemed())
    paid = sum(int.from_bytes(t["paid"], "big") for t in won)
    assert paid == market.FACE * len(won)
    assert DEPOSIT - chain.sender_info(chain.broadcaster)[0] == paid
    assert chain.sender_info(chain.broadcaster)[2] == RESERVE
    moved = chain.broker.events("WinningTicketTransfer")
    assert sum(e.args["amount"] for e in moved) == paid
    shown = node.views.until("tickets", lambda v: v["redeemed"] == len(won))
    assert market.ether(shown["value_redeemed"]) == paid
    assert market.ether(shown["value_won"]) == paid
    assert (shown["failed"], shown["lapsed"], shown["waiting"]) == (0, 0, 0)
    return paid


def gas_adds_up(chain, node, who, before):
    """What the account has less is what its transactions say they cost."""
    txs = json.loads(node.command("txs", "--json").stdout)
    assert {t["state"] for t in txs} <= {"confirmed"}
    cost = 0
    for row in market.transactions(node):
        receipt = chain.receipt("0x" + row["hash"].hex())
        used = int(receipt["gasUsed"], 16)
        price = int(receipt["effectiveGasPrice"], 16)
        assert row["gas_used"] == used
        assert int.from_bytes(row["gas_price"], "big") == price
        cost += used * price + int.from_bytes(row["value"], "big")
    return before - chain.balance(who) == cost


def unbond(chain, node, broadcaster):
    """Stake and fees come back."""
    who = chain.orchestrator
    tokens = chain.token.call("balanceOf", who)
    order(node, "unbond", "400 LPT")
    node.views.until("staking", lambda v: v["locks"])
    for _ in range(2):
        next_round(chain, node, broadcaster)
    node.views.until("staking", lambda v: v["locks"][0]["open"])
    order(node, "withdraw_stake")
    wait.until(lambda: chain.token.call("balanceOf", who) ==
               tokens + 400 * ETHER, 30, "the stake is back")


def fees(chain, node, paid):
    """What was earned is paid out, but for what a division leaves."""
    who = chain.orchestrator
    order(node, "withdraw_fees")
    events = wait.until(lambda: chain.bonding.events("WithdrawFees"), 30,
                        "the fees are out")
    out = events[-1].args.get("amount", paid)
    assert 0 <= paid - out <= 4, (paid, out)
    assert chain.bonding.call("pendingFees", who, 0) <= 4


def withdraw(chain, orchestrator, node):
    """Deposit and reserve unlock, and come back whole."""
    who = chain.broadcaster
    left = chain.sender_info(who)[0] + RESERVE
    order(node, "unlock")
    wait.until(lambda: chain.sender_info(who)[1], 30, "it unlocks")
    for _ in range(2):
        next_round(chain, orchestrator, node)
    before = chain.balance(who)
    order(node, "withdraw")
    wait.until(lambda: chain.sender_info(who)[0] == 0, 30, "it is out")
    confirmed(chain, node)
    event = chain.broker.events("Withdrawal")[-1]
    assert event.args["deposit"] + event.args["reserve"] == left
    receipt = chain.receipt(event.tx)
    gas = int(receipt["gasUsed"], 16) * int(receipt["effectiveGasPrice"], 16)
    assert chain.balance(who) == before + left - gas


def test_from_stake_to_withdrawal(chain, nodes, clip):
    orchestrator, broadcaster = nodes
    rich = chain.balance(chain.broadcaster)
    activate(chain, orchestrator)
    rewarded(chain, orchestrator)
    broadcaster.views.until("chain", lambda v: v["ready"])
    fund(chain, broadcaster)
    market.until_seen(orchestrator, chain)
    stream(chain, orchestrator, broadcaster, clip)
    paid = redeemed(chain, orchestrator)
    assert gas_adds_up(chain, broadcaster, chain.broadcaster, rich)
    assert not re.search(r"refused|Insufficient balance",
                         broadcaster.log()), "an honest payment was refused"
    next_round(chain, orchestrator, broadcaster)
    fees(chain, orchestrator, paid)
    unbond(chain, orchestrator, broadcaster)
    withdraw(chain, orchestrator, broadcaster)
