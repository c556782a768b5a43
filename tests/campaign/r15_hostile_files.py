"""R15: what strangers write into files and names: keyfiles that are broken or
ask for the moon, webhooks that answer without end or send us elsewhere,
manifest ids that are paths. All of it is refused with a reason, nothing is
written outside, nothing near is asked for a stranger, and no byte of a key or
password is where a core, the log or the swap could get it."""
import copy
import http.server
import json
import os
import random
import re
import signal
import socket
import subprocess
import tempfile
import threading
import time

import house
import keystore
import rtmp_client as rtmp
import wire
from devnet import Devnet
from node import WEIR
from smaps import leaks

PASSWORD = "correct horse battery staple"
ESCAPED = f"escaped-{os.getpid()}"  # what must be nowhere
MIB = 1 << 20


# --- keyfiles ----------------------------------------------------------------

def weir(*words, **more):
    """Runs to its end: (status, what it said, MiB it took, seconds)."""
    began = time.monotonic()
    with tempfile.TemporaryFile() as said:
        process = subprocess.Popen([WEIR, *words], stdin=subprocess.DEVNULL,
                                   stdout=said, stderr=said,
                                   start_new_session=True, **more)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        said.seek(0)
        return (process.returncode, said.read().decode(errors="replace"),
                usage.ru_maxrss / 1024, time.monotonic() - began)


def with_params(sealed, **params):
    changed = copy.deepcopy(sealed)
    changed["crypto"]["kdfparams"].update(params)
    return changed


def with_crypto(sealed, **members):
    changed = copy.deepcopy(sealed)
    changed["crypto"].update(members)
    return changed


def named_faults(sealed):
    """(name, content, what the reason has in it)."""
    c = sealed["crypto"]
    for exponent in (20, 24, 30, 40, 62):
        yield (f"n 2^{exponent}", with_params(sealed, n=1 << exponent),
               "512 MiB")
    yield "n no power", with_params(sealed, n=4097), "power of two"
    yield "n negative", with_params(sealed, n=-4096), "n: "
    yield "n real", with_params(sealed, n=4096.0), "n: "
    yield "n text", with_params(sealed, n="4096"), "n: "
    yield "n 2^63", with_params(sealed, n=1 << 63), "not JSON"
    yield "r large", with_params(sealed, r=1 << 40), "not within"
    yield "p large", with_params(sealed, p=1 << 40), "not within"
    yield "steps", with_params(sealed, n=1 << 18, p=64), "steps"
    yield "dklen 0", with_params(sealed, dklen=0), "dklen"
    yield "dklen large", with_params(sealed, dklen=1 << 40), "dklen"
    yield "salt large", with_params(sealed, salt="00" * 65), "salt"
    yield "rounds", with_crypto(sealed, kdf="pbkdf2", kdfparams={
        "c": 1 << 40, "dklen": 32, "prf": "hmac-sha256", "salt": "00"}), \
        "c 1099"
    yield "prf", with_crypto(sealed, kdf="pbkdf2", kdfparams={
        "c": 1, "dklen": 32, "prf": "hmac-md5", "salt": "00"}), "prf"
    yield "kdf", with_crypto(sealed, kdf="argon2id"), "kdf"
    yield "cipher", with_crypto(sealed, cipher="aes-128-cbc"), "cipher"
    yield "mac", with_crypto(sealed, mac="00" * 32), "password is wrong"
    yield "mac short", with_crypto(sealed, mac=c["mac"][:-2]), "mac"
    yield "iv", with_crypto(sealed, cipherparams={"iv": "00" * 16}), "another"
    yield "ciphertext", with_crypto(sealed, ciphertext="00" * 33), "ciphertext"
    for version in (1, 2, 4, "3", None, 1 << 40):
        yield f"version {version}", dict(sealed, version=version), "version"
    yield "address", dict(sealed, address="00" * 19 + "01"), "another address"
    yield "no address", dict(sealed, address="zz" * 20), "address"
    yield "crypto gone", {k: v for k, v in sealed.items() if k != "crypto"}, \
        "crypto"
    yield "empty", "", "not JSON"
    yield "deep", '{"crypto":' + "[" * 8000, "deeper"
    yield "long", " " * 20000, "16384"
    yield "a bare key", keystore.KEY, "not JSON"
    yield "NUL", json.dumps(sealed).replace("crypto", "cry\0pto"), "not JSON"


