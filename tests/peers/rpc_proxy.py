"""Between a node and anvil: adds what real nets do and anvil does not, and every
fault that a test asks for, until heal().

    with RpcProxy(chain.url) as proxy:          # proxy.url for -ethUrl
        proxy.fault("status", "eth_call", times=2, code=429)
        proxy.hold = True                       # transactions get stuck
        proxy.behind = 3                        # the head lies
        proxy.calls["eth_getLogs"]              # how often it was asked

Faults of a batch are those of any call in it, unless they replace an answer."""
import collections
import http.client
import http.server
import json
import threading
import time
import urllib.parse

import mempool

# Where a call says which block it is about; eth_getLogs says it in its filter.
BLOCK_AT = {
    "eth_call": 1, "eth_estimateGas": 1, "eth_feeHistory": 1,
    "eth_getBalance": 1, "eth_getBlockByNumber": 0, "eth_getCode": 1,
    "eth_getStorageAt": 2, "eth_getTransactionCount": 1,
}
HEADERS = ("eth_getBlockByNumber", "eth_getBlockByHash")
OF_A_TX = ("eth_getTransactionByHash", "eth_getTransactionReceipt")

# What comes instead of each type of answer when types are wrong.
WRONG = {str: 17, dict: "0x", list: {}, int: "seventeen", bool: [],
         type(None): [[]]}


class Dropped(Exception):
    """The connection ends here, without an answer."""


class Fault:
    """One of a proxy's; `hits` counts what it spoilt."""

    def __init__(self, kind, method, times, args):
        self.kind, self.method, self.times = kind, method, times
        self.args, self.hits = args, 0

    def fits(self, method):
        return (self.method in ("*", method) and
                (self.times is None or self.hits < self.times))


