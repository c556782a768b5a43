"""The whole house: RTMP or segments in, HLS out, all three roles in one node;
publishers and players are ffmpeg, librtmp and curl."""
import subprocess

import pytest

import curl
import hls
import media
import publish
import rpc
import wait
from node import LADDER
from ports import free_port
from webhook import Webhook

NAMES = ["source"] + [row["name"] for row in LADDER]


@pytest.fixture
def house(start):
    """house(**flags) -> a node with all roles that uses itself."""
    def make(**flags):
        address = f"127.0.0.1:{free_port()}"
        return start("orchestrator", "transcoder", "broadcaster",
                     serviceAddr=address, orchAddr=address, **flags)
    return make


def record(node, name, publisher, *, until=None, seconds=30):
    """Plays while the publisher runs, and on until the playlists stand."""
    seen = hls.Recorder(f"{node.http}/stream/{name}.m3u8")

    def done():
        ended = publisher is None or publisher.poll() is not None
        seen.look()
        return ended if until is None else until(seen)

    wait.until(done, seconds, f"stream {name}")
    return seen


def check(seen, frames, fps=30, slack=0.5):
    """Every rendition: promised size and rate, all frames, no gap."""
    assert list(seen.segments) == NAMES
    sizes = {"source": (media.WIDTH, media.HEIGHT)}
    sizes.update({r["name"]: (r["width"], r["height"]) for r in LADDER})
    for name in NAMES:
        found = seen.probe(name)
        assert (found["width"], found["height"]) == sizes[name], name
        assert abs(found["fps"] - fps) < 0.01, name
        assert found["frames"] == frames, name
        assert media.gaps(found["times"], fps, slack) == [], name
        assert found["audio"], name
        numbers = sorted(seen.segments[name])
        assert numbers == list(range(numbers[0], numbers[-1] + 1)), name


def test_rtmp_by_ffmpeg(house):
    node = house()
    p = publish.ffmpeg(node.rtmp("movie"), 8)
    seen = record(node, "movie", p, until=lambda s: s.look() and all(
        s.count(n) >= 4 for n in NAMES))
    assert p.wait(10) == 0, p.stderr.read()
    check(seen, 240)


def test_rtmp_by_librtmp(house):
    """A clip as fast as it goes in, the last segment included."""
    node = house()
    with open(media.flv(6), "rb") as f:
        flv = f.read()
    seen = hls.Recorder(f"{node.http}/stream/fast.m3u8")
    import threading
    t = threading.Thread(target=publish.librtmp,
                         args=(node.rtmp("live/fast"), flv))
    t.start()
    wait.until(lambda: all(seen.look().count(n) >= 3 for n in NAMES), 20,
               "three segments")
    t.join(10)
    check(seen, 180)


def test_publishers_side_by_side(house):
    node = house(maxSessions=4)
    ps = [publish.ffmpeg(node.rtmp(f"m{n}"), 4) for n in range(2)]
    for n, p in enumerate(ps):
        seen = record(node, f"m{n}", p, until=lambda s: all(
            s.count(name) >= 2 for name in NAMES))
        assert p.wait(10) == 0
        check(seen, 120)


def test_second_publisher_of_a_name_is_refused(house):
    """The first goes on undisturbed."""
    node = house()
    first = publish.ffmpeg(node.rtmp("movie"), 6)
    wait.until(lambda: hls.renditions(f"{node.http}/stream/movie.m3u8"), 15,
               "the stream")
    second = publish.ffmpeg(node.rtmp("movie"), 6)
    assert second.wait(10) != 0
    seen = record(node, "movie", first, until=lambda s: all(
        s.count(n) >= 3 for n in NAMES))
    assert first.wait(10) == 0
    check(seen, 180)


def test_no_more_streams_than_sessions(house):
    node = house(maxSessions=1)
    first = publish.ffmpeg(node.rtmp("one"), 30)
    try:
        wait.until(lambda: hls.renditions(f"{node.http}/stream/one.m3u8"),
                   15, "the stream")
        assert publish.ffmpeg(node.rtmp("two"), 6).wait(10) != 0
        assert first.poll() is None
    finally:
        first.kill()
        first.wait()


def test_video_without_sound(house):
    node = house()
    p = publish.ffmpeg(
        node.rtmp("mute"), 4, inputs=media.source(4)[:4],
        encode=media.ENCODE[:-4])
    seen = record(node, "mute", p, until=lambda s: all(
        s.count(n) >= 2 for n in NAMES))
    p.wait(10)
    assert list(seen.segments) == NAMES
    for name in NAMES:
        assert media.gaps(seen.probe(name)["times"], 30) == []


def test_stream_that_ends_is_gone(house):
    node = house()
    p = publish.ffmpeg(node.rtmp("short"), 4)
    wait.until(lambda: hls.renditions(f"{node.http}/stream/short.m3u8"), 15,
               "the stream")
    p.wait(15)
    wait.until(lambda: curl.get(
        f"{node.http}/stream/short.m3u8").status == 404, 15, "404")
    again = publish.ffmpeg(node.rtmp("short"), 4)
    wait.until(lambda: hls.renditions(f"{node.http}/stream/short.m3u8"), 15,
               "the stream again")
    again.wait(15)


