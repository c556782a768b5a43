"""weir as a remote transcoder, under an orchestrator that is not ours.
go-livepeer server/ot_rpc.go."""
import pytest

import fake_orchestrator
import media
import rpc
import wait


@pytest.fixture
def boss():
    with fake_orchestrator.Orchestrator() as o:
        yield o


@pytest.fixture
def worker(start, boss):
    """A registered transcoder node."""
    node = start("transcoder", orchAddr=f"127.0.0.1:{boss.port}",
                 orchSecret=boss.secret, maxSessions=3)
    wait.until(lambda: boss.registered, 10, "registration")
    return node


def test_registers(worker, boss):
    call, request = boss.registered[0]
    assert call.secret == boss.secret
    assert call.capacity == 3
    bits = call.capabilities.bitstring[0]
    assert bits & rpc.JOB_PUSH == rpc.JOB_PUSH
    assert call.capabilities.version
    assert request.headers["te"] == "trailers"
    assert request.headers["content-type"].startswith("application/grpc")
    for bit, n in call.capabilities.capacities.items():
        assert bits >> bit & 1 and n >= 1


def test_transcodes(worker, boss, clip):
    boss.notify(clip[1], 742, seq=1)
    result = boss.wait_result(742)
    assert result["error"] is None
    assert result["version"] == "2"
    assert result["headers"]["authorization"] == rpc.AUTH_LITERAL
    assert int(result["pixels"]) == 60 * media.WIDTH * media.HEIGHT
    assert len(result["parts"]) == len(rpc.LADDER)
    for (headers, body), p in zip(result["parts"], rpc.LADDER):
        assert headers["content-type"].lower() == "video/mp2t"
        assert int(headers["content-length"]) == len(body)
        after = media.probe(body)
        assert (after["width"], after["height"]) == (p.width, p.height)
        assert after["frames"] == 60
        assert int(headers["pixels"]) == 60 * p.width * p.height


def test_several_tasks_at_once(worker, boss, clip):
    for task in range(3):
        boss.notify(clip[task], task, session=f"0000000{task}",
                    profiles=rpc.LADDER[:1])
    for task in range(3):
        result = boss.wait_result(task)
        assert result["error"] is None and len(result["parts"]) == 1


def failed(boss, task):
    """An error result: a text, and Pixels 0 (not needed by old ones, but a
    parser of them demands the field)."""
    result = boss.wait_result(task)
    assert result["headers"]["content-type"] == "livepeer/transcoding-error"
    assert result["pixels"] == "0"
    assert result["error"]
    return result["error"]


def test_source_is_gone(worker, boss, clip):
    boss.notify(clip[0], 5, path="/stream/5e551017/404.tempfile")
    assert "404" in failed(boss, 5)


def test_source_is_no_video(worker, boss):
    boss.notify(b"hello" * 1000, 6)
    assert failed(boss, 6)
    boss.notify(b"", 7, seq=1)
    assert failed(boss, 7)


def test_incompatible_capabilities(worker, boss, clip):
    boss.notify(clip[0], 8, bits=1 << 30)
    assert failed(boss, 8) == "incompatible segment capabilities"


def test_too_long(worker, boss, clip):
    boss.notify(clip[0], 9, duration=301000)
    assert failed(boss, 9) == "invalid duration"


def test_teardown_is_no_task(worker, boss, clip):
    boss.notify(clip[0], 1, profiles=rpc.LADDER[:1])
    boss.wait_result(1)
    boss.tear_down("5e551017")
    boss.notify(clip[1], 2, seq=1, profiles=rpc.LADDER[:1])
    boss.wait_result(2)
    assert {r["task"] for r in boss.results} == {1, 2}


@pytest.mark.parametrize("code", [0, 14], ids=["ok", "unavailable"])
def test_comes_back_when_the_stream_ends(worker, boss, clip, code):
    boss.end_stream(code)
    wait.until(lambda: len(boss.registered) == 2, 10, "the second try")
    boss.notify(clip[0], 3, profiles=rpc.LADDER[:1])
    assert boss.wait_result(3)["error"] is None


def test_comes_back_when_the_connection_breaks(worker, boss, clip):
    boss.loop.call_soon_threadsafe(boss.registered[0][1].hang_up)
    wait.until(lambda: len(boss.registered) == 2, 10, "the second try")
    boss.notify(clip[0], 4, profiles=rpc.LADDER[:1])
    assert boss.wait_result(4)["error"] is None


def test_wrong_secret_is_final(start, boss):
    node = start("transcoder", orchAddr=f"127.0.0.1:{boss.port}",
                 orchSecret="wrong")
    wait.until(lambda: boss.registered, 10, "the try")
    node.wait_log("invalid secret")
    # The next try would come after 0.75 s at most.
    with pytest.raises(TimeoutError):
        wait.until(lambda: len(boss.registered) > 1, 2)
    if not node.alive():
        assert node.process.returncode != 0
        node.process = None  # it ended as it should; nothing to stop


def test_orchestrator_appears_later(start, clip):
    with fake_orchestrator.Orchestrator() as elsewhere:
        port = elsewhere.port
    node = start("transcoder", orchAddr=f"127.0.0.1:{port}",
                 orchSecret="secret")
    late = fake_orchestrator.Orchestrator()
    late.port, late.uri = port, f"https://127.0.0.1:{port}"
    with late:
        wait.until(lambda: late.registered, 20, "registration")
        late.notify(clip[0], 1, profiles=rpc.LADDER[:1])
        assert late.wait_result(1)["error"] is None
        node.stop()
