"""R16: orders from those who may give none: a web page in a browser on this
machine (CSRF, DNS rebinding), another user of this machine, someone on the
network, and nonsense on the console's own socket. Nothing changes."""
import json
import multiprocessing
import os
import socket
import stat
import struct

import house
import curl
import wire

# What go-livepeer's command line API changes, by GET and by POST alike.
ORDERS = ["/setMaxSessions?maxSessions=1", "/setLogLevel?loglevel=6",
          "/setBroadcastConfig?transcodingOptions=P144p30fps16x9",
          "/setOrchestratorConfig", "/setPriceForBroadcaster",
          "/setMaxPriceForCapability", "/activateOrchestrator", "/bond",
          "/unbond", "/withdrawStake", "/withdrawFees", "/transferTokens",
          "/fundDepositAndReserve", "/unlock", "/withdraw", "/reward",
          "/vote", "/signMessage", "/requestTokens", "/stop", "/drain",
          "/command", "/ctl", "/setGasPrice", "/setMinGasPrice"]


def state(node):
    """What an order could change."""
    said = house.wait.until(
        lambda: (lambda s: "state" in s["node"] and s)(node.status()), 5,
        "a status that is complete")
    found = {k: said["node"][k] for k in ("state", "log_level", "pid")}
    found["max_sessions"] = said["sessions"]["max_sessions"]
    return found


def pages(node, row, before):
    """Orders over HTTP, as a page's script or a stranger would send them."""
    strangers = [
        {"Origin": "https://evil.example", "Referer": "https://evil.example/"},
        {"Host": "evil.example", "Origin": "http://evil.example"},
        {"Content-Type": "application/x-www-form-urlencoded"}, {}]
    for flag in ("cliAddr", "httpAddr", "serviceAddr"):
        scheme = "https" if flag == "serviceAddr" else "http"
        base = f"{scheme}://{node.flags[flag]}"
        for path in ORDERS:
            for headers in strangers if flag == "cliAddr" else strangers[:1]:
                for method, body in (("GET", None), ("POST", b"a=1")):
                    answer = curl.request(base + path, method=method,
                                          body=body, headers=headers,
                                          http=curl.H1)
                    row.fault(answer.status >= 400,
                              f"{method} {path} on -{flag}: {answer}")
    for name in ("evil.example", "127.0.0.1.evil.example", "localhost.evil",
                 "evil.example:" + str(node.port("cliAddr"))):
        answer = curl.request(f"http://{node.flags['cliAddr']}/status",
                              headers={"Host": name}, http=curl.H1)
        row.fault(answer.status >= 400, f"/status for Host {name}: {answer}")
    allowed = curl.request(f"http://{node.flags['cliAddr']}/status",
                           headers={"Origin": "https://evil.example"},
                           http=curl.H1)
    row.fault("access-control-allow-origin" not in allowed.headers,
              "/status may be read by any page")
    row.promise(state(node) == before, f"{before} became {state(node)}")


def console_socket(node):
    for folder, _, names in os.walk(node.dir):
        for name in names:
            path = os.path.join(folder, name)
            if stat.S_ISSOCK(os.stat(path).st_mode):
                return path
    raise FileNotFoundError("no console socket")


def frame(kind, payload):
    return struct.pack(">I", len(payload)) + bytes([kind]) + payload


def say(path, *frames):
    """Says it on the socket; what comes back within a moment."""
    with socket.socket(socket.AF_UNIX) as s:
        s.settimeout(2)
        s.connect(path)
        got = b""
        try:
            for f in frames:
                s.sendall(f)
            s.settimeout(0.3)
            while more := s.recv(65536):
                got += more
        except OSError:
            pass
        return got


HELLO, COMMAND, SUBSCRIBE = 1, 4, 6  # proto/ctl_frame.h


def order(name, **args):
    """What a console says to have one command run, and to see the state."""
    said = [(HELLO, {"protocol": 1, "version": "0", "pid": 1}),
            (SUBSCRIBE, {"sections": 31, "log": True, "log_after": 0}),
            (COMMAND, {"id": 1, "name": name, "args": args})]
    return [frame(kind, json.dumps(what).encode()) for kind, what in said]


ORDER_SEVEN = order("set_max_sessions", n=7)


