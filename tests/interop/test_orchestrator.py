"""weir as an orchestrator, before a broadcaster that is not ours. Statuses and
texts: go-livepeer server/segment_rpc.go, server/rpc.go."""
import concurrent.futures
import os
import re
import signal
import time

import grpc
import pytest

import curl
import http2
import media
import rpc
from broadcaster import Broadcaster
from rpc import pb

HTTP = pytest.mark.parametrize("http", [curl.H2, curl.H1, curl.NO_ALPN],
                               ids=["h2", "http1.1", "no-alpn"])


# --- GetOrchestrator -------------------------------------------------------

def test_info(orchestrator, peer):
    info = peer.info()
    assert info.transcoder == orchestrator.service
    assert not info.HasField("ticket_params")
    bits = info.capabilities.bitstring[0]
    assert bits & rpc.JOB_PUSH == rpc.JOB_PUSH
    assert not info.capabilities.mandatories
    assert re.match(r"\d+\.\d+\.\d+", info.capabilities.version)
    token = info.auth_token
    assert re.fullmatch(r"[0-9a-f]{8}", token.session_id)
    assert len(token.token) == 32
    assert abs(token.expiration - time.time() - 1800) < 10


def test_each_call_gets_its_own_session(peer):
    assert peer.info().auth_token.session_id != \
        peer.info().auth_token.session_id


def test_info_without_capabilities_as_the_pool_polls(peer):
    info = peer.stub.GetOrchestrator(pb.OrchestratorRequest(), timeout=8)
    assert info.transcoder and info.auth_token.token


def test_ping_answers(peer):
    peer.stub.Ping(pb.PingPong(value=b"\0\x11\x22\x33"), timeout=8)


def test_unknown_method_is_unimplemented(peer):
    call = peer.channel.unary_unary(
        "/net.AIWorker/RegisterAIWorker",
        request_serializer=lambda m: m, response_deserializer=lambda m: m)
    with pytest.raises(grpc.RpcError) as e:
        call(b"", timeout=8)
    assert e.value.code() == grpc.StatusCode.UNIMPLEMENTED


def test_message_that_is_not_protobuf(peer):
    call = peer.channel.unary_unary(
        "/net.Orchestrator/GetOrchestrator",
        request_serializer=lambda m: m, response_deserializer=lambda m: m)
    with pytest.raises(grpc.RpcError) as e:
        call(b"\xff\xff\xff", timeout=8)
    assert e.value.code() in (grpc.StatusCode.INTERNAL,
                              grpc.StatusCode.INVALID_ARGUMENT,
                              grpc.StatusCode.UNKNOWN)


# --- a segment --------------------------------------------------------------

def check_renditions(result, profiles, source, frames=60):
    """Each rendition is what was promised, and its pixels are what a decoder
    counts: broadcasters recount before they pay."""
    before = media.probe(source)
    assert len(result.data.segments) == len(profiles)
    for segment, p in zip(result.data.segments, profiles):
        answer = curl.get(segment.url)
        assert answer.status == 200 and answer.version == "1.1"
        assert answer.headers["access-control-allow-origin"] == "*"
        assert answer.headers["content-length"] == str(len(answer.body))
        after = media.probe(answer.body)
        assert (after["width"], after["height"]) == (p.width, p.height)
        assert after["frames"] == frames
        assert segment.pixels == frames * p.width * p.height
        assert after["keyframe_first"] and after["audio"]
        # A fixed rate puts frames on its own grid; else times stay exact.
        grid = 0.5 * (p.fpsDen or 1) / p.fps + 0.001 if p.fps else 0.001
        assert abs(after["times"][0] - before["times"][0]) < grid


@HTTP
def test_segment(peer, token, clip, http):
    data = rpc.seg_data(clip[0], 7, token=token)
    answer = peer.post(clip[0], data, http=http)
    assert answer.status == 200
    assert answer.version == ("2" if http is curl.H2 else "1.1")
    result = pb.TranscodeResult.FromString(answer.body)
    assert result.WhichOneof("result") == "data", result
    assert result.seq == 7
    assert result.data.sig == b""
    assert result.info.auth_token == token
    assert result.info.transcoder == peer.node.service
    check_renditions(result, rpc.LADDER, clip[0])


def test_segments_join_without_a_seam(peer, token, clip):
    joined = [b"", b""]
    for seq, body in enumerate(clip):
        result = peer.transcode(body, rpc.seg_data(body, seq, token=token))
        for n, segment in enumerate(result.data.segments):
            joined[n] += curl.get(segment.url).body
    for body in joined:
        after = media.probe(body)
        assert after["frames"] == 60 * len(clip)
        assert media.gaps(after["times"], 30) == []


