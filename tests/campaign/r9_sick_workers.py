"""R9: transcode workers that stop, crash or vanish in mid-segment. The stream
goes on a segment later, no session leaks, capacity returns."""
import concurrent.futures
import os
import signal
import time

import house
import rpc
import wait
from broadcaster import Broadcaster

HEAVY = [rpc.profile(f"h{n}", 1280, 720, 3000000) for n in range(2)]


def cpu(pid):
    """Clock ticks a process has used."""
    try:
        with open(f"/proc/{pid}/stat") as f:
            fields = f.read().rsplit(")", 1)[1].split()
        return int(fields[11]) + int(fields[12])
    except FileNotFoundError:
        return 0


def strike(node, peer, body, token, seq, sign):
    """Sends a signal to the worker that has a segment in work; how long the
    segment after it took, or None."""
    before = {pid: cpu(pid) for pid in node.workers()}
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        job = pool.submit(peer.transcode, body, rpc.seg_data(
            body, seq, token=token, profiles=HEAVY), seconds=60)
        time.sleep(0.15 + 0.05 * (seq % 4))  # into it, at different places
        busy = max(before, key=lambda pid: cpu(pid) - before[pid])
        try:
            os.kill(busy, sign)
        except ProcessLookupError:
            pass
        try:
            job.result(60 * wait.SCALE)
        except Exception:  # this one may be lost, that is not the promise
            pass
    start = time.monotonic()
    try:
        result = peer.transcode(body, rpc.seg_data(
            body, seq + 1, token=token, profiles=rpc.LADDER[:1]), seconds=30)
    except (AssertionError, OSError):
        return None
    if result.WhichOneof("result") != "data":
        return None
    return time.monotonic() - start


def run(row):
    body = house.clip()[0]
    signs = [signal.SIGKILL, signal.SIGSEGV, signal.SIGABRT, signal.SIGTERM]
    with house.house("orchestrator", "transcoder", maxSessions=2) as node:
        house.good_segment(node, body)
        worst = 0
        with Broadcaster(node) as peer:
            for n in range(house.many(8, 1000)):
                token = peer.info().auth_token
                took = strike(node, peer, body, token, 2 * n,
                              signs[n % len(signs)])
                row.fault(took is not None and took < 5 * wait.SCALE,
                          f"after {signs[n % len(signs)].name}: {took}")
                worst = max(worst, took or 0)
                try:
                    peer.end(token)
                except Exception as e:
                    row.broken(f"end of session: {e}")
            for n in range(house.many(1, 20)):
                token = peer.info().auth_token
                took = strike(node, peer, body, token, 10 * n, signal.SIGSTOP)
                row.fault(took is not None and took < 12 * wait.SCALE,
                          f"after SIGSTOP: {took}")
                try:
                    peer.end(token)
                except Exception:
                    pass  # a session that died was ended already
            # Two sessions fit, as before: nothing leaked.
            tokens = [peer.info().auth_token for _ in range(2)]
            for token in tokens:
                result = peer.transcode(body, rpc.seg_data(
                    body, token=token, profiles=rpc.LADDER[:1]))
                row.promise(result.WhichOneof("result") == "data",
                            f"capacity did not return: {result.error}")
        row.figures["next_segment_s"] = round(worst, 2)
