"""A broadcaster that pays and is not ours: it knows which of its tickets were
taken. Facts: go-livepeer server/rpc.go, server/segment_rpc.go, pm/ticket.go."""
import http.client

import rpc
import wait
from broadcaster import Broadcaster
from rpc import pb


def number(data):
    return int.from_bytes(data, "big")


def minimal(n):
    return n.to_bytes((n.bit_length() + 7) // 8, "big")


def checksummed(address):
    """EIP-55."""
    text = address[2:].lower()
    digest = rpc.keccak(text.encode()).hex()
    return "0x" + "".join(c.upper() if int(d, 16) >= 8 else c
                          for c, d in zip(text, digest))


def flatten(data):
    profiles = "".join(rpc.keccak(p.name.encode())[:4].hex()
                       for p in rpc.profiles_of(data))
    return (data.manifestId + data.seq.to_bytes(32, "big") + data.hash +
            profiles.encode())


class Answer:
    """The status and headers are there before the body: with 200 the payment
    is taken, whatever becomes of the segment."""

    def __init__(self, status, text=""):
        self.status, self.text = status, text

    def __repr__(self):
        return f"<{self.status} {self.text[:200]!r}>"


class Payer(Broadcaster):
    def __init__(self, node, chain, account):
        super().__init__(node)
        self.chain, self.account = chain, account
        self.raw = bytes.fromhex(account.address[2:])
        self.sig = chain.sign(account, rpc.keccak(
            checksummed(account.address).encode()))
        self.accepted = []  # signatures of tickets that were taken for good
        self.in_doubt = []  # of those for which no answer came
        self.connection = None

    def close(self):
        if self.connection:
            self.connection.close()
            self.connection = None
        super().close()

    def info(self, bits=rpc.JOB_PUSH, **more):
        return self.stub.GetOrchestrator(
            pb.OrchestratorRequest(address=self.raw, sig=self.sig,
                                   capabilities=rpc.capabilities(bits),
                                   **more),
            timeout=8 * wait.SCALE)

    # --- tickets ---
    def ticket_hash(self, params, nonce):
        e = params.expiration_params
        return rpc.keccak(
            params.recipient + self.raw + params.face_value.rjust(32, b"\0") +
            params.win_prob.rjust(32, b"\0") + nonce.to_bytes(32, "big") +
            params.recipient_rand_hash +
            e.creation_round.to_bytes(32, "big") +
            e.creation_round_block_hash)

    def sign_ticket(self, params, nonce):
        return self.chain.sign(self.account, self.ticket_hash(params, nonce))

    def payment(self, info, nonces=(1,), sigs=None):
        """With a ticket for each nonce; sigs replaces their signatures."""
        params = info.ticket_params
        made = pb.Payment(sender=self.raw, expected_price=info.price_info)
        if not nonces:
            return made
        made.ticket_params.CopyFrom(params)
        made.expiration_params.CopyFrom(params.expiration_params)
        made.ticket_params.ClearField("expiration_params")
        for i, nonce in enumerate(nonces):
            made.ticket_sender_params.add(
                sender_nonce=nonce, sig=sigs[i] if sigs
                else self.sign_ticket(params, nonce))
        return made

    # --- segments ---
    def creds(self, body, info, seq=0, **more):
        data = rpc.seg_data(body, seq, token=info.auth_token, **more)
        data.sig = self.chain.sign(self.account, rpc.keccak(flatten(data)))
        return data

    def _post(self, path, headers, body, seconds):
        """The status; the connection is kept while it works."""
        if self.connection is None:
            self.connection = http.client.HTTPSConnection(
                "127.0.0.1", self.port, timeout=seconds,
                context=rpc.unverified())
        try:
            self.connection.request("POST", path, body, headers)
            return self.connection.getresponse()
        except (OSError, http.client.HTTPException):
            self.connection.close()
            self.connection = None
            raise

    def pay(self, payment, body, data, seconds=20, whole=True):
        """POST /segment with a payment: an Answer. OSError or HTTPException:
        none came, and its tickets are in doubt."""
        sigs = [t.sig for t in payment.ticket_sender_params]
        headers = {"Livepeer-Segment": rpc.b64(data),
                   "Livepeer-Payment": rpc.b64(payment),
                   "Content-Type": "video/MP2T"}
        try:
            response = self._post("/segment", headers, body,
                                  seconds * wait.SCALE)
        except (OSError, http.client.HTTPException):
            self.in_doubt += sigs
            raise
        if response.status == 200:
            self.accepted += sigs
        try:
            text = response.read()
        except (OSError, http.client.HTTPException):
            self.connection.close()
            self.connection = None
            if whole:
                raise
            text = b""
        if response.getheader("Connection") == "close":
            self.connection = None
        return Answer(response.status, text if response.status == 200 else
                      text.decode("utf-8", "replace").strip())

    def stream(self, body, info, seq=0, tickets=1, first=1, **more):
        """One paid segment with a rendition of the smallest kind."""
        payment = self.payment(info, range(first, first + tickets))
        return self.pay(payment, body, self.creds(
            body, info, seq, profiles=rpc.LADDER[:1]), **more)
