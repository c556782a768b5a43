"""R8: peers that drop, stall, trickle or talk nonsense at every state of every
protocol, towards every role. Nothing crashes, what they held comes free, and
an honest stream beside them loses no segment."""
import random
import socket
import struct
import threading

import hpack

import house
import rpc
import rtmp_client
import wire
from fake_orchestrator import Orchestrator
from rpc import pb

STALL = 0.3  # seconds a stalling peer stays, in the short form


def junk(seed, n=400):
    return random.Random(seed).randbytes(n)


# Each: (name of the port's flag, TLS, the bytes of a whole exchange). A fault
# cuts them anywhere, or goes on with junk from there.
def http1(path, body=b"", headers=()):
    lines = [f"POST {path} HTTP/1.1", "Host: x",
             f"Content-Length: {len(body)}", *headers]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def http2(path, body, headers=()):
    head = hpack.Encoder().encode([
        (":method", "POST"), (":scheme", "https"), (":authority", "x"),
        (":path", path), *headers])
    out = wire.PREFACE + wire.frame(wire.SETTINGS) + \
        wire.frame(wire.HEADERS, 4, 1, head)
    for at in range(0, len(body), 16384):
        out += wire.frame(wire.DATA, 0, 1, body[at:at + 16384])
    return out + wire.frame(wire.DATA, 1, 1)


def grpc(path, message):
    data = message.SerializeToString()
    return http2(path, b"\0" + struct.pack(">I", len(data)) + data,
                 [("content-type", "application/grpc"), ("te", "trailers")])


def exchanges(body):
    token = pb.AuthToken(token=bytes(32), session_id="00000000",
                         expiration=2000000000)
    segment = [("livepeer-segment", rpc.b64(rpc.seg_data(body, token=token))),
               ("livepeer-payment", ""), ("content-type", "video/MP2T")]
    lines = [f"{n}: {v}" for n, v in segment]
    results = [("authorization", rpc.AUTH_LITERAL), ("credentials", "x"),
               ("taskid", "1"), ("pixels", "1"),
               ("content-type", "multipart/mixed; boundary=x")]
    return [
        ("serviceAddr", ("h2",), grpc("/net.Orchestrator/GetOrchestrator",
                                      pb.OrchestratorRequest())),
        ("serviceAddr", ("h2",), grpc("/net.Transcoder/RegisterTranscoder",
                                      pb.RegisterRequest(secret="x"))),
        ("serviceAddr", ("h2",), http2("/segment", body, segment)),
        ("serviceAddr", ("http/1.1",), http1("/segment", body, lines)),
        ("serviceAddr", (), http1("/segment", body, lines)),
        ("serviceAddr", ("h2",), http2("/transcodeResults", body, results)),
        ("serviceAddr", None, junk(1)),  # not even TLS
        ("httpAddr", None, http1("/live/broken/0.ts", body)),
        ("httpAddr", None, b"GET /stream/honest.m3u8 HTTP/1.1\r\n\r\n"),
        ("rtmpAddr", None, rtmp_client.session("broken", body)),
    ]


def one(node, exchange, n):
    """One broken exchange: cut at a place of n's choice, then left in a way
    of n's choice."""
    flag, alpn, data = exchange
    chance = random.Random(n)
    cut = chance.choice([0, 1, 9, 33, len(data) // 2, len(data) - 1,
                         chance.randrange(len(data))])
    port = node.port(flag)
    try:
        s = wire.tcp(port) if alpn is None else wire.tls(port, alpn)
    except OSError:
        return
    try:
        wire.send(s, data[:cut])
        way = n % 4
        if way == 0:  # gone without a word
            s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                         struct.pack("ii", 1, 0))
        elif way == 1:  # nonsense from here
            wire.send(s, junk(n))
            wire.closed(s, STALL)
        elif way == 2:  # a byte now and then
            for at in range(cut, min(cut + 5, len(data))):
                wire.send(s, data[at:at + 1])
                wire.closed(s, STALL / 5)
        else:  # silence
            wire.closed(s, STALL)
    finally:
        s.close()


def broken_orchestrators(row, body):
    """The other way round: our broadcaster and our transcoder call peers that
    are broken."""
    class Nonsense(Orchestrator):
        async def accept(self, reader, writer):
            n = self.infos = self.infos + 1
            if n % 3:
                await reader.read(100)
                writer.write(junk(n, n * 7 % 300))
                await writer.drain()
            writer.transport.abort()

    with Nonsense() as bad, Orchestrator() as good:
        address = f"127.0.0.1:{bad.port},127.0.0.1:{good.port}"
        with house.house("broadcaster", orchAddr=address) as node:
            with house.HonestStream(node, row) as stream:
                house.wait.until(lambda: stream.seq >= 4, 60, "segments")
            row.fault(node.alive(), "the broadcaster is gone")
        good.plan = ["junk", "dies", "empty", "more", "error:x", "missing"]
        with house.house("transcoder", orchAddr=f"127.0.0.1:{bad.port}",
                         orchSecret="x") as node:
            before = bad.infos
            house.wait.until(lambda: bad.infos >= before + 3, 30,
                             "the transcoder tries again")
            row.fault(node.alive(), "the transcoder is gone")
        row.injected += bad.infos


def run(row):
    body = house.clip()[0]
    rounds = house.many(24, 1000)
    with house.house(orchSecret="another", maxSessions=20) as node:
        house.good_segment(node, body)
        cost = house.Cost(node)
        with house.HonestStream(node, row):
            todo = [(e, r * 31 + k) for r in range(rounds)
                    for k, e in enumerate(exchanges(body))]
            lock = threading.Lock()

            def worker():
                while True:
                    with lock:
                        if not todo:
                            return
                        exchange, n = todo.pop()
                    one(node, exchange, n)
                    with lock:
                        row.fault(node.alive(), f"gone after {exchange[:2]} "
                                  f"number {n}")

            threads = [threading.Thread(target=worker) for _ in range(8)]
            for t in threads:
                t.start()
            for t in threads:
                t.join()
        # The broadcaster keeps connections to its orchestrator for a while.
        row.promise(cost.files_return(60, slack=16),
                    f"{node.open_files()} open files, {cost.files} before")
        for flag in ("rtmpAddr", "httpAddr"):
            row.promise(cost.peers_leave(flag, 15),
                        f"{flag}: {node.connections(flag)} connections kept")
        row.promise(house.good_segment(node, body) is not None,
                    "no honest segment afterwards")
    broken_orchestrators(row, body)
