"""start_ms: from exec to the node's word to its supervisor that it listens
(sd_notify READY=1), all roles, off-chain."""
import os
import socket
import subprocess
import time

from figure import Figure, median
from node import Node, WEIR

STARTS = 20


def one(directory, number):
    folder = os.path.join(directory, str(number))
    os.makedirs(folder)
    node = Node(folder, "orchestrator", "transcoder", "broadcaster", v=3)
    os.makedirs(node.datadir)
    path = os.path.join(folder, "notify")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as s:
        s.bind(path)
        s.settimeout(10)
        environment = dict(os.environ, NOTIFY_SOCKET=path, HOME=folder,
                           XDG_RUNTIME_DIR=folder, XDG_CONFIG_HOME=folder)
        with open(node.log_path, "ab") as log:
            began = time.monotonic()
            node.process = subprocess.Popen(
                [WEIR, "run", *node.arguments()], stdin=subprocess.DEVNULL,
                stdout=log, stderr=log, env=environment, cwd=folder)
        while b"READY=1" not in s.recv(4096):
            pass
        ms = (time.monotonic() - began) * 1000
    node.wait_ready(1)
    node.stop()
    return ms


def measure(directory):
    ms = [one(directory, n) for n in range(STARTS)]
    return [Figure("start_ms", median(ms), "ms", "<= 50",
                   f"{STARTS} starts, slowest {max(ms):.0f} ms")]