def refuse_named(row, directory, sealed):
    for name, content, reason in named_faults(sealed):
        path = keystore.write(os.path.join(directory, "key"), content)
        code, said, mib, seconds = weir("account", "check", path,
                                        "-ethPassword", PASSWORD)
        row.fault(code == 1 and reason in said and path in said and
                  keystore.KEY[:16] not in said,
                  f"keyfile, {name}: {code}, {said}")
        # A sanitizer's own memory and time are not what this is about.
        row.promise(mib < 560 * house.wait.SCALE,
                    f"keyfile, {name}: {mib:.0f} MiB")
        row.promise(seconds < 5 * house.wait.SCALE,
                    f"keyfile, {name}: {seconds:.1f} s")
    path = keystore.write(os.path.join(directory, "key"), sealed, 0o644)
    code, said, *_ = weir("account", "check", path, "-ethPassword", PASSWORD)
    row.fault(code == 1 and "chmod 600" in said, f"mode 644: {said}")


def mutated(text, dice):
    """A keyfile with something done to it."""
    data = bytearray(text.encode())
    for _ in range(dice.randint(1, 4)):
        at = dice.randrange(len(data))
        kind = dice.randrange(5)
        if kind == 0:
            data[at] ^= 1 << dice.randrange(8)
        elif kind == 1:
            del data[at:at + dice.randint(1, 40)]
        elif kind == 2:
            data[at:at] = bytes(dice.randrange(256)
                                for _ in range(dice.randint(1, 8)))
        elif kind == 3:
            data[at:at] = dice.choice(
                [b"9999999999", b'"', b"{", b"]", b"null", b"\xff\xfe", b"-1",
                 b'"crypto":{},', b'"n":1073741824,', b'"address":0,'])
        else:
            data[at:] = data[at:][::-1]
    return bytes(data) or b"{"


def is_bounded(content):
    """Would the best reading of this file ask for no more than it may?"""
    try:
        def lower(o):
            return {k.lower(): v for k, v in o.items()}

        crypto = lower(lower(json.loads(content))["crypto"])
        p = lower(crypto["kdfparams"])
        if crypto["kdf"] == "pbkdf2":
            return p["c"] <= 10_000_000
        return 128 * p["n"] * p["r"] <= 512 * MIB and \
            p["n"] * p["r"] * p["p"] <= 4 << 21
    except (ValueError, KeyError, AttributeError, TypeError):
        return False


def refuse_mutated(row, directory, sealed, count):
    """Whole directories at once: `weir account list` reads each file."""
    dice = random.Random(15)
    text = json.dumps(sealed)
    for first in range(0, count, 500):
        with tempfile.TemporaryDirectory(dir=directory) as keys:
            contents = {}
            for n in range(first, min(count, first + 500)):
                path = os.path.join(keys, f"{n:06}")
                contents[path] = mutated(text, dice)
                with open(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600),
                          "wb") as f:
                    f.write(contents[path])
            code, said, mib, _ = weir("account", "list", "--json",
                                      "-ethKeystorePath", keys)
            row.promise(code == 0 and mib < 100 * house.wait.SCALE,
                        f"list of broken files: {code}, {mib:.0f} MiB, "
                        f"{said[:300]}")
            found = {e["keyfile"]: e for e in json.loads(said)} \
                if code == 0 else {}
            for path, content in contents.items():
                entry = found.get(path, {"problem": ""})
                row.fault(bool(entry["problem"]) or is_bounded(content),
                          f"taken for a keyfile: {content!r:.400}")


# --- where key and password may be -------------------------------------------

def while_deriving(row, directory, count):
    """Stops `weir account check` in the middle of scrypt, and looks."""
    strong = keystore.seal(keystore.KEY, PASSWORD, n=1 << 18, r=8, p=1)
    path = keystore.write(os.path.join(directory, "strong"), strong)
    file = keystore.write(os.path.join(directory, "password"), PASSWORD)
    for _ in range(count):
        process = subprocess.Popen(
            [WEIR, "account", "check", path, "--password-file", file],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL)

        def works():
            with open(f"/proc/{process.pid}/status") as f:
                size = re.search(r"VmRSS:\s+(\d+)", f.read())
            return size and int(size[1]) > 60 << 10

        try:
            house.wait.until(works, 20, "scrypt at work")
            os.kill(process.pid, signal.SIGSTOP)
            bad, good = leaks(process.pid, {"password": PASSWORD.encode()})
        finally:
            os.kill(process.pid, signal.SIGCONT)
        row.fault(not bad, f"while deriving: {bad}")
        row.promise(good, "the password was not found where it should be")
        row.promise(process.wait(60) == 0, "check failed")


