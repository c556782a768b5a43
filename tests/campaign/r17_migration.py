"""R17: `weir migrate` killed at any instant and gone on with, over and over: the
old directory is never touched, nothing that moves money is sent twice, and
nothing is left out."""
import contextlib
import os
import random
import shutil
import sqlite3
import subprocess
import tempfile
import time

import house
import market
import wait
from devnet import ETHER
from wizard import Wizard, old_directory

REFUND = 3 * ETHER
# What one migration of an orchestrator and broadcaster sends, by selector.
SENDS = {"43d3461a": "transcoder", "3550aa10": "transcoder",
         "5f11301b": "setServiceURI", "51cff8d9": "refund",
         "511f4073": "fund", "6caa736b": "fund", "6f9c3c8f": "fund"}
WANTED = ["fund", "refund", "setServiceURI", "transcoder"]


def leave_alpha(chain):
    """The account as the alpha left it, again."""
    who = chain.orchestrator
    chain.as_the_alpha_left_it(who)
    chain._store(chain.refunder, chain.refunder.slot("withdrawn", who.address),
                 0)
    chain.alpha_deposit(who, REFUND)


def sent(chain, since):
    """What the account has sent in blocks since then, and what failed of it."""
    found, failed, me = [], [], chain.orchestrator.address.lower()
    for n in range(since, chain.height + 1):
        block = chain.rpc("eth_getBlockByNumber", hex(n), True)
        for tx in block["transactions"]:
            if tx["from"].lower() != me:
                continue
            what = SENDS.get(tx["input"][2:10], tx["input"][:10])
            found.append(what)
            if int(chain.receipt(tx["hash"])["status"], 16) != 1:
                failed.append(what)
    return sorted(found), failed


class Trial:
    """One migration, killed again and again."""

    def __init__(self, row, chain, dice, length):
        self.row, self.chain, self.dice, self.length = row, chain, dice, length
        leave_alpha(chain)
        self.deposit = chain.sender_info(chain.orchestrator)[0] + ETHER
        self.reserve = chain.sender_info(chain.orchestrator)[2] + ETHER
        self.w = Wizard(
            chain, tempfile.mkdtemp(prefix="weir-r17-"), broadcaster=True,
            rtmpAddr="127.0.0.1:0", httpAddr="127.0.0.1:0",
            deposit=f"{self.deposit} wei", reserve=f"{self.reserve} wei")
        self.before = old_directory(self.w.old)
        self.since, self.ether = chain.height + 1, \
            chain.balance(chain.orchestrator)
        self.kills = 0

    def once(self, kill):
        """Starts or goes on; True: it came to its end."""
        more = ["--yes"]
        if any(r["event"] == "confirmed" for r in self.w.records()):
            more.append("--resume")
        process = self.w.start(*more)
        try:
            out, err = process.communicate(
                timeout=self.dice.uniform(0, self.length) if kill
                else 60 * wait.SCALE)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()
            self.kills += 1
            return False
        if process.returncode:
            raise AssertionError(f"{more}: {process.returncode}\n{err[-3000:]}")
        return '"done"' in out or '"nothing to do"' in out

    def run(self, kills):
        while self.kills < kills and not self.once(True):
            pass
        while not self.once(False):
            pass
        self.check()

    def check(self):
        chain, w, promise = self.chain, self.w, self.row.promise
        who = chain.orchestrator
        found, failed = sent(chain, self.since)
        promise(found == WANTED and not failed,
                f"sent {found}, of which failed {failed}")
        promise(old_directory(w.old) == self.before, "the old directory")
        promise([a for a, _ in chain.pool()] == [who.address.lower()],
                "it is not in the pool")
        promise(chain.registry.call("getServiceURI", who) ==
                f"https://{w.service}", "the service URI")
        deposit, _, reserve, _ = chain.sender_info(who)
        promise((deposit, reserve) == (self.deposit, self.reserve),
                f"deposit {deposit}, reserve {reserve}")
        gas = self.ether - chain.balance(who) - 2 * ETHER + REFUND
        promise(0 < gas < ETHER // 100, f"{gas} wei of gas")
        self.check_files()

    def check_files(self):
        w, promise = self.w, self.row.promise
        for name in os.listdir(os.path.join(w.old, "keystore")):
            both = [open(os.path.join(d, "keystore", name), "rb").read()
                    for d in (w.old, w.new)]
            promise(both[0] == both[1], f"keyfile {name}")
        for table, n in (("jobs", 3), ("receipts", 9), ("claims", 1)):
            with contextlib.closing(sqlite3.connect(
                    os.path.join(w.new, "alpha.sqlite"))) as db:
                got = db.execute(
                    f"SELECT count(*) FROM alpha_{table}").fetchone()
            promise(got == (n,), f"{table} in the archive: {got}")
        events = [r["event"] for r in w.records()]
        promise(events.count("ended") == 1, "it ended more than once")
        left = [n for n in os.listdir(os.path.join(w.state, "weir",
                                                   "migration"))
                if n.endswith(".part")]
        promise(not left, f"left behind: {left}")


def run(row):
    dice = random.Random(17)
    kills = house.many(10, 200)
    with tempfile.TemporaryDirectory(prefix="weir-r17-") as made, \
            market.Market(os.path.join(made, "chain"), "streamflow",
                          round_length=300, first_round=1) as chain:
        chain.bond_orchestrator()
        with market.Pace(chain, 10):
            began = time.monotonic()
            first = Trial(row, chain, dice, 0)
            first.run(0)
            shutil.rmtree(first.w.dir)
            length = time.monotonic() - began
            row.figures["unharmed_s"] = round(length, 1)
            while row.injected < kills:
                trial = Trial(row, chain, dice, length)
                trial.run(min(5, kills - row.injected))
                for _ in range(trial.kills):
                    row.fault(True)
                shutil.rmtree(trial.w.dir)
