#!/usr/bin/python3 -B
"""The fault campaign: run.py [R11 R13 ...]. One line a row, and what fell
below it; the last lines count faults, tickets and rows. CAMPAIGN_N=full takes
the numbers of the goals, the short form a part of them that fits into
`make check`."""
import importlib
import signal
import sys
import time
import traceback

import house

ROWS = ["r1_kills", "r2_moving_chain", "r3_poor_senders", "r4_bad_tickets",
        "r5_keys_and_nonces", "r6_full_disk", "r6_tmpfs", "r7_sessions", "r7_malloc",
        "r8_broken_peers", "r9_sick_workers", "r10_lying_rpc",
        "r11_http2_floods", "r12_hostile_messages", "r13_hostile_rtmp",
        "r14_hostile_media", "r15_hostile_files", "r16_strangers",
        "r17_migration",
        "r18_consoles"]
LIMIT = 120  # seconds a row may take in the short form


class OutOfTime(BaseException):
    """Not to be mistaken for something that a row waits for."""


def on_alarm(_signum, _frame):
    raise OutOfTime("the row ran out of time")


def run(module_name):
    name = module_name.split("_")[0].upper()
    row = house.Row(name)
    start = time.monotonic()
    if not house.FULL:
        signal.alarm(LIMIT * house.wait.SCALE)
    try:
        importlib.import_module(module_name).run(row)
    except (Exception, OutOfTime) as e:
        row.broken(f"{type(e).__name__}: {e}")
        traceback.print_exc()
    finally:
        signal.alarm(0)
    row.figures["seconds"] = round(time.monotonic() - start, 1)
    print(row.line(), flush=True)
    for fault in row.faults[:10]:
        print("    " + fault, flush=True)
    return row


def main():
    signal.signal(signal.SIGALRM, on_alarm)
    wanted = [w.upper() for w in sys.argv[1:]]
    results = [run(r) for r in ROWS
               if not wanted or r.split("_")[0].upper() in wanted]
    failed = sum(bool(row.failed) for row in results)
    print(f"faults injected: {sum(row.injected for row in results)}, tickets: "
          f"{sum(row.tickets for row in results)}, tickets lost: "
          f"{sum(row.lost for row in results)}")
    print(f"campaign: {len(results) - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
