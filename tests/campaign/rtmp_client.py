"""RTMP bytes made by hand (Adobe's specification 1.0), for peers that break
its rules one at a time."""
import os
import struct

import wire


def number(value):
    return b"\0" + struct.pack(">d", value)


def text(value):
    data = value.encode()
    return b"\2" + struct.pack(">H", len(data)) + data


def obj(pairs):
    out = b"\3"
    for name, value in pairs.items():
        out += struct.pack(">H", len(name)) + name.encode() + value
    return out + b"\0\0\x09"


def chunk(kind, body, *, channel=3, stream=0, time=0, fmt=0, length=None,
          size=128):
    """A message as chunks; length lies about it when given."""
    length = len(body) if length is None else length
    stamp = min(time, 0xffffff)
    out = bytes([fmt << 6 | channel])
    if fmt < 3:
        out += struct.pack(">I", stamp)[1:]
    if fmt < 2:
        out += struct.pack(">I", length)[1:] + bytes([kind])
    if fmt == 0:
        out += struct.pack("<I", stream)
    if time >= 0xffffff:
        out += struct.pack(">I", time & 0xffffffff)
    out += body[:size]
    for at in range(size, len(body), size):
        out += bytes([0xc0 | channel])
        if time >= 0xffffff:
            out += struct.pack(">I", time & 0xffffffff)
        out += body[at:at + size]
    return out


def connect(app="live"):
    return chunk(20, text("connect") + number(1) + obj({
        "app": text(app), "tcUrl": text(f"rtmp://x/{app}")}))


def create_stream():
    return chunk(20, text("createStream") + number(2) + b"\5")


def publish(name):
    return chunk(20, text("publish") + number(3) + b"\5" + text(name)
                 + text("live"), stream=1, channel=8)


AVC = bytes.fromhex("17000000000142c00dffe1000d6742c00ddb0b04fc2000001f48"
                    "01000468ca83cb20")  # a sequence header of 320x180


def handshake():
    return b"\3" + bytes(8) + os.urandom(1528)


def session(name, body):
    """All a publisher says, without waiting for the answers."""
    return handshake() + bytes(1536) + connect() + create_stream() + \
        publish(name) + chunk(9, AVC, channel=6, stream=1) + \
        chunk(9, b"\x17\1\0\0\0" + body[:5000], channel=6, stream=1)


def shaken(port, timeout=10):
    """A connection after a proper handshake."""
    s = wire.tcp(port, timeout)
    s.sendall(handshake())
    got = b""
    while len(got) < 1 + 2 * 1536:
        more = s.recv(65536)
        if not more:
            raise OSError("closed in the handshake")
        got += more
    s.sendall(got[1:1537])
    return s