def test_head_arrives_before_the_work_is_done(peer, token, clip):
    """A broadcaster gives up when 200 is not there in 2 s, however long the
    transcode takes."""
    big = [rpc.profile(f"p{n}", 1280, 720, 3000000) for n in range(3)]
    done = curl_times(peer, clip[0], rpc.seg_data(clip[0], token=token,
                                                  profiles=big))
    assert done["head"] < 0.75 * done["total"], done


def curl_times(peer, body, data):
    """Seconds until the head, and until the end, of an answer to /segment."""
    import http.client
    import json as _json
    connection = http.client.HTTPSConnection(
        "127.0.0.1", peer.port, context=rpc.unverified(), timeout=60)
    start = time.monotonic()
    connection.request("POST", "/segment", body, {
        "Livepeer-Segment": rpc.b64(data), "Livepeer-Payment": "",
        "Content-Type": "video/MP2T"})
    answer = connection.getresponse()
    head = time.monotonic() - start
    result = pb.TranscodeResult.FromString(answer.read())
    total = time.monotonic() - start
    connection.close()
    assert result.WhichOneof("result") == "data", _json.dumps(result.error)
    return {"head": head, "total": total}


def test_url_instead_of_bytes(peer, token, clip):
    """HEAD broadcasters with their own store send an address to fetch."""
    first = peer.transcode(clip[0], rpc.seg_data(clip[0], token=token))
    url = first.data.segments[1].url  # something the orchestrator can fetch
    body = curl.get(url).body
    answer = peer.post(url.encode(), rpc.seg_data(body, 1, token=token),
                       headers={"Content-Type": "application/vnd+livepeer.uri"})
    assert answer.status == 200, answer
    result = pb.TranscodeResult.FromString(answer.body)
    assert result.WhichOneof("result") == "data", result
    gone = peer.post(url.replace("/stream/", "/stream/x").encode(),
                     rpc.seg_data(body, 2, token=token),
                     headers={"Content-Type": "application/vnd+livepeer.uri"})
    assert (gone.status, gone.text) == (400, "BadRequest")


# --- renditions asked for ----------------------------------------------------

@pytest.mark.parametrize("change,frames", [
    ({"fps": 15}, 30), ({"fps": 0}, 60), ({"fps": 30000, "fpsDen": 1001}, 60)],
    ids=["15", "source", "30000/1001"])
def test_frame_rate(peer, token, clip, change, frames):
    p = rpc.profile("p", 256, 144, 200000, **change)
    result = peer.transcode(clip[0], rpc.seg_data(
        clip[0], token=token, profiles=[p],
        bits=rpc.JOB_PUSH | (8 if p.fpsDen else 0)))
    check_renditions(result, [p], clip[0], frames)


@pytest.mark.parametrize("number,names", [
    (1, {"Baseline", "Constrained Baseline"}), (2, {"Main"}), (3, {"High"}),
    (4, {"High"})], ids=["baseline", "main", "high", "constrained-high"])
def test_encoder_profile(peer, token, clip, number, names):
    p = rpc.profile("p", 256, 144, 200000, profile=number)
    result = peer.transcode(clip[0], rpc.seg_data(
        clip[0], token=token, profiles=[p], bits=rpc.JOB_PUSH | 64 << number))
    check_renditions(result, [p], clip[0])
    after = media.probe(curl.get(result.data.segments[0].url).body)
    # ultrafast cannot make CABAC or 8x8 transforms: a lower profile is right.
    assert after["profile"] in names | {"Constrained Baseline", "Main"}


def test_mp4(peer, token, clip):
    p = rpc.profile("p", 256, 144, 200000, format=1)
    result = peer.transcode(clip[0], rpc.seg_data(
        clip[0], token=token, profiles=[p], bits=rpc.JOB_PUSH | 4))
    assert result.WhichOneof("result") == "data", result
    assert result.data.segments[0].url.endswith(".mp4")
    answer = curl.get(result.data.segments[0].url)
    assert answer.headers["content-type"] == "video/mp4"
    assert answer.body[4:8] == b"ftyp"


# --- refusals, in the order of the checks ------------------------------------

def test_refused_segment_header(peer, token, clip):
    body = clip[0]

    def refused(data, **headers):
        return peer.refused(body, data, headers)

    good = rpc.seg_data(body, token=token)
    assert refused("not base64!") == (403, "ErrorSegEncoding")
    status, text = refused("/////w==")
    assert status == 403 and text
    assert refused(rpc.seg_data(body, token=token, duration=301000)) == \
        (403, "invalid duration")
    assert refused(rpc.seg_data(body, token=token, duration=-1)) == \
        (403, "invalid duration")
    for field, value, text in (
            ("format", 7, "unrecognized profile output format"),
            ("profile", 9, "unrecognized encoder profile"),
            ("encoder", 9, "unrecognized video codec")):
        p = rpc.profile("p", 256, 144, 200000)
        setattr(p, field, value)
        assert refused(rpc.seg_data(body, token=token, profiles=[p])) == \
            (403, text)
    assert refused(rpc.seg_data(body, token=token, bits=1 << 30)) == \
        (403, "incompatible capabilities")
    assert refused(rpc.seg_data(body)) == (403, "missing auth token")
    status, text = refused(good, **{"livepeer-payment": "!!!"})
    assert status == 402 and text.startswith("base64 decode error:")
    status, text = refused(good, **{"livepeer-payment": "/////w=="})
    assert status == 402 and text.startswith("protobuf unmarshal error:")


