"""Pictures to send and eyes to look with: ffmpeg and ffprobe."""
import fcntl
import json
import os
import shutil
import subprocess

BUILD = os.environ.get("BUILD", os.path.abspath("build"))
WIDTH, HEIGHT, FPS = 320, 180, 30


def source(seconds, size=f"{WIDTH}x{HEIGHT}", fps=FPS):
    """ffmpeg's arguments for moving pictures with a tone."""
    return ["-f", "lavfi", "-i",
            f"testsrc2=size={size}:rate={fps}:duration={seconds}",
            "-f", "lavfi", "-i",
            f"sine=frequency=440:sample_rate=48000:duration={seconds}"]


ENCODE = ["-c:v", "libx264", "-preset", "ultrafast", "-tune", "zerolatency",
          "-pix_fmt", "yuv420p", "-g", "30", "-b:v", "600k",
          "-c:a", "aac", "-b:a", "64k"]


def ffmpeg(*args, **popen):
    subprocess.run(["ffmpeg", "-hide_banner", "-loglevel", "error", "-nostdin",
                    "-y", *args], check=True, timeout=60, **popen)


def made(name, make):
    """A folder by that name, filled by make(folder) once: tests that run beside
    each other see all of it or wait."""
    folder = os.path.join(BUILD, "clips", name)
    os.makedirs(os.path.dirname(folder), exist_ok=True)
    with open(folder + ".lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not os.path.exists(folder):
            draft = folder + ".draft"
            shutil.rmtree(draft, ignore_errors=True)
            os.makedirs(draft)
            make(draft)
            os.rename(draft, folder)
    return folder


def clip(seconds=6):
    """Paths of consecutive 2 s MPEG-TS segments."""
    folder = made(f"{seconds}s", lambda d: ffmpeg(
        *source(seconds), *ENCODE, "-f", "segment", "-segment_time", "2",
        "-segment_format", "mpegts", os.path.join(d, "%d.ts")))
    return [os.path.join(folder, f"{n}.ts") for n in range(seconds // 2)]


def flv(seconds=6):
    """Path of a clip as RTMP carries it."""
    folder = made(f"{seconds}s-flv", lambda d: ffmpeg(
        *source(seconds), *ENCODE, "-f", "flv", os.path.join(d, "clip.flv")))
    return os.path.join(folder, "clip.flv")


def probe(where):
    """What a decoder finds in a file, in bytes or at a URL:
    width, height, frames, fps, first and last video time stamp, audio."""
    stdin = where if isinstance(where, bytes) else None
    done = subprocess.run(
        ["ffprobe", "-v", "error", "-show_streams", "-show_frames",
         "-show_entries", "stream=codec_type,codec_name,width,height,"
         "r_frame_rate,profile:frame=media_type,pts_time,best_effort_timestamp_time,key_frame",
         "-of", "json", "-" if stdin else where],
        input=stdin, capture_output=True, timeout=60, check=False)
    if done.returncode:
        raise ValueError(f"ffprobe: {done.stderr.decode()[:500]}")
    found = json.loads(done.stdout)
    video = [s for s in found["streams"] if s["codec_type"] == "video"]
    frames = [f for f in found["frames"] if f["media_type"] == "video"]
    times = [float(f.get("pts_time", f.get("best_effort_timestamp_time")))
             for f in frames]
    a, b = video[0]["r_frame_rate"].split("/") if video else (0, 1)
    return {
        "width": video[0]["width"] if video else 0,
        "height": video[0]["height"] if video else 0,
        "codec": video[0]["codec_name"] if video else "",
        "profile": video[0].get("profile") if video else "",
        "fps": int(a) / int(b),
        "frames": len(frames),
        "times": sorted(times),
        "keyframe_first": bool(frames) and frames[0].get("key_frame") == 1,
        "audio": any(s["codec_type"] == "audio" for s in found["streams"]),
        "errors": done.stderr.decode(),
    }


def gaps(times, fps, slack=0.5):
    """Steps between frames that are not one frame long."""
    step = 1 / fps
    return [(a, b) for a, b in zip(times, times[1:])
            if abs(b - a - step) > slack * step]
