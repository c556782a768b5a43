"""overhead_ms: what the orchestrator adds to a segment, from the first byte of
a broadcaster's POST /segment to the last byte of the answer, on loopback, over
TLS, less the time that the transcode worker spent on that very segment.

That time is the worker's own (its clock, from having the job to having the
renditions), which the node says per segment in its debug log; all else counts
as added: TLS both ways, the segment's hash, the queue, the way to the worker
process and back, encoding the answer. One client, one segment at a time."""
import http.client
import os
import re
import time

import media
import rpc
from broadcaster import Broadcaster
from figure import BUILD, Figure, percentile
from node import Node
from rpc import pb

SEGMENTS = 250
WARM_UP = 20
DONE = re.compile(r"segment (\d+) done in \d+ ms, (\d+) us of it transcoding")


def segment(bitrate):
    """A 2 s segment of 320x180 with the size that one of 1080p30 has."""
    path = os.path.join(BUILD, "clips", f"overhead-{bitrate}.ts")
    if not os.path.exists(path):
        os.makedirs(os.path.dirname(path), exist_ok=True)
        media.ffmpeg(*media.source(2), *media.ENCODE, "-b:v", bitrate,
                     "-maxrate", bitrate, "-bufsize", bitrate,
                     "-x264-params", "nal-hrd=cbr", "-f", "mpegts", path)
    with open(path, "rb") as f:
        return f.read()


def post_all(node, token, body, first, n):
    """Milliseconds of each of n posts; they are segments first, first+1..."""
    client = http.client.HTTPSConnection(
        "127.0.0.1", node.port("serviceAddr"), context=rpc.unverified())
    took = []
    for seq in range(first, first + n):
        data = rpc.b64(rpc.seg_data(body, seq=seq, token=token,
                                    profiles=rpc.LADDER[:1]))
        headers = {"Livepeer-Segment": data, "Livepeer-Payment": "",
                   "Content-Type": "video/MP2T"}
        began = time.monotonic()
        client.request("POST", "/segment", body, headers)
        answer = client.getresponse()
        whole = answer.read()
        took.append((time.monotonic() - began) * 1000)
        result = pb.TranscodeResult.FromString(whole)
        assert result.WhichOneof("result") == "data", result
    client.close()
    return took


def added(directory, bitrate, segments):
    """Milliseconds added to each segment, and the segment's size."""
    folder = os.path.join(directory, bitrate)
    os.makedirs(folder)
    body = segment(bitrate)
    with Node(folder, "orchestrator", "transcoder", v=4) as node:
        with Broadcaster(node) as peer:
            token = peer.info().auth_token
        n = WARM_UP + segments
        took = post_all(node, token, body, 0, n)
        node.wait_log(rf"segment {n - 1} done")
        inside = {int(s): int(us) / 1000
                  for s, us in DONE.findall(node.log())}
    return [took[s] - inside[s] for s in range(WARM_UP, n)], len(body)


def measure(directory):
    ms, size = added(directory, "1M", SEGMENTS)
    big, big_size = added(directory, "6M", SEGMENTS // 2)
    note = (f"{len(ms)} segments of {size / 1000:.0f} kB; of "
            f"{big_size / 1e6:.1f} MB: p50 {percentile(big, 50):.2f}, "
            f"p99 {percentile(big, 99):.2f} ms")
    return [Figure("overhead_ms_p50", percentile(ms, 50), "ms", "", note),
            Figure("overhead_ms_p99", percentile(ms, 99), "ms", "<= 5", note)]
