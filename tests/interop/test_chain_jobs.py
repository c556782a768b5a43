"""src/eth/chain alone on a real EVM: its transactions through everything that
a chain, a pool and a kill -9 do to them."""
import os
import random
import subprocess
import threading

import pytest

import wait
from devnet import ETHER, GWEI, Devnet

PROGRAM = os.path.join(os.environ["BUILD"], os.environ.get("MODE", "release"),
                       "tests", "interop", "chain_shell")
CONFIRMATIONS = 3


class Shell:
    """chain_shell, asked and listened to."""

    def __init__(self, chain, directory, account, confirmations=CONFIRMATIONS,
                 timeout_ms=3000, url=None):
        self.chain, self.lines, self.told = chain, [], []
        self.process = subprocess.Popen(
            [PROGRAM, url or chain.url, chain.controller.address, account.key,
             os.path.join(str(directory), "weir.sqlite"), str(confirmations),
             str(timeout_ms)], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, text=True, bufsize=1)
        self.changed = threading.Condition()
        for pipe, keep in ((self.process.stdout, self._keep),
                           (self.process.stderr, print)):
            threading.Thread(target=self._read, args=(pipe, keep),
                             daemon=True).start()

    @staticmethod
    def _read(pipe, keep):
        for line in pipe:
            keep(line.rstrip("\n"))

    def _keep(self, line):
        print(line)
        with self.changed:
            (self.told if line[0] == "+" else self.lines).append(parse(line))
            self.changed.notify_all()

    def answer(self, seconds=20):
        with self.changed:
            assert self.changed.wait_for(lambda: self.lines,
                                         seconds * wait.SCALE), "no answer"
            return self.lines.pop(0)

    def open(self):
        assert self.answer()["what"] == "open"
        self.until(lambda: self.ask("facts")["ready"] == "1", "ready")
        return self

    def ask(self, *words):
        self.process.stdin.write(" ".join(str(w) for w in words) + "\n")
        return self.answer()

    def submit(self, to, data, ticket=0, value=0):
        return self.ask("submit", "test", to, value, data, ticket)

    def redeem(self, ticket, number):
        return self.submit(self.chain.broker.address, calldata(self.chain, ticket),
                           number)

    def until(self, condition, what, seconds=30):
        return wait.until(condition, seconds, what)

    def until_state(self, ticket, state, mine=True):
        """Mines until the job of the ticket is there; its last answer."""
        last = {}

        def there():
            if mine:
                self.chain.mine()
            last.update(self.ask("job", ticket))
            return last.get("state") == state
        self.until(there, f"ticket {ticket} {state}")
        return last

    def head_seen(self):
        height = self.chain.height
        self.until(lambda: int(self.ask("facts")["head"]) >= height, "head")

    def kill(self):
        self.process.kill()
        self.process.wait()

    def quit(self):
        self.process.stdin.write("quit\n")
        assert self.process.wait(20 * wait.SCALE) == 0


def parse(line):
    what, *rest = line.split(" ")
    found = {"what": what, "line": line}
    for at, word in enumerate(rest):
        name, equals, value = word.partition("=")
        if name == "error" and equals:
            found["error"] = " ".join([value] + rest[at + 1:])
            break
        if equals:
            found[name] = value
    return found


@pytest.fixture
def chain(tmp_path):
    with Devnet(tmp_path / "chain", round_length=150) as chain:
        chain.bond_orchestrator()
        chain.fund_broadcaster(deposit=10 * ETHER, reserve=10 * ETHER)
        chain.next_round()  # and far from its end
        yield chain


@pytest.fixture
def shell(chain, tmp_path):
    shells = []

    def make(**more):
        shells.append(Shell(chain, tmp_path, chain.orchestrator, **more))
        return shells[-1]
    yield make
    for s in shells:
        if s.process.poll() is None:
            s.kill()


