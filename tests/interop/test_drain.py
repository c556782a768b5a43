"""Draining a node with live sessions: nothing new comes in, what runs goes on,
and then the node stays, stops or starts anew, for consoles and scripts alike."""
import json
import os
import shutil
import signal
import socket
import subprocess

import grpc
import pytest

import curl
import keystore
import media
import publish
import rpc
import wait
from broadcaster import Broadcaster
from fake_orchestrator import Orchestrator
from node import Node, WEIR
from terminal import Terminal


def sections(node):
    """Of a node that has alarms, too: then the exit status is 1."""
    done = node.command("status", "--json", check=False)
    return json.loads(done.stdout) if done.stdout else {}


def status(node):
    """{} while it does not answer, or knows nothing of itself yet."""
    return sections(node).get("node", {})


def rows(node):
    return sections(node).get("transcoders", {}).get("rows", [])


def until_left(node, n):
    return wait.until(lambda: status(node).get("drain_left") == n and
                      status(node).get("state") == "draining", 20, f"{n} left")


def waiter(node, *words):
    """`weir drain ... --wait` in the background."""
    return subprocess.Popen(
        [WEIR, "drain", *words, "--wait", "-datadir", node.datadir],
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, text=True,
        env=dict(os.environ, XDG_RUNTIME_DIR=node.dir, HOME=node.dir))


def outcome(process, code):
    out, err = process.communicate(timeout=40 * wait.SCALE)
    assert process.returncode == code, out + err
    return err


class Live:
    """A session of a broadcaster that is not ours, with a segment done."""

    def __init__(self, peer, clip):
        self.peer, self.clip, self.seq = peer, clip, 0
        self.token = peer.info().auth_token
        self.go_on()

    def go_on(self):
        body = self.clip[self.seq % len(self.clip)]
        result = self.peer.transcode(
            body, rpc.seg_data(body, self.seq, token=self.token))
        assert result.WhichOneof("result") == "data"
        self.seq += 1

    def end(self):
        self.peer.end(self.token)


def refused(peer):
    with pytest.raises(grpc.RpcError) as e:
        peer.info()
    return "OrchestratorCapped" in e.value.details()


def test_an_orchestrator_stays(start, clip):
    node = start("orchestrator", "transcoder")
    with Broadcaster(node) as peer:
        live = Live(peer, clip)
        assert "no new sessions" in node.command("drain").stdout
        until_left(node, 1)
        assert refused(peer)
        live.go_on()
        live.go_on()
        assert status(node).get("drain_then") == "stay"
        script = waiter(node)
        assert "1 left" in script.stderr.readline()
        live.end()
        until_left(node, 0)
        outcome(script, 0)
        assert node.alive() and refused(peer)
        node.command("resume")
        wait.until(lambda: peer.info().transcoder, 10, "sessions again")
        wait.until(lambda: status(node).get("drain_then") == "", 10, "running")


def test_it_stops_when_the_last_has_ended(tmp_path, clip):
    node = Node(tmp_path, "orchestrator", "transcoder").start()
    with Broadcaster(node) as peer:
        live = Live(peer, clip)
        script = waiter(node, "then=stop")
        until_left(node, 1)
        live.go_on()
        assert node.alive() and script.poll() is None
        live.end()
        outcome(script, 0)
    assert node.process.wait(20 * wait.SCALE) == 0
    node.process = None
    assert "stopped" in node.log()


