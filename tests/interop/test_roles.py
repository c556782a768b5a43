"""Roles that start and stop while the node runs, and the others' streams that
notice nothing of it."""
import json
import socket
import subprocess

import grpc
import pytest

import hls
import publish
import rpc
import wait
from broadcaster import Broadcaster
from fake_transcoder import Transcoder
from node import LADDER, WEIR, Node
from ports import free_port

SECRET = "a secret"


def is_open(port):
    with socket.socket() as s:
        s.settimeout(1)
        return s.connect_ex(("127.0.0.1", port)) == 0


def roles(node):
    """Name to state, as the console shows them."""
    view = json.loads(node.command("status", "--json", check=False).stdout)
    return {r["name"]: r["state"] for r in view["node"].get("roles", [])}


def wait_role(node, name, state):
    wait.until(lambda: roles(node).get(name) == state, 10, f"{name} {state}")


def transcode(peer, body, token=None):
    token = token or peer.info().auth_token
    return peer.transcode(body, rpc.seg_data(body, 0, token=token,
                                             bits=rpc.JOB_RTMP))


def test_broadcaster_comes_and_goes(start, clip):
    """A node that was an orchestrator broadcasts for a while; its own work for
    others goes on."""
    rtmp, http = free_port(), free_port()
    node = start("orchestrator", "transcoder", maxSessions=6,
                 startupAvailabilityCheck="false")
    # -httpAddr is the orchestrator's own as long as there is no broadcaster.
    for name, value in ("orchAddr", node.flags["serviceAddr"]), \
            ("rtmpAddr", f"127.0.0.1:{rtmp}"), \
            ("transcodingOptions", node.write_ladder(LADDER)), \
            ("httpAddr", f"127.0.0.1:{http}"):
        node.command("set", name, value)
    with Broadcaster(node) as peer:
        assert not is_open(rtmp)
        said = node.command("start_role", "broadcaster").stdout
        assert "the broadcaster runs" in said
        assert is_open(rtmp) and is_open(http)
        p = publish.ffmpeg(f"rtmp://127.0.0.1:{rtmp}/film", 30)
        seen = hls.Recorder(f"http://127.0.0.1:{http}/stream/film.m3u8")
        wait.until(lambda: seen.look().count(LADDER[0]["name"]) >= 2, 30,
                   "two segments of a stream")
        token = peer.info().auth_token
        assert transcode(peer, clip[0], token).WhichOneof("result") == "data"
        said = node.command("stop_role", "broadcaster", "0").stdout
        assert "1 session did not end by itself" in said
        assert p.wait(10) is not None
        assert not is_open(rtmp) and not is_open(http)
        wait_role(node, "broadcaster", "stopped")
        assert transcode(peer, clip[1], token).WhichOneof("result") == "data"
        node.command("start_role", "broadcaster")
        assert is_open(rtmp) and is_open(http)
    assert "runs already" in node.command("start_role", "broadcaster",
                                          check=False).stderr


def test_orchestrator_leaves_a_stream_to_another(start):
    """A live stream loses its orchestrator to stop_role and no rendition."""
    own = f"127.0.0.1:{free_port()}"
    other = start("orchestrator", "transcoder", maxSessions=4)
    node = start("orchestrator", "transcoder", "broadcaster", serviceAddr=own,
                 orchAddr=f"{own},{other.flags['serviceAddr']}", maxSessions=4)
    p = publish.ffmpeg(node.rtmp("film"), 40)
    seen = hls.Recorder(f"{node.http}/stream/film.m3u8")
    names = [row["name"] for row in LADDER]

    def count():
        seen.look()
        return min(seen.count(n) for n in names)

    wait.until(lambda: count() >= 2, 30, "two segments")
    # Both its own and its broadcaster's session may be on this one, or not.
    said = node.command("stop_role", "orchestrator", "1").stdout
    assert "the orchestrator and its transcoder are stopped" in said
    assert not is_open(node.port("serviceAddr"))
    have = count()
    wait.until(lambda: count() >= have + 3, 30, "segments from the other")
    wait.until(lambda: roles(node) == {
        "orchestrator": "stopped", "transcoder": "stopped",
        "broadcaster": "running"}, 10, "two of three stopped")
    node.command("start_role", "orchestrator")
    node.command("start_role", "transcoder")
    assert is_open(node.port("serviceAddr"))
    have = count()
    wait.until(lambda: count() >= have + 2, 30, "and it still runs")
    p.kill()
    for name in names:
        numbers = sorted(seen.segments[name])
        gaps = numbers[-1] - numbers[0] + 1 - len(numbers)
        # An instrumented transcoder may be too late for the one in between.
        assert gaps <= (wait.SCALE > 1), numbers


