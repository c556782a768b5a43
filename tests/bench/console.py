"""console_*: bench_console's figures, under their own names."""
import glob
import json
import os
import subprocess

from figure import Figure, HERE, program

GOALS = {"console_idle_cpu_pct": ("%", "< 0.5"),
         "console_key_to_frame_ms_p99": ("ms", "<= 16")}


def command():
    script = glob.glob(os.path.join(HERE, "bench_console.py"))
    path = program("bench_console")
    return ["/usr/bin/python3", "-B", *script] if script else \
        [path] if path else None


def measure(directory):
    words = command()
    if not words:
        return []
    done = subprocess.run(words, capture_output=True, text=True, check=True,
                          timeout=240, cwd=directory)
    said = json.loads(done.stdout)
    rest = ", ".join(f"{k} {v}" for k, v in said.items() if k not in GOALS)
    return [Figure(name, said[name], unit, goal, rest)
            for name, (unit, goal) in GOALS.items() if name in said]
