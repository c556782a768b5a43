"""What encoders really send: sizes, B-frames, uneven rates, holes in the
sound, a picture that changes its size while it is live."""
import threading

import pytest

import curl
import hls
import media
import publish
import wait
from node import LADDER
from ports import free_port

RENDITIONS = [row["name"] for row in LADDER]
X264 = ["-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p",
        "-force_key_frames", "expr:gte(t,n_forced)", "-c:a", "aac", "-b:a", "64k"]


@pytest.fixture
def house(start):
    address = f"127.0.0.1:{free_port()}"
    return start("orchestrator", "transcoder", "broadcaster",
                 serviceAddr=address, orchAddr=address)


def make_flv(path, *args):
    media.ffmpeg(*args, "-f", "flv", str(path))
    return path.read_bytes()


def tags(flv):
    """(type, time in ms, body) of each tag of a FLV file."""
    at = 9 + 4
    while at + 11 <= len(flv):
        size = int.from_bytes(flv[at + 1:at + 4], "big")
        ms = int.from_bytes(flv[at + 4:at + 7], "big") | flv[at + 7] << 24
        yield flv[at], ms, flv[at + 11:at + 11 + size]
        at += 11 + size + 4


def joined(first, second, gap_ms):
    """One FLV: the second file goes on gap_ms after the first one's last."""
    out = bytearray(first[:13])
    offset = 0
    for part in (first, second):
        last = 0
        for kind, ms, body in tags(part):
            last = ms + offset
            head = bytes([kind]) + len(body).to_bytes(3, "big") + \
                (last & 0xffffff).to_bytes(3, "big") + \
                bytes([last >> 24]) + b"\0\0\0"
            out += head + body + (len(body) + 11).to_bytes(4, "big")
        offset = last + gap_ms
    return bytes(out)


def play(node, flv, segments):
    """Publishes through librtmp; what a player saw of all renditions."""
    seen = hls.Recorder(f"{node.http}/stream/movie.m3u8")
    thread = threading.Thread(target=publish.librtmp,
                              args=(node.rtmp("live/movie"), flv))
    thread.start()
    wait.until(lambda: all(seen.look().count(n) >= segments
                           for n in RENDITIONS), 30, f"{segments} segments")
    thread.join(10)
    return seen


def check(seen, size, frames=None, slack=0.5):
    for name in RENDITIONS:
        found = seen.probe(name)
        assert (found["width"], found["height"]) == size(name), name
        assert found["errors"] == "", name
        assert media.gaps(found["times"], 30, slack) == [], name
        if frames:
            assert found["frames"] == frames, name


def landscape(name):
    row = next(r for r in LADDER if r["name"] == name)
    return row["width"], row["height"]


def test_portrait_keeps_its_shape(house, tmp_path):
    flv = make_flv(tmp_path / "a.flv", *media.source(4, "180x320"), *X264)
    # No encoder of the network goes below 146 pixels across (lpms).
    check(play(house, flv, 2), lambda n: (180, 320) if n == "small"
          else (146, 260), 120)


def test_odd_sizes(house, tmp_path):
    """The longer side rules, the shorter follows, both even."""
    flv = make_flv(tmp_path / "a.flv", *media.source(4, "318x238"), *X264)
    seen = play(house, flv, 2)

    def size(name):
        width = landscape(name)[0]
        return width, round(width * 238 / 318 / 2) * 2
    check(seen, size, 120)


def test_b_frames(house, tmp_path):
    flv = make_flv(tmp_path / "a.flv", *media.source(6), *X264,
                   "-preset", "veryfast", "-bf", "3")
    check(play(house, flv, 3), landscape, 180)


def test_uneven_frame_rate(house, tmp_path):
    """Two of five frames are missing: a fixed rate fills them up, but for
    those that the source lacks at a segment's end."""
    flv = make_flv(tmp_path / "a.flv", *media.source(6), "-vf",
                   "select='lt(mod(n\\,5)\\,3)'", "-vsync", "vfr", *X264)
    check(play(house, flv, 3), landscape, slack=2.5)


def test_hole_in_the_sound(house, tmp_path):
    """Two seconds without audio do not hold the picture up."""
    flv = make_flv(tmp_path / "a.flv", *media.source(6), "-af",
                   "aselect='lt(t\\,2)+gt(t\\,4)'", *X264)
    check(play(house, flv, 3), landscape, 180)


def test_size_changes_while_live(house, tmp_path):
    """The stream goes on, the renditions keep their size, the playlist tells
    players of the break."""
    small = make_flv(tmp_path / "a.flv", *media.source(4), *X264)
    large = make_flv(tmp_path / "b.flv", *media.source(4, "640x360"), *X264)
    seen = play(house, joined(small, large, 33), 4)
    for name in RENDITIONS:
        text = curl.get(f"{house.http}/stream/movie/{name}.m3u8").body
        assert text.count(b"#EXT-X-DISCONTINUITY\n") == 1, text
        sizes = {(s["width"], s["height"]) for s in
                 (media.probe(data) for _duration, data in
                  seen.segments[name].values())}
        assert sizes == {landscape(name)}
    row = next(r for r in house.status()["streams"]["rows"]
               if r["id"] == "movie") if \
        house.status()["streams"]["rows"] else None
    assert row is None or row["segments_failed"] == 0
