#!/usr/bin/python3
"""make bench: what the node costs beside the codec.

Runs the parts below, or those named in ARGS, one after another; prints a table
and writes build/bench.json. Where there is a reference, both run in turn on
the same cores and the medians are compared: a ratio outlives a busy machine,
a rate does not."""
import importlib
import os
import sys
import tempfile
import time
import traceback

from figure import BUILD, save, table

PARTS = ("segment", "overhead", "unary", "rtmp", "memory", "start", "console",
         "tickets", "win_to_tx")


def main():
    parts = sys.argv[1:] or PARTS
    figures, broken = [], 0
    for name in parts:
        print(f"  BENCH  {name}", end="", file=sys.stderr, flush=True)
        began = time.monotonic()
        with tempfile.TemporaryDirectory(prefix="weir-bench-") as directory:
            try:
                figures += importlib.import_module(name).measure(directory)
            except Exception:
                traceback.print_exc()
                broken += 1
        print(f" {time.monotonic() - began:.0f} s", file=sys.stderr)
    table(figures)
    save(figures, os.path.join(BUILD, "bench.json"))
    return 1 if broken else 0


sys.exit(main())
