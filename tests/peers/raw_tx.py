"""Signed transactions as bytes: what is in one, and who signed it. Sources: the
yellow paper (RLP), EIP-155, EIP-1559."""
import dataclasses

from rpc import keccak
from secp256k1 import recover


# --- RLP ---
def _items(data):
    found, at = [], 0
    while at < len(data):
        value, at = _item(data, at)
        found.append(value)
    return found


def _item(data, at):
    """A string or a list at `at`, and where the next one begins."""
    first = data[at]
    at += 1
    if first < 0x80:
        return bytes([first]), at
    base = 0xc0 if first >= 0xc0 else 0x80
    size = first - base
    if size > 55:
        width = size - 55
        size = int.from_bytes(data[at:at + width], "big")
        at += width
    body = data[at:at + size]
    if len(body) != size:
        raise ValueError("RLP ends early")
    return (_items(body) if base == 0xc0 else body), at + size


def _rlp(value):
    if isinstance(value, list):
        body, base = b"".join(map(_rlp, value)), 0xc0
    else:
        body, base = value, 0x80
        if len(body) == 1 and body[0] < 0x80:
            return body
    if len(body) < 56:
        return bytes([base + len(body)]) + body
    size = len(body).to_bytes((len(body).bit_length() + 7) // 8, "big")
    return bytes([base + 55 + len(size)]) + size + body


def _int(data):
    return int.from_bytes(data, "big")


def _bytes(value):
    return value.to_bytes((value.bit_length() + 7) // 8, "big")


# --- transactions ---
@dataclasses.dataclass
class Tx:
    hash: str
    sender: str
    kind: int      # 0 legacy, 2 EIP-1559
    nonce: int
    tip: int       # wei per gas; both are the gas price of a legacy one
    cap: int
    gas: int
    to: str        # "" creates a contract
    value: int
    data: bytes
    raw: bytes

    def object(self):
        """As eth_getTransactionByHash has it while it waits to be mined."""
        found = {
            "hash": self.hash, "from": self.sender, "to": self.to or None,
            "type": hex(self.kind), "nonce": hex(self.nonce),
            "gas": hex(self.gas), "gasPrice": hex(self.cap),
            "value": hex(self.value), "input": "0x" + self.data.hex(),
            "blockHash": None, "blockNumber": None, "transactionIndex": None}
        if self.kind == 2:
            found.update(maxFeePerGas=hex(self.cap),
                         maxPriorityFeePerGas=hex(self.tip))
        return found


def decode(raw):
    hash_ = "0x" + keccak(raw).hex()
    if raw[0] == 2:
        f = _items(raw[1:])[0]
        _, nonce, tip, cap, gas, to, value, data, _, odd, r, s = f
        digest = keccak(b"\2" + _rlp(f[:9]))
        odd = _int(odd)
    elif raw[0] >= 0xc0:
        f = _items(raw)[0]
        nonce, cap, gas, to, value, data, v, r, s = f
        tip, v = cap, _int(v)
        tail = [_bytes((v - 35) // 2), b"", b""] if v >= 35 else []
        digest = keccak(_rlp(f[:6] + tail))
        odd = (v - 35) % 2 if v >= 35 else v - 27
    else:
        raise ValueError(f"transaction of type {raw[0]}")
    sender = recover(digest, _int(r), _int(s), odd)
    return Tx(hash_, sender, 2 if raw[0] == 2 else 0, _int(nonce), _int(tip),
              _int(cap), _int(gas), "0x" + to.hex() if to else "",
              _int(value), data, raw)