def while_running(row):
    """A node that earns with the key, its workers, and what it wrote."""
    with tempfile.TemporaryDirectory(prefix="weir-campaign-") as directory:
        with Devnet(os.path.join(directory, "chain")) as chain:
            who = chain.bond_orchestrator()
            key = who.key.removeprefix("0x")
            found = {
                "key": bytes.fromhex(key), "key in hex": key.encode(),
                "password": PASSWORD.encode(),
            }
            with house.house(
                    "orchestrator", "transcoder", network="devnet", v=99,
                    ethUrl=chain.url, ethController=chain.controller.address,
                    ethKeystorePath=keystore.write(
                        os.path.join(directory, "key"),
                        keystore.seal(key, PASSWORD)),
                    ethPassword=keystore.write(
                        os.path.join(directory, "password"), PASSWORD),
                    pricePerUnit=0) as node:
                house.good_segment(node, house.clip()[0])
                bad, good = leaks(node.process.pid, found)
                row.fault(not bad, f"in a node: {bad}")
                row.promise(good == 1, f"{good} places with the key, not one")
                for pid in node.workers():
                    bad, good = leaks(pid, found)
                    row.fault(not bad and not good, f"in a worker: {bad}")
                for path in tree(node.dir):
                    if not os.path.isfile(path):
                        continue
                    with open(path, "rb") as f:
                        said = f.read()
                    row.fault(not any(s in said for s in found.values()),
                              f"a secret in {path}")


def is_undumpable(directory):
    """The kernel gives the files of such a process in /proc to root."""
    if os.getuid() != 0:
        return True  # nobody to be
    os.chmod(directory, 0o755)
    strong = keystore.seal(keystore.KEY, PASSWORD, n=1 << 18, r=8, p=1)
    path = keystore.write(os.path.join(directory, "theirs"), strong)
    os.chown(path, 65534, 65534)
    process = subprocess.Popen(
        [WEIR, "account", "check", path, "-ethPassword", PASSWORD],
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL, user=65534, group=65534, extra_groups=[],
        cwd="/")
    try:
        house.wait.until(
            lambda: os.stat(f"/proc/{process.pid}/mem").st_uid == 0, 20,
            "a process that leaves no core")
        return True
    except (TimeoutError, FileNotFoundError):
        return False
    finally:
        process.kill()
        process.wait()


# --- webhooks ----------------------------------------------------------------

class Hook:
    """Answers by the name in what is asked; counts who comes to `near`."""

    def __init__(self, answers):
        self.near, self.asked = 0, 0
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                size = int(self.headers.get("Content-Length", 0))
                url = json.loads(self.rfile.read(size) or b"{}").get("url", "")
                name = url.split("/")[-2].split("~")[0] if "/" in url else ""
                if name != "honest":  # whose threads would race for it
                    outer.asked += 1
                self.close_connection = True
                answers.get(name, answers[None])(self)

            def do_GET(self):
                self.close_connection = True
                if self.path == "/near":
                    outer.near += 1
                    plain(self, b"[]")
                else:
                    answers["list"](self)

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0),
                                                      Handler)
        self.server.daemon_threads = True
        self.port = self.server.server_port
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()


def plain(handler, body, status=200, **headers):
    handler.send_response(status)
    handler.send_header("Content-Length", str(len(body)))
    for name, value in headers.items():
        handler.send_header(name, value)
    handler.end_headers()
    handler.wfile.write(body)


def says(body, **more):
    def answer(handler):
        try:
            plain(handler, body, **more)
        except OSError:
            pass  # it had enough
    return answer


def endless(piece, pause):
    def answer(handler):
        try:
            handler.send_response(200)
            handler.end_headers()
            deadline = time.monotonic() + 60
            while time.monotonic() < deadline:
                handler.wfile.write(piece)
                time.sleep(pause)
        except OSError:
            pass
    return answer


def to(where, status=302):
    return says(b"", status=status, Location=where)


METADATA = ["http://169.254.169.254/latest/meta-data/", "http://[fe80::1]/",
            "http://[::ffff:169.254.169.254]/", "http://2852039166/",
            "http://0xa9fea9fe/", "file:///etc/passwd", "gopher://127.0.0.1/",
            "http://224.0.0.1/"]
