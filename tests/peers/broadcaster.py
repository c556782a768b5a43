"""A broadcaster that is not ours: grpcio and curl. PayingBroadcaster is one on a
chain."""
import ssl

import grpc

import curl
import http2
import pm
import rpc
import wait
from rpc import pb, pb_grpc


def channel(port, host="127.0.0.1"):
    """grpcio insists on a trusted certificate: trust the one that is shown."""
    certificate = wait.until(lambda: _certificate(host, port), 5, "TLS")
    return grpc.secure_channel(
        f"{host}:{port}",
        grpc.ssl_channel_credentials(certificate.encode()),
        options=[("grpc.enable_retries", 0)])


def _certificate(host, port):
    try:
        return ssl.get_server_certificate((host, port))
    except OSError:
        return None


class Broadcaster:
    def __init__(self, node):
        self.node = node
        self.port = node.port("serviceAddr")
        self.channel = channel(self.port)
        self.stub = pb_grpc.OrchestratorStub(self.channel)

    def close(self):
        self.channel.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def info(self, bits=rpc.JOB_PUSH, **more):
        return self.stub.GetOrchestrator(
            pb.OrchestratorRequest(address=bytes(20),
                                   capabilities=rpc.capabilities(bits),
                                   **more),
            timeout=8 * wait.SCALE)

    def end(self, token):
        return self.stub.EndTranscodingSession(
            pb.EndTranscodingSessionRequest(auth_token=token),
            timeout=8 * wait.SCALE)

    def post(self, body, data, *, http=None, headers=None, url=None, **more):
        """POST /segment; data is SegData or the header's text."""
        text = data if isinstance(data, str) else rpc.b64(data)
        fields = {"Livepeer-Segment": text, "Livepeer-Payment": "",
                  "Content-Type": "video/MP2T", "Expect": ""}
        fields.update(headers or {})
        return curl.request((url or self.node.service) + "/segment",
                            headers=fields, body=body, http=http, **more)

    def refused(self, body, data, headers=None):
        """(status, text) of a segment that should be, over HTTP/2."""
        text = data if isinstance(data, str) else rpc.b64(data)
        answer = http2.request(self.port, "/segment", {
            "livepeer-segment": text, "livepeer-payment": "",
            "content-type": "video/MP2T", "content-length": str(len(body)),
            **(headers or {})}, body)
        assert answer.reset in (None, 0), answer.reset
        return answer.status, answer.text

    def transcode(self, body, data, **more):
        """The TranscodeResult of a segment that is admitted."""
        answer = self.post(body, data, **more)
        assert answer.status == 200, answer
        return pb.TranscodeResult.FromString(answer.body)


class PayingBroadcaster(Broadcaster):
    """Signs, and pays what it is asked for: one ticket a segment unless told
    otherwise, of the params it was told last."""

    def __init__(self, node, account):
        super().__init__(node)
        self.payer = pm.Payer(account)
        self.account = account
        self.told = None  # the OrchestratorInfo that holds

    def info(self, bits=rpc.JOB_PUSH, **more):
        self.told = self.stub.GetOrchestrator(
            self.payer.request(capabilities=rpc.capabilities(bits), **more),
            timeout=8 * wait.SCALE)
        return self.told

    def seg_data(self, body, seq=0, sign=True, **more):
        more.setdefault("token", self.told.auth_token)
        data = rpc.seg_data(body, seq, **more)
        if sign:
            data.sig = self.account.sign_message(pm.flatten(data))
        return data

    def send(self, body, seq=0, payment=None, n=1, data=None):
        """The answer to a paid segment, whatever it is."""
        if payment is None:
            payment = self.payer.pay(self.told, n)
        header = payment if isinstance(payment, str) else rpc.b64(payment)
        return self.post(body, data or self.seg_data(body, seq),
                         headers={"Livepeer-Payment": header})

    def work(self, body, seq=0, n=1):
        """The result of a segment that must be taken; its terms are the ones
        that hold from then on."""
        answer = self.send(body, seq, n=n)
        assert answer.status == 200, answer
        result = pb.TranscodeResult.FromString(answer.body)
        self.told = result.info
        return result

    def is_refused(self, body, payment, seq=0, data=None):
        """(status, text) of a segment that should be, over HTTP/2."""
        header = payment if isinstance(payment, str) else rpc.b64(payment)
        return self.refused(body, data or self.seg_data(body, seq),
                            {"livepeer-payment": header})