def test_it_starts_anew_as_it_was_started(tmp_path, clip):
    """The same pid, flags and ports; another run of the same program."""
    node = Node(tmp_path, "orchestrator", "transcoder", orchSecret="s3cret",
                maxSessions=3).start()
    before = wait.until(lambda: status(node), 10, "its view")
    with Broadcaster(node) as peer:
        live = Live(peer, clip)
        script = waiter(node, "then=restart")
        until_left(node, 1)
        live.go_on()
        live.end()
        outcome(script, 0)
    after = wait.until(lambda: status(node), 10, "its view")
    assert after["pid"] == before["pid"] == node.process.pid
    assert after["started_ms"] > before["started_ms"]
    assert after["state"] == "running" and after["max_sessions"] == 3
    with Broadcaster(node) as peer:
        Live(peer, clip).end()
    # What was hidden from `ps` is known all the same: T registers with it.
    os.mkdir(tmp_path / "t")
    with Node(tmp_path / "t", "transcoder", orchSecret="s3cret",
              orchAddr=node.flags["serviceAddr"]) as t:
        t.wait_log("registering with orchestrator")
        wait.until(lambda: any(r["kind"] == "remote" for r in rows(node)), 20,
                   "the transcoder is there")
    node.stop()


def test_many_restarts_leave_nothing_open(tmp_path):
    node = Node(tmp_path, "orchestrator", "transcoder").start()
    outcome(waiter(node, "then=restart"), 0)
    files, workers = node.open_files(), len(node.workers())
    for _ in range(5):
        outcome(waiter(node, "then=restart"), 0)
    wait.until(lambda: node.open_files() <= files + 2 and
               len(node.workers()) == workers, 20, "as few files as before")
    node.stop()


def test_a_newer_program_is_taken(tmp_path, monkeypatch):
    """The file that lies where the old one did is what runs then."""
    mine = tmp_path / "weir"
    shutil.copy(WEIR, mine)
    with monkeypatch.context() as patch:
        patch.setattr("node.WEIR", str(mine))
        node = Node(tmp_path, "orchestrator", orchSecret="s").start()
    old = os.stat(f"/proc/{node.process.pid}/exe").st_ino
    os.unlink(mine)
    shutil.copy(WEIR, mine)
    outcome(waiter(node, "then=restart"), 0)
    assert os.stat(f"/proc/{node.process.pid}/exe").st_ino == \
        os.stat(mine).st_ino != old
    # And when there is none: what runs is still there.
    os.unlink(mine)
    outcome(waiter(node, "then=restart"), 0)
    node.stop()


def test_it_can_be_taken_back(start, clip):
    node = start("orchestrator", "transcoder")
    with Broadcaster(node) as peer:
        live = Live(peer, clip)
        script = waiter(node, "then=stop")
        until_left(node, 1)
        node.command("resume")
        assert "taken back" in outcome(script, 1)
        live.end()
        wait.until(lambda: peer.info().transcoder, 10, "sessions again")
        assert node.alive() and status(node)["state"] == "running"


def test_another_wish_and_a_signal_replace_it(tmp_path, clip):
    node = Node(tmp_path, "orchestrator", "transcoder").start()
    with Broadcaster(node) as peer:
        live = Live(peer, clip)
        node.command("drain", "then=restart")
        until_left(node, 1)
        node.command("drain", "then=stay")
        wait.until(lambda: status(node).get("drain_then") == "stay", 10, "stay")
        node.command("drain", "then=restart")
        # SIGTERM means the end, whatever was planned.
        node.process.send_signal(signal.SIGTERM)
        assert node.process.wait(30 * wait.SCALE) == 0
        assert live.seq == 1
    node.process = None


def push(node, body, name, seq):
    return curl.request(
        f"{node.http}/live/{name}/{seq}.ts", method="PUT", http=curl.H1,
        headers={"Content-Duration": "2000", "Expect": ""}, body=body)


