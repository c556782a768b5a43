"""The node's last hour and day: there at once for whoever attaches, not sent
twice, and there again after a restart."""
import json

import publish
import wait
from ports import free_port
from views import Views

SLOT, OBSERVED, SEGMENTS, FAILED, PIXELS = range(5)


def total(rows, field):
    return sum(row[field] for row in rows if len(row) > field)


def attach(node, after=-1):
    """The first TREND frame that a console gets."""
    with Console(node, after) as v:
        return wait.until(lambda: v.trend and v.trend[0], 20, "the trend")


class Console(Views):
    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


def test_survives(start):
    address = f"127.0.0.1:{free_port()}"
    node = start("orchestrator", "transcoder", "broadcaster",
                 serviceAddr=address, orchAddr=address)
    with Console(node, -1) as v:
        p = publish.ffmpeg(node.rtmp("movie"), 6)
        done = v.until("node", lambda n: n["segments_ok"] >= 3 and
                       p.poll() is not None)["segments_ok"]
        # Slots of ten seconds: what is done stands in one that is over.
        def over():
            rows = [row for t in v.trend for row in t["fine"]]
            return len(rows) > 1 and total(rows, SEGMENTS) >= done
        wait.until(over, 40, "the samples")
        frames = list(v.trend)
    assert sum(bool(t.get("whole") and t["fine"]) for t in frames) == 1
    slots = [row[SLOT] for t in frames for row in t["fine"]]
    assert slots == sorted(set(slots))

    fresh = attach(node)
    assert fresh["whole"]
    done = total(fresh["fine"], SEGMENTS)
    assert done >= 3 and total(fresh["fine"], PIXELS) > 0
    assert total(fresh["coarse"], SEGMENTS) == done
    # One that knows all but the newest gets that alone.
    rest = attach(node, fresh["fine"][-2][SLOT])
    assert "whole" not in rest
    assert rest["fine"][0][SLOT] == fresh["fine"][-1][SLOT]

    rows = json.loads(node.command("history", "--json").stdout)
    assert sum(int(r["segments"]) for r in rows) >= done
    day = node.command("history", "day", "csv").stdout.splitlines()
    assert day[0].startswith("from,watched_ms,segments")
    assert sum(int(line.split(",")[2]) for line in day[1:]) >= done

    node.stop()
    node.start()
    again = attach(node)
    assert again["whole"]
    assert total(again["fine"], SEGMENTS) >= done
    assert total(again["coarse"], SEGMENTS) == total(again["fine"], SEGMENTS)

    # Killed: what was kept is there, and nothing is counted twice.
    node.kill()
    node.start()
    killed = attach(node)
    assert total(killed["fine"], SEGMENTS) == total(again["fine"], SEGMENTS)
