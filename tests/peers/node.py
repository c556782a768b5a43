"""A real weir node in a directory of its own, on ports of its own."""
import json
import os
import re
import signal
import socket
import subprocess

import wait
from ports import free_port

WEIR = os.environ.get("WEIR", os.path.abspath("weir"))

# What a node must never say, whatever a test does to it.
REPORTS = re.compile(
    r"Sanitizer|runtime error:|Assertion .* failed|\bbroken\b.*assert")

# Small and cheap: what most tests ask for.
LADDER = [
    {"name": "tiny", "width": 256, "height": 144, "bitrate": 200000,
     "fps": 30},
    {"name": "small", "width": 320, "height": 180, "bitrate": 400000,
     "fps": 30},
]


class Node:
    """Node(dir, "orchestrator", "transcoder", maxSessions=2) and so on.

    Gives each role the ports it needs; keywords become flags and may replace
    them. Use as a context manager, or start() and stop()."""

    def __init__(self, directory, *roles, **flags):
        self.dir = str(directory)
        self.datadir = os.path.join(self.dir, "data")
        self.log_path = os.path.join(self.dir, "weir.log")
        self.log_start = 0  # of what this start has written
        self.process = None
        self.environment = {}  # beside our own
        self.flags = {role: True for role in roles}
        self.flags.update(datadir=self.datadir, v=99)
        if "orchestrator" in roles:
            self.flags["serviceAddr"] = f"127.0.0.1:{free_port()}"
        if "broadcaster" in roles:
            self.flags["rtmpAddr"] = f"127.0.0.1:{free_port()}"
            self.flags["httpAddr"] = f"127.0.0.1:{free_port()}"
            self.flags["transcodingOptions"] = self.write_ladder(LADDER)
        self.flags["cliAddr"] = f"127.0.0.1:{free_port()}"
        if "transcoder" in roles:
            self.flags["x264Preset"] = "ultrafast"
        self.flags.update(flags)

    def write_ladder(self, rows):
        path = os.path.join(self.dir, "ladder.json")
        with open(path, "w") as f:
            json.dump(rows, f)
        return path

    # --- where it is ---
    def port(self, flag):
        return int(self.flags[flag].rsplit(":", 1)[1])

    @property
    def service(self):
        return f"https://{self.flags['serviceAddr']}"

    @property
    def http(self):
        return f"http://{self.flags['httpAddr']}"

    def rtmp(self, path):
        return f"rtmp://{self.flags['rtmpAddr']}/{path}"

    # --- its life ---
    def arguments(self):
        args = []
        for name, value in self.flags.items():
            if value is None:
                continue
            args.append(f"-{name}" if value is True else f"-{name}={value}")
        return args

    def start(self, ready=True):
        os.makedirs(self.datadir, exist_ok=True)
        environment = dict(os.environ, XDG_RUNTIME_DIR=self.dir,
                           XDG_CONFIG_HOME=self.dir, HOME=self.dir,
                           **self.environment)
        with open(self.log_path, "ab") as log:
            self.log_start = log.tell()
            self.process = subprocess.Popen(
                [WEIR, "run", *self.arguments()], stdin=subprocess.DEVNULL,
                stdout=log, stderr=log, cwd=self.dir, env=environment)
        if ready:
            self.wait_ready()
        return self

    def wait_ready(self, seconds=15):
        def listening():
            if self.process.poll() is not None:
                raise AssertionError(
                    f"weir exited with {self.process.returncode}:\n"
                    + self.log()[-4000:])
            for flag in ("serviceAddr", "rtmpAddr", "httpAddr"):
                if not self.flags.get(flag):
                    continue
                with socket.socket() as s:
                    s.settimeout(1)
                    if s.connect_ex(("127.0.0.1", self.port(flag))):
                        return False
            # Its ports open before it takes orders.
            with open(self.log_path, "rb") as log:
                log.seek(self.log_start)
                return b"ready after" in log.read()
        wait.until(listening, seconds, "weir listens")

    def stop(self, seconds=15):
        """SIGTERM, and an orderly exit with 0."""
        if not self.process:
            return
        process, self.process = self.process, None
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
        try:
            code = process.wait(seconds * wait.SCALE)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            raise AssertionError(f"weir did not stop within {seconds} s")
        found = REPORTS.search(self.log())
        assert not found, f"weir reported: {self.log()[found.start():][:4000]}"
        assert code == 0, f"weir ended with {code}:\n" + self.log()[-4000:]

    def kill(self):
        if self.process and self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        self.process = None

    def alive(self):
        return self.process is not None and self.process.poll() is None

    def __enter__(self):
        return self.start()

    def __exit__(self, kind, _value, _trace):
        if kind:
            self.kill()
        else:
            self.stop()

    # --- what it says ---
    def log(self):
        try:
            with open(self.log_path, errors="replace") as f:
                return f.read()
        except FileNotFoundError:
            return ""

    def wait_log(self, pattern, seconds=10):
        return wait.until(lambda: re.search(pattern, self.log()), seconds,
                          f"log line {pattern!r}")

    def command(self, *words, check=True):
        done = subprocess.run(
            [WEIR, *words, "-datadir", self.datadir], capture_output=True,
            text=True, timeout=20 * wait.SCALE, stdin=subprocess.DEVNULL,
            env=dict(os.environ, XDG_RUNTIME_DIR=self.dir, HOME=self.dir))
        assert not check or done.returncode == 0, done.stdout + done.stderr
        return done

    def status(self):
        return json.loads(self.command("status", "--json").stdout)

    # --- what it costs ---
    def rss(self):
        """KiB of the node's process, without its workers."""
        with open(f"/proc/{self.process.pid}/status") as f:
            return int(re.search(r"VmRSS:\s+(\d+)", f.read()).group(1))

    def open_files(self):
        return len(os.listdir(f"/proc/{self.process.pid}/fd"))

    def connections(self, flag):
        """Peers that a port of the node serves, by the kernel's account."""
        port, n = f":{self.port(flag):04X}", 0
        for table in ("tcp", "tcp6"):
            with open(f"/proc/{self.process.pid}/net/{table}") as f:
                for line in list(f)[1:]:
                    fields = line.split()
                    # 0A listens; 06 waits for stragglers, without a process.
                    n += fields[1].endswith(port) and \
                        fields[3] not in ("0A", "06")
        return n

    def workers(self):
        """Pids of its child processes, the sandboxed transcode workers."""
        path = f"/proc/{self.process.pid}/task"
        found = []
        for task in os.listdir(path):
            try:
                with open(f"{path}/{task}/children") as f:
                    found += [int(pid) for pid in f.read().split()]
            except FileNotFoundError:
                pass
        return found
