"""weir as a broadcaster, before orchestrators that are not ours.
go-livepeer server/broadcast.go, server/mediaserver.go."""
import concurrent.futures
import json

import pytest

import curl
import hls
import media
import publish
import rpc
import wait
from fake_orchestrator import Orchestrator


@pytest.fixture
def gateway(start):
    """gateway(orchestrators...) -> a broadcaster node that knows them."""
    def make(*orchestrators, **flags):
        if orchestrators:
            flags.setdefault("orchAddr", ",".join(
                f"127.0.0.1:{o.port}" for o in orchestrators))
        return start("broadcaster", **flags)
    return make


def push(node, body, name="movie", seq=0, **headers):
    fields = {"Accept": "multipart/mixed", "Content-Duration": "2000",
              "Expect": ""}
    fields.update({k.replace("_", "-"): v for k, v in headers.items()})
    return curl.request(f"{node.http}/live/{name}/{seq}.ts", method="PUT",
                        http=curl.H1, headers=fields, body=body)


def renditions(answer):
    assert answer.status == 200, answer
    return curl.parts(answer)


def test_push(gateway, clip):
    """Three segments out, each rendition back in the answer and on the
    playlist; and what an orchestrator is told about them."""
    with Orchestrator() as o:
        node = gateway(o)
        for seq, body in enumerate(clip):
            found = renditions(push(node, body, seq=seq))
            assert [h["rendition-name"] for h, _ in found] == \
                [p.name for p in rpc.LADDER]
            for (headers, data), p in zip(found, rpc.LADDER):
                assert data == body
                assert headers["content-length"] == str(len(data))
                assert headers["content-disposition"] == \
                    f'attachment; filename="{p.name}_{seq}.ts"'
                assert headers["content-type"] == \
                    f'video/mp2t; name="{p.name}_{seq}.ts"'
        seen = hls.Recorder(f"{node.http}/stream/movie.m3u8").look()
        assert list(seen.segments) == ["source"] + \
            [p.name for p in rpc.LADDER]
        for name in seen.segments:
            assert seen.joined(name) == b"".join(clip)

        assert len(o.segments) == 3
        for seq, sent in enumerate(o.segments):
            data = sent["data"]
            assert sent["body"] == clip[seq]
            assert sent["headers"]["content-type"] == "video/MP2T"
            assert sent["headers"]["livepeer-payment"] == ""
            assert data.hash == rpc.keccak(clip[seq])
            assert data.seq == seq and data.duration == 2000
            assert data.profiles == b"invalid" and data.sig == b""
            assert data.auth_token.session_id in o.sessions
            assert data.capabilities.bitstring[0] & (1 << 12 | 1 << 26)
            lists = [data.fullProfiles, data.fullProfiles2,
                     data.fullProfiles3]
            assert sum(map(bool, lists)) == 1
            for got, asked in zip(rpc.profiles_of(data), rpc.LADDER):
                assert (got.name, got.width, got.height, got.bitrate,
                        got.fps) == (asked.name, asked.width, asked.height,
                                     asked.bitrate, asked.fps)
        # One session for the stream, while it is quick enough.
        assert len({s["data"].auth_token.session_id
                    for s in o.segments}) == 1


def test_push_without_asking_for_the_renditions(gateway, clip):
    with Orchestrator() as o:
        node = gateway(o)
        answer = push(node, clip[0], Accept="*/*")
        assert answer.status == 200 and answer.body == b""
        assert hls.renditions(f"{node.http}/stream/movie.m3u8").keys() == \
            {"source", "tiny", "small"}


@pytest.mark.parametrize("plan", [
    "status:403 OrchestratorCapped", "status:500 Internal Server Error",
    "error:OrchestratorBusy", "error:Remote transcoder took too long",
    "dies", "empty", "junk", "more", "missing"])
def test_bad_answer_costs_nothing(gateway, clip, plan):
    """The segment goes to the other orchestrator, and the next ones too."""
    with Orchestrator([plan]) as a, Orchestrator([plan]) as b:
        node = gateway(a, b)
        found = renditions(push(node, clip[0]))
        assert [data for _, data in found] == [clip[0]] * 2
        assert len(a.segments) == 1 or len(b.segments) == 1
        assert len(a.segments) + len(b.segments) >= 2
        renditions(push(node, clip[1], seq=1))


