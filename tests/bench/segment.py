"""segment_*: a 2 s segment of 1080p30 to 720p, 360p and 240p in a running
session, divided by the ffmpeg program with the same ladder and settings, one
process per segment (bench_segment.c, which alternates the two itself)."""
import json
import os
import subprocess

from figure import BUILD, Figure, program


def measure(_directory):
    path = program("bench_segment")
    if not path:
        return []
    clips = os.path.join(BUILD, "clips", "segment")
    os.makedirs(clips, exist_ok=True)
    done = subprocess.run([path, clips], capture_output=True, text=True,
                          check=True, timeout=240)
    said = json.loads(done.stdout)
    rest = ", ".join(f"{k} {v}" for k, v in said.items()
                     if not k.startswith("segment_"))
    return [Figure(name, said[name], "x", "<= 0.95", rest)
            for name in ("segment_vs_ffmpeg", "segment_cpu_vs_ffmpeg")]
