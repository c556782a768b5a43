"""weir as an orchestrator whose transcoders are remote, and not ours.
go-livepeer core/orchestrator.go, server/ot_rpc.go."""
import time

import grpc
import pytest

import curl
import http2
import rpc
from broadcaster import Broadcaster
from fake_transcoder import Transcoder

SECRET = "a secret"


@pytest.fixture
def node(start):
    return start("orchestrator", orchSecret=SECRET, maxSessions=4)


@pytest.fixture
def peer(node):
    with Broadcaster(node) as b:
        yield b


def transcode(peer, body, token=None, seq=0, **more):
    token = token or peer.info().auth_token
    return peer.transcode(body, rpc.seg_data(
        body, seq, token=token, bits=rpc.JOB_RTMP, **more))


def test_work_goes_out_and_comes_back(node, peer, clip):
    with Transcoder(node, SECRET) as t:
        token = peer.info().auth_token
        result = transcode(peer, clip[0], token, seq=3)
        assert result.WhichOneof("result") == "data", result
        assert [s.pixels for s in result.data.segments] == \
            [60 * p.width * p.height for p in rpc.LADDER]
        for segment in result.data.segments:
            assert curl.get(segment.url).body == clip[0]
        notify = t.notified[0]
        assert notify.url.startswith(
            f"{node.service}/stream/{token.session_id}/")
        assert notify.orchId == "offchain"
        assert notify.profiles == b"invalid"
        data = notify.segData
        assert data.hash == bytes(32)
        assert data.sig == b"" and not data.storage
        assert data.seq == 3 and data.duration == 2000
        assert data.auth_token.session_id == token.session_id
        assert rpc.profiles_of(data) == rpc.LADDER
        assert [(a.status, a.text) for a in t.answers] == [(200, "OK")]


def test_session_stays_with_its_transcoder(node, peer, clip):
    with Transcoder(node, SECRET) as a, Transcoder(node, SECRET) as b:
        token = peer.info().auth_token
        for seq in range(3):
            transcode(peer, clip[seq], token, seq)
        assert sorted([len(a.notified), len(b.notified)]) == [0, 3]
        transcode(peer, clip[0])  # the next session goes to the idle one
        assert sorted([len(a.notified), len(b.notified)]) == [1, 3]


def test_end_of_session_is_told(node, peer, clip):
    with Transcoder(node, SECRET) as t:
        token = peer.info().auth_token
        transcode(peer, clip[0], token)
        peer.end(token)
        import wait
        wait.until(lambda: t.torn_down, 5, "the teardown notice")
        assert t.torn_down == [token.session_id]


@pytest.mark.parametrize("secret,capacity,text", [
    ("wrong", 2, "invalid secret"), ("", 2, "invalid secret"),
    (SECRET, 0, "zero capacity"), (SECRET, -1, "zero capacity")])
def test_registration_refused(node, secret, capacity, text):
    with Transcoder(node, secret, capacity) as t:
        assert t.ended() == (grpc.StatusCode.UNKNOWN, text)


def error_or_refusal(peer, body):
    """Before there is a transcoder that can, an orchestrator has not the
    capability: it may refuse the segment, or admit it and fail."""
    answer = http2.request(peer.port, "/segment", {
        "livepeer-segment": rpc.b64(rpc.seg_data(
            body, token=peer.info().auth_token, bits=rpc.JOB_RTMP)),
        "livepeer-payment": "", "content-type": "video/MP2T"}, body)
    if answer.status != 200:
        assert (answer.status, answer.text) == \
            (403, "incompatible capabilities")
        return ""
    return rpc.pb.TranscodeResult.FromString(answer.body).error


def test_nobody_there(peer, clip):
    assert error_or_refusal(peer, clip[0]) in (
        "", "no transcoders available",
        "no transcoders can provide requested capabilities")


def test_transcoders_are_full(node, peer, clip):
    with Transcoder(node, SECRET, capacity=1) as t:
        first = peer.info().auth_token
        transcode(peer, clip[0], first)
        assert transcode(peer, clip[0]).error == "no transcoders available"
        peer.end(first)
        assert transcode(peer, clip[0]).WhichOneof("result") == "data"
        assert len(t.notified) == 2


def test_nobody_can(node, peer, clip):
    with Transcoder(node, SECRET, bits=0x1fff & ~2):  # no MPEG-TS
        assert error_or_refusal(peer, clip[0]) in (
            "", "no transcoders can provide requested capabilities")


