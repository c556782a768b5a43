"""start_ms: from exec to the node's word to its supervisor that it listens
(sd_notify READY=1), all roles, off-chain. start_key_ms: the same on a chain,
with an account whose keyfile has geth's full strength."""
import os
import socket
import subprocess
import time

import keystore
from figure import Figure, cpu_ms, median
from node import Node, WEIR

STARTS, KEY_STARTS = 20, 9


def one(directory, number, **flags):
    """Milliseconds by the clock, and of the processor's time."""
    folder = os.path.join(directory, str(number))
    os.makedirs(folder)
    node = Node(folder, "orchestrator", "transcoder", "broadcaster", v=3,
                **flags)
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
        cpu = cpu_ms(node.process.pid)
    node.wait_ready(1)
    node.stop()
    return ms, cpu


def with_key(directory):
    from devnet import Devnet
    from toolchain import ToolError
    try:
        with Devnet(os.path.join(directory, "chain")) as chain:
            sealed = keystore.seal(os.urandom(32).hex(), "pass", n=1 << 18,
                                   r=8, p=1)
            flags = {
                "network": "devnet", "ethUrl": chain.url,
                "ethController": chain.controller.address,
                "ethKeystorePath": keystore.write(
                    os.path.join(directory, "key"), sealed),
                "ethPassword": keystore.write(
                    os.path.join(directory, "password"), "pass"),
                "pricePerUnit": 1, "reward": "false",
            }
            return [one(directory, f"key{n}", **flags)
                    for n in range(KEY_STARTS)]
    except ToolError as e:
        return str(e)


def figure(name, goal, starts, what):
    ms, cpu = zip(*starts)
    return Figure(name, median(ms), "ms", goal,
                  f"{what}{len(ms)} starts, slowest {max(ms):.0f} ms; "
                  f"{median(cpu):.0f} ms of processor time")


def measure(directory):
    figures = [figure("start_ms", "<= 50", [
        one(directory, n) for n in range(STARTS)], "")]
    starts = with_key(directory)
    if isinstance(starts, str):
        return figures + [Figure("start_key_ms", None, "ms", "<= 1200",
                                 starts)]
    return figures + [figure("start_key_ms", "<= 1200", starts,
                             "scrypt n=2^18; ")]