class RpcProxy:
    """Kinds of fault, for the HTTP exchange that has such a call:
    delay (seconds)  before it goes on
    drop             closed before anvil hears of it
    lose             closed after anvil did it
    status (code, body="", headers={})  instead of asking anvil
    truncate         the answer ends in its middle
    garbage          the answer is no JSON
    and for the answer of the call itself:
    error (code, message, data=None)  instead of asking anvil
    null             the answer is null
    types            of wrong types, all through
    id               with another id, as if of another call
    answer (value)   this one"""

    def __init__(self, target):
        self.target = urllib.parse.urlsplit(target)
        self.calls = collections.Counter()
        self.exchanges = 0
        self.faults = []
        self._lock = threading.RLock()
        self._id = 0
        self.pool = mempool.Mempool(self.ask)
        self.heal()
        self._serve()

    def heal(self):
        """The faults end and what was held goes out. What makes the net another
        net stays: see arbitrum(), strict_replacement."""
        with self._lock:
            self.faults = []
            self.hidden = set()
            self.behind = 0
            self.frozen = None
            self.pool.hold = False
            self.pool.floor = 0
            self.pool.release()

    def fault(self, kind, method="*", times=None, **args):
        assert kind in ("delay", "drop", "lose", "status", "truncate",
                        "garbage", "error", "null", "types", "id",
                        "answer"), kind
        made = Fault(kind, method, times, args)
        with self._lock:
            self.faults.append(made)
        return made

    def end(self, fault):
        with self._lock:
            self.faults.remove(fault)

    def freeze(self):
        """The head stays where it is, as of a node that lost its peers."""
        self.frozen = self._height()

    def _height(self):
        return int(self.ask("eth_blockNumber")["result"], 16)

    def _head(self):
        """The height that is lied about; None while there is no lie."""
        if self.frozen is not None:
            return self.frozen
        return self._height() - self.behind if self.behind else None

    # --- another net ---
    shift = None

    def arbitrum(self, shift=1_000_000):
        """Headers have l1BlockNumber, the height that contracts see, and the
        chain's own heights are larger by `shift`."""
        self.shift = shift

    # --- transactions that do not get mined ---
    @property
    def hold(self):
        """Whether each transaction gets stuck on its way."""
        return self.pool.hold

    @hold.setter
    def hold(self, on):
        self.pool.hold = on

    @property
    def floor(self):
        """Those that pay less per gas get stuck, in wei."""
        return self.pool.floor

    @floor.setter
    def floor(self, wei):
        self.pool.floor = wei

    @property
    def held(self):
        """The stuck ones, oldest first: raw_tx.Tx."""
        return self.pool.held

    @property
    def strict_replacement(self):
        """Demand a tenth more for a replacement, of both fees, as geth does."""
        return self.pool.strict

    @strict_replacement.setter
    def strict_replacement(self, on):
        self.pool.strict = on

    def release(self):
        """What is stuck goes out."""
        self.pool.release()

    def forget(self):
        """What is stuck is lost, as from a pool that overflowed."""
        self.pool.held.clear()

    # --- HTTP ---
    def _serve(self):
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                try:
                    status, headers, answer, size = outer._exchange(body)
                except Dropped:
                    self.close_connection = True
                    self.connection.close()
                    return
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(size))
                self.end_headers()
                self.wfile.write(answer)
                if size != len(answer):
                    self.wfile.flush()
                    self.close_connection = True
                    self.connection.close()

            def log_message(self, *_):
                pass

            def handle(self):
                try:
                    super().handle()
                except (OSError, ValueError):
                    pass  # closed by a fault, or by the peer

        class Server(http.server.ThreadingHTTPServer):
            daemon_threads = True
            request_queue_size = 64

        self.server = Server(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, args=(0.02,),
                         daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()

    def _hit(self, kinds, methods):
        """The first fault of these kinds that fits one of these methods."""
        with self._lock:
            for fault in self.faults:
                if fault.kind in kinds and any(map(fault.fits, methods)):
                    fault.hits += 1
                    return fault
        return None

    def _exchange(self, body):
        """Status, headers, the bytes to send and the size to announce."""
        said = json.loads(body)
        calls = said if isinstance(said, list) else [said]
        methods = [c["method"] for c in calls]
        with self._lock:
            self.exchanges += 1
            self.calls.update(methods)
        plain = {"Content-Type": "application/json"}
        delay = self._hit(("delay",), methods)
        if delay:
            time.sleep(delay.args["seconds"])
        if self._hit(("drop",), methods):
            raise Dropped
        status = self._hit(("status",), methods)
        if status:
            answer = status.args.get("body", "").encode()
            return (status.args["code"], status.args.get("headers", {}),
                    answer, len(answer))
        answers = [self._answer(c) for c in calls]
        if self._hit(("lose",), methods):
            raise Dropped
        answer = json.dumps(answers if isinstance(said, list)
                            else answers[0]).encode()
        if self._hit(("garbage",), methods):
            answer = b"<html>504 Gateway Time-out</html>"
        size = len(answer)
        if self._hit(("truncate",), methods):
            answer = answer[:size // 2]
        return 200, plain, answer, size

    # --- calls ---
    def ask(self, method, *params):
        """anvil itself; a dict with "result" or "error"."""
        with self._lock:
            self._id += 1
            id_ = self._id
        connection = http.client.HTTPConnection(
            self.target.hostname, self.target.port, timeout=60)
        try:
            connection.request("POST", "/", json.dumps(
                {"jsonrpc": "2.0", "id": id_, "method": method,
                 "params": params}), {"Content-Type": "application/json"})
            return json.loads(connection.getresponse().read())
        except (OSError, http.client.HTTPException):
            raise Dropped from None  # anvil is down, and so is its proxy
        finally:
            connection.close()

    def _answer(self, call):
        method = call["method"]
        fault = self._hit(("error", "null", "types", "id", "answer"), [method])
        kind = fault.kind if fault else ""
        if kind == "error":
            found = {"error": {k: fault.args[k] for k in
                               ("code", "message", "data") if k in fault.args}}
        elif kind == "null":
            found = {"result": None}
        elif kind == "answer":
            found = {"result": fault.args["value"]}
        else:
            found = self._honest(method, list(call.get("params", [])))
        if kind == "types" and "result" in found:
            found = {"result": wrong(found["result"])}
        id_ = call["id"]
        return {"jsonrpc": "2.0", "id": id_ + 7 if kind == "id" else id_,
                **{k: found[k] for k in ("result", "error") if k in found}}

    def _honest(self, method, params):
        """As the net is: with its heights, its head and its pool."""
        head = self._head()
        self._lower(method, params, head)
        if method == "eth_getLogs" and params[0].get("fromBlock") is not None:
            if head is not None and int(params[0]["fromBlock"], 16) > head:
                return {"result": []}
        found = self.pool.answer(method, params) or \
            self.ask(method, *params)
        if "result" in found:
            found["result"] = self._seen(method, params, found["result"], head)
        return found

    def _lower(self, method, params, head):
        """Heights of this net in a call become anvil's."""
        if method == "eth_getLogs":
            places = [(params[0], k) for k in ("fromBlock", "toBlock")
                      if k in params[0] or
                      (head is not None and "blockHash" not in params[0])]
        elif BLOCK_AT.get(method, 99) < len(params):
            places = [(params, BLOCK_AT[method])]
        else:
            places = []
        for holder, key in places:
            value = holder.get(key, "latest") if isinstance(holder, dict) \
                else holder[key]
            holder[key] = self._lowered(value, head)

    def _lowered(self, value, head):
        if not isinstance(value, str):
            return value
        if value == "latest" and head is not None:
            return hex(head)
        if value.startswith("0x") and len(value) < 66 and self.shift:
            return hex(max(int(value, 16) - self.shift, 0))
        return value

    def _seen(self, method, params, result, head):
        """An answer of anvil as this net tells it."""
        if method in OF_A_TX and params[0].lower() in self.hidden:
            return None
        if method == "eth_getLogs":
            result = [log for log in result
                      if log["transactionHash"].lower() not in self.hidden]
        if head is not None:
            if method == "eth_blockNumber":
                result = hex(head)
            number = result.get("number", result.get("blockNumber")) \
                if isinstance(result, dict) else None
            if number is not None and int(number, 16) > head:
                return None
        if self.shift and method == "eth_blockNumber":
            return hex(int(result, 16) + self.shift)
        if self.shift and isinstance(result, (dict, list)):
            result = self._raised(result)
            if method in HEADERS and result:
                result["l1BlockNumber"] = \
                    hex(int(result["number"], 16) - self.shift)
        return result

    def _raised(self, value):
        if isinstance(value, list):
            return [self._raised(v) for v in value]
        if not isinstance(value, dict):
            return value
        return {k: hex(int(v, 16) + self.shift)
                if k in ("number", "blockNumber") and v else self._raised(v)
                for k, v in value.items()}


def wrong(value):
    """Each value replaced by one of another type, inside of what is kept."""
    if isinstance(value, dict) and value:
        return {k: WRONG[type(v)] for k, v in value.items()}
    return WRONG[type(value)]
