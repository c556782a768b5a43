"""The curve, plainly: who signed a digest, and signing one. Slow, and all of it
ours to read. Sources: SEC 1 sections 4.1.3 and 4.1.6; RFC 6979 section 3.2."""
import hashlib
import hmac

from rpc import keccak

P = 2 ** 256 - 2 ** 32 - 977
N = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141
G = (0x79BE667EF9DCBBAC55A06295CE870B07029BFCDB2DCE28D959F2815B16F81798,
     0x483ADA7726A3C4655DA4FBFC0E1108A8FD17B448A68554199C47D08FFB10D4B8)


# --- the curve ---
def _add(a, b):
    if a is None or b is None:
        return a or b
    (x1, y1), (x2, y2) = a, b
    if x1 == x2:
        if (y1 + y2) % P == 0:
            return None
        slope = 3 * x1 * x1 * pow(2 * y1, -1, P)
    else:
        slope = (y2 - y1) * pow(x2 - x1, -1, P)
    x = (slope * slope - x1 - x2) % P
    return x, (slope * (x1 - x) - y1) % P


def _times(k, point):
    total = None
    while k:
        if k & 1:
            total = _add(total, point)
        point = _add(point, point)
        k >>= 1
    return total


def recover(digest, r, s, odd):
    """The address that signed a digest; odd: of the y of the nonce's point."""
    y = pow(r ** 3 + 7, (P + 1) // 4, P)
    if (y * y - r ** 3 - 7) % P:
        raise ValueError("no such point")
    if y % 2 != odd:
        y = P - y
    z = int.from_bytes(digest, "big")
    inverse = pow(r, -1, N)
    x, y = _add(_times(s * inverse % N, (r, y)),
                _times(-z * inverse % N, G))
    return "0x" + keccak(
        x.to_bytes(32, "big") + y.to_bytes(32, "big"))[12:].hex()


def address(key):
    """The twenty bytes of a private key's account."""
    x, y = _times(key, G)
    return keccak(x.to_bytes(32, "big") + y.to_bytes(32, "big"))[12:]


def _nonces(key, digest):
    """Candidates for k, until one of them does."""
    def mac(k, *parts):
        return hmac.new(k, b"".join(parts), hashlib.sha256).digest()
    z = (int.from_bytes(digest, "big") % N).to_bytes(32, "big")
    v, k = b"\1" * 32, b"\0" * 32
    for mark in (b"\0", b"\1"):
        k = mac(k, v, mark, key.to_bytes(32, "big"), z)
        v = mac(k, v)
    while True:
        v = mac(k, v)
        candidate = int.from_bytes(v, "big")
        if 0 < candidate < N:
            yield candidate
        k = mac(k, v, b"\0")
        v = mac(k, v)


def sign(key, digest):
    """r, s (the lower one) and whether the nonce's point has an odd y."""
    for k in _nonces(key, digest):
        x, y = _times(k, G)
        r = x % N
        s = pow(k, -1, N) * (int.from_bytes(digest, "big") + r * key) % N
        if not r or not s:
            continue
        odd = y % 2
        return (r, N - s, 1 - odd) if s > N // 2 else (r, s, odd)
    raise AssertionError("unreachable")
