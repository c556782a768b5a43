"""A remote transcoder that is not ours: grpcio for the work, HTTP/1.1 without
ALPN for the source, curl over HTTP/2 for the results."""
import threading

import grpc

import curl
import media
import rpc
import wait
from broadcaster import channel
from rpc import pb, pb_grpc


class Transcoder:
    """behave(notify) -> None says how a task goes; the default does it."""

    def __init__(self, node, secret, capacity=2, bits=rpc.DEFAULT,
                 version="0.9.1", behave=None):
        self.node, self.secret = node, secret
        self.notified, self.answers, self.torn_down = [], [], []
        self.error = None
        self.behave = behave or self.work
        self.channel = channel(node.port("serviceAddr"))
        caps = rpc.capabilities(bits)
        caps.version = version
        for bit in range(64):
            if bits >> bit & 1:
                caps.capacities[bit] = 1
        self.stream = pb_grpc.TranscoderStub(self.channel).RegisterTranscoder(
            pb.RegisterRequest(secret=secret, capacity=capacity,
                               capabilities=caps))
        self.thread = threading.Thread(target=self.listen, daemon=True)
        self.thread.start()

    def listen(self):
        try:
            for notify in self.stream:
                if not notify.url:
                    self.torn_down.append(
                        notify.segData.auth_token.session_id)
                    continue
                self.notified.append(notify)
                threading.Thread(target=self.behave, args=(notify,),
                                 daemon=True).start()
            self.error = (grpc.StatusCode.OK, "")
        except grpc.RpcError as e:
            self.error = (e.code(), e.details())

    def ended(self, seconds=10):
        """How the stream ended: (code, text)."""
        return wait.until(lambda: self.error, seconds, "the stream's end")

    def close(self):
        self.stream.cancel()
        self.channel.close()
        self.thread.join(5)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    # --- ways to behave ---
    def download(self, notify):
        answer = curl.get(notify.url)
        assert answer.status == 200, answer
        return answer.body

    def work(self, notify):
        """Answers the source itself as every rendition: valid video, no
        encoder needed to test the protocol."""
        body = self.download(notify)
        pieces = [({"Content-Type": "video/mp2t",
                    "Content-Length": str(len(body)),
                    "Pixels": str(60 * p.width * p.height)}, body)
                  for p in rpc.profiles_of(notify.segData)]
        self.answer(notify, *curl.multipart(pieces))

    def answer(self, notify, content_type, body, pixels=60 * media.WIDTH *
               media.HEIGHT, **headers):
        fields = {"Authorization": rpc.AUTH_LITERAL,
                  "Credentials": self.secret, "TaskId": str(notify.taskId),
                  "Pixels": str(pixels), "Content-Type": content_type,
                  "Expect": ""}
        fields.update(headers)
        got = curl.request(self.node.service + "/transcodeResults",
                           headers={k: v for k, v in fields.items()
                                    if v is not None}, body=body)
        self.answers.append(got)
        return got

    def fail(self, text):
        """A behave() that answers with an error text."""
        def behave(notify):
            self.answer(notify, "livepeer/transcoding-error", text.encode(),
                        pixels=0)
        return behave