def test_refusal_during_the_upload(gateway, clip):
    """Heard as what it is, while most of the body is still to go."""
    body = clip[0] + b"\x47\x1f\xff\x10" * 1 + b"\xff" * 184
    body += (b"\x47\x1f\xff\x10" + b"\xff" * 184) * 20000  # null packets
    with Orchestrator() as a, Orchestrator() as b:
        a.early = b.early = "OrchestratorCapped"
        node = gateway(a, b)
        answer = push(node, body)
        assert answer.status in (422, 503)
        assert a.refused and b.refused
        if answer.status == 422:
            assert "OrchestratorCapped" in answer.text
        assert "OrchestratorCapped" in node.log()
        assert "reset by peer" not in node.log()


@pytest.mark.parametrize("plan", ["silent", "stalled"])
@pytest.mark.limit(60)
def test_slow_orchestrator_costs_its_deadline(gateway, clip, plan):
    """Two seconds until the head; eight for all of it."""
    # The slower to answer is the second choice.
    with Orchestrator([plan]) as a, Orchestrator(delay=0.2) as b:
        node = gateway(a, b)
        renditions(push(node, clip[0]))
        assert len(a.segments) == len(b.segments) == 1


def test_fewer_renditions_are_taken(gateway, clip):
    with Orchestrator(["fewer"]) as o:
        node = gateway(o)
        answer = push(node, clip[0])
        assert answer.status in (200, 422, 500)
        renditions(push(node, clip[1], seq=1))
        assert len(o.segments) >= 2


def test_error_for_good_is_not_retried(gateway, clip):
    """The video is bad, not the orchestrator: 422, and the session is kept."""
    text = "error:Unsupported input codec"
    with Orchestrator([text]) as a, Orchestrator([text]) as b:
        node = gateway(a, b)
        answer = push(node, clip[0])
        assert answer.status == 422
        assert "Unsupported input codec" in answer.text
        assert "movie" in answer.text
        assert len(a.segments) + len(b.segments) == 1


def test_three_attempts(gateway, clip):
    os = [Orchestrator(["error:OrchestratorBusy"] * 9) for _ in range(4)]
    with os[0], os[1], os[2], os[3]:
        node = gateway(*os)
        answer = push(node, clip[0])
        assert answer.status == 422
        assert "hit max transcode attempts" in answer.text
        assert sum(len(o.segments) for o in os) == 3


def test_nobody_to_ask(gateway, clip):
    with Orchestrator() as o:
        port = o.port
    node = gateway(orchAddr=f"127.0.0.1:{port}")
    answer = push(node, clip[0])
    assert answer.status == 503
    assert "No sessions available" in answer.text


@pytest.mark.parametrize("fault", [
    {"token": False}, {"transcoder": ""}, {"error": "OrchestratorCapped"},
    {"bits": 0xfff & ~1}], ids=["no token", "no address", "capped", "no H.264"])
def test_orchestrators_that_will_not_do(gateway, clip, fault):
    bits = fault.pop("bits", rpc.DEFAULT)
    with Orchestrator(bits=bits, **fault) as bad, Orchestrator() as good:
        node = gateway(bad, good)
        renditions(push(node, clip[0]))
        assert len(bad.segments) == 0 and len(good.segments) == 1


def test_discovery_webhook(gateway, clip):
    from webhook import Webhook
    with Orchestrator() as o, Webhook((200, [{
            "address": o.uri, "score": 1.0, "other": None}, {}])) as hook:
        node = gateway(orchWebhookUrl=hook.url)
        renditions(push(node, clip[0]))
        assert len(o.segments) == 1


# --- refusals of the push endpoint ------------------------------------------

def test_push_refusals(gateway, clip):
    with Orchestrator() as o:
        node = gateway(o)

        def put(path, body=b"x", method="PUT", **headers):
            answer = curl.request(node.http + path, method=method, body=body,
                                  http=curl.H1, headers=headers)
            return answer.status, answer.text

        status, text = put("/live/movie/0.ts", method="GET", body=None)
        assert status == 405
        assert text.startswith("http push request wrong method=GET")
        status, text = put("/live/movie/0.m3u8")
        assert (status, text) == (400, "ignoring file extension: .m3u8")
        status, text = put("/live/movie/0.ts", clip[0], **{
            "Content-Slice-From": "1000", "Content-Slice-To": "500"})
        assert status == 400
        assert text in ("Invalid slice config from=1000 to=500",
                        "slices of segments are not supported: leave out "
                        "Content-Slice-From and Content-Slice-To")
        status, text = put("/live/movie/0.ts", clip[0], **{
            "Livepeer-Transcode-Configuration": "{"})
        assert status == 400
        assert text.startswith("failed to parse transcode config header:")
        status, text = put("/live/0.ts", clip[0])
        assert status == 400 and text.startswith("Bad URL url=")
        assert not o.segments