def test_a_broadcaster_refuses_new_publishers(start, clip, tmp_path):
    """By HTTP with a reason, by RTMP; the stream that runs goes on."""
    with Orchestrator() as o:
        node = start("broadcaster", orchAddr=f"127.0.0.1:{o.port}")
        assert push(node, clip[0], "movie", 0).status == 200
        live = publish.ffmpeg(node.rtmp("show"), 3600)
        wait.until(lambda: status(node).get("sessions") == 2, 20, "two streams")
        node.command("drain")
        until_left(node, 2)
        answer = push(node, clip[0], "other", 0)
        assert answer.status == 503 and "the node is draining" in answer.text
        with open(media.flv(), "rb") as f, pytest.raises(OSError):
            publish.librtmp(node.rtmp("third"), f.read())
        assert push(node, clip[1], "movie", 1).status == 200
        seen = status(node)["segments_ok"]
        wait.until(lambda: status(node)["segments_ok"] > seen, 20,
                   "the RTMP stream goes on")
        live.terminate()
        live.wait()
        until_left(node, 1)
        node.command("resume")
        wait.until(lambda: push(node, clip[0], "other", 0).status == 200, 10,
                   "new streams again")


def test_a_transcoder_leaves_and_comes_back(start, clip):
    o = start("orchestrator", orchSecret="s")
    t = start("transcoder", orchSecret="s", orchAddr=o.flags["serviceAddr"])
    wait.until(lambda: rows(o), 20, "the transcoder is there")
    t.command("drain")
    wait.until(lambda: not rows(o), 20, "the transcoder has left")
    assert t.alive() and t.command("alarms", check=False).returncode == 0
    t.command("resume")
    wait.until(lambda: rows(o), 20, "the transcoder is there again")
    with Broadcaster(o) as peer:
        Live(peer, clip).end()
    t.command("drain", "then=stop")
    assert t.process.wait(20 * wait.SCALE) == 0
    t.process = None


def states(node):
    return {r["id"]: r["state"] for r in rows(node)}


def test_one_transcoder_of_two(start, clip):
    """Its live session goes on, new ones go to the other, its state is shown."""
    node = start("orchestrator", "transcoder", cpuWorkers=2, maxSessions=8)
    with Broadcaster(node) as peer:
        first = Live(peer, clip)
        busy = wait.until(lambda: [r for r in rows(node) if r["load"]], 10,
                          "one is busy")
        assert len(busy) == 1
        one = busy[0]["id"]
        other = next(r["id"] for r in rows(node) if r["id"] != one)
        node.command("drain_transcoder", one)
        wait.until(lambda: states(node)[one] == "draining", 10, "it drains")
        more = [Live(peer, clip) for _ in range(3)]
        wait.until(lambda: {r["id"]: r["load"] for r in rows(node)} ==
                   {one: 1, other: 3}, 10, "the other has all that is new")
        first.go_on()
        assert states(node)[one] == "draining"
        first.end()
        wait.until(lambda: states(node)[one] == "drained", 10, "it is drained")
        node.command("resume_transcoder", one)
        wait.until(lambda: states(node)[one] == "idle", 10, "it is back")
        for live in more:
            live.end()


def test_systemd_hears_of_it(tmp_path, clip):
    """A restart is a reload to systemd; a stop is a stop."""
    path = tmp_path / "notify"
    heard = []
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as s:
        s.bind(str(path))
        s.settimeout(20 * wait.SCALE)

        def until_heard(want):
            while True:
                heard.append(s.recv(4096).decode())
                if heard[-1].startswith(want):
                    return heard[-1]

        node = Node(tmp_path, "orchestrator", "transcoder")
        node.environment["NOTIFY_SOCKET"] = str(path)
        node.start()
        until_heard("READY=1")
        with Broadcaster(node) as peer:
            live = Live(peer, clip)
            node.command("drain", "then=restart")
            until_heard("STATUS=draining, then restart: 1 left")
            live.end()
            assert "\nMONOTONIC_USEC=" in until_heard("RELOADING=1")
            until_heard("READY=1")
        assert not [h for h in heard if h.startswith("STOPPING")]
        node.wait_ready()
        until_heard("STATUS=running")
        node.command("drain", "then=stop")
        until_heard("STOPPING=1")
        assert node.process.wait(20 * wait.SCALE) == 0
        node.process = None


