"""Ports for who is about to listen. The kernel gives what it hands out for a bind
to 0 to any connection too, and the same one again to who asks next: so these come
from below that range, each once, at random, since several runs may share a
machine."""
import random
import socket

_LEFT = random.SystemRandom().sample(range(10000, 32000), 22000)


def free_port():
    """A port of loopback that nobody listens at."""
    while True:
        port = _LEFT.pop()
        with socket.socket() as s:
            try:
                s.bind(("127.0.0.1", port))
                return port
            except OSError:
                pass
