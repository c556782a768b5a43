"""R5: one key in two processes, gas that leaps, a nonce that somebody else
takes, a chain that is another. A transaction gets through in the end, or is
never signed."""
import os
import re
import subprocess

import house
import market
import wait
from chain import GWEI
from node import WEIR
from payer import Payer
from rpc_proxy import RpcProxy


def win(row, node, chain, body):
    now = chain.next_round()
    node.wait_log(f"round {now} is initialised", 20)
    with Payer(node, chain, chain.broadcaster) as payer:
        answer = payer.stream(body, payer.info())
        row.promise(answer.status == 200, f"a payment: {answer}")
        row.tickets += answer.status == 200


def settles(row, node, chain, what, seconds=60):
    market.settle(node, chain, seconds)
    found = market.states(node)
    row.fault(set(found) == {"redeemed"} and
              len(chain.redeemed()) == sum(found.values()),
              f"{what}: {dict(found)}, {len(chain.redeemed())} on the chain")


def submitted(node):
    wait.until(lambda: market.states(node)["submitted"] or None, 30,
               "a redemption is sent")
    wait.until(lambda: [t for t in market.transactions(node)
                        if t["state"] == "sent"], 30, "it is with the chain")


def second_process(row, node, directory):
    """The same key in another data directory: refused, with the reason."""
    other = os.path.join(directory, "second")
    os.makedirs(other)
    flags = dict(node.flags, datadir=other, serviceAddr="127.0.0.1:0",
                 cliAddr="127.0.0.1:0")
    done = subprocess.run(
        [WEIR, "run"] + [f"-{k}" if v is True else f"-{k}={v}"
                         for k, v in flags.items() if v is not None],
        capture_output=True, text=True, timeout=30 * wait.SCALE,
        stdin=subprocess.DEVNULL, check=False,
        env=dict(os.environ, XDG_RUNTIME_DIR=node.dir, HOME=node.dir))
    said = done.stdout + done.stderr
    row.fault(done.returncode != 0 and re.search(r"key|account", said),
              f"a second process: {done.returncode} {said[-300:]}")


def stuck(row, node, chain, proxy, body):
    """Blocks go by without it: it is replaced by one that pays more."""
    win(row, node, chain, body)
    proxy.hold = True
    chain.mine(market.PARAMS_BLOCKS)
    submitted(node)
    chain.mine(2)

    def attempts():
        chain.mine()
        market.until_seen(node, chain)
        found = market.rows(node, "SELECT * FROM attempts WHERE tx = "
                            "(SELECT max(id) FROM txs) ORDER BY id")
        return len(found) > 1 and found
    first, second = wait.until(attempts, 40, "it is replaced")[:2]
    row.promise(second["nonce"] == first["nonce"] and
                second["gas_price"] > first["gas_price"] and
                second["tip"] > first["tip"], "the replacement is none")
    proxy.heal()
    settles(row, node, chain, "a stuck transaction")


def spike(row, node, chain, body):
    """The next block costs a hundred times as much: it waits or pays, and is
    there when that is over."""
    win(row, node, chain, body)
    chain.automine(False)
    chain.mine(market.PARAMS_BLOCKS)
    submitted(node)
    chain.base_fee(500 * GWEI)
    chain.mine()
    chain.base_fee(GWEI)
    chain.mine()
    chain.automine(True)
    settles(row, node, chain, "gas that leapt")


def foreign(row, node, chain, body):
    """Somebody else with the key uses the nonce."""
    win(row, node, chain, body)
    chain.automine(False)
    chain.mine(market.PARAMS_BLOCKS)
    submitted(node)
    mine = [t for t in market.transactions(node) if t["state"] == "sent"][-1]
    chain.submit(chain.orchestrator, chain.stranger.address, value=1,
                 nonce=mine["nonce"], gas=21000,
                 maxPriorityFeePerGas=100 * GWEI, maxFeePerGas=200 * GWEI)
    chain.mine()
    chain.automine(True)
    settles(row, node, chain, "a nonce taken")


def swapped(row, node, chain, proxy, body):
    """The Ethereum node is of another chain from one answer to the next."""
    win(row, node, chain, body)

    proxy.fault("answer", "eth_chainId", value="0x1")
    sent = proxy.calls["eth_sendRawTransaction"]
    node.stop()
    node.start(ready=False)
    chain.mine(market.PARAMS_BLOCKS + 1)
    try:
        code = node.process.wait(15 * wait.SCALE)
        refused = code != 0 and "chain" in node.log()[-2000:]
    except subprocess.TimeoutExpired:
        refused = proxy.calls["eth_sendRawTransaction"] == sent
    row.fault(refused and proxy.calls["eth_sendRawTransaction"] == sent,
              "it signed for another chain")
    node.kill()
    proxy.heal()
    node.start()
    settles(row, node, chain, "a chain that was another")


def run(row):
    body = house.clip()[0]
    # Without rewards: whatever is sent is a redemption.
    with market.market(pace=0, nodes=False, params={"round_length": 150},
                       reward="false", transactionTimeout="10s",
                       maxTransactionReplacements=3, **market.ALL_WIN) as (chain, node), \
            RpcProxy(chain.url) as proxy:
        node.flags["ethUrl"] = proxy.url
        node.start()
        market.until_seen(node, chain)
        second_process(row, node, node.dir)
        for _ in range(house.many(1, 20)):
            stuck(row, node, chain, proxy, body)
            spike(row, node, chain, body)
            foreign(row, node, chain, body)
        for _ in range(house.many(1, 10)):
            swapped(row, node, chain, proxy, body)
        row.owed(0, row.tickets - len(chain.redeemed()), "won, not redeemed")
        node.stop()
