"""An Ethereum node that lies as a test tells it to, where tests/peers/rpc_proxy
is one that fails as real ones do: hands JSON-RPC on, and lets a function have
the last word about each answer.

    with Liar(chain.url) as liar:
        Node(..., ethUrl=liar.url)
        liar.fault = lie     # lie(liar, call, answer) -> the answer to give
        liar.fault = None    # honest again

Instead of answering it may raise Http(status, body, headers), Raw(body),
Huge(size), Hang(seconds), Trickle(seconds) or Drop(). What was asked is counted
in liar.calls."""
import collections
import http.client
import http.server
import json
import threading
import time
import urllib.parse


class Http(Exception):
    """Answers with this status and body, whatever was asked."""

    def __init__(self, status, body=b"", headers=None):
        super().__init__(status)
        self.status, self.body, self.headers = status, body, headers or {}


class Raw(Http):
    """Answers with these bytes as if they were JSON."""

    def __init__(self, body):
        super().__init__(200, body, {"Content-Type": "application/json"})


class Huge(Exception):
    """A body of so many bytes of spaces, sent as long as it is read."""

    def __init__(self, size):
        super().__init__(size)
        self.size = size


class Hang(Exception):
    """Says nothing for a time, then hangs up."""

    def __init__(self, seconds):
        super().__init__(seconds)
        self.seconds = seconds


class Trickle(Hang):
    """A byte a second of an answer that never ends."""


class Drop(Exception):
    """Hangs up."""


class _Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        length = int(self.headers.get("Content-Length", 0))
        liar = self.server.liar
        try:
            body = liar.answer(self.rfile.read(length))
            self.reply(200, body, {"Content-Type": "application/json"})
        except Http as e:
            self.reply(e.status, e.body, e.headers)
        except Huge as e:
            self.huge(e.size)
        except Trickle as e:
            self.trickle(e.seconds)
        except Hang as e:
            liar.released.wait(e.seconds)
            self.close_connection = True
        except (Drop, OSError, http.client.HTTPException):
            self.close_connection = True

    def reply(self, status, body, headers):
        try:
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)
        except OSError:
            self.close_connection = True

    def huge(self, size):
        self.close_connection = True
        try:
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(size))
            self.end_headers()
            while size > 0:
                self.wfile.write(b" " * 65536)
                size -= 65536
                self.server.liar.sent += 65536
        except OSError:
            pass

    def trickle(self, seconds):
        self.close_connection = True
        end = time.monotonic() + seconds
        try:
            self.send_response(200)
            self.send_header("Content-Length", "100000")
            self.end_headers()
            while time.monotonic() < end and \
                    not self.server.liar.released.wait(1):
                self.wfile.write(b" ")
                self.wfile.flush()
        except OSError:
            pass

    def log_message(self, *_):
        pass


class _Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def handle_error(self, *_):
        pass


class Liar:
    def __init__(self, url):
        self.to = urllib.parse.urlsplit(url)
        self.fault = None
        self.calls = collections.Counter()
        self.sent = 0  # of huge bodies
        self.released = threading.Event()
        self._kept = threading.local()

    # --- its life ---
    def __enter__(self):
        self.server = _Server(("127.0.0.1", 0), _Handler)
        self.server.liar = self
        self.thread = threading.Thread(target=self.server.serve_forever,
                                       kwargs={"poll_interval": 0.05},
                                       daemon=True)
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.released.set()
        self.server.shutdown()
        self.server.server_close()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server.server_address[1]}"

    # --- what it does ---
    def forward(self, calls):
        """The Ethereum node's own answer."""
        connection = getattr(self._kept, "connection", None)
        for attempt in (0, 1):
            if connection is None:
                connection = http.client.HTTPConnection(
                    self.to.hostname, self.to.port, timeout=30)
            try:
                connection.request("POST", "/", json.dumps(calls), {
                    "Content-Type": "application/json"})
                answer = json.loads(connection.getresponse().read())
                self._kept.connection = connection
                return answer
            except (OSError, http.client.HTTPException):
                connection.close()
                connection = None
                if attempt:
                    raise
        return None

    def answer(self, body):
        asked = json.loads(body)
        calls = asked if isinstance(asked, list) else [asked]
        for call in calls:
            self.calls[call["method"]] += 1
        fault = self.fault
        given = self.forward(asked)
        if fault:
            given = [fault(self, call, one) for call, one in zip(
                calls, given if isinstance(given, list) else [given])]
            given = given if isinstance(asked, list) else given[0]
        return json.dumps(given).encode()