def test_refused_tokens(peer, token, clip):

    def refused(**changes):
        t = pb.AuthToken()
        t.CopyFrom(token)
        for name, value in changes.items():
            setattr(t, name, value)
        return peer.refused(clip[0], rpc.seg_data(clip[0], token=t))

    bad = (403, "invalid auth token")
    assert refused(token=bytes(32)) == bad
    assert refused(token=token.token[:31]) == bad
    assert refused(session_id="00000000") == bad
    assert refused(expiration=token.expiration + 1) == bad
    assert refused(expiration=0) == bad


def test_refused_body(peer, token, clip):
    answer = peer.post(clip[1], rpc.seg_data(clip[0], token=token))
    assert (answer.status, answer.text) == (403, "Forbidden")


def test_refusal_does_not_wait_for_the_body(peer):
    """Checks on the header are answered while 64 MB are still to come."""
    body = bytes(64 << 20)
    start = time.monotonic()
    answer = peer.post(body, "not base64!", http=curl.H1,
                       options=["--limit-rate", "4M"])
    assert answer.text == "ErrorSegEncoding"
    assert time.monotonic() - start < 8


def test_video_that_is_none(peer, token):
    """Admitted, for the hash is right; then an error in band, and the session
    goes on."""
    for body in (b"", b"x", os.urandom(5000), b"G" + bytes(187) * 10):
        result = peer.transcode(body, rpc.seg_data(body, token=token))
        assert result.WhichOneof("result") == "error"
        assert result.error


def admitted_or_refused(peer, body, data):
    """The TranscodeResult, or the text of a 403."""
    answer = http2.request(peer.port, "/segment", {
        "livepeer-segment": rpc.b64(data), "livepeer-payment": "",
        "content-type": "video/MP2T"}, body)
    if answer.status == 200:
        return pb.TranscodeResult.FromString(answer.body), ""
    assert answer.status == 403, answer
    return None, answer.text


def test_too_many_outputs(peer, token, clip):
    many = [rpc.profile(f"p{n}", 256, 144, 200000) for n in range(11)]
    result, text = admitted_or_refused(peer, clip[0], rpc.seg_data(
        clip[0], token=token, profiles=many))
    assert text if result is None else result.error == "Too many outputs"


@pytest.mark.parametrize("name", ["../../etc/x", "a/b", "%2e%2e", "a b?c#d",
                                  "x" * 4096, ".", "\u00e9"],
                         ids=["dots", "slash", "percent", "marks", "long",
                              "dot", "accent"])
def test_names_of_profiles_stay_names(peer, token, clip, name):
    p = rpc.profile(name, 256, 144, 200000)
    result, text = admitted_or_refused(peer, clip[0], rpc.seg_data(
        clip[0], token=token, profiles=[p]))
    if result is None:
        assert text
        return
    for segment in result.data.segments:
        assert re.fullmatch(r"https://[\w.:]+/stream/[0-9a-f]{8}/[^/?#]+"
                            r"/0\.ts", segment.url)
        assert curl.get(segment.url, options=["--path-as-is"]).status == 200


# --- what newer and older peers send -----------------------------------------

def test_unknown_fields_are_skipped(peer, token, clip):
    raw = rpc.seg_data(clip[0], token=token).SerializeToString()
    raw += b"\xa2\x06\x03abc" + b"\x48\x01" + b"\xa2\x02\x02\x08\x01"
    result = peer.transcode(clip[0], rpc.base64.b64encode(raw).decode())
    assert result.WhichOneof("result") == "data", result


def test_large_headers(peer, token, clip):
    """100 KiB of header fields, which HTTP/2 must spread over CONTINUATION."""
    fields = {"livepeer-segment": rpc.b64(rpc.seg_data(clip[0], token=token)),
              "livepeer-payment": "", "content-type": "video/MP2T"}
    fields.update({f"x-pad-{n}": "a~" * 12000 for n in range(4)})
    answer = http2.request(peer.port, "/segment", fields, clip[0])
    assert answer.status == 200, answer


