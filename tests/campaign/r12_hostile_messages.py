"""R12: protobuf that means harm: nesting without end, lengths beyond the
message, groups, megabytes of unknown fields. A typed error, memory within
twice the message, and the node goes on."""
import struct

import grpc

import house
import curl
import http2
import rpc
from broadcaster import Broadcaster


def varint(n):
    out = b""
    while n > 127:
        out += bytes([n & 127 | 128])
        n >>= 7
    return out + bytes([n])


def field(number, kind, body=b""):
    return varint(number << 3 | kind) + body


def nested(number, depth):
    """A message in a message in a message: lengths from the inside out."""
    out = b""
    for _ in range(depth):
        out = field(number, 2, varint(len(out)) + out)
        if len(out) > 3000000:
            break
    return out


def messages():
    yield "groups opened", field(50, 3) * 500000
    yield "groups nested", field(50, 3) * 100000 + field(50, 4) * 100000
    yield "unknown nested", nested(60, house.many(5000, 100000))
    yield "capabilities nested", nested(3, 3000)
    yield "constraints nested", nested(5, 3000)
    yield "length 2^31", field(1, 2, varint(1 << 31)) + b"x"
    yield "length 2^64", field(1, 2, b"\xff" * 9 + b"\x01") + b"x"
    yield "length -1", field(1, 2, b"\xff" * 4 + b"\x0f") + b"x"
    yield "varint of 11 bytes", field(1, 0, b"\xff" * 11)
    yield "field number 0", b"\x02\x01x" * 1000
    yield "wire types 6, 7", b"\x0e\x0f" * 1000
    yield "3 MB unknown", field(99, 2, varint(3000000) + bytes(3000000))
    yield "a million unknown", field(99, 0, b"\1") * 1000000
    yield "a million of one", field(1, 2, b"\1x") * 1000000
    yield "cut off", field(1, 2, varint(1000) + b"x" * 999)
    yield "map of many", b"".join(
        field(3, 2, varint(len(e)) + e) for e in (
            field(3, 2, varint(4) + field(1, 0, varint(n % 128))
                  + field(2, 0, b"\1")) for n in range(50000)))
    yield "bad UTF-8", field(3, 2, b"\x05" + field(4, 2, b"\3\xff\xfe\xfd"))


METHODS = ["/net.Orchestrator/GetOrchestrator",
           "/net.Orchestrator/EndTranscodingSession", "/net.Orchestrator/Ping",
           "/net.Transcoder/RegisterTranscoder"]


def run(row):
    body = house.clip()[0]
    with house.house("orchestrator", "transcoder", orchSecret="x") as node, \
            Broadcaster(node) as peer:
        house.good_segment(node, body)
        peer.info()
        cost = house.Cost(node)
        for name, message in messages():
            for path in METHODS:
                call = peer.channel.unary_unary(
                    path, request_serializer=bytes,
                    response_deserializer=bytes)
                try:
                    call(message, timeout=10)
                    ok = True  # skipped what it does not know: allowed
                except grpc.RpcError as e:
                    ok = e.code() not in (grpc.StatusCode.DEADLINE_EXCEEDED,
                                          grpc.StatusCode.UNAVAILABLE)
                    name = f"{name} ({e.code().name} {e.details()[:60]})"
                row.fault(ok and node.alive(), f"{path}: {name}")
                cost.look()
            text = rpc.base64.b64encode(message[:40000]).decode()
            answer = http2.request(peer.port, "/segment", {
                "livepeer-segment": text, "livepeer-payment": ""}, b"x")
            row.fault(400 <= answer.status < 500, f"{name}: {answer}")
        # The frame itself: a length that the message does not have.
        for declared in (0xffffffff, 1 << 30, 5 << 20, 100):
            answer = curl.request(
                node.service + METHODS[0], body=b"\0" +
                struct.pack(">I", declared) + b"x", headers={
                    "Content-Type": "application/grpc", "TE": "trailers"})
            row.fault(answer.headers.get("grpc-status") not in (None, "0"),
                      f"declared {declared}: {answer.headers}")
        cost.look()
        row.figures["rss_mib"] = f"+{cost.mib()}"
        row.promise(cost.mib() <= 24, f"memory grew by {cost.mib()} MiB")
        row.promise(house.good_segment(node, body) is not None,
                    "no honest segment afterwards")