def test_a_node_in_the_background(tmp_path):
    """`weir` on a terminal, which then is closed: it starts anew all the same."""
    node = Node(tmp_path, "orchestrator", "transcoder", orchSecret="s3cret")
    os.makedirs(node.datadir)
    env = dict(os.environ, HOME=node.dir, XDG_RUNTIME_DIR=node.dir, TERM="xterm")
    with Terminal([WEIR, *node.arguments()], env, node.dir) as t:
        t.sees("Overview")
        before = wait.until(lambda: status(node), 10, "its view")
        t.types("q")
        assert t.code() == 0
    outcome(waiter(node, "then=restart"), 0)
    after = wait.until(lambda: status(node), 10, "its view")
    assert after["pid"] == before["pid"]
    assert after["started_ms"] > before["started_ms"]
    with open(f"{node.datadir}/weir.log") as f:
        assert f.read().count("ready after") == 2
    # What is secret stays out of the lists of processes.
    with open(f"/proc/{after['pid']}/cmdline") as f:
        words = f.read().split("\0")
    assert "run" in words and "s3cret" not in " ".join(words)
    outcome(waiter(node, "then=stop"), 0)
    assert node.command("status", check=False).returncode == 2


ONCHAIN = ["-network", "elsewhere", "-ethController", "0x" + "11" * 20,
           "-ethUrl", "http://127.0.0.1:9"]


def home_of(tmp_path):
    """A data directory with an account, and how a node on a chain starts."""
    node = Node(tmp_path, "orchestrator", orchSecret="s", pricePerUnit=1)
    os.makedirs(node.datadir + "/keystore", mode=0o700)
    secret = keystore.write(tmp_path / "password", "open sesame\n")
    made = subprocess.run(
        [WEIR, "account", "new", "--password-file", secret,
         "-datadir", node.datadir], capture_output=True, text=True,
        env=dict(os.environ, HOME=str(tmp_path)), timeout=60 * wait.SCALE)
    assert made.returncode == 0, made.stderr
    return node, secret


def test_a_typed_password_is_kept_nowhere(tmp_path):
    """So a restart is refused at once, and says what to do instead."""
    node, secret = home_of(tmp_path)
    env = dict(os.environ, HOME=node.dir, XDG_RUNTIME_DIR=node.dir)
    with Terminal([WEIR, "run", *node.arguments(), *ONCHAIN], env) as t:
        t.sees("Passphrase of 0x")
        t.types("open sesame\n")
        t.sees("ready after")
        refused_ = node.command("drain", "then=restart", check=False)
        assert refused_.returncode == 1 and "was typed" in refused_.stderr
        assert "-ethPassword" in refused_.stderr
        wait.until(lambda: status(node).get("state") == "running", 10, "it runs")
        node.command("stop")
        assert t.code() == 0


def test_a_password_file_is_read_again(tmp_path):
    node, secret = home_of(tmp_path)
    node.flags["ethPassword"] = secret
    args = node.arguments
    node.arguments = lambda: [*args(), *ONCHAIN]
    node.start()
    before = node.log().count("account 0x")
    outcome(waiter(node, "then=restart"), 0)
    wait.until(lambda: node.log().count("account 0x") > before, 10, "again")
    node.stop()


def test_a_password_on_the_command_line_is_not_kept(tmp_path):
    node, _ = home_of(tmp_path)
    node.flags["ethPassword"] = "open sesame"
    args = node.arguments
    node.arguments = lambda: [*args(), *ONCHAIN]
    node.start()
    refused_ = node.command("drain", "then=restart", check=False)
    assert refused_.returncode == 1 and "was an argument" in refused_.stderr
    node.stop()


def test_wait_is_for_drain(start):
    node = start("orchestrator", orchSecret="s")
    done = node.command("stop", "--wait", check=False)
    assert done.returncode == 2 and "stop takes no --wait" in done.stderr
    assert node.alive()


def test_wait_without_a_node(tmp_path):
    done = subprocess.run([WEIR, "drain", "--wait", "-datadir", str(tmp_path)],
                          capture_output=True, text=True, timeout=20)
    assert done.returncode == 2, done.stderr