def test_publisher_that_is_killed_frees_the_name(house):
    node = house()
    p = publish.ffmpeg(node.rtmp("movie"), 30)
    wait.until(lambda: hls.renditions(f"{node.http}/stream/movie.m3u8"), 15,
               "the stream")
    p.kill()
    p.wait()
    wait.until(lambda: curl.get(
        f"{node.http}/stream/movie.m3u8").status == 404, 15, "404")


def test_webhook_names_the_stream_and_refuses(house):
    def decide(said):
        if "secret" not in said["url"]:
            return 403, b"no"
        return 200, {"manifestID": "given", "streamKey": "k"}

    with Webhook(decide) as hook:
        node = house(authWebhookUrl=hook.url)
        assert publish.ffmpeg(node.rtmp("any"), 6).wait(15) != 0
        p = publish.ffmpeg(node.rtmp("any/secret"), 4)
        wait.until(lambda: hls.renditions(
            f"{node.http}/stream/given.m3u8"), 15, "the stream")
        assert p.wait(15) == 0
        assert hook.heard[-1]["url"].startswith("rtmp://")
        assert hook.heard[-1]["url"].endswith("/any/secret")


def test_push_through_the_house(house, clip):
    node = house()
    joined = {}
    for seq, body in enumerate(clip):
        answer = curl.request(
            f"{node.http}/live/movie/{seq}.ts", method="POST", body=body,
            http=curl.H1, headers={"Accept": "multipart/mixed",
                                   "Content-Duration": "2000"})
        assert answer.status == 200, answer
        for headers, data in curl.parts(answer):
            name = headers["rendition-name"]
            joined[name] = joined.get(name, b"") + data
    for p in rpc.LADDER:
        found = media.probe(joined[p.name])
        assert (found["width"], found["height"]) == (p.width, p.height)
        assert found["frames"] == 180
        assert media.gaps(found["times"], 30) == []
    seen = hls.Recorder(f"{node.http}/stream/movie.m3u8").look()
    check(seen, 180)


def test_a_player_plays(house, tmp_path):
    """ffmpeg as the player: follows the live playlist of one rendition."""
    node = house()
    p = publish.ffmpeg(node.rtmp("movie"), 10)
    url = f"{node.http}/stream/movie/small.m3u8"
    wait.until(lambda: len(hls.playlist(url)) >= 1, 20, "the rendition")
    out = tmp_path / "played.ts"
    subprocess.run(["ffmpeg", "-loglevel", "error", "-nostdin",
                    "-live_start_index", "0", "-i", url, "-t", "4", "-c",
                    "copy", str(out)], check=True, timeout=30,
                   stdin=subprocess.DEVNULL)
    found = media.probe(str(out))
    assert (found["width"], found["height"]) == (320, 180)
    assert found["frames"] >= 115
    # -t cuts between packets: of the last, reordered frames some are missing.
    assert media.gaps(found["times"][:-4], 30) == []
    p.kill()
    p.wait()


def test_status_tells_what_goes_on(house):
    node = house()
    p = publish.ffmpeg(node.rtmp("movie"), 10)
    wait.until(lambda: len(hls.playlist(
        f"{node.http}/stream/movie/tiny.m3u8")) >= 2, 20, "two segments")

    def live():
        rows = node.status()["streams"]["rows"]
        return [r for r in rows if r["state"] == "live"
                and r["segments_out"] >= 2]

    row = wait.until(live, 5, "the stream in the status")[0]
    assert row["id"] == "movie" and row["ingest"] == "rtmp"
    assert (row["width"], row["height"]) == (media.WIDTH, media.HEIGHT)
    assert [r["name"] for r in row["renditions"]] == NAMES[1:] or \
        [r["name"] for r in row["renditions"]] == NAMES
    p.kill()
    p.wait()


@pytest.mark.limit(90)
def test_threads_of_the_house(house, clip):
    """Publishers, pushes, players, orders and a sudden end at once, so that
    TSan sees every actor talk to every other."""
    node = house(maxSessions=8)
    ps = [publish.ffmpeg(node.rtmp(f"m{n}"), 8) for n in range(2)]
    for seq, body in enumerate(clip):
        answer = curl.request(f"{node.http}/live/pushed/{seq}.ts",
                              method="PUT", body=body, http=curl.H1)
        assert answer.status == 200, answer
        node.command("set_max_sessions", str(7 + seq))
        node.status()
    for n in range(2):
        wait.until(lambda: len(hls.playlist(
            f"{node.http}/stream/m{n}/tiny.m3u8")) >= 2, 30, "two segments")
    node.command("drain_transcoder", "cpu0")
    node.command("resume_transcoder", "cpu0")
    ps[0].kill()
    node.stop()
    for p in ps:
        p.wait(20)


def test_node_is_free_of_ffmpeg(house):
    """Its libraries are the workers' alone."""
    def maps(pid):
        with open(f"/proc/{pid}/maps") as f:
            return f.read()

    node = house()
    wait.until(lambda: node.workers(), 15, "workers")
    assert "/libavutil" not in maps(node.process.pid)
