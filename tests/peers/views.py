"""What a node's consoles see, kept up to date: for tests that wait for something
to be shown, without a process for each look."""
import json
import os
import socket
import struct
import threading

import wait

HELLO, VIEW, COMMAND, ANSWER, SUBSCRIBE, TREND, SECRET = 1, 2, 4, 5, 6, 8, 9
SECTIONS = ["node", "streams", "sessions", "transcoders", "orchestrators",
            "chain", "staking", "pricing", "funds", "tickets", "txs", "doctor",
            "settings", "devices", "migration", "wizard"]


class Views:
    """Views(node)["staking"]["state"]; until("txs", lambda v: v["rows"])."""

    def __init__(self, node, trend_after=None):
        self.found = {name: {} for name in SECTIONS}
        self.path = os.path.join(node.datadir, "weir.sock")
        self.socket = wait.until(self._connect, 20, "the node's socket")
        self._send(HELLO, {"protocol": 1, "version": "0", "pid": 0})
        self.trend = []             # its frames, in order of arrival
        self.answers = {}           # to commands, by their ids
        self.last = 0
        self._send(SUBSCRIBE, {"sections": (1 << len(SECTIONS)) - 1,
                               "log": False, "log_after": 0,
                               "trend": trend_after is not None,
                               "trend_after": trend_after})
        threading.Thread(target=self._read_all, daemon=True).start()

    def close(self):
        self.socket.close()

    def __getitem__(self, section):
        return self.found[section]

    def until(self, section, condition, seconds=30, what=None):
        """The section, as soon as condition(section) holds."""
        def holds():
            view = self.found[section]
            return view and condition(view) and view
        return wait.until(holds, seconds, what or f"section {section}")

    def order(self, name, **args):
        """What the node answers: (outcome, text)."""
        self.last += 1
        self._send(COMMAND, {"id": self.last, "name": name, "args": args})
        return self._answer(self.last)

    def secret(self, number, text):
        self.last += 1
        self._send_raw(SECRET, struct.pack(">QQ", self.last, number) +
                       text.encode())
        return self._answer(self.last)

    def _answer(self, number):
        found = wait.until(lambda: self.answers.get(number), 20, "an answer")
        return found["outcome"], found["text"]

    def _connect(self):
        s = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            s.connect(self.path)
            return s
        except OSError:  # a killed node leaves its socket behind
            s.close()
            return None

    def _send(self, kind, payload):
        self._send_raw(kind, json.dumps(payload).encode())

    def _send_raw(self, kind, payload):
        self.socket.sendall(struct.pack(">IB", len(payload), kind) + payload)

    def _read(self, n):
        data = b""
        while len(data) < n:
            more = self.socket.recv(n - len(data))
            if not more:
                raise OSError("the node is gone")
            data += more
        return data

    def _read_all(self):
        try:
            while True:
                n, kind = struct.unpack(">IB", self._read(5))
                payload = self._read(n)
                if kind == TREND:
                    self.trend.append(json.loads(payload))
                if kind == ANSWER:
                    answer = json.loads(payload)
                    self.answers[answer["id"]] = answer
                if kind == VIEW and payload[0] < len(SECTIONS):
                    self.found[SECTIONS[payload[0]]] = json.loads(payload[9:])
        except OSError:
            pass
