"""Waiting for a condition with a deadline: nothing here sleeps and hopes."""
import os
import time

# Sanitizers are slow; their deadlines are longer.
SCALE = {"asan": 3, "tsan": 6}.get(os.environ.get("MODE", ""), 1)


def until(condition, seconds, what="the condition"):
    """The first true value of condition(), or TimeoutError."""
    deadline = time.monotonic() + seconds * SCALE
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            raise TimeoutError(f"{what}: not within {seconds * SCALE} s")
        time.sleep(0.02)
