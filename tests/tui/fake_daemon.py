"""A node that is only its console socket: says what a test tells it to.

Speaks the protocol of proto/ctl_frame.h. Runs in a thread, so that a test can
change views, add records and read commands while a console is attached."""
import json
import os
import socket
import struct
import threading

HELLO, VIEW, LOG, COMMAND, ANSWER, SUBSCRIBE, BYE, TREND, SECRET = range(1, 10)
SECTIONS = ["node", "streams", "sessions", "transcoders", "orchestrators",
            "chain", "staking", "pricing", "funds", "tickets", "txs", "doctor",
            "settings", "devices", "migration", "wizard"]
SEND_S = 1  # a console that reads nothing for so long is left
NOW = 1_790_000_000_000
# What it asks with, and what is to be typed.
TOKEN, WORD = "00112233445566778899aabbccddeeff", "6a65"


def encode(value):
    """JSON; a lone surrogate "\udc9b" stands for the byte 9b, which is none."""
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode(
        "utf-8", "surrogateescape")


def frame(kind, payload):
    if not isinstance(payload, bytes):
        payload = encode(payload)
    return struct.pack(">IB", len(payload), kind) + payload


def node_view(**more):
    view = {
        "version": "0.1.0", "network": "offchain", "state": "running",
        "node_id": "1f2e3d", "datadir": "/var/lib/weir", "pid": 4711,
        "started_ms": NOW - 11_100_000, "now_ms": NOW, "rss": 120_000_000,
        "cpu": 0.12, "max_sessions": 40, "sessions": 3,
        "segments_ok": 12345, "segments_failed": 3, "pixels": 1.2e12 // 1,
        "log_level": "info",
        "roles": [
            {"name": "orchestrator", "state": "running", "listens": [
                {"what": "rpc", "address": "0.0.0.0:8935"}]},
            {"name": "transcoder", "state": "running",
             "detail": "2 devices"},
            {"name": "broadcaster", "state": "stopped"},
        ],
        "alarms": [],
    }
    view["pixels"] = 1_200_000_000_000
    view.update(more)
    return view


def sample(slot, segments):
    """One row of proto/trend_codec.h, slots back from NOW: 0 the newest."""
    return [NOW // 10000 - 1 - slot, 10000, segments, 0, segments * 8_000_000,
            segments * 800, segments * 2000, 30000, 5000]


def trend(hours=1):
    fine = [sample(i, i % 17 * 3) for i in reversed(range(360))]
    coarse = [[NOW // 300000 - i, 300000, i % 17 * 90, 0, i % 17 * 10**9,
               i % 17 * 40000, i % 17 * 90000]
              for i in reversed(range(12 * hours))]
    return {"whole": True, "fine": fine, "coarse": coarse}


def session(i, role="O", **more):
    row = {
        "id": "%08x" % (0x1f2e0000 + i), "role": role,
        "manifest": "stream-%03d" % i, "state": "live", "ingest": "rtmp",
        "remote": "192.0.2.%d:40000" % (i % 250 + 1),
        "started_ms": NOW - 60_000 * (i + 1), "last_ms": NOW - 900,
        "width": 1920, "height": 1080, "fps": 30.0,
        "source_bitrate": 6_000_000, "video": "h264", "audio": "aac",
        "segments_in": 100 + i, "segments_out": 98 + i,
        "segments_failed": i % 7 // 6, "segments_retried": i % 3,
        "in_flight": 1, "realtime_ratio": 0.3 + i % 10 / 12,
        "latency_ms": 800 + i * 10, "latency_p99_ms": 2100,
        "transcoder": "gpu0" if i % 2 else "cpu0",
        "renditions": [
            {"name": "P360p30fps16x9", "width": 640, "height": 360,
             "fps": 30.0, "bitrate": 1_200_000, "segments": 98,
             "bytes": 29_400_000, "measured_bitrate": 1_190_000},
            {"name": "P240p30fps16x9", "width": 426, "height": 240,
             "fps": 30.0, "bitrate": 600_000, "segments": 98,
             "bytes": 14_700_000, "measured_bitrate": 598_000}],
        "recent": [
            {"seq": 80 + k, "at_ms": NOW - (20 - k) * 2000,
             "duration_ms": 2000, "latency_ms": 700 + 20 * k,
             "bytes": 1_500_000, "outcome": "failed" if k == 5 else "ok",
             "detail": "transcoder gone" if k == 5 else "gpu0"}
            for k in range(20)],
    }
    row.update(more)
    return row


def transcoder(i, **more):
    row = {
        "id": ["cpu0", "gpu0"][i] if i < 2 else "remote%d" % i,
        "kind": ["cpu", "gpu"][i] if i < 2 else "remote",
        "address": "" if i < 2 else "198.51.100.%d:5000" % i,
        "device": ["8 threads", "Tesla T4"][i] if i < 2 else "",
        "version": "0.1.0", "state": "busy" if i else "idle",
        "capacity": 4 + 4 * i, "load": 3 * i, "since_ms": NOW - 3_600_000,
        "segments": 1000 * i, "failed": i // 2, "speed": 1.1 + 2 * i,
        "utilisation": 0.2 + 0.2 * i, "rss": 80_000_000,
    }
    row.update(more)
    return row