def test_errors_are_passed_on_and_release_the_session(node, peer, clip):
    with Transcoder(node, SECRET, capacity=1) as t:
        t.behave = t.fail("Unsupported input codec")
        assert transcode(peer, clip[0]).error == "Unsupported input codec"
        assert len(t.notified) == 1  # a transcoder's word is not retried
        t.behave = t.work
        assert transcode(peer, clip[0]).WhichOneof("result") == "data"


def test_fewer_renditions_than_asked(node, peer, clip):
    with Transcoder(node, SECRET) as t:
        def one(notify):
            t.answer(notify, *curl.multipart([(
                {"Content-Type": "video/mp2t", "Pixels": "1"}, clip[0])]))
        t.behave = one
        assert transcode(peer, clip[0]).error == "MismatchedSegments"


def test_empty_renditions(node, peer, clip):
    with Transcoder(node, SECRET) as t:
        def empty(notify):
            t.answer(notify, *curl.multipart([(
                {"Content-Type": "video/mp2t", "Pixels": "1"}, b"")] * 2))
        t.behave = empty
        assert transcode(peer, clip[0]).error == "ZeroSegments"


def test_hash_parts_are_told_by_their_missing_pixels(node, peer, clip):
    with Transcoder(node, SECRET) as t:
        def hashed(notify):
            pieces = []
            for _ in rpc.LADDER:
                pieces += [({"Content-Type": "video/mp2t", "Pixels": "9"},
                            clip[0]),
                           ({"Content-Type": "application/octet-stream"},
                            b"signature" * 10)]
            t.answer(notify, *curl.multipart(pieces))
        t.behave = hashed
        result = transcode(peer, clip[0], calc_perceptual_hash=True)
        assert [s.pixels for s in result.data.segments] == [9, 9]
        for segment in result.data.segments:
            if segment.perceptual_hash_url:
                assert curl.get(segment.perceptual_hash_url).body == \
                    b"signature" * 10


@pytest.mark.limit(30)
def test_stalled_transcoder_is_let_go(node, peer, clip):
    """max(8 s, 4 x duration), then the stream ends, but not with CANCELLED,
    which would make a transcoder exit for good."""
    with Transcoder(node, SECRET) as t:
        t.behave = lambda notify: None
        start = time.monotonic()
        assert transcode(peer, clip[0]).error == \
            "Remote transcoder took too long"
        assert 7.5 < time.monotonic() - start < 12
        code, _ = t.ended()
        assert code in (grpc.StatusCode.OK, grpc.StatusCode.UNAVAILABLE)


def test_next_transcoder_when_one_has_gone(node, peer, clip):
    a = Transcoder(node, SECRET)
    token = peer.info().auth_token
    transcode(peer, clip[0], token)
    a.close()
    with Transcoder(node, SECRET) as b:
        result = transcode(peer, clip[1], token, 1)
        assert result.WhichOneof("result") == "data", result
        assert len(b.notified) == 1


def test_results_checked_in_order(node, peer, clip):
    """server/ot_rpc.go TranscodeResults: each status and text."""
    with Transcoder(node, SECRET) as t:
        statuses = []

        def probe(notify):
            def post(**headers):
                answer = t.answer(notify, headers.pop("kind", "video/mp2t"),
                                  b"", **headers)
                statuses.append((answer.status, answer.text))
            post(Authorization="Basic x")
            post(Credentials="wrong")
            post(kind="multipart mixed; boundary=x")
            post(TaskId="seven")
            post(Pixels="many")
            post(TaskId="999999", kind="livepeer/transcoding-error")
            t.work(notify)

        t.behave = probe
        assert transcode(peer, clip[0]).WhichOneof("result") == "data"
        assert statuses == [
            (401, "Unauthorized"), (401, "Unauthorized"),
            statuses[2], (400, "Invalid Task ID"), (400, "Invalid Pixels"),
            (200, "OK")]
        assert statuses[2][0] == 415


def test_results_over_http1(node):
    """Nothing in the protocol needs HTTP/2 here; a proxy may be between."""
    answer = curl.request(node.service + "/transcodeResults", http=curl.H1,
                          method="POST", body=b"x", headers={
                              "Authorization": rpc.AUTH_LITERAL,
                              "Credentials": SECRET, "TaskId": "7",
                              "Content-Type": "livepeer/transcoding-error"})
    assert (answer.status, answer.text) == (200, "OK")