def test_own_transcoder_rests(start, clip):
    """The sessions of a stopped transcoder go to a remote one."""
    node = start("orchestrator", "transcoder", orchSecret=SECRET,
                 maxSessions=4)
    with Broadcaster(node) as peer, Transcoder(node, SECRET) as t:
        said = node.command("stop_role", "transcoder", "0").stdout
        assert "the transcoder is stopped" in said
        for seq in range(2):
            result = transcode(peer, clip[0])
            assert result.WhichOneof("result") == "data", result
        assert len(t.notified) >= 2
        node.command("start_role", "transcoder")
        wait_role(node, "transcoder", "running")
    with Broadcaster(node) as peer:
        assert transcode(peer, clip[0]).WhichOneof("result") == "data"


def test_transcoder_for_another(start, clip):
    """One that is registered elsewhere leaves, and comes back."""
    orchestrator = start("orchestrator", orchSecret=SECRET, maxSessions=4)
    node = start("transcoder", orchAddr=orchestrator.flags["serviceAddr"],
                 orchSecret=SECRET)

    def has_work():
        with Broadcaster(orchestrator) as peer:
            try:
                result = transcode(peer, clip[0])
            except (OSError, AssertionError, grpc.RpcError):
                return False
            return result.WhichOneof("result") == "data"

    wait.until(has_work, 20, "a segment done")
    assert "works for" in node.command("start_role", "orchestrator",
                                       check=False).stderr
    node.command("stop_role", "transcoder")
    wait.until(lambda: not has_work(), 20, "nobody to do it")
    node.command("start_role", "transcoder")
    wait.until(has_work, 20, "a segment done again")


def test_a_bad_start_hurts_nobody(start, clip):
    node = start("orchestrator", "transcoder", maxSessions=4)
    with socket.socket() as taken, Broadcaster(node) as peer:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        http = free_port()
        node.command("set", "rtmpAddr", "127.0.0.1:%d" %
                     taken.getsockname()[1])
        node.command("set", "httpAddr", f"127.0.0.1:{http}")
        done = node.command("start_role", "broadcaster", check=False)
        assert done.returncode and "RTMP (-rtmpAddr)" in done.stderr
        assert not is_open(http)
        assert "broadcaster" not in roles(node)
        assert transcode(peer, clip[0]).WhichOneof("result") == "data"
    assert "no broadcaster runs" in node.command("stop_role", "broadcaster",
                                                 check=False).stderr
    node.command("start_role", "broadcaster")
    wait_role(node, "broadcaster", "running")


def test_a_start_that_fails_at_its_end(tmp_path):
    """All that was opened before is closed, and nothing is left of it."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        node = Node(tmp_path, "orchestrator", "transcoder", "broadcaster",
                    cliAddr="127.0.0.1:%d" % taken.getsockname()[1])
        node.start(ready=False)
        assert node.process.wait(20 * wait.SCALE) == 1
        node.process = None
        assert node.log().rstrip().endswith(
            f"status page (-cliAddr): listen on {node.flags['cliAddr']}: "
            "address already in use"), node.log()


@pytest.mark.parametrize("by_flag", [True, False])
def test_kept_for_the_next_start(start, tmp_path, by_flag):
    path = tmp_path / "weir.conf"
    path.write_text("orchestrator\n")
    flags = {"config": str(path), "serviceAddr": f"127.0.0.1:{free_port()}"}
    node = start(*["orchestrator"] * by_flag, "broadcaster", **flags)
    said = node.command("stop_role", "orchestrator").stdout
    assert ("takes -orchestrator from the flag again" in said) == by_flag
    node.stop()
    node.start(ready=False)
    wait.until(lambda: roles_or_none(node), 15, "the node")
    assert ("orchestrator" in roles(node)) == by_flag


def roles_or_none(node):
    done = node.command("status", "--json", check=False)
    return done.stdout and json.loads(done.stdout)["node"].get("roles")


def test_stopped_while_a_role_stops(start, clip):
    """A node that ends does not wait for a role that had an hour to stop."""
    node = start("orchestrator", "transcoder")
    with Broadcaster(node) as peer:
        transcode(peer, clip[0])  # a session that stays for a while
        waiting = subprocess.Popen(
            [WEIR, "stop_role", "orchestrator", "3600", "-datadir",
             node.datadir], stderr=subprocess.PIPE, text=True)
        node.wait_log("is to stop: its sessions have 3600 s")
    node.stop()
    assert waiting.wait(10)
    waiting.stderr.close()
