"""R6 on a disk that is really full: a tmpfs of a few megabytes, filled to the
last byte while payments come in and while winners are redeemed. What the
preloaded errors of r6_full_disk cannot show: a kernel that refuses, and mapped
pages without a place."""
import ctypes
import os
import re
import tempfile

import house
import market
import r6_full_disk

CLONE_NEWNS = 0x20000
CLONE_NEWUSER = 0x10000000
MS_REC_PRIVATE = 0x4000 | 0x40000
MNT_DETACH = 2
libc = ctypes.CDLL(None, use_errno=True)


def call(f, *args):
    if f(*args):
        raise OSError(ctypes.get_errno(), f"{f.__name__} is refused here")


def own_mounts():
    """This process, and what it starts, may mount and is seen by nobody."""
    uid, gid = os.getuid(), os.getgid()
    call(libc.unshare, CLONE_NEWNS | (CLONE_NEWUSER if uid else 0))
    if uid:
        for name, text in (("setgroups", "deny"), ("uid_map", f"0 {uid} 1"),
                           ("gid_map", f"0 {gid} 1")):
            with open(f"/proc/self/{name}", "w") as f:
                f.write(text)
    call(libc.mount, b"none", b"/", None, MS_REC_PRIVATE, None)


class Tmpfs:
    def __init__(self, path, mebibytes):
        self.path, self.ballast = path, os.path.join(path, "ballast")
        os.makedirs(path)
        call(libc.mount, b"tmpfs", path.encode(), b"tmpfs", 0,
             f"size={mebibytes}m".encode())

    def __enter__(self):
        return self

    def __exit__(self, *_):
        call(libc.umount2, self.path.encode(), MNT_DETACH)

    def fill(self):
        with open(self.ballast, "ab", buffering=0) as f:
            try:
                while f.write(b"\xa5" * 4096):
                    pass
            except OSError as e:
                assert e.errno == 28, e

    def heal(self):
        os.remove(self.ballast)


def paying(row, disk, node, chain, body, n):
    """Full while payments come in."""
    accepted = r6_full_disk.honest(row, node, chain, body, f"before {n}")
    disk.fill()
    answer, taken = r6_full_disk.pay(node, chain, body)
    # Room inside the database's own files may have sufficed, once or twice.
    kept = {t["sig"] for t in market.tickets(node)}
    row.fault(node.alive() and set(taken) <= kept,
              f"full {n}: {answer}, taken without being written")
    disk.heal()
    return accepted + taken


def redeeming(row, disk, node, chain, n):
    """Full while winners are redeemed."""
    disk.fill()
    chain.mine(3)
    row.fault(node.alive(), f"full while redeeming, {n}: the node died")
    disk.heal()


def in_own_mounts():
    """The counts of the row, from a process that ends with its mounts."""
    row = house.Row("R6")
    try:
        own_mounts()
    except OSError as e:  # a container that allows nobody any
        row.figures["not_run"] = e.strerror
        return row
    body = house.clip()[0]
    with tempfile.TemporaryDirectory(prefix="weir-tmpfs-") as directory, \
            market.market(pace=0, nodes=False, directory=directory,
                          params={"round_length": 400}, v=3, maxSessions=1000,
                          **market.ALL_WIN) as (chain, node), \
            Tmpfs(node.datadir, 8) as disk:
        # Nobody begins rounds here.
        chain.rounds.send("setRoundLength", 100_000, sender=chain.governor)
        node.start()
        market.until_seen(node, chain)
        accepted = []
        for n in range(house.many(4, 60)):
            accepted += paying(row, disk, node, chain, body, n)
        row.promise(re.search("disk is full", node.log()),
                    "the node does not say so")
        chain.mine(market.PARAMS_BLOCKS)
        for n in range(house.many(3, 40)):
            redeeming(row, disk, node, chain, n)
        market.settle(node, chain, house.many(60, 300))
        r6_full_disk.balance(row, node, chain, accepted)
    return row


def run(row):
    with house.spawn.Pool(1) as pool:
        found = pool.apply(in_own_mounts)
    row.injected, row.failed = found.injected, found.failed
    row.faults, row.figures = found.faults, found.figures
    row.owed(found.tickets, found.lost)
