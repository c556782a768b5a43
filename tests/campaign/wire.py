"""Raw sockets towards a node: bytes of one's own, with and without TLS."""
import socket
import ssl
import struct
import time

import rpc

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
DATA, HEADERS, RST, SETTINGS, PING, WINDOW, CONTINUATION = 0, 1, 3, 4, 6, 8, 9


def tcp(port, timeout=10):
    s = socket.create_connection(("127.0.0.1", port), timeout)
    s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return s


def tls(port, alpn=("h2",), timeout=10):
    context = rpc.unverified()
    if alpn:
        context.set_alpn_protocols(list(alpn))
    return context.wrap_socket(tcp(port, timeout),
                               server_hostname="localhost")


def frame(kind, flags=0, stream=0, payload=b""):
    return struct.pack(">I", len(payload))[1:] + bytes([kind, flags]) + \
        struct.pack(">I", stream) + payload


def closed(s, seconds):
    """Does the peer close the connection by then? Reads what it still says."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        s.settimeout(max(0.01, deadline - time.monotonic()))
        try:
            if not s.recv(65536):
                return True
        except (socket.timeout, ssl.SSLWantReadError):
            return False
        except OSError:
            return True
    return False


def send(s, data):
    """False when the peer has closed, or takes nothing any more."""
    try:
        s.sendall(data)
        return True
    except (OSError, ValueError):
        return False
