"""R2: the ends of rounds, rounds that nobody begins, rounds without a hash, an
Ethereum node that lags, blocks that are taken back. What can be redeemed is,
and no gas is spent on what cannot."""
import grpc

import house
import market
import liar
import wait
from payer import Payer


class Table:
    """An orchestrator that is paid, on a chain that moves when told to."""

    def __init__(self, row, chain, node):
        self.row, self.chain, self.node = row, chain, node
        self.body = house.clip()[0]
        self.accepted = []

    def won(self, tickets=2):
        """That many winners more; their number so far."""
        with Payer(self.node, self.chain, self.chain.broadcaster) as payer:
            def paid():
                answer = payer.stream(self.body, payer.info(), tickets=tickets)
                return answer.status == 200
            wait.until(paid, 20, "a payment is taken")
            self.accepted += payer.accepted
        return len(self.accepted)

    def settles(self, what, seconds=40):
        """Mines until all is redeemed: was it, and by one transaction each?"""
        market.settle(self.node, self.chain, seconds)
        found = market.states(self.node)
        wrong = [t["reason"] for t in market.tickets(self.node)
                 if t["state"] != "redeemed"]
        paid = set(self.chain.redeemed())
        self.row.fault(
            set(found) == {"redeemed"} and
            {market.key(t) for t in market.tickets(self.node)} == paid and
            len(paid) == len(self.accepted),
            f"{what}: {dict(found)}, {len(paid)} on the chain of "
            f"{len(self.accepted)}, {wrong[:2]}")

    def quiet(self, blocks):
        """Mines blocks, each of them seen: was a redemption sent?"""
        before = len(self.chain.redemptions())
        for _ in range(blocks):
            self.chain.mine()
            self.seen()
        return len(self.chain.redemptions()) == before

    def next_round(self):
        """It has begun, and the node knows."""
        now = self.chain.next_round()
        self.node.wait_log(f"round {now} is initialised", 20)

    def seen(self):
        """Waits until the node knows the head."""
        market.until_seen(self.node, self.chain)


def boundary(table, n):
    """Won in the last blocks of a round, which nobody follows up at once."""
    chain, row = table.chain, table.row
    length = chain.params["round_length"]
    start = chain.rounds.call("currentRoundStartBlock")
    left = 1 + n % 8
    chain.mine(start + length - left - chain.height)
    table.seen()
    table.won()
    chain.mine(market.PARAMS_BLOCKS + left)  # into a round not begun
    row.promise(table.quiet(2), "gas was spent in a round not begun")
    chain.rounds.send("initializeRound", sender=chain.governor)
    table.settles(f"{left} blocks before the end of a round")


def lost_hash(table):
    """Another round, and the chain has no hash for it."""
    chain = table.chain
    now = chain.next_round(initialize=False)
    chain.rounds.send("initializeRound", sender=chain.governor)
    chain.set_round_hash(now, bytes(32))
    table.seen()
    table.node.wait_log(f"round {now} has no block hash", 20)


def no_hash(table, _):
    """As Arbitrum has it at times: the round has the hash 0. Tickets are of
    the round before then; when that has none either they would never be paid,
    and there are none."""
    chain = table.chain
    table.next_round()
    lost_hash(table)
    table.won()
    chain.mine(market.PARAMS_BLOCKS + 1)
    table.settles("a round without a hash")
    lost_hash(table)
    with Payer(table.node, chain, chain.broadcaster) as payer:
        try:
            payer.info()
            table.row.broken("terms for tickets of a round without a hash")
        except grpc.RpcError as e:
            table.row.promise("no block hash" in e.details(), e.details())
    table.next_round()
    table.won()
    chain.mine(market.PARAMS_BLOCKS + 1)
    table.settles("the round after those without a hash")


def reorg(table, depth):
    """The block of a redemption is taken back, and the redemption with it."""
    chain = table.chain
    table.next_round()
    table.won()
    before = len(chain.redeemed())

    def redeemed():
        chain.mine()
        table.seen()
        return len(chain.redeemed()) > before
    chain.mine(market.PARAMS_BLOCKS)
    wait.until(redeemed, 30, "a redemption is mined")
    chain.mine(depth - 1)
    table.seen()
    chain.reorg(depth)
    table.settles(f"a reorganisation of {depth} blocks")


def behind(table, proxy, blocks):
    """An Ethereum node that is behind: what it tells is old, and stays so."""
    chain = table.chain
    table.next_round()
    chain.mine(blocks)
    table.seen()
    head = chain.height - blocks

    def old(_, call, answer):
        if call["method"] == "eth_blockNumber":
            answer["result"] = hex(head)
        if call["method"] == "eth_getBlockByNumber" and \
                call["params"][0] == "latest":
            return proxy.forward(dict(call, params=[hex(head),
                                                    call["params"][1]]))
        return answer
    proxy.fault = old
    before = market.states(table.node)
    chain.mine(3)
    wait.until(lambda: proxy.calls["eth_getBlockByNumber"] > 0, 10)
    table.row.promise(market.states(table.node) == before,
                      "tickets moved on old facts")
    proxy.fault = None
    table.won()
    chain.mine(market.PARAMS_BLOCKS + 1)
    table.settles(f"an Ethereum node {blocks} blocks behind")


def run(row):
    with market.market(pace=0, nodes=False, params={"round_length": 200},
                       maxSessions=1000,
                       **market.ALL_WIN) as (chain, node), \
            liar.Liar(chain.url) as proxy:
        node.flags["ethUrl"] = proxy.url
        node.start()
        table = Table(row, chain, node)
        table.seen()
        for n in range(house.many(1, 40)):
            boundary(table, n)
        for n in range(house.many(1, 20)):
            no_hash(table, n)
        # anvil has ten states at hand; of those before, not all is there. What
        # is deeper is test_branch's and test_follow's.
        for depth in house.many((2,), tuple(range(1, 11))):
            reorg(table, depth)
        for blocks in house.many((5,), (1, 10, 40, 100)):
            behind(table, proxy, blocks)
        row.promise(not chain.doubles(), f"sent twice: {chain.doubles()}")
        row.owed(len(table.accepted), len(table.accepted) -
                 market.states(node)["redeemed"], "won, and not redeemed")
        node.stop()
