"""The compiler and the EVM node of the development chain: installed by npm at
the versions of package-lock.json, and the contracts compiled, both into build/
and only when their sources changed. Nothing is ever written beside them.

    python3 toolchain.py        does both, as `make deps` wants it"""
import fcntl
import glob
import hashlib
import json
import os
import platform
import shutil
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
BUILD = os.environ.get("BUILD") or os.path.join(HERE, "..", "..", "build")
HOME = os.path.join(os.path.abspath(BUILD), "devnet")
MACHINES = {"x86_64": "amd64", "aarch64": "arm64"}


class ToolError(Exception):
    pass


def _digest(paths, salt=""):
    found = hashlib.sha256(salt.encode())
    for path in paths:
        with open(path, "rb") as f:
            found.update(f.read())
    return found.hexdigest()


class _Lock:
    """One process at a time installs or compiles; the others find it done."""

    def __enter__(self):
        os.makedirs(HOME, exist_ok=True)
        self.file = open(os.path.join(HOME, ".lock"), "w")
        fcntl.flock(self.file, fcntl.LOCK_EX)

    def __exit__(self, *_):
        self.file.close()


# --- npm ---
def _install():
    """`npm ci`, unless what is there was installed from the same lock file."""
    manifests = [os.path.join(HERE, name)
                 for name in ("package.json", "package-lock.json")]
    want, stamp = _digest(manifests), os.path.join(HOME, ".installed")
    if os.path.exists(stamp) and open(stamp).read() == want:
        return
    for path in manifests:
        shutil.copy(path, HOME)
    npm = shutil.which("npm")
    if not npm:
        raise ToolError("npm is not installed; `make deps` installs it")
    print("  NPM    contrib/devnet/package.json", file=sys.stderr, flush=True)
    done = subprocess.run(
        [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"], cwd=HOME,
        stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    if done.returncode:
        raise ToolError("npm ci failed:\n" + (done.stdout + done.stderr)[-4000:])
    with open(stamp, "w") as f:
        f.write(want)


def _module(*path):
    return os.path.join(HOME, "node_modules", *path)


def anvil():
    """Path of the EVM node. Its package links to it in a script that runs after
    installing; the program lies in the package of the platform anyway."""
    with _Lock():
        _install()
    machine = MACHINES.get(platform.machine(), platform.machine())
    system = platform.system().lower()
    return _module("@foundry-rs", f"anvil-{system}-{machine}", "bin", "anvil")


# --- solc ---
def _sources():
    return sorted(glob.glob(os.path.join(HERE, "contracts", "**", "*.sol"),
                            recursive=True))


# The oldest rules that a test asks the node for: they run under all later ones.
SETTINGS = {
    "evmVersion": "berlin",
    "optimizer": {"enabled": True, "runs": 1},
    "outputSelection": {"*": {"*": [
        "abi", "evm.bytecode.object", "evm.methodIdentifiers",
        "storageLayout"]}},
}


def _compile(out):
    root = os.path.join(HERE, "contracts")
    sources = {}
    for path in _sources():
        with open(path) as f:
            sources[os.path.relpath(path, root)] = {"content": f.read()}
    print("  SOLC   contrib/devnet/contracts", file=sys.stderr, flush=True)
    # Files, not pipes: the compiler reads and exits too early for those.
    given, said = out + ".in", out + ".out"
    with open(given, "w") as f:
        json.dump({"language": "Solidity", "sources": sources,
                   "settings": SETTINGS}, f)
    with open(given) as i, open(said, "w") as o:
        done = subprocess.run(
            ["node", _module("solc", "solc.js"), "--standard-json"], stdin=i,
            stdout=o, stderr=subprocess.PIPE, text=True, check=False)
    with open(said) as f:
        text = f.read()
    os.remove(given)
    os.remove(said)
    if done.returncode or "{" not in text:
        raise ToolError("solc failed:\n" + done.stderr[:2000])
    answer = json.loads(text[text.index("{"):])
    # A warning is an error too: there is nothing to warn about.
    if answer.get("errors"):
        raise ToolError("".join(e["formattedMessage"]
                                for e in answer["errors"]))
    found = {}
    for path, contracts in answer["contracts"].items():
        for name, made in contracts.items():
            if not made["evm"]["bytecode"]["object"]:
                continue
            found[os.path.join(os.path.dirname(path), name)] = {
                "abi": made["abi"],
                "code": made["evm"]["bytecode"]["object"],
                "selectors": made["evm"]["methodIdentifiers"],
                "storage": {row["label"]: int(row["slot"])
                            for row in made["storageLayout"]["storage"]},
            }
    with open(out + ".new", "w") as f:
        json.dump(found, f)
    os.rename(out + ".new", out)


def artifacts():
    """{"arbitrum/BondingManager": {"abi": …, "code": …, …}, …}"""
    key = _digest(_sources() + [os.path.join(HERE, "package-lock.json")],
                  json.dumps(SETTINGS))
    path = os.path.join(HOME, f"contracts-{key[:16]}.json")
    with _Lock():
        if not os.path.exists(path):
            _install()
            for old in glob.glob(os.path.join(HOME, "contracts-*.json")):
                os.remove(old)
            _compile(path)
        with open(path) as f:
            return json.load(f)


if __name__ == "__main__":
    try:
        anvil()
        artifacts()
    except ToolError as e:
        sys.exit(f"contrib/devnet: {e}")