PATHS = [f"../{ESCAPED}", "..", ".", f"../../../../tmp/{ESCAPED}",
         f"a/../../{ESCAPED}", f"/tmp/{ESCAPED}", "/etc/passwd",
         f"a\\..\\{ESCAPED}", f"%2e%2e%2f{ESCAPED}", "a\0b",
         "x" * 4096, "a\nb", "\x1b[2Jx", "ca\u202efe", " ", "a b\r\nX: y",
         "~root", "con/aux", "a?b#c", ".weir.lock"]


def auth_answers(hook_port):
    answers = {
        "honest": says(b""), "list": says(b"[]"),
        "big": says(b'{"manifestID":"' + b"x" * (10 * MIB) + b'"}'),
        "blanks": says(b" " * (10 * MIB)),
        "nested": says(b'{"a":' * 100000),
        "endless": endless(b" " * 65536, 0),
        "slow": endless(b" ", 0.5),
        "binary": says(bytes(range(256)) * 10),
        "array": says(b"[]"), "number": says(b"7"),
        "no-id": says(b'{"manifestID":""}'),
        "id-number": says(b'{"manifestID":7}'),
        "status": says(b"x" * 100000, status=500),
        "profiles": says(json.dumps({"manifestID": "m", "profiles": [
            {"name": "p", "width": 1 << 40}] * 1000}).encode()),
    }
    for n, where in enumerate(
            METADATA + [f"http://127.0.0.1:{hook_port}/near"]):
        for status in (301, 302, 307, 308):
            answers[f"to{n}-{status}"] = to(where, status)
    for n, path in enumerate(PATHS):
        answers[f"path{n}"] = says(json.dumps({"manifestID": path}).encode())
    answers[None] = says(b"", status=403)
    return answers


def put(node, path, body=b"x", seconds=15):
    """A segment by HTTP, the path's bytes as they are: status and answer."""
    with socket.create_connection(("127.0.0.1", node.port("httpAddr")),
                                  seconds) as s:
        try:
            s.sendall(b"PUT " + path + b" HTTP/1.1\r\nHost: x\r\n"
                      b"Content-Length: %d\r\nConnection: close\r\n\r\n"
                      % len(body) + body)
        except OSError:
            pass  # refused before it was read
        return heard(s)


def get(node, path):
    with socket.create_connection(("127.0.0.1", node.port("httpAddr")),
                                  10) as s:
        s.sendall(b"GET " + path + b" HTTP/1.1\r\nHost: x\r\n"
                  b"Connection: close\r\n\r\n")
        return heard(s)


def heard(s):
    got = b""
    try:
        while more := s.recv(65536):
            got += more
    except ConnectionError:
        pass
    m = re.match(rb"HTTP/1\.1 (\d+)", got)
    return int(m[1]) if m else 0, got


def must_fall(name):
    """An id that is merely odd is a name like any other; of a path that begins
    as a name the name is taken."""
    if not name.startswith("path"):
        return True
    said = PATHS[int(name[4:])]
    return said.startswith("..") or len(said) > 255 or \
        bool(re.search(r"[\0-\x1f]", said))


def webhooks(row, node, answers, hook, near, count):
    """Each hostile answer, and what the stream it was asked for is told."""
    names = [n for n in answers if n not in (None, "honest", "list")]
    body, asked = house.clip()[0], hook.asked
    for n in range(count):
        name = names[n % len(names)]
        if name == "slow" and n >= len(names):
            name = "endless"  # once is enough, it takes its ten seconds
        status, said = put(node, f"/live/{name}~{n}/0.ts".encode(), body)
        row.fault(status >= 400 or (status == 200 and not must_fall(name)),
                  f"webhook says {name}: {said[:200]!r}")
    asked = hook.asked - asked
    row.promise(asked >= count, f"{count} streams, but {asked} asked for")
    row.promise(not near.near, f"{near.near} asked on a stranger's word")


# --- names -------------------------------------------------------------------

def names(dice):
    """Manifest ids as nobody means them."""
    yield from (p.encode("utf-8", "surrogatepass") for p in PATHS)
    file = ESCAPED.encode()
    yield from (b"%2e%2e%2f%2e%2e%2f" + file, b"%00", b"a%00b", b"%", b"%zz",
                b"..%5c" + file, b"%c0%ae%c0%ae%c0%af" + file,
                b"....//" + file, b"%252e%252e%252f" + file,
                b"a%0d%0aX:%20y", b"%ff%fe", b"x" * 70000)
    pieces = [b"..", b"/", b"%2e", b"%2f", b"\\", b"%00", file, b".",
              b"%5c", b"\xc0\xae", b"~", b"etc", b"passwd", b"%25", b":",
              b"x" * 99]
    while True:
        yield b"".join(dice.choice(pieces) for _ in range(dice.randint(1, 12)))