def as_nobody(path, pipe):
    """Another user of this machine."""
    os.setgroups([])
    os.setgid(65534)
    os.setuid(65534)
    got = b""
    try:
        for said in (order("stop"), order("drain"), ORDER_SEVEN):
            got += say(path, *said)
    except PermissionError:
        pipe.send("refused by the kernel")
        return
    except OSError as e:
        pipe.send(str(e))
        return
    pipe.send(got)


def other_user(node, row, path, before):
    if os.getuid() != 0:
        return  # no other user to be
    fork = multiprocessing.get_context("fork")
    for mode, folders in ((0o600, False), (0o666, True)):
        opened = []
        if folders:  # somebody opened the way by mistake: the uid still counts
            os.chmod(path, mode)
            folder = os.path.dirname(path)
            while folder not in ("/", "/tmp"):
                opened.append((folder, stat.S_IMODE(os.stat(folder).st_mode)))
                os.chmod(folder, 0o755)
                folder = os.path.dirname(folder)
        ours, theirs = fork.Pipe()
        child = fork.Process(target=as_nobody, args=(path, theirs))
        child.start()
        heard = ours.recv() if ours.poll(20) else None
        child.join(5)
        for folder, old in opened:
            os.chmod(folder, old)
        # A refusal may be said; state may not.
        row.fault(isinstance(heard, str) or
                  (heard is not None and b"max_sessions" not in heard
                   and b'"done"' not in heard),
                  f"another user heard {heard!r:.200}")
        row.promise(state(node) == before, f"{before} became {state(node)}")


def nonsense(row, node, path):
    """Our own uid, out of its mind."""
    hello = json.dumps({"protocol": 1, "version": "0", "pid": 1}).encode()
    said = [b"", b"\0", b"\xff" * 5000, struct.pack(">I", 0xffffffff) + b"\1",
            frame(1, b"{"), frame(1, b"[" * 100000), frame(200, b"x"),
            frame(1, hello) + frame(200, bytes(70000)),
            frame(1, json.dumps({"protocol": 99}).encode()),
            frame(1, hello) * 1000, frame(1, hello)[:7],
            frame(1, b'{"protocol":1e999,"version":"' + b"x" * 60000 + b'"}')]
    for kind in range(0, 12):
        for payload in (b"", b"null", b"[]", b'{"id":-1,"name":"\x00"}',
                        b'{"sections":-1,"log":7,"log_after":"x"}',
                        b'{"id":9007199254740993,"name":"nothing","args":[]}'):
            said.append(frame(1, hello) + frame(kind, payload))
    for bytes_said in said:
        with socket.socket(socket.AF_UNIX) as s:
            s.connect(path)
            wire.send(s, bytes_said)
            wire.closed(s, 0.02)
        row.fault(node.alive(), f"the node is gone after {bytes_said[:80]}")


def listens(node, row):
    """Only the service port is for the network."""
    port = f":{node.port('serviceAddr'):04X}"
    inodes = set()
    for fd in os.listdir(f"/proc/{node.process.pid}/fd"):
        try:
            inodes.add(os.readlink(f"/proc/{node.process.pid}/fd/{fd}"))
        except OSError:
            pass
    for table in ("tcp", "tcp6"):
        with open(f"/proc/{node.process.pid}/net/{table}") as f:
            for line in list(f)[1:]:
                field = line.split()
                if field[3] != "0A" or f"socket:[{field[9]}]" not in inodes:
                    continue
                local = field[1].startswith("0100007F") or \
                    field[1].startswith("0" * 24 + "01000000")
                row.fault(local or field[1].endswith(port),
                          f"{field[1]} is open to the network")


def run(row):
    with house.house() as node:
        path = console_socket(node)
        before = state(node)
        row.promise(stat.S_IMODE(os.stat(path).st_mode) == 0o600,
                    "the console socket is not 0600")
        pages(node, row, before)
        listens(node, row)
        other_user(node, row, path, before)
        nonsense(row, node, path)
        row.promise(state(node) == before, f"{before} became {state(node)}")
        # The order itself was a good one: its own user may give it.
        say(path, *ORDER_SEVEN)
        house.wait.until(lambda: state(node)["max_sessions"] == 7, 5,
                         "our own order")
        row.promise(house.good_segment(node, house.clip()[0]) is not None,
                    "no honest segment afterwards")
