"""win_to_tx_ms_p50: from the answer to the segment whose ticket won, to the
transaction that redeems it in the Ethereum node's pool. Params are made to
expire at once by a block that jumps; what is left is the node's own reaction
to a block: looks at the chain, simulation, commit, signature, sending. Beside
it, how long it takes to see a block at -blockPollingInterval=1."""
import time

from figure import Figure, median, percentile

ROUNDS = 12


def one(market, payer, node, chain, body, seq):
    """(ms from the block to the transaction, ms to see the block)"""
    sent = len(market.transactions(node))
    answer = payer.stream(body, payer.info(), seq)
    assert answer.status == 200, answer
    chain.mine(market.PARAMS_BLOCKS)
    began, height, seen = time.monotonic(), chain.height, None
    while len(market.transactions(node)) == sent or \
            market.transactions(node)[-1]["state"] == "prepared":
        if seen is None and (market.rows(
                node, "SELECT max(number) FROM blocks")[0][0] or 0) >= height:
            seen = time.monotonic()
        assert time.monotonic() - began < 20, "no redemption was sent"
        time.sleep(0.002)
    done = time.monotonic()
    chain.mine()
    return (done - began) * 1000, ((seen or done) - began) * 1000


def measure(_directory):
    import market
    import media
    from payer import Payer
    with open(media.clip()[0], "rb") as f:
        body = f.read()
    with market.market(pace=0, params={"round_length": 800}, v=3,
                       reward="false", maxSessions=50,
                       **market.ALL_WIN) as (chain, node):
        market.until_seen(node, chain)
        with Payer(node, chain, chain.broadcaster) as payer:
            took = [one(market, payer, node, chain, body, n)
                    for n in range(ROUNDS)]
        node.stop()
    all_ms = [a for a, _ in took]
    after = [a - b for a, b in took]
    return [Figure("win_to_tx_ms_p50", median(all_ms), "ms", "",
                   f"p90 {percentile(all_ms, 90):.0f}; "
                   f"{median(after):.0f} from the block being seen")]
