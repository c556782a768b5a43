"""grpc_unary_per_s: unary calls by h2load over TLS, beside nghttpd (a file of
the same size with the same trailer: HTTP/2 and TLS, and no gRPC) and grpcio's
server. Client and server share the machine; servers take turns and the medians
count. nghttpd gets one thread, as the node's net actor is one."""
import concurrent.futures
import contextlib
import os
import re
import struct
import subprocess

import rpc
import wait
from figure import Figure, median
from node import Node
from ports import free_port

ROUNDS = 3
SECONDS = 2
PING, INFO = "/net.Orchestrator/Ping", "/net.Orchestrator/GetOrchestrator"


def frame(message):
    data = message.SerializeToString()
    return struct.pack(">BI", 0, len(data)) + data


def h2load(port, path, body):
    done = subprocess.run(
        ["h2load", "-D", str(SECONDS), "--warm-up-time=300ms", "-c4", "-m16",
         "-t1", "-d", body, "-H", "content-type: application/grpc",
         "-H", "te: trailers", f"https://127.0.0.1:{port}{path}"],
        capture_output=True, text=True, timeout=60, check=True)
    good = re.search(r"(\d+) succeeded, (\d+) failed", done.stdout)
    assert int(good.group(1)) and not int(good.group(2)), done.stdout
    return float(re.search(r"([\d.]+) req/s", done.stdout).group(1))


def certificate(directory):
    key, cert = (os.path.join(directory, n) for n in ("key.pem", "cert.pem"))
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                    "ec_paramgen_curve:P-256", "-nodes", "-keyout", key,
                    "-out", cert, "-days", "2", "-subj", "/CN=bench"],
                   check=True, capture_output=True)
    return key, cert


@contextlib.contextmanager
def nghttpd(directory, key, cert, answer):
    """Serves one file under the call's path."""
    root = os.path.join(directory, "www")
    os.makedirs(root + os.path.dirname(PING))
    with open(root + PING, "wb") as f:
        f.write(answer)
    port = free_port()
    with subprocess.Popen(
            ["nghttpd", "-a", "127.0.0.1", "-n1", "-d", root,
             "--trailer=grpc-status: 0", str(port), key, cert],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            wait.until(lambda: listens(port), 5, "nghttpd listens")
            yield port
        finally:
            process.terminate()


def listens(port):
    with contextlib.suppress(OSError):
        rpc.ssl.get_server_certificate(("127.0.0.1", port))
        return True
    return False


@contextlib.contextmanager
def grpcio(key, cert):
    import grpc
    from rpc import pb, pb_grpc

    class Servicer(pb_grpc.OrchestratorServicer):
        def Ping(self, request, context):
            return pb.PingPong(value=request.value)

    server = grpc.server(concurrent.futures.ThreadPoolExecutor(4))
    pb_grpc.add_OrchestratorServicer_to_server(Servicer(), server)
    with open(key, "rb") as k, open(cert, "rb") as c:
        credentials = grpc.ssl_server_credentials([(k.read(), c.read())])
    port = server.add_secure_port("127.0.0.1:0", credentials)
    server.start()
    try:
        yield port
    finally:
        server.stop(0)


def measure(directory):
    ping = frame(rpc.pb.PingPong(value=b"12345678"))
    bodies = {PING: ping, INFO: frame(rpc.pb.OrchestratorRequest())}
    files = {}
    for path, body in bodies.items():
        files[path] = os.path.join(directory, os.path.basename(path))
        with open(files[path], "wb") as f:
            f.write(body)
    key, cert = certificate(directory)
    rates = {"weir": [], "weir info": [], "nghttpd": [], "grpcio": []}
    with Node(directory, "orchestrator", "transcoder", v=3) as node, \
            nghttpd(directory, key, cert, ping) as plain, \
            grpcio(key, cert) as python:
        ours = node.port("serviceAddr")
        for _ in range(ROUNDS):
            for name, port, path in (
                    ("weir", ours, PING), ("nghttpd", plain, PING),
                    ("weir info", ours, INFO), ("grpcio", python, PING)):
                rates[name].append(h2load(port, path, files[path]))
    rate = {name: median(r) for name, r in rates.items()}
    return [Figure("grpc_unary_per_s", rate["weir"], "calls/s", "",
                   f"Ping; nghttpd {rate['nghttpd']:.0f} (ratio "
                   f"{rate['weir'] / rate['nghttpd']:.2f}), grpcio "
                   f"{rate['grpcio']:.0f}; GetOrchestrator "
                   f"{rate['weir info']:.0f}")]