def test_duration_zero_and_slices(peer, token, clip):
    result = peer.transcode(clip[0], rpc.seg_data(clip[0], token=token,
                                                  duration=0))
    assert result.WhichOneof("result") == "data", result
    p = rpc.LADDER[:1]
    data = rpc.seg_data(clip[0], 1, token=token, profiles=p)
    data.segment_parameters.SetInParent()
    setattr(data.segment_parameters, "from", 500)
    data.segment_parameters.to = 1500
    result = peer.transcode(clip[0], data)
    assert result.WhichOneof("result") == "data", result
    after = media.probe(curl.get(result.data.segments[0].url).body)
    assert 29 <= after["frames"] <= 31


# --- sessions -----------------------------------------------------------------

def test_capped_until_a_session_ends(start, clip):
    node = start("orchestrator", "transcoder", maxSessions=1)
    with Broadcaster(node) as peer:
        a, b = peer.info().auth_token, peer.info().auth_token
        assert peer.transcode(clip[0], rpc.seg_data(
            clip[0], token=a)).WhichOneof("result") == "data"
        assert peer.refused(clip[0], rpc.seg_data(clip[0], token=b)) == \
            (403, "OrchestratorCapped")
        with pytest.raises(grpc.RpcError) as e:
            peer.info()
        assert e.value.code() == grpc.StatusCode.UNKNOWN
        assert e.value.details() == \
            "Invalid orchestrator request: OrchestratorCapped"
        assert peer.transcode(clip[1], rpc.seg_data(
            clip[1], 1, token=a)).WhichOneof("result") == "data"
        peer.end(a)
        assert peer.transcode(clip[0], rpc.seg_data(
            clip[0], token=b)).WhichOneof("result") == "data"


def test_end_drops_the_renditions(peer, token, clip):
    result = peer.transcode(clip[0], rpc.seg_data(clip[0], token=token))
    url = result.data.segments[0].url
    assert curl.get(url).status == 200
    peer.end(token)
    answer = curl.get(url)
    assert (answer.status, answer.text) == (404, "ErrNotFound")


def test_end_needs_the_token(peer, token):
    token.token = bytes(32)
    for call in (lambda: peer.end(token),
                 lambda: peer.stub.EndTranscodingSession(
                     pb.EndTranscodingSessionRequest(), timeout=8)):
        with pytest.raises(grpc.RpcError) as e:
            call()
        assert e.value.details() == "Invalid auth token"
    assert peer.info().transcoder


def test_fifth_segment_in_the_queue_is_refused(start, clip):
    """Four wait for the session's transcoder; the next hears so at once."""
    node = start("orchestrator", "transcoder", maxSessions=2)
    with Broadcaster(node) as peer, \
            concurrent.futures.ThreadPoolExecutor(8) as pool:
        token = peer.info().auth_token
        peer.transcode(clip[0], rpc.seg_data(clip[0], token=token))
        frozen = node.workers()
        assert frozen, "no transcode workers"
        for pid in frozen:
            os.kill(pid, signal.SIGSTOP)
        try:
            jobs = [pool.submit(peer.transcode, clip[0], rpc.seg_data(
                clip[0], seq, token=token)) for seq in range(1, 8)]
            done, _ = concurrent.futures.wait(
                jobs, 6, concurrent.futures.FIRST_COMPLETED)
            assert done
            assert {j.result().error for j in done} == {"OrchestratorBusy"}
        finally:
            for pid in frozen:
                os.kill(pid, signal.SIGCONT)
        results = [j.result(30) for j in jobs]
        assert sum(r.error == "OrchestratorBusy" for r in results) <= 3


def test_threads_of_many_sessions(orchestrator, clip):
    """Parallel sessions do not see each other. (Run under TSan too.)"""
    def session(n):
        with Broadcaster(orchestrator) as peer:
            token = peer.info().auth_token
            for seq, body in enumerate(clip[:2]):
                result = peer.transcode(body, rpc.seg_data(
                    body, seq, token=token, profiles=rpc.LADDER[:1],
                    manifest=b"m%d" % n), http=curl.H2 if n % 2 else curl.H1)
                assert result.WhichOneof("result") == "data", result
                assert f"/{token.session_id}/" in result.data.segments[0].url
                assert curl.get(result.data.segments[0].url).status == 200
            peer.end(token)

    with concurrent.futures.ThreadPoolExecutor(3) as pool:
        for done in [pool.submit(session, n) for n in range(3)]:
            done.result(60)


# --- the rest of the port -----------------------------------------------------

@HTTP
def test_other_paths(orchestrator, http):
    def get(path, **more):
        answer = curl.request(orchestrator.service + path, http=http, **more)
        return answer.status, answer.text
    assert get("/healthz")[0] == 200
    assert get("/nothing") == (404, "404 page not found")
    assert get("/stream/00000000/p/0.ts") == (404, "ErrNotFound")
    assert get("/stream/../../../etc/passwd",
               options=["--path-as-is"])[0] == 404
    assert get("/transcodeResults", method="POST", body=b"")[0] in (401, 404)