def tickets(chain, count):
    return [chain.ticket(nonce=n + 1, rand=n + 5, face_value=ETHER // 1000)
            for n in range(count)]


def redeemed(chain):
    return [e for e in chain.broker.events("WinningTicketRedeemed")]


def used(chain, ticket):
    return chain.broker.call("usedTickets", ticket.hash)


def test_redeems(chain, shell):
    s = shell().open()
    facts = s.ask("facts")
    assert (facts["registered"], facts["active"], facts["pool"]) == \
        ("1", "1", "1")
    assert facts["is1559"] == "1"
    before = s.ask("funds", chain.broadcaster)
    assert before["deposit"] == str(10 * ETHER)
    ticket, = tickets(chain, 1)
    job = s.redeem(ticket, 1)
    assert job["state"] == "sent"
    assert s.redeem(ticket, 1)["line"].startswith("error denied")
    s.until_state(1, "confirmed")
    assert used(chain, ticket)
    s.until(lambda: any(t["what"] == "+funds" and int(t["deposit"]) ==
                        10 * ETHER - ETHER // 1000 for t in s.told), "funds")
    s.until(lambda: any(t["what"] == "+job" and t["state"] == "confirmed"
                        for t in s.told), "told")
    refused = s.redeem(ticket, 2)["line"]
    assert "ticket is used" in refused
    assert s.ask("job", 2)["what"] == "none"
    chain.next_round()
    s.until(lambda: any(t["what"] == "+round" for t in s.told), "round")
    s.quit()


def test_legacy_chain(tmp_path, request):
    with Devnet(tmp_path / "chain", generation="streamflow", round_length=150,
                hardfork="berlin") as chain:
        chain.bond_orchestrator()
        chain.fund_broadcaster()
        chain.next_round()
        s = Shell(chain, tmp_path, chain.orchestrator).open()
        assert s.ask("facts")["is1559"] == "0"
        ticket, = tickets(chain, 1)
        assert s.redeem(ticket, 1)["state"] == "sent"
        s.until_state(1, "confirmed")
        s.quit()


@pytest.mark.parametrize("depth", [1, 2, 7])
def test_reorganised(chain, shell, depth):
    """Out of its block, and out of the pools too."""
    s = shell(confirmations=10).open()
    ticket, = tickets(chain, 1)
    chain.automine(False)
    assert s.redeem(ticket, 1)["state"] == "sent"
    chain.mine(depth)
    s.until_state(1, "mined", mine=False)
    chain.reorg(depth)
    chain.mine()
    s.until_state(1, "confirmed")
    assert used(chain, ticket)
    assert len(redeemed(chain)) == 1


def test_reorganised_after_the_end(chain, shell):
    s = shell(confirmations=2).open()
    ticket, = tickets(chain, 1)
    s.redeem(ticket, 1)
    s.until_state(1, "confirmed")
    s.until(lambda: s.told and s.told[-1], "told")
    chain.automine(False)
    block = int(s.ask("job", 1)["block"])
    depth = chain.height - block + 1
    chain.mine(3)
    s.head_seen()
    chain.reorg(depth + 3)
    chain.mine()
    s.until(lambda: any(t["what"] == "+job" and t["state"] == "sent"
                        for t in s.told), "back from the end")
    s.until_state(1, "confirmed")
    assert len(redeemed(chain)) == 1


def test_foreign_nonce(chain, shell):
    s = shell().open()
    ticket, = tickets(chain, 1)
    chain.automine(False)
    job = s.redeem(ticket, 1)
    chain.rpc("anvil_dropTransaction", job["hash"])
    chain.submit(chain.orchestrator, to=chain.broadcaster, value=1,
                 nonce=int(job["nonce"]))
    chain.mine()
    last = s.until_state(1, "confirmed")
    assert int(last["nonce"]) == int(job["nonce"]) + 1
    assert used(chain, ticket)


def test_stuck_and_dear(chain, shell):
    """anvil forgets what cannot pay the base fee; it is sent again, for more."""
    s = shell(timeout_ms=1000).open()
    ticket, = tickets(chain, 1)
    chain.automine(False)
    job = s.redeem(ticket, 1)
    for _ in range(60):
        chain.base_fee(60 * GWEI)
        chain.mine()
        if int(s.ask("job", 1)["attempts"]) > 1:
            break
        s.head_seen()
    last = s.until_state(1, "confirmed")
    assert int(last["attempts"]) > 1
    assert last["nonce"] == job["nonce"]
    assert len(redeemed(chain)) == 1


def test_speed_up_and_cancel(chain, shell):
    s = shell(timeout_ms=600000).open()
    one, two = tickets(chain, 2)
    chain.automine(False)
    a, b = s.redeem(one, 1), s.redeem(two, 2)
    assert int(b["nonce"]) == int(a["nonce"]) + 1
    assert s.ask("speed", a["id"])["attempts"] == "2"
    assert s.ask("cancel", b["id"])["attempts"] == "2"
    s.until_state(1, "confirmed")
    s.until_state(2, "cancelled")
    assert used(chain, one) and not used(chain, two)


def test_waits_for_gas(chain, shell):
    s = shell().open()
    ticket, = tickets(chain, 1)
    assert s.ask("gas", 0, 1000)["what"] == "ok"
    job = s.redeem(ticket, 1)
    assert (job["state"], job["nonce"]) == ("prepared", "-1")
    assert "-maxGasPrice" in job["error"]
    s.ask("gas", 0, 0)
    s.until_state(1, "confirmed")


def test_one_process_per_key(chain, shell, tmp_path):
    s = shell().open()
    other = tmp_path / "other"
    other.mkdir()
    second = Shell(chain, other, chain.orchestrator)
    assert "uses account 0x" in second.answer()["line"]
    assert second.process.wait(10) == 1
    s.kill()
    Shell(chain, other, chain.orchestrator).open().quit()


def test_another_chain(chain, shell, tmp_path):
    shell().open().quit()
    with Devnet(tmp_path / "else", round_length=150, chain_id=31338) as other:
        s = Shell(other, tmp_path, other.orchestrator)
        assert "expecting chainID of 31337, but got 31338." in \
            s.answer()["line"]


def test_killed_at_random(chain, shell):
    """Twelve tickets, a node that is killed over and over: each is redeemed
    once, whatever was asked twice."""
    dice = random.Random(7)
    todo = tickets(chain, 12)
    chain.mine_every(1)
    for _ in range(15):
        s = shell(confirmations=2).open()
        for number, ticket in enumerate(todo, 1):
            if s.ask("job", number)["what"] != "none":
                continue
            s.process.stdin.write("submit test %s 0 %s %d\n" % (
                chain.broker.address, calldata(chain, ticket), number))
            if dice.random() < 0.3:
                break
            s.answer()
        threading.Event().wait(dice.random() * 0.4)
        s.kill()
    s = shell(confirmations=2).open()
    for number, ticket in enumerate(todo, 1):
        if s.ask("job", number)["what"] == "none":
            s.redeem(ticket, number)
        s.until_state(number, "confirmed")
    assert all(used(chain, t) for t in todo)
    assert len(redeemed(chain)) == len(todo)
    chain.mine(3)
    sent = chain.nonce(chain.orchestrator)
    assert sent == chain.nonce(chain.orchestrator, "pending")


def calldata(chain, ticket):
    return chain.broker.data("redeemWinningTicket", *ticket.args)
