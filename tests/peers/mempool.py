"""The pool of an Ethereum node as a proxy plays it: transactions that stay in it,
which anvil cannot do (it mines what it has, or forgets it), and geth's rule for
the price of a replacement (core/txpool/legacypool/list.go: a tenth more)."""
import threading

import raw_tx


class Mempool:
    """ask(method, *params) is anvil."""

    def __init__(self, ask):
        self.ask = ask
        self.hold = False
        self.floor = 0      # wei per gas
        self.strict = False
        self.held = []
        self._sent = {}     # (sender, nonce) -> Tx that anvil has, or had
        self._lock = threading.RLock()

    def answer(self, method, params):
        """{"result" or "error"} where the pool knows better; else None."""
        with self._lock:
            if method == "eth_sendRawTransaction":
                return self._send(bytes.fromhex(params[0][2:]))
            if method in ("eth_getTransactionByHash",
                          "eth_getTransactionReceipt"):
                return self._look(method, params[0].lower())
            if method == "eth_getTransactionCount" and \
                    params[1:] == ["pending"] and self.held:
                return self._count(params[0].lower())
        return None

    def release(self):
        """What is held goes to anvil, in the order of its nonces."""
        with self._lock:
            held, self.held = self.held, []
            for tx in sorted(held, key=lambda t: (t.sender, t.nonce)):
                self._forward(tx)

    # --- sending ---
    def _send(self, raw):
        try:
            tx = raw_tx.decode(raw)
        except (ValueError, IndexError):
            return None  # anvil has its own words for it
        if any(t.hash == tx.hash for t in self.held):
            return refuse("already known")
        if tx.nonce < self._mined(tx.sender):
            return None
        old = self._waiting(tx)
        if old and old.hash != tx.hash and not self._outbids(tx, old):
            return refuse("replacement transaction underpriced")
        stuck = self.hold or tx.cap < self.floor or self._gap(tx)
        if not stuck:
            answer = self._forward(tx)
            if "error" in answer:
                return answer
        elif old and old not in self.held:
            self.ask("anvil_dropTransaction", old.hash)
        if old in self.held:
            self.held.remove(old)
        if stuck:
            self.held.append(tx)
        return {"result": tx.hash}

    def _forward(self, tx):
        answer = self.ask("eth_sendRawTransaction", "0x" + tx.raw.hex())
        if "error" not in answer:
            self._sent[tx.sender, tx.nonce] = tx
        return answer

    def _waiting(self, tx):
        """What waits at the same nonce, here or at anvil."""
        for other in self.held:
            if (other.sender, other.nonce) == (tx.sender, tx.nonce):
                return other
        other = self._sent.get((tx.sender, tx.nonce))
        found = other and self.ask("eth_getTransactionByHash",
                                   other.hash)["result"]
        return other if found and not found["blockHash"] else None

    def _outbids(self, tx, old):
        if not self.strict:
            return True  # anvil decides
        return tx.cap * 10 >= old.cap * 11 and tx.tip * 10 >= old.tip * 11

    def _gap(self, tx):
        """Whether a held one has to be mined first."""
        return any(t.sender == tx.sender and t.nonce < tx.nonce
                   for t in self.held)

    # --- asking ---
    def _look(self, method, hash_):
        for tx in self.held:
            if tx.hash == hash_:
                waits = method == "eth_getTransactionByHash"
                return {"result": tx.object() if waits else None}
        return None

    def _mined(self, sender, which="latest"):
        return int(self.ask("eth_getTransactionCount", sender,
                            which)["result"], 16)

    def _count(self, sender):
        count = self._mined(sender, "pending")
        nonces = {t.nonce for t in self.held if t.sender == sender}
        while count in nonces:
            count += 1
        return {"result": hex(count)}


def refuse(words):
    return {"error": {"code": -32000, "message": words}}
