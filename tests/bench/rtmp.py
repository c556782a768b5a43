"""rtmp_*: 200 publishers of 1 Mb/s for a minute at a broadcaster that does not
transcode (-maxAttempts 0: segments are cut, stored and served, that is all).

Each key frame of the clip begins a segment, the last one included, so as many
segments as key frames sent is none dropped. The node counts its own: the line
with which each stream ends. CPU is the node's process alone, from all being
live to the end; the workers, which look once at each stream, are FFmpeg's."""
import json
import os
import re
import subprocess
import time

import media
import wait
from figure import BUILD, Figure, cpu_ms, program
from node import Node

PUBLISHERS = int(os.environ.get("RTMP_PUBLISHERS", "200"))
SECONDS = int(os.environ.get("RTMP_SECONDS", "60"))
ENDED = re.compile(r"stream load\d+: ended, .* \((\d+) segments in")


def clip():
    """10 s of 360p30 with sound, 1 Mb/s together, a key frame every 2 s."""
    path = os.path.join(BUILD, "clips", "load.flv")
    if not os.path.exists(path):
        os.makedirs(os.path.dirname(path), exist_ok=True)
        media.ffmpeg(*media.source(10, "640x360"), *media.ENCODE,
                     "-g", "60", "-keyint_min", "60", "-sc_threshold", "0",
                     "-b:v", "900k", "-maxrate", "900k", "-bufsize", "900k",
                     "-x264-params", "nal-hrd=cbr", "-f", "flv", path)
    return path


def measure(directory):
    path = clip()
    with Node(directory, "broadcaster", maxAttempts=0,
              maxSessions=PUBLISHERS, v=3) as node:
        load = subprocess.Popen(
            [program("rtmp_load"), "127.0.0.1", str(node.port("rtmpAddr")),
             path, str(PUBLISHERS), str(SECONDS)],
            stdout=subprocess.PIPE, text=True)
        load.stdout.readline()  # "live"
        before, began = cpu_ms(node.process.pid), time.monotonic()
        line = load.stdout.readline()
        spent = cpu_ms(node.process.pid) - before
        lasted = time.monotonic() - began
        rss = node.rss() / 1024
        load.wait()
        said = json.loads(line)
        wait.until(lambda: len(ENDED.findall(node.log())) >= said["live"], 20,
                   "all streams end")
        segments = sum(int(n) for n in ENDED.findall(node.log()))
    cost = spent / (PUBLISHERS * lasted)
    return [
        Figure("rtmp_publishers", said["live"], "streams", f">= {PUBLISHERS}",
               f"{said['bits_per_s'] / 1e6:.2f} Mb/s each, {lasted:.0f} s; "
               f"sent at most {said['late_ms']} ms late"),
        Figure("rtmp_dropped_segments", said["key_frames"] - segments,
               "segments", "= 0", f"of {said['key_frames']}"),
        Figure("rtmp_cpu_ms_per_stream_s", cost, "ms", "",
               f"{1000 / cost:.0f} publishers per core; node's RSS "
               f"{rss:.0f} MiB with their segments"),
    ]
