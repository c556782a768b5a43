"""`weir migrate` on an old node of the development chain, in a place of its own:

    w = Wizard(chain, tmp_path)
    w.run("--dry-run")
    w.run("--yes").report["state"] == "done"
    w.node().start()"""
import contextlib
import hashlib
import json
import os
import subprocess

import market
import old_node
import wait
from node import WEIR, Node
from ports import free_port


@contextlib.contextmanager
def chain_after_alpha(directory):
    """Streamflow's chain, with an orchestrator as the alpha left it: its stake is
    there, and the pool is empty."""
    with market.Market(directory, "streamflow", round_length=400,
                       first_round=1) as made:
        made.bond_orchestrator()
        made.as_the_alpha_left_it(made.orchestrator)
        made.next_round()
        yield made


class Outcome:
    def __init__(self, done):
        self.code, self.said = done.returncode, done.stderr
        self.report = json.loads(done.stdout) if done.stdout.strip() else None

    def __repr__(self):
        return f"<{self.code}: {self.report and self.report['error']}\n" \
            f"{self.said[-3000:]}>"

    @property
    def error(self):
        return (self.report or {}).get("error") or self.said

    def step(self, name):
        return next(s for s in self.report["steps"] if s["name"] == name)

    @property
    def states(self):
        return {s["name"]: s["state"] for s in self.report["steps"]}

    @property
    def stops(self):
        return [r["text"] for r in self.report["remarks"]
                if r["level"] == "stop"]


class Wizard:
    def __init__(self, chain, directory, *accounts, make=old_node.make,
                 old=None, **answers):
        self.chain, self.dir = chain, str(directory)
        os.makedirs(self.dir, exist_ok=True)
        self.old = old or os.path.join(self.dir, "old")
        self.new = os.path.join(self.dir, "new", "devnet")
        self.state = os.path.join(self.dir, "state")
        self.accounts = accounts or (chain.orchestrator,)
        if not old:
            make(chain, self.old, *self.accounts)
        self.service = f"127.0.0.1:{free_port()}"
        self.answers = {
            "network": "devnet", "ethUrl": chain.url,
            "ethController": chain.controller.address,
            "ethPassword": old_node.password(self.dir),
            "blockPollingInterval": 1, "orchestrator": True,
            "transcoder": True, "serviceAddr": self.service,
            "pricePerUnit": 1, "x264Preset": "ultrafast",
            "refunder": chain.refunder, "jobsManager": chain.jobs_manager,
            "cliAddr": f"127.0.0.1:{free_port()}"}
        self.answers.update(answers)

    @property
    def environment(self):
        return dict(os.environ, XDG_STATE_HOME=self.state, HOME=self.dir,
                    XDG_RUNTIME_DIR=self.dir, XDG_CONFIG_HOME=self.dir)

    def command(self, *more):
        path = os.path.join(self.dir, "answers")
        with open(path, "w") as f:
            for name, value in self.answers.items():
                if value is not None:
                    f.write(f"{name} {'true' if value is True else value}\n")
        return [WEIR, "migrate", "--from", self.old, "--to", self.new,
                "--answers", path, "--report", "json", *more]

    def start(self, *more):
        return subprocess.Popen(
            self.command(*more), env=self.environment, text=True,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE)

    def run(self, *more, seconds=60):
        return self.run_as(self.command(*more), seconds)

    def run_as(self, command, seconds=60):
        return Outcome(subprocess.run(
            command, env=self.environment, text=True,
            stdin=subprocess.DEVNULL, capture_output=True, check=False,
            timeout=seconds * wait.SCALE))

    def refused(self, words, *more):
        """It ends with an error that says so, and leaves all as it was."""
        before = everything(self.dir, but=("answers",))
        done = self.run(*more)
        assert done.code == 1 and words in done.error, done
        assert everything(self.dir, but=("answers",)) == before
        return done

    @property
    def config(self):
        return os.path.join(self.new, "weir.conf")

    def node(self):
        """The node that it made, as it is told to be started."""
        made = Node(os.path.dirname(self.new))
        made.datadir = self.new
        made.environment = {"XDG_STATE_HOME": self.state}
        made.flags = {"config": self.config, "v": 4,
                      "serviceAddr": self.service}
        return made

    def records(self):
        """All lines of the record."""
        at = os.path.join(self.state, "weir", "migration")
        found = []
        for name in sorted(os.listdir(at)) if os.path.isdir(at) else []:
            if name.endswith(".json"):
                with open(os.path.join(at, name)) as f:
                    found += [json.loads(line) for line in f
                              if line.endswith("\n")]
        return found


def everything(directory, but=()):
    """{path: (kind, mode, owner, times, content)}: all there is to know of it,
    times of reading too."""
    found = {}
    for root, dirs, files in os.walk(directory):
        for name in dirs + files + [""]:
            path = os.path.normpath(os.path.join(root, name))
            rest = os.path.relpath(path, directory)
            if rest.split(os.sep)[0] in but or (not name and rest == "."):
                continue
            st = os.lstat(path)
            content = None
            if os.path.isfile(path) and not os.path.islink(path):
                fd = os.open(path, os.O_RDONLY | os.O_NOATIME)
                with open(fd, "rb") as f:
                    content = hashlib.sha256(f.read()).hexdigest()
            found[rest] = (st.st_mode, st.st_uid, st.st_gid, st.st_mtime_ns,
                           st.st_ctime_ns, content)
    return found


def old_directory(directory):
    """The same with the times of reading of its files."""
    found = everything(directory)
    return {p: v + (os.lstat(os.path.join(directory, p)).st_atime_ns,)
            if os.path.isfile(os.path.join(directory, p)) else v
            for p, v in found.items()}
