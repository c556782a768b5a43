"""The peers themselves: when these fail, suspect no node."""
import curl
import media
import rpc
from fake_orchestrator import Orchestrator


def test_clip_is_what_the_tests_assume(clip):
    found = media.probe(b"".join(clip))
    assert found["frames"] == 180
    assert media.gaps(found["times"], media.FPS) == []


def test_gaps_are_found():
    times = [n / 30 for n in range(60)]
    assert media.gaps(times, 30) == []
    assert len(media.gaps(times[:20] + times[21:], 30)) == 1
    assert len(media.gaps(times + [times[-1]], 30)) == 1


def test_keccak_is_the_old_one():
    assert rpc.keccak(b"").hex() == \
        "c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470"


def test_multipart_both_ways():
    pieces = [({"Pixels": "1"}, b"\r\n--x"), ({}, b"")]
    kind, body = curl.multipart(pieces)
    assert curl.parts(body, kind) == [({"pixels": "1"}, b"\r\n--x"), ({}, b"")]


def test_fake_orchestrator_speaks_both_versions(clip):
    with Orchestrator(["ok", "ok", "dies"]) as o:
        for http, version in ((curl.H2, "2"), (curl.H1, "1.1")):
            answer = curl.request(o.uri + "/segment", http=http, headers={
                "Livepeer-Segment": rpc.b64(rpc.seg_data(clip[0]))},
                body=clip[0])
            assert (answer.status, answer.version) == (200, version)
        path = next(iter(o.stored))
        assert curl.get(o.uri + path).body == clip[0]
