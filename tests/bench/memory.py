"""rss_idle_mb: an idle node with all roles, without its FFmpeg processes.
rss_growth_mb: what 10,000 small segments leave behind after warm-up - by HTTP
push to a broadcaster that doesn't transcode, the last part the whole way
through orchestrator and worker. It is what a fifth of them leaves in the median,
times five: a leak is in each, a new high of what is held at once in one. In
tenths, since pages come and go.

glibc keeps for each thread up to seven freed pieces of each of 64 sizes. With
eight threads those take days to be all there, and would hide what is ours: so
they are off where growth is measured (GLIBC_TUNABLES), and what they add over
the pushed segments is told beside it."""
import http.client
import os
import statistics
import time

import media
from figure import BUILD, Figure
from node import Node
from ports import free_port

PUSHED = 9000
TRANSCODED = 1000
WARM_UP = 1500
PARTS = 5
SETTLE_S = 2
BARE = {"GLIBC_TUNABLES": "glibc.malloc.tcache_count=0"}


def tiny():
    """A fifth of a second, some 10 kB."""
    path = os.path.join(BUILD, "clips", "tiny.ts")
    if not os.path.exists(path):
        os.makedirs(os.path.dirname(path), exist_ok=True)
        media.ffmpeg("-f", "lavfi", "-i",
                     "testsrc2=size=96x96:rate=30:duration=0.2",
                     "-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt",
                     "yuv420p", "-f", "mpegts", path)
    with open(path, "rb") as f:
        return f.read()


def rss(node):
    """MiB once it stands still."""
    time.sleep(SETTLE_S)
    return node.rss() / 1024


def push(node, body, first, n):
    client = http.client.HTTPConnection("127.0.0.1", node.port("httpAddr"))
    for seq in range(first, first + n):
        client.request("POST", f"/live/bench/{seq}.ts", body,
                       {"Content-Duration": "200"})
        answer = client.getresponse()
        answer.read()
        assert answer.status == 200, (answer.status, seq)
    client.close()


def growth(node, body, n, warm_up):
    """One stream all along: a second one would hold its own last segments."""
    push(node, body, 0, warm_up)
    marks = [rss(node)]
    for part in range(PARTS):
        push(node, body, warm_up + part * n // PARTS, n // PARTS)
        marks.append(rss(node))
    steps = [b - a for a, b in zip(marks, marks[1:])]
    return statistics.median(steps) * PARTS


def house(directory, name, environment, **flags):
    folder = os.path.join(directory, name)
    os.makedirs(folder)
    address = f"127.0.0.1:{free_port()}"
    node = Node(folder, "orchestrator", "transcoder", "broadcaster",
                serviceAddr=address, orchAddr=address, v=3, **flags)
    node.environment = environment
    node.flags["transcodingOptions"] = node.write_ladder(
        [{"name": "t", "width": 64, "height": 64, "bitrate": 50000,
          "fps": 30}])
    return node


def measure(directory):
    body = tiny()
    with house(directory, "push", {}, maxAttempts=0) as node:
        idle = rss(node)
        cached = growth(node, body, PUSHED, WARM_UP)
        busy = node.rss() / 1024
    with house(directory, "bare-push", BARE, maxAttempts=0) as node:
        pushed = growth(node, body, PUSHED, WARM_UP)
    with house(directory, "bare-whole", BARE) as node:
        whole = growth(node, body, TRANSCODED, WARM_UP // 3)
    return [
        Figure("rss_idle_mb", idle, "MiB", "<= 32",
               "all roles; FFmpeg's worker processes not counted"),
        Figure("rss_growth_mb", round(pushed + whole, 1), "MiB", "= 0",
               f"{PUSHED} pushed {pushed:+.2f}, {TRANSCODED} transcoded "
               f"{whole:+.2f}; glibc's caches {cached - pushed:+.2f}; "
               f"{busy:.1f} MiB after"),
    ]