def test_configuration_in_a_header(gateway, clip):
    with Orchestrator() as o:
        node = gateway(o)
        found = renditions(push(
            node, clip[0], Livepeer_Transcode_Configuration=json.dumps({
                "manifestID": "other", "profiles": [{
                    "name": "mine", "width": 256, "height": 144,
                    "bitrate": 100000, "fps": 0, "gop": "1.0",
                    "profile": "h264constrainedhigh"}]})))
        assert [h["rendition-name"] for h, _ in found] == ["mine"]
        p = rpc.profiles_of(o.segments[0]["data"])[0]
        assert (p.gop, p.profile, p.fps) == (1000, 4, 0)
        assert o.segments[0]["data"].manifestId == b"other"
        assert "mine" in hls.renditions(f"{node.http}/stream/other.m3u8")


def test_auth_webhook(gateway, clip):
    from webhook import Webhook

    def decide(said):
        if "/forbidden" in said["url"]:
            return 403, b"no"
        return 200, {"manifestID": "known", "presets": ["P144p30fps16x9"],
                     "other": 1}

    with Orchestrator() as o, Webhook(decide) as hook:
        node = gateway(o, authWebhookUrl=hook.url)
        answer = push(node, clip[0], "forbidden")
        assert answer.status == 403
        assert answer.text.startswith("Could not create stream ID: url=")
        found = renditions(push(node, clip[0], "mine"))
        assert [h["rendition-name"] for h, _ in found] == ["P144p30fps16x9"]
        assert hook.heard[0]["url"] == f"{node.http}/live/forbidden/0.ts"
        push(node, clip[1], "mine", 1)
        assert len(hook.heard) == 2  # asked when a stream is new, not again
        assert "source" in hls.renditions(f"{node.http}/stream/known.m3u8")


def test_playback_refusals(gateway):
    with Orchestrator() as o:
        node = gateway(o)
        for path in ("/stream/none.m3u8", "/stream/none/source.m3u8",
                     "/stream/none/source/0.ts", "/stream/../../etc/passwd"):
            answer = curl.request(node.http + path, http=curl.H1,
                                  options=["--path-as-is"])
            assert answer.status == 404, path


def test_sequence_is_the_name(gateway, clip):
    """Numbers come from the path, may start anywhere and come again."""
    with Orchestrator() as o:
        node = gateway(o)
        for seq in (41, 42, 42):
            renditions(push(node, clip[seq % 3], seq=seq))
        listed = hls.playlist(f"{node.http}/stream/movie/source.m3u8")
        assert [n for n, _, _ in listed] == [41, 42]
        assert {s["data"].seq for s in o.segments} == {41, 42}


def test_threads_of_parallel_streams(gateway, clip):
    """Four streams at once, each gets its own renditions back."""
    with Orchestrator() as a, Orchestrator() as b:
        node = gateway(a, b)

        def stream(n):
            for seq in range(3):
                found = renditions(push(node, clip[(n + seq) % 3],
                                        f"m{n}", seq))
                assert [d for _, d in found] == [clip[(n + seq) % 3]] * 2

        with concurrent.futures.ThreadPoolExecutor(4) as pool:
            for done in [pool.submit(stream, n) for n in range(4)]:
                done.result(60)


def test_end_of_stream_ends_the_sessions(gateway):
    with open(media.flv(6), "rb") as f:
        flv = f.read()
    with Orchestrator() as o:
        node = gateway(o)
        publish.librtmp(node.rtmp("movie"), flv)
        wait.until(lambda: o.segments, 10, "a segment")
        used = o.segments[0]["data"].auth_token.session_id
        wait.until(lambda: used in o.ended, 10, "EndTranscodingSession")


def test_end_of_node_ends_the_sessions(gateway, clip):
    with Orchestrator() as o:
        node = gateway(o)
        renditions(push(node, clip[0]))
        used = o.segments[0]["data"].auth_token.session_id
        node.stop()
        wait.until(lambda: used in o.ended, 2, "EndTranscodingSession")


def test_media_is_probed_before_it_is_sent(gateway):
    with Orchestrator() as o:
        node = gateway(o)
        assert push(node, b"no video at all" * 100).status == 422
        assert not o.segments


def test_audio_alone_passes_by(gateway, tmp_path):
    """No picture, nothing to transcode: never a crash, never a hang."""
    path = tmp_path / "audio.ts"
    media.ffmpeg(*media.source(2), "-map", "1:a", "-c:a", "aac", "-f",
                 "mpegts", str(path))
    with Orchestrator() as o:
        node = gateway(o)
        assert push(node, path.read_bytes()).status in (200, 422, 500)
        assert node.alive()