def device(i):
    if not i:
        return {"id": "machine", "kind": "cpu", "name": "Acme 3000",
                "state": "ok", "busy": 0.43, "encoder": -1, "decoder": -1,
                "memory_used": 5 << 30, "memory_total": 16 << 30,
                "temperature": 61, "power": -1, "encoder_sessions": -1,
                "load": 3.5, "cores": 8}
    return {"id": "gpu%d" % (i - 1), "kind": "gpu", "name": "Tesla T4",
            "state": "ok", "busy": 0.1 * i, "encoder": 0.55, "decoder": 0.21,
            "memory_used": 4 << 30, "memory_total": 16 << 30,
            "temperature": 71, "power": 63.5, "encoder_sessions": 3,
            "load": -1, "cores": -1}


class FakeDaemon:
    def __init__(self, path):
        self.path = str(path)
        self.lock = threading.Lock()
        self.versions = [0] * len(SECTIONS)
        self.views = [{}] * len(SECTIONS)
        self.records = []
        self.trend = None           # as trend() makes it
        self.frames = None          # all that a console gets, as bytes
        self.trend_after = []       # what consoles asked to follow on
        self.commands = []          # (name, args) in order
        self.answer = lambda name, args: ("done", "as you wish")
        self.clients = []
        self.protocol, self.version = 1, "0.1.0"
        self.arrived = threading.Condition(self.lock)
        self.server = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.server.bind(self.path)
        self.server.listen(8)
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self):
        self.server.close()
        for c in list(self.clients):
            self._drop(c)
        if os.path.exists(self.path):
            os.unlink(self.path)

    def publish(self, section, view):
        i = SECTIONS.index(section)
        with self.lock:
            self.versions[i] += 1
            self.views[i] = view
            for c in self.clients:
                self._send(c, self._view(i))

    def log(self, *texts, level="info", name="orch"):
        with self.lock:
            after = len(self.records)
            for t in texts:
                self.records.append({
                    "seq": len(self.records) + 1,
                    "at_ms": NOW + len(self.records) * 10,
                    "level": level, "name": name, "text": t})
            for c in self.clients:
                self._send_log(c, after)

    def add_sample(self, row):
        with self.lock:
            self.trend["fine"].append(row)
            for c in self.clients:
                self._send(c, frame(TREND, {"fine": [row]}))

    def bye(self, reason):
        with self.lock:
            for c in list(self.clients):
                self._send(c, frame(BYE, {"reason": reason}))
        for c in list(self.clients):
            self._drop(c)

    def wait_command(self, n=1, seconds=5):
        with self.arrived:
            assert self.arrived.wait_for(
                lambda: len(self.commands) >= n, seconds), "no command came"
            return self.commands[n - 1]

    # --- the wire ---

    def _view(self, i):
        return frame(VIEW, struct.pack(">BQ", i, self.versions[i]) +
                     encode(self.views[i]))

    def _send(self, c, data):
        try:
            c.sendall(data)
        except OSError:  # gone, or frozen, and a part of a frame is no frame
            self._drop(c)

    def _send_log(self, c, after):
        while after < len(self.records):
            batch = self.records[after:after + 1000]
            self._send(c, frame(LOG, {"after": after, "records": batch}))
            after += len(batch)

    def _drop(self, c):
        try:
            c.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass

    def _accept(self):
        while True:
            try:
                c, _ = self.server.accept()
            except OSError:
                return
            c.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO,
                         struct.pack("ll", SEND_S, 0))
            threading.Thread(target=self._serve, args=(c,),
                             daemon=True).start()

    def _read(self, c, n):
        data = b""
        while len(data) < n:
            more = c.recv(n - len(data))
            if not more:
                raise OSError("gone")
            data += more
        return data

    def _serve(self, c):
        try:
            while True:
                n, kind = struct.unpack(">IB", self._read(c, 5))
                body = self._read(c, n)
                if kind == SECRET:
                    self._on_secret(c, body)
                else:
                    self._on_frame(c, kind, json.loads(body or b"{}"))
        except OSError:
            pass
        with self.lock:
            if c in self.clients:
                self.clients.remove(c)
        c.close()

    def _on_secret(self, c, body):
        number, question = struct.unpack(">QQ", body[:16])
        with self.arrived:
            self.commands.append((question, body[16:].decode()))
            self.arrived.notify_all()
        self._send(c, frame(ANSWER, {"id": number, "outcome": "done",
                                     "text": "heard"}))

    def _on_frame(self, c, kind, body):
        if kind == HELLO:
            self._send(c, frame(HELLO, {
                "protocol": self.protocol, "version": self.version,
                "pid": os.getpid()}))
        elif kind == SUBSCRIBE and self.frames:
            self._send(c, self.frames)
        elif kind == SUBSCRIBE:
            with self.lock:
                self.clients.append(c)
                for i in range(len(SECTIONS)):
                    if body["sections"] >> i & 1:
                        self._send(c, self._view(i))
                if body.get("trend"):
                    self.trend_after.append(body["trend_after"])
                    if self.trend:
                        self._send(c, frame(TREND, self.trend))
                if body.get("log"):
                    self._send_log(c, body.get("log_after", 0))
        elif kind == COMMAND:
            said = self.answer(body["name"], body["args"])
            if said[0] == "asks" and body.get("token") == TOKEN:
                said = "accepted", "it is sent"
            with self.arrived:
                self.commands.append((body["name"], body["args"]))
                self.arrived.notify_all()
            answer = {"id": body["id"], "outcome": said[0], "text": said[1]}
            if said[0] == "asks":
                answer.update(token=TOKEN, word=WORD)
            self._send(c, frame(ANSWER, answer))