def usable(name):
    """Can it stand in a request line at all?"""
    return not re.search(rb"[\0-\x20\x7f]", name)


def tree(directory):
    return {os.path.join(folder, name)
            for folder, _, files in os.walk(directory) for name in files}


def escaped(directory):
    """What was made in or above it, or where the names point to."""
    folders = ["/tmp", "/etc", os.getcwd()]
    while directory != "/":
        folders.append(directory)
        directory = os.path.dirname(directory)
    return [os.path.join(folder, name) for folder in folders + ["/"]
            for name in os.listdir(folder) if ESCAPED in name]


def odd_names(row, node, count):
    dice = random.Random(51)
    made, body = names(dice), house.clip()[0]
    for n in range(count):
        name = next(made)
        if n % 3 == 2 and len(name) < 60000:  # as an encoder would send it
            s = rtmp.shaken(node.port("rtmpAddr"))
            wire.send(s, rtmp.connect() + rtmp.create_stream() + rtmp.publish(
                name.decode("latin-1")))
            wire.closed(s, 0.02)
            s.close()
            row.fault(node.alive(), f"RTMP name {name!r:.80}: a dead node")
            continue
        if not usable(name):
            name = b"".join(b"%%%02x" % c for c in name)
        if n % 3 == 0:
            status, said = put(node, b"/live/" + name + b"/0.ts", body)
        else:
            status, said = get(node, b"/stream/" + name + dice.choice(
                [b".m3u8", b"/source.m3u8", b"/source/0.ts", b""]))
        # A name that a webhook gave above is played; nothing else is served.
        row.fault(status >= 400 or b"\r\nContent-Type: video/" in said
                  or b"mpegURL" in said,
                  f"name {name!r:.80}: {status}, {said[:100]!r}")


# --- all of it ---------------------------------------------------------------

def keyfiles(row):
    with tempfile.TemporaryDirectory(prefix="weir-campaign-") as directory:
        sealed = keystore.seal(keystore.KEY, PASSWORD, n=2, r=8, p=1)
        sealed["address"] = keystore.ADDRESS[2:].lower()
        good = keystore.write(os.path.join(directory, "good"), sealed)
        code, said, *_ = weir("account", "check", good, "-ethPassword",
                              PASSWORD)
        row.promise(code == 0 and keystore.ADDRESS in said,
                    f"a good one: {said}")
        refuse_named(row, directory, sealed)
        refuse_mutated(row, directory, sealed, house.many(1500, 8000))
        while_deriving(row, directory, house.many(2, 20))
        row.promise(is_undumpable(directory), "a key's process can be dumped")


def run(row):
    keyfiles(row)
    while_running(row)
    with Hook({}) as near:
        answers = auth_answers(near.port)
        with Hook(answers) as hook, house.house(
                authWebhookUrl=f"http://127.0.0.1:{hook.port}/auth") as node:
            cost = house.Cost(node)
            with house.HonestStream(node, row):
                before = tree(node.dir)
                webhooks(row, node, answers, hook, near,
                         house.many(150, 1000))
                odd_names(row, node, house.many(150, 1500))
                row.promise(tree(node.dir) == before,
                            f"written: {tree(node.dir) - before}")
            row.figures["mib"] = cost.mib()
            row.promise(cost.mib() <= 64 * house.wait.SCALE,
                        f"the node took {cost.mib()} MiB more")
            row.promise(not escaped(node.dir), f"made: {escaped(node.dir)}")
    lists(row)


def lists(row):
    """The webhook that names orchestrators may redirect, but not to what only
    this machine can reach."""
    near = METADATA[:house.many(3, len(METADATA))]
    for n, answer in enumerate(
            [to(where) for where in near] +
            [says(b" " * (10 * MIB)), endless(b" ", 0.5), says(b"{}"),
             says(b"[" * 100000)]):
        with Hook({"list": answer, None: says(b"")}) as hook, house.house(
                "broadcaster", transcodingOptions="P144p30fps16x9",
                orchWebhookUrl=f"http://127.0.0.1:{hook.port}/list") as node:
            put(node, b"/live/a/0.ts", house.clip()[0])
            said = house.wait.until(
                lambda: re.search(r"orchestrator webhook .*", node.log()), 15,
                "a reason")
            row.fault("keeping the 0 known" in said[0], said[0])
            if n < len(near) and near[n].startswith("http"):
                row.promise("redirected to an address" in said[0], said[0])
