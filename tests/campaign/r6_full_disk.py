"""R6: the disk is full, broken or read-only, at once or from the n-th write on
(n = 1, 2, 3 ... until none fails). The node says so, takes no payment it
cannot write down, loses no winner it has, and goes on when there is room."""
import errno
import http.client
import mmap
import os
import re
import struct
import subprocess
import tempfile

import grpc

import house
import market
import wait
from payer import Payer

SOURCE = os.path.join(os.path.dirname(os.path.abspath(__file__)),
                      "full_disk.c")
ERRORS = (errno.ENOSPC, errno.EIO, errno.EROFS, errno.EDQUOT)


class Disk:
    """The node's disk, which fails when told to."""

    def __init__(self, directory, node):
        self.library = os.path.join(directory, "full_disk.so")
        subprocess.run(["gcc", "-shared", "-fPIC", "-O2", "-D_GNU_SOURCE",
                        "-o", self.library, SOURCE, "-ldl"], check=True)
        path = os.path.join(directory, "fault")
        with open(path, "wb") as f:
            f.write(bytes(4096))
        with open(path, "r+b") as f:
            self.words = mmap.mmap(f.fileno(), 4096)
        os.makedirs(node.datadir, exist_ok=True)
        node.environment = {"LD_PRELOAD": self.library, "WEIR_FAULT": path,
                            "WEIR_FAULT_DIR": node.datadir}

    def fail(self, error, nth=1):
        self.words[4:12] = struct.pack("=ii", nth, 0)
        self.words[0:4] = struct.pack("=i", error)

    def heal(self):
        """How many writes were tried meanwhile."""
        self.words[0:4] = bytes(4)
        return struct.unpack("=i", self.words[8:12])[0]


def pay(node, chain, body):
    """(the answer or why there is none, signatures that were taken)"""
    with Payer(node, chain, chain.broadcaster) as payer:
        try:
            answer = payer.stream(body, payer.info(), tickets=2, seconds=10)
        except (OSError, http.client.HTTPException, grpc.RpcError) as e:
            answer = e
        return answer, payer.accepted


def one(row, disk, node, chain, body, error, nth):
    """A fault while a payment comes in; did it fire?"""
    name = f"{errno.errorcode[error]} from write {nth}"
    disk.fail(error, nth)
    answer, accepted = pay(node, chain, body)
    tried = disk.heal()
    good = node.alive()
    if good and answer.__class__.__name__ == "Answer" and \
            answer.status == 200 and tried >= nth:
        # It may have been the log, or a figure; the tickets must be there.
        good = set(accepted) <= {t["sig"] for t in market.tickets(node)}
    row.fault(good, f"{name}: {answer}, alive: {node.alive()}")
    if not node.alive():
        node.kill()
        node.start()
    return tried >= nth, accepted


def honest(row, node, chain, body, what):
    answer, accepted = None, []
    try:
        def served():
            nonlocal answer, accepted
            answer, accepted = pay(node, chain, body)
            return getattr(answer, "status", 0) == 200
        wait.until(served, 15, what)
    except TimeoutError:
        row.broken(f"{what}: {answer}")
    return accepted


def balance(row, node, chain, accepted):
    """Stops the node: what was accepted is redeemed, once, and the database
    whole."""
    node.stop()
    verdict = market.rows(node, "PRAGMA integrity_check")[0][0]
    row.promise(verdict == "ok", f"integrity: {verdict}")
    fates = {t["sig"]: t["state"] for t in market.tickets(node)}
    lost = [s for s in accepted if fates.get(s) != "redeemed"]
    row.owed(len(accepted), len(lost), "accepted, and not redeemed")
    row.promise(len(chain.redeemed()) == len(fates),
                f"{len(chain.redeemed())} on the chain of {len(fates)}")
    row.promise(not chain.doubles(), f"sent twice: {chain.doubles()}")


def run(row):
    body = house.clip()[0]
    with tempfile.TemporaryDirectory(prefix="weir-disk-") as directory, \
            market.market(pace=0, nodes=False, params={"round_length": 400},
                          maxSessions=1000, v=3,
                          **market.ALL_WIN) as (chain, node):
        disk = Disk(directory, node)
        node.start()
        market.until_seen(node, chain)
        accepted = honest(row, node, chain, body, "before it")
        for error in house.many(ERRORS[:1], ERRORS):
            disk.fail(error)
            answer, taken = pay(node, chain, body)
            row.fault(not taken, f"taken without being written: {answer}")
            row.promise(re.search(r"wait for the database|disk|database",
                                  node.log()), "the node does not say so")
            disk.heal()
            accepted += honest(row, node, chain, body, "room again")
        for error in house.many(ERRORS[1:2], ERRORS):
            for nth in range(1, house.many(16, 400)):
                fired, taken = one(row, disk, node, chain, body, error, nth)
                accepted += taken
                if not fired:
                    break
        accepted += honest(row, node, chain, body, "at the end")
        # Full while the winners are redeemed, and for the transactions too.
        chain.mine(market.PARAMS_BLOCKS)
        for nth in range(1, house.many(8, 100)):
            disk.fail(errno.ENOSPC, nth)
            chain.mine()
            market_stands = node.alive()
            wait.until(lambda: disk.words[8] > 0 or not node.alive(), 10)
            disk.heal()
            row.fault(market_stands and node.alive(),
                      f"redemption, write {nth}: the node died")
        market.settle(node, chain)
        balance(row, node, chain, accepted)
