"""Alarms of a running node: they stay until they are seen, over restarts, and
those outside are told: a hook, and a webhook that is slow, refuses or hangs."""
import http.server
import json
import os
import socket
import stat
import subprocess
import threading

import pytest

import keystore
import wait
from node import Node, WEIR


def listing(node, *words):
    done = node.command("alarms", *words, "--json", check=False)
    # A node that has just started says so.
    found = json.loads(done.stdout or "[]")
    return done.returncode, {a["id"]: a for a in found}


def until_alarm(node, name, seconds=30, **want):
    def there():
        code, alarms = listing(node)
        a = alarms.get(name)
        return a and all(a[k] == v for k, v in want.items()) and (code, a)
    return wait.until(there, seconds, f"alarm {name} with {want}")


class Webhook:
    """Answers as it is told to: a list of statuses, then 200 for ever; "hang"
    answers nothing; "refuse" hangs up."""

    def __init__(self, *script, port=0):
        self.script, self.got, self.lock = list(script), [], threading.Lock()
        self.release = threading.Event()
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                with outer.lock:
                    outer.got.append((dict(self.headers), json.loads(body)))
                    say = outer.script.pop(0) if outer.script else 200
                if say == "hang":
                    outer.release.wait(60)
                    say = 200
                if say == "refuse":
                    self.close_connection = True
                    return
                self.send_response(say)
                self.send_header("Content-Length", "2")
                self.end_headers()
                self.wfile.write(b"ok")

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", port),
                                                      Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_port}/in?key=s3cret"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def events(self):
        with self.lock:
            return [(b["event"], b["id"]) for _, b in self.got]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.release.set()
        self.server.shutdown()
        self.server.server_close()


