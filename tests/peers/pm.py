"""Probabilistic payments by another hand: accounts, tickets, what a broadcaster
makes of an orchestrator's params, and an orchestrator's verdict. In exact
fractions. Facts: go-livepeer pm/ at 0.9.1; protocol TicketBroker.sol."""
import hashlib
import hmac
import math
import os
from fractions import Fraction

import secp256k1
from rpc import keccak, pb

MAX = 2 ** 256 - 1
PARAMS_BLOCKS = 40


def word(n):
    return n.to_bytes(32, "big")


def least(n):
    """Big-endian, without leading zeros."""
    return n.to_bytes((n.bit_length() + 7) // 8, "big")


def number(data):
    return int.from_bytes(data, "big")


def eip191(hash_):
    return keccak(b"\x19Ethereum Signed Message:\n32" + hash_)


def checksummed(address):
    """EIP-55."""
    digits = address.hex()
    marks = keccak(digits.encode()).hex()
    return "0x" + "".join(d.upper() if int(m, 16) > 7 else d
                          for d, m in zip(digits, marks))


def signer(hash_, sig):
    """Who signed a hash the network's way; None: nobody could have."""
    if len(sig) != 65 or sig[64] not in (27, 28):
        return None
    r, s = number(sig[:32]), number(sig[32:64])
    if s > secp256k1.N // 2:
        return None
    try:
        text = secp256k1.recover(eip191(hash_), r, s, sig[64] - 27)
    except ValueError:
        return None
    return bytes.fromhex(text[2:])


class Account:
    def __init__(self, key):
        """key: a number, or hex digits."""
        self.key = int(key, 16) if isinstance(key, str) else key
        self.address = secp256k1.address(self.key)

    @property
    def text(self):
        return checksummed(self.address)

    def sign_hash(self, hash_):
        r, s, odd = secp256k1.sign(self.key, eip191(hash_))
        return word(r) + word(s) + bytes([27 + odd])

    def sign_message(self, data):
        return self.sign_hash(keccak(data))


def flatten(data):
    """What is signed of a SegData."""
    from rpc import profiles_of
    ids = b"".join(keccak(p.name.encode())[:4] for p in profiles_of(data))
    return data.manifestId + word(abs(data.seq)) + data.hash + \
        ids.hex().encode()


def ticket_hash(params, created, sender, nonce):
    aux = b""
    if created.creation_round or number(created.creation_round_block_hash):
        aux = word(created.creation_round) + \
            created.creation_round_block_hash.rjust(32, b"\0")
    return keccak(
        params.recipient + sender + params.face_value.rjust(32, b"\0") +
        params.win_prob.rjust(32, b"\0") + word(nonce) +
        params.recipient_rand_hash + aux)


def ev(params):
    return Fraction(number(params.face_value) * number(params.win_prob), MAX)


def wins(sig, rand, params):
    return number(keccak(sig + word(rand))) < number(params.win_prob)


class Payer:
    """A broadcaster's hand: pay(info, n) makes the Livepeer-Payment."""

    def __init__(self, account):
        self.account = account
        self.nonces = {}  # by recipient_rand_hash: the last one

    def request(self, **more):
        return pb.OrchestratorRequest(
            address=self.account.address,
            sig=self.account.sign_message(self.account.text.encode()), **more)

    def sign(self, params, created, nonce):
        return pb.TicketSenderParams(
            sender_nonce=nonce, sig=self.account.sign_hash(ticket_hash(
                params, created, self.account.address, nonce)))

    def pay(self, info, n=1):
        payment = pb.Payment(sender=self.account.address,
                             expected_price=info.price_info)
        if n:
            payment.ticket_params.CopyFrom(info.ticket_params)
            payment.ticket_params.ClearField("expiration_params")
            payment.expiration_params.CopyFrom(
                info.ticket_params.expiration_params)
        key = info.ticket_params.recipient_rand_hash
        for _ in range(n):
            self.nonces[key] = self.nonces.get(key, 0) + 1
            payment.ticket_sender_params.append(self.sign(
                payment.ticket_params, payment.expiration_params,
                self.nonces[key]))
        return payment


class Refused(Exception):
    pass


class Recipient:
    """An orchestrator's: params for a sender, and receive(payment), which says
    in exact terms what it is worth or raises Refused."""

    def __init__(self, account, face_value=10 ** 15, value=10 ** 12,
                 price=Fraction(1)):
        self.account, self.price = account, price
        self.face_value, self.value = face_value, value
        self.secret = os.urandom(32)
        self.block, self.round, self.hash = 1000, 1, b"\x77" * 32
        self.seen, self.won = {}, []

    def price_info(self):
        return pb.PriceInfo(pricePerUnit=self.price.numerator,
                            pixelsPerUnit=self.price.denominator)

    def _rand(self, sender, params, created, price):
        return number(hmac.new(
            self.secret,
            least(number(params.seed)) + sender +
            least(number(params.face_value)) + least(number(params.win_prob)) +
            least(number(params.expiration_block)) + least(price.numerator) +
            least(price.denominator) + word(created.creation_round) +
            created.creation_round_block_hash, hashlib.sha256).digest())

    def params(self, sender, **changes):
        win_prob = self.value * -(-MAX // self.face_value)
        params = pb.TicketParams(
            recipient=self.account.address, face_value=least(self.face_value),
            win_prob=least(min(win_prob, MAX)), seed=os.urandom(32),
            expiration_block=least(self.block + PARAMS_BLOCKS))
        params.expiration_params.creation_round = self.round
        params.expiration_params.creation_round_block_hash = self.hash
        for name, value in changes.items():
            setattr(params, name, value)
        params.recipient_rand_hash = keccak(word(self._rand(
            sender, params, params.expiration_params, self.price)))
        return params

    def receive(self, payment):
        """The value of its tickets; every one must be good."""
        if not payment.ticket_sender_params:
            return Fraction(0)
        params, created = payment.ticket_params, payment.expiration_params
        price = Fraction(payment.expected_price.pricePerUnit,
                         payment.expected_price.pixelsPerUnit)
        rand = self._rand(payment.sender, params, created, price)
        if params.recipient != self.account.address:
            raise Refused("recipient")
        if keccak(word(rand)) != params.recipient_rand_hash:
            raise Refused("rand")
        for ticket in payment.ticket_sender_params:
            hash_ = ticket_hash(params, created, payment.sender,
                                ticket.sender_nonce)
            if signer(hash_, ticket.sig) != payment.sender:
                raise Refused("signature")
            seen = self.seen.setdefault(params.recipient_rand_hash, set())
            if ticket.sender_nonce in seen:
                raise Refused(f"nonce {ticket.sender_nonce} again")
            seen.add(ticket.sender_nonce)
            if wins(ticket.sig, rand, params):
                self.won.append(hash_)
        if number(params.expiration_block) <= self.block:
            raise Refused("expired")
        return ev(params) * len(payment.ticket_sender_params)

    def receipt(self, bodies):
        return self.account.sign_hash(keccak(b"".join(map(keccak, bodies))))


def estimate(profiles, duration_ms, price):
    """The fee a broadcaster must have in credit before a segment."""
    pixels = sum(p.width * p.height * math.ceil(Fraction(p.fps or 60,
                                                         p.fpsDen or 1)) *
                 math.ceil(Fraction(duration_ms, 1000)) for p in profiles)
    return pixels * Fraction(1.02) * price
