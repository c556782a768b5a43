"""R14: video that is broken or means harm, pushed into the broadcaster and
posted to the orchestrator. A worker may die, the node may not; the next good
segment is served at once."""
import os
import random
import tempfile

import curl
import house
import media
import rpc
import wait
from broadcaster import Broadcaster

PACKET = 188


def made(*args):
    """MPEG-TS by ffmpeg with these arguments."""
    with tempfile.TemporaryDirectory() as d:
        path = os.path.join(d, "x.ts")
        media.ffmpeg(*args, "-f", "mpegts", path)
        with open(path, "rb") as f:
            return f.read()


def special(good):
    """name -> bytes."""
    source = media.source(2)
    yield "nothing", b""
    yield "one byte", b"G"
    yield "sync bytes", b"G" * PACKET * 100
    yield "no frame", good[:PACKET * 3]
    yield "one frame", made(*source, "-frames:v", "1", "-an")
    yield "audio only", made(*source, "-map", "1:a")
    yield "two frames far apart", made(
        *source, "-vf", "select='eq(n,0)+eq(n,59)',setpts=N*90000/TB",
        "-an", "-fps_mode", "vfr")
    yield "size changes", made(*source, *media.ENCODE) + made(
        "-f", "lavfi", "-i", "testsrc2=size=160x90:rate=30:duration=1",
        *media.ENCODE[:10])
    yield "hls in disguise", b"#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\n" \
        b"file:///etc/passwd\n#EXT-X-ENDLIST\n"
    yield "concat in disguise", b"ffconcat version 1.0\nfile /etc/passwd\n"
    yield "sdp in disguise", b"v=0\no=- 0 0 IN IP4 127.0.0.1\nm=video 1 RTP/AVP 96\n"
    yield "10^5 PIDs", b"".join(
        b"G" + bytes([0x40 | (n >> 8) & 0x1f, n & 255, 0x10]) + b"\0" * 184
        for n in range(0, 8192)) * house.many(1, 12)
    yield "programs without end", b"".join(pat(n) for n in range(300)) + good
    yield "mpeg2", made(*source, "-c:v", "mpeg2video", "-an")
    yield "hevc", made(*source, "-c:v", "libx265", "-preset", "ultrafast",
                       "-x265-params", "log-level=none", "-an")
    yield "intra only high 4:4:4", made(
        *source, "-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt",
        "yuv444p", "-an")
    yield "big picture", made(
        "-f", "lavfi", "-i", "color=size=7680x4320:rate=5:duration=0.4",
        "-c:v", "libx264", "-preset", "ultrafast")
    yield "SPS of 16384", huge_sps(good)


def pat(n):
    return b"G@\0\x10\0\0\xb0\x0d\0\1" + bytes([0xc1, 0, 0]) + \
        bytes([n >> 8, n & 255, 0xe1, 0]) + bytes(4) + b"\xff" * 166


def huge_sps(good):
    """The SPS's width and height overwritten with ones: exp-Golomb of a very
    large picture, or nonsense."""
    data = bytearray(good)
    at = data.find(b"\0\0\1\x67")
    for k in range(at + 8, min(at + 20, len(data))):
        data[k] = 0x00 if k % 3 else 0x01
    return bytes(data)


def mutated(good, n):
    """Cut, bits flipped, packets dropped, doubled or swapped."""
    chance = random.Random(n)
    data = bytearray(good)
    way = n % 5
    if way == 0:
        return bytes(data[:chance.randrange(len(data))])
    if way == 1:
        for _ in range(chance.choice([1, 10, 1000])):
            data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
        return bytes(data)
    packets = [data[a:a + PACKET] for a in range(0, len(data), PACKET)]
    if way == 2:
        packets = [p for p in packets if chance.random() > 0.1]
    elif way == 3:
        packets = [p for p in packets
                   for _ in range(2 if chance.random() < 0.1 else 1)]
    else:
        chance.shuffle(packets)
    return b"".join(bytes(p) for p in packets)


def run(row):
    good = house.clip()[1]
    files = list(special(good))
    for n in range(house.many(30, 100000)):
        files.append((f"mutation {n}", n))
    worst = 0
    with house.house(maxSessions=1000) as node, Broadcaster(node) as peer:
        house.good_segment(node, good)
        for k, (name, data) in enumerate(files):
            if isinstance(data, int):
                data = mutated(good, data)
            try:
                if k % 2:
                    answer = curl.request(
                        f"{node.http}/live/bad{k % 500}/{k}.ts", method="PUT",
                        body=data, http=curl.H1, seconds=40, headers={
                            "Accept": "multipart/mixed", "Expect": ""})
                    ok = answer.status in (200, 400, 422, 500, 503)
                else:
                    token = peer.info().auth_token
                    answer = peer.post(data, rpc.seg_data(
                        data, token=token, profiles=rpc.LADDER[:1]),
                        seconds=40)
                    ok = answer.status == 200
                    peer.end(token)
            except Exception as e:
                ok, answer = False, e
            row.fault(ok and node.alive(), f"{name}: {answer}")
            if k % 8 == 0 or "mutation" not in name:
                took = house.good_segment(node, good)
                row.promise(took is not None and took < 3 * wait.SCALE,
                            f"after {name} a good segment took {took} s")
                worst = max(worst, took or 0)
        row.figures["next_segment_s"] = round(worst, 2)
