"""R13: RTMP against its rules. A peer that has not published costs at most
256 KiB, and is closed within 10 s. Seven servers fell to packets like these."""
import struct
import time

import house
import rtmp_client as rtmp
import wire


def control(kind, value):
    return rtmp.chunk(kind, struct.pack(">I", value), channel=2)


def attacks():
    """name -> what is said after the handshake."""
    deep = rtmp.text("connect") + rtmp.number(1)
    yield "chunk size 0", control(1, 0) + rtmp.connect()
    yield "chunk size 1", control(1, 1) + rtmp.connect()
    yield "chunk size 2^31-1", control(1, 0x7fffffff) + rtmp.connect()
    yield "chunk size 2^31", control(1, 0x80000000) + rtmp.connect()
    yield "type 3 first", rtmp.chunk(20, b"x" * 50, fmt=3)
    yield "type 2 first", rtmp.chunk(20, b"x" * 50, fmt=2)
    yield "type 1 first", rtmp.chunk(20, b"x" * 50, fmt=1, length=16 << 20)
    yield "objects nested", rtmp.chunk(
        20, deep + b"\3\0\1a" * 20000, length=80000 + len(deep))
    yield "arrays nested", rtmp.chunk(
        20, deep + b"\x0a\0\0\0\1" * 16000, length=80000 + len(deep))
    yield "array of 2^32", rtmp.chunk(20, deep + b"\x0a\xff\xff\xff\xff")
    yield "long string", rtmp.chunk(20, deep + b"\x0c\xff\xff\xff\xff" + b"x")
    yield "no message", rtmp.chunk(20, b"")
    yield "16 MB promised", rtmp.chunk(9, b"x" * 128, length=0xffffff)
    yield "command 16 MB", rtmp.chunk(20, b"x" * 128, length=0xffffff)
    yield "all channels", b"".join(
        bytes([0, n % 256]) + bytes(3) + b"\0\xff\xff\x09" + bytes(4)
        + bytes(128) for n in range(256))
    yield "channels of 3 bytes", b"".join(
        bytes([1, n % 256, n // 256]) + bytes(3) + b"\0\xff\xff\x09"
        + bytes(4) + bytes(128) for n in range(2000))
    yield "publish before connect", rtmp.publish("x")
    yield "media before publish", rtmp.connect() + rtmp.chunk(9, rtmp.AVC)
    yield "connect twice", rtmp.connect() * 50
    yield "createStream for ever", rtmp.connect() + rtmp.create_stream() * 5000
    yield "endless name", rtmp.connect() + rtmp.create_stream() + \
        rtmp.publish("x" * 60000)
    yield "name with dots", rtmp.connect() + rtmp.create_stream() + \
        rtmp.publish("../../../etc/passwd\0\x1b[2J")
    yield "abort of nothing", control(2, 77) * 1000
    yield "acks", control(3, 0xffffffff) * 1000
    yield "window 0", control(5, 0) + rtmp.connect()
    yield "play", rtmp.connect() + rtmp.create_stream() + rtmp.chunk(
        20, rtmp.text("play") + rtmp.number(4) + b"\5" + rtmp.text("x"),
        stream=1)
    yield "AMF3", rtmp.chunk(17, b"\0" + deep)
    yield "aggregate", rtmp.connect() + rtmp.chunk(22, b"\xff" * 100)
    yield "shared object", rtmp.chunk(19, b"\xff" * 100)
    yield "silence", b""


def after_publish():
    """Said by one who may publish: broken pictures and time."""
    def video(body, time_ms=0):
        return rtmp.chunk(9, body, channel=6, stream=1, time=time_ms)
    yield "empty video", video(b"")
    yield "AVC header cut", video(rtmp.AVC[:9])
    yield "SPS of zeros", video(b"\x17\0\0\0\0\1\0\0\0\xff\xe1\0\x40"
                                + bytes(64) + b"\1\0\1\0")
    yield "NAL beyond", video(rtmp.AVC) + video(b"\x17\1\0\0\0\xff\xff\xff\xff")
    yield "no key frame", video(rtmp.AVC) + video(
        b"\x27\1\0\0\0\0\0\0\1\x41") * 200
    yield "time wraps", video(rtmp.AVC, 0xfffffff0) + video(
        b"\x17\1\0\0\0\0\0\0\1\x65", 0xfffffff0) + video(
        b"\x17\1\0\0\0\0\0\0\1\x65", 16)
    yield "time runs back", video(rtmp.AVC) + b"".join(video(
        b"\x17\1\0\0\0\0\0\0\1\x65", 100000 - n * 40) for n in range(100))
    yield "time leaps", video(rtmp.AVC) + b"".join(video(
        b"\x17\1\0\0\0\0\0\0\1\x65", n * 0x1000000) for n in range(100))
    yield "a year a frame", video(rtmp.AVC) + b"".join(video(
        b"\x17\1\0\0\0\0\0\0\1\x65", n * 0xfffffe) for n in range(50))
    yield "unknown codec", video(b"\x12" + bytes(100))
    yield "enhanced", video(b"\x90hvc1" + bytes(50))
    yield "sound only", rtmp.chunk(8, b"\xaf\0\x12\x10", channel=4,
                                   stream=1) + b"".join(rtmp.chunk(
        8, b"\xaf\1" + bytes(50), channel=4, stream=1, time=n * 23)
        for n in range(500))
    yield "ASC broken", rtmp.chunk(8, b"\xaf\0\xff\xff\xff", channel=4,
                                   stream=1)
    yield "metadata junk", rtmp.chunk(18, b"\2\0\xff" + b"x" * 40, channel=4,
                                      stream=1)


def run(row):
    body = house.clip()[0]
    with house.house(maxSessions=20) as node:
        port = node.port("rtmpAddr")
        house.good_segment(node, body)
        cost = house.Cost(node)
        with house.HonestStream(node, row):
            held = []
            for name, said in attacks():
                try:
                    s = rtmp.shaken(port)
                except OSError as e:
                    row.fault(False, f"{name}: {e}")
                    continue
                wire.send(s, said)
                held.append((name, s))
            promised = house.many(100, 1000)
            for _ in range(promised):
                s = rtmp.shaken(port)
                wire.send(s, rtmp.chunk(9, b"x" * 128, length=0xffffff))
                held.append(("16 MB promised", s))
            for size in (0, 1, 1000):  # within the handshake
                s = wire.tcp(port)
                wire.send(s, rtmp.handshake()[:size])
                held.append((f"{size} bytes of handshake", s))
            for first in (b"\6", b"\xff", b"G", b"\x16"):
                s = wire.tcp(port)
                wire.send(s, first + bytes(1536))
                held.append((f"version {first[0]}", s))
            cost.look()
            each = cost.mib() * 1024 / len(held)
            row.figures["kib_each"] = round(each, 1)
            row.promise(each <= 256, f"{each:.0f} KiB for each peer")
            deadline = time.monotonic() + 10.5 * house.wait.SCALE
            for name, s in held:
                row.fault(wire.closed(s, max(0.05, deadline
                                             - time.monotonic())),
                          f"{name}: still open after 10 s")
                s.close()
            for n, (name, said) in enumerate(after_publish()):
                s = rtmp.shaken(port)
                wire.send(s, rtmp.connect() + rtmp.create_stream()
                          + rtmp.publish(f"bad{n}") + said)
                wire.closed(s, 0.1)
                s.close()
                row.fault(node.alive(), f"{name}: the node is gone")
        row.promise(cost.peers_leave("rtmpAddr", 12),
                    f"{node.connections('rtmpAddr')} connections are kept")
        row.promise(house.good_segment(node, body) is not None,
                    "no honest segment afterwards")
