"""R3: senders whose money shrinks between the check and the redemption, and
others who redeem our tickets. A ticket is used up by whatever it is paid: so
it is never sent for less than its face value, and kept as long as it may be
paid in full."""
import house
import market
import wait
from chain import ETHER
from payer import Payer


class Poor:
    def __init__(self, row, chain, node):
        self.row, self.chain, self.node = row, chain, node
        self.body = house.clip()[0]
        self.accepted = 0

    def win(self, sender):
        """One ticket more."""
        market.until_seen(self.node, self.chain)
        with Payer(self.node, self.chain, sender) as payer:
            answer = payer.stream(self.body, payer.info())
            assert answer.status == 200, answer
            self.accepted += 1

    def mine(self, blocks=market.PARAMS_BLOCKS + 1):
        """Each of the last blocks is seen."""
        self.chain.mine(blocks)
        market.until_seen(self.node, self.chain)

    def over(self, what, seconds=40):
        market.settle(self.node, self.chain, seconds)
        last = market.tickets(self.node)[-1]
        paid = int.from_bytes(last["paid"], "big")
        face = int.from_bytes(last["face_value"], "big")
        self.row.fault(last["state"] == "redeemed" and paid == face,
                       f"{what}: {last['state']}, paid {paid} of {face}, "
                       f"{last['reason']}")


def one_wei(poor, sender):
    """A deposit of one wei: the reserve pays, in full."""
    chain = poor.chain
    chain.fund_broadcaster(sender, deposit=1, reserve=ETHER)
    poor.win(sender)
    poor.mine()
    poor.over("a deposit of 1 wei")


def shrinks(poor, sender):
    """Another orchestrator bonds: the share of the reserve is half of it, and
    less than the ticket. Then the sender adds to it."""
    chain = poor.chain
    chain.fund_broadcaster(sender, deposit=1, reserve=market.FACE * 3 // 2)
    poor.win(sender)
    sent = len(chain.redemptions())
    chain.bond_orchestrator(chain.orchestrator2, activate=False)
    poor.mine()
    poor.mine(2)
    state = market.tickets(poor.node)[-1]
    poor.row.fault(state["state"] == "won" and
                   len(chain.redemptions()) == sent,
                   f"half a reserve: {state['state']}, {state['reason']}")
    chain.broker.send("fundReserve", sender=sender, value=ETHER)
    poor.over("a reserve that grew again")


def race(poor, sender, n):
    """Somebody else redeems it in the very block that it may be redeemed, or
    in one where ours waits to be mined too."""
    chain, node = poor.chain, poor.node
    if n % 3 == 2:  # nobody else begins rounds here
        chain.next_round()
    chain.fund_broadcaster(sender, deposit=ETHER, reserve=ETHER)
    poor.win(sender)
    row = market.tickets(node)[-1]
    args = ((chain.orchestrator.address, "0x" + row["sender"].hex(),
             int.from_bytes(row["face_value"], "big"),
             int.from_bytes(row["win_prob"], "big"), row["nonce"],
             row["rand_hash"], row["round"].to_bytes(32, "big") +
             row["round_hash"]), row["sig"], int.from_bytes(row["rand"], "big"))
    if n % 2:
        chain.automine(False)
        chain.mine(market.PARAMS_BLOCKS)
        wait.until(lambda: market.tickets(node)[-1]["state"] == "submitted",
                   20, "ours is sent")
        chain.broker.submit("redeemWinningTicket", *args, gas=400_000,
                            sender=chain.stranger,
                            maxPriorityFeePerGas=50 * 10 ** 9,
                            maxFeePerGas=100 * 10 ** 9)
        chain.mine()
        chain.automine(True)
    else:
        chain.broker.send("redeemWinningTicket", *args, sender=chain.stranger)
        poor.mine()
    poor.over(f"another redeemer, race {n}")


def run(row):
    with market.market(pace=0, params={"round_length": 400}, maxSessions=1000,
                       **market.ALL_WIN) as (chain, node):
        poor = Poor(row, chain, node)
        senders = iter(chain.accounts[8:19])
        for _ in range(house.many(1, 3)):
            one_wei(poor, next(senders))
        shrinks(poor, next(senders))
        racer = next(senders)
        for n in range(house.many(2, 100)):
            race(poor, racer, n)
        for ticket in market.tickets(node):
            row.promise(ticket["paid"] == ticket["face_value"],
                        "a ticket was paid less than its face value")
        row.owed(poor.accepted, poor.accepted - market.states(node)["redeemed"],
                 "won, and not redeemed")
        node.stop()