def write_hook(tmp_path, lines):
    path = tmp_path / "the hook"
    path.write_text("#!/bin/sh\n" + lines + "\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return str(path)


def test_it_stays_until_it_is_seen_and_over_restarts(tmp_path):
    """An orchestrator without transcoders; then one comes."""
    flags = dict(orchSecret="s")
    with Node(tmp_path, "orchestrator", **flags) as node:
        code, a = until_alarm(node, "no-transcoder", state="on")
        assert code == 1 and a["level"] == "unusual" and a["count"] == "1"
        assert "-orchSecret" in a["text"] and a["remedy"]
        shown = node.command("alarms", check=False)
        assert shown.returncode == 1 and "no-transcoder" in shown.stdout
        # One nobody has, and then all.
        wrong = node.command("ack", "nonsense", check=False)
        assert wrong.returncode == 1 and "no unseen alarm" in wrong.stderr
        assert "1 alarm seen" in node.command("ack").stdout
        code, a = until_alarm(node, "no-transcoder", state="on, seen")
        assert code == 1  # seen is not mended
        assert "0 alarms seen" in node.command("ack").stdout
    with node:
        # The same trouble, seen before: nothing new is raised.
        until_alarm(node, "no-transcoder", state="on, seen", count="1")
        assert node.log().count("alarm: no transcoder") == 1
    node.kill()
    # It is over while nobody looks: with a transcoder, after the grace.
    unseen = Node(tmp_path / "b", "orchestrator", orchSecret="s")
    os.mkdir(unseen.dir)
    with unseen:
        until_alarm(unseen, "no-transcoder", state="on")
        helper = Node(tmp_path / "c", "transcoder", orchSecret="s",
                      orchAddr=unseen.flags["serviceAddr"])
        os.mkdir(helper.dir)
        with helper:
            code, _ = until_alarm(unseen, "no-transcoder", state="over")
            assert code == 1
            # `status` is of now; `alarms` of what somebody should know.
            assert "over, unusual: no transcoder" in \
                unseen.command("status").stdout
            unseen.stop()
            unseen.start()
            code, _ = until_alarm(unseen, "no-transcoder", state="over")
            assert code == 1
            unseen.command("ack", "no-transcoder")
            code, a = listing(unseen)
            assert "no-transcoder" not in a
            _, a = listing(unseen, "show=all")
            assert a["no-transcoder"]["state"] == "over, seen"
            wait.until(lambda: listing(unseen)[0] == 0, 20, "all is well")
            assert unseen.command("alarms").stdout == "no alarms\n"


def test_a_hook_is_run(tmp_path):
    """For raised and for over, without a shell, with what there is to know."""
    hook = write_hook(tmp_path, f'cat >>"{tmp_path}/got"; '
                      f'env >"{tmp_path}/env-$WEIR_ALARM_EVENT"; echo heard')
    node = Node(tmp_path, "orchestrator", orchSecret="s3cret", alarmHook=hook)
    node.environment["LP_ETHPASSWORD"] = "hunter2"

    def got(event):
        try:
            lines = (tmp_path / "got").read_text().splitlines()
        except FileNotFoundError:
            return None
        for a in map(json.loads, lines):
            if (a["id"], a["event"]) == ("no-transcoder", event):
                return a
        return None

    with node:
        a = wait.until(lambda: got("raised"), 20, "the hook to be told")
        assert a["level"] == "unusual" and a["node"].endswith(node.datadir)
        assert a["at_ms"] >= a["since_ms"] > 0 and a["count"] == 1
        node.wait_log("-alarmHook for no-transcoder says: heard")
        os.mkdir(tmp_path / "t")
        with Node(tmp_path / "t", "transcoder", orchSecret="s3cret",
                  orchAddr=node.flags["serviceAddr"]):
            wait.until(lambda: got("over"), 30, "the hook to be told again")
    env = (tmp_path / "env-raised").read_text()
    assert "WEIR_ALARM_ID=no-transcoder\n" in env
    assert "s3cret" not in env and "hunter2" not in env


def test_a_hook_that_hangs_holds_nobody_up(tmp_path):
    hook = write_hook(tmp_path, "trap '' TERM; sleep 1000")
    with Node(tmp_path, "orchestrator", orchSecret="s", alarmHook=hook) as n:
        until_alarm(n, "no-transcoder", state="on")
        n.wait_log("ended by signal 9, since it took too long", seconds=40)
        assert n.command("status", check=False).returncode == 1
    # And one that hangs at the end is not waited for: stop() has a deadline.


def test_a_webhook_is_told_again_until_it_listens(tmp_path):
    """It hangs up, it is overloaded, it takes it: once."""
    with Webhook("refuse", 503) as hook:
        url = tmp_path / "url"
        url.write_text(hook.url + "\n")
        with Node(tmp_path, "orchestrator", orchSecret="s",
                  alarmWebhook=str(url)) as node:
            wait.until(lambda: len(hook.events()) >= 3, 40, "three tries")
            node.wait_log("-alarmWebhook was told of no-transcoder")
            assert hook.events()[:3] == [("raised", "no-transcoder")] * 3
            headers, body = hook.got[2]
            assert headers["Content-Type"] == "application/json"
            assert body["text"] and body["remedy"] and body["network"]
            assert "s3cret" not in node.log()
            assert node.command("status", check=False).returncode == 1


def test_a_webhook_that_is_not_there_or_hangs(tmp_path):
    """Nobody waits for it, and the end is as fast as ever."""
    with Webhook("hang", "hang", "hang") as hook:
        with Node(tmp_path, "orchestrator", orchSecret="s",
                  alarmWebhook=hook.url) as node:
            wait.until(hook.events, 20, "a first try")
            until_alarm(node, "no-transcoder", state="on")
            node.command("ack")
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        port = s.getsockname()[1]
    with Node(tmp_path, "orchestrator", orchSecret="s",
              alarmWebhook=f"http://127.0.0.1:{port}/") as node:
        # The alarm was seen before: this node tells of nothing, and is well.
        until_alarm(node, "no-transcoder", state="on, seen")
        os.mkdir(tmp_path / "n")
    with Node(tmp_path / "n", "orchestrator", orchSecret="s",
              alarmWebhook=f"http://127.0.0.1:{port}/") as node:
        node.wait_log("-alarmWebhook: .*; once more in 2 s", seconds=30)


@pytest.mark.parametrize("url", ["ftp://127.0.0.1/", "nonsense"])
def test_a_webhook_that_is_none_is_said(tmp_path, url):
    with Node(tmp_path, "orchestrator", orchSecret="s",
              alarmWebhook=url) as node:
        node.wait_log("-alarmWebhook is not used: it is no URL")


@pytest.mark.limit(120)
def test_a_transcoder_that_is_gone_is_missed(tmp_path):
    """A killed one is, after the time that is set; one that is given up is not."""
    os.mkdir(tmp_path / "t")
    with Node(tmp_path, "orchestrator", "transcoder", orchSecret="s") as node:
        helper = Node(tmp_path / "t", "transcoder", orchSecret="s",
                      orchAddr=node.flags["serviceAddr"]).start()
        def view():
            done = node.command("status", "--json", check=False)
            return json.loads(done.stdout)

        def is_there():
            return any(t["kind"] == "remote"
                       for t in view()["transcoders"].get("rows", []))
        wait.until(is_there, 20, "the transcoder")
        # Alarms are looked at once a second: it has been seen by then.
        seen_ms = view()["node"]["now_ms"]
        wait.until(lambda: view()["node"]["now_ms"] > seen_ms + 2000, 20,
                   "a look at it")
        # Set while it runs, the threshold holds at once: no half minute.
        assert "done, -alarmTranscoderGone 2s" in node.command(
            "set", "alarmTranscoderGone", "2s").stdout
        helper.kill()
        code, a = until_alarm(node, "transcoder-gone:127.0.0.1", state="on",
                              seconds=60)
        assert code == 1 and "gone for 2 s" in a["text"]
        node.command("ack", "transcoder-gone:127.0.0.1")
        wait.until(lambda: listing(node)[0] == 0, 20, "it is given up")


@pytest.mark.limit(120)
def test_a_chain_that_does_not_answer(tmp_path):
    """Broken: monitoring reads 2, and goes on reading it when it was seen."""
    node = Node(tmp_path, "orchestrator", "transcoder", pricePerUnit=1,
                network="elsewhere", ethController="0x" + "11" * 20,
                ethUrl="http://127.0.0.1:9")
    os.makedirs(node.datadir + "/keystore", mode=0o700)
    secret = keystore.write(tmp_path / "password", "open sesame\n")
    subprocess.run(
        [WEIR, "account", "new", "--password-file", secret,
         "-datadir", node.datadir], capture_output=True, check=True,
        env=dict(os.environ, HOME=str(tmp_path)), timeout=60 * wait.SCALE)
    node.flags["ethPassword"] = secret
    with node:
        code, a = until_alarm(node, "no-chain", state="on", seconds=60)
        assert code == 2 and a["level"] == "broken"
        node.command("ack")
        code, _ = until_alarm(node, "no-chain", state="on, seen")
        assert code == 2


def test_monitoring_reads_the_exit_code(tmp_path):
    """2 when there is no node at all, as for what is broken."""
    done = subprocess.run([WEIR, "alarms", "-datadir", str(tmp_path)],
                          capture_output=True, text=True, timeout=20)
    assert done.returncode == 2 and done.stderr.startswith("weir: ")
