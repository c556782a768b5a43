"""Where in a process's memory a secret lies, and whether the kernel may write
that memory anywhere."""
import os
import re

# Locked and left out of cores; the sanitizers make mlock() do nothing.
KEPT = {"dd"} if os.environ.get("MODE") in ("asan", "tsan") else {"lo", "dd"}


def mappings(pid):
    """(start, end, flags) of all memory that can be read."""
    found = []
    with open(f"/proc/{pid}/smaps") as f:
        for line in f:
            if m := re.match(r"([0-9a-f]+)-([0-9a-f]+) r", line):
                found.append([int(m[1], 16), int(m[2], 16), ""])
            elif re.match(r"[0-9a-f]+-[0-9a-f]+ -", line):
                found.append([0, 0, ""])
            elif line.startswith("VmFlags:"):
                found[-1][2] = line.split(None, 1)[1]
    return [m for m in found if m[1]]


def leaks(pid, secrets):
    """Where a secret lies in memory that could be swapped or dumped, and how
    often one lies where it should."""
    bad, good = [], 0
    with open(f"/proc/{pid}/mem", "rb", 0) as memory:
        for start, end, flags in mappings(pid):
            if end - start > 4 << 30:
                continue  # a sanitizer's shadow
            try:
                memory.seek(start)
                data = memory.read(end - start)
            except (OSError, ValueError, OverflowError):
                continue
            for name, secret in secrets.items():
                if secret not in data:
                    continue
                if KEPT <= set(flags.split()):
                    good += 1
                else:
                    bad.append(f"{name} in memory with flags {flags}")
    return bad, good
