"""Keyfiles between weir and others, and the ways a password takes: a person at
a terminal, a file, systemd's credential; never what others may read."""
import json
import os
import re
import resource
import signal
import subprocess

import pytest

import keystore
import wait
from devnet import Devnet
from keystore import ADDRESS, KEY
from node import WEIR
from smaps import leaks
from terminal import Terminal


def environment(home, **more):
    kept = {k: v for k, v in os.environ.items()
            if not k.startswith("LP_") and k != "CREDENTIALS_DIRECTORY"}
    return dict(kept, HOME=str(home), XDG_RUNTIME_DIR=str(home), **more)


class Home:
    """A home directory and the `weir account` that runs in it."""

    def __init__(self, path):
        self.path = path
        self.password = keystore.write(path / "password", "open sesame\n")

    def account(self, *words, stdin="", check=True, **more):
        """No terminal is there: it is a session of its own."""
        done = subprocess.run(
            [WEIR, "account", *words], input=stdin, capture_output=True,
            text=True, timeout=60 * wait.SCALE, start_new_session=True,
            env=environment(self.path, **more), cwd=self.path)
        for secret in ("sesame", KEY, KEY[8:40]):
            assert secret not in done.stdout + done.stderr
        assert not check or done.returncode == 0, done.stderr
        return done

    def at_terminal(self, *words, **more):
        return Terminal([WEIR, *words], environment(self.path, **more),
                        self.path)


@pytest.fixture
def home(tmp_path):
    return Home(tmp_path)


def test_others_open_what_weir_makes(home):
    made = json.loads(home.account(
        "new", "--json", "--password-file", home.password).stdout)
    key, said = keystore.unseal(made["keyfile"], "open sesame")
    assert said["address"] == made["address"][2:].lower()
    assert said["crypto"]["kdfparams"]["n"] == 1 << 18  # geth's standard
    assert os.stat(made["keyfile"]).st_mode & 0o777 == 0o600
    folder = os.path.dirname(made["keyfile"])
    assert os.stat(folder).st_mode & 0o777 == 0o700
    assert re.fullmatch(
        r"UTC--\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d\.\d{9}Z--" + said["address"],
        os.path.basename(made["keyfile"]))
    assert os.listdir(folder) == [os.path.basename(made["keyfile"])]
    # The key alone, brought in somewhere else, is the same account.
    again = json.loads(home.account(
        "import", "--json", "-datadir", str(home.path / "elsewhere"), "--password-file",
        home.password, stdin=key).stdout)
    assert again["address"] == made["address"]
    assert keystore.unseal(again["keyfile"], "open sesame")[0] == key


@pytest.mark.parametrize("kdf, params", [
    ("scrypt", {"n": 1 << 18, "r": 8, "p": 1}),   # geth, go-livepeer
    ("scrypt", {"n": 1 << 18, "r": 1, "p": 8}),   # OpenSSL would refuse it
    ("scrypt", {"n": 4096, "r": 8, "p": 6}),      # geth --lightkdf
    ("scrypt", {"n": 8192, "r": 8, "p": 1, "dklen": 64}),
    ("pbkdf2", {"c": 4321}), ("pbkdf2", {"c": 1, "salt": "00"})])
def test_weir_opens_what_others_make(home, kdf, params):
    file = keystore.write(home.path / "key.json", keystore.seal(
        KEY, "open sesame", kdf, **params))
    done = home.account("check", file, "--password-file", home.password)
    assert ADDRESS in done.stdout
    keystore.write(home.password, "open barley")
    done = home.account("check", file, "--password-file", home.password,
                        check=False)
    assert done.returncode == 1 and file in done.stderr
    assert "password is wrong" in done.stderr


def test_credentials_of_systemd(home):
    keystore.write(home.path / "key", keystore.seal(KEY, "open sesame"))
    os.rename(home.password, home.path / "ethPassword")
    done = home.account("check", "key", CREDENTIALS_DIRECTORY=str(home.path))
    assert ADDRESS in done.stdout


def test_without_a_terminal_the_remedy_is_told(home):
    keystore.write(home.path / "key", keystore.seal(KEY, "open sesame"))
    done = home.account("check", "key", check=False)
    assert done.returncode == 1
    assert "no terminal" in done.stderr and "LoadCredential" in done.stderr
    done = home.account("new", check=False)
    assert done.returncode == 1 and "--password-file" in done.stderr
    # An empty password is tried before anybody is asked.
    keystore.write(home.path / "key", keystore.seal(KEY, ""))
    assert ADDRESS in home.account("check", "key").stdout


def test_a_person_is_asked(home):
    with home.at_terminal("account", "new") as t:
        t.sees("Passphrase: ")
        assert not t.echoes()
        t.types("open sesame\n")
        t.sees("Repeat passphrase: ")
        t.types("open sesame\n")
        t.sees("account  0x")
        assert t.code() == 0
        assert b"sesame" not in t.screen
    with home.at_terminal("account", "new") as t:
        t.sees("Passphrase: ")
        t.types("open sesame\n")
        t.sees("Repeat passphrase: ")
        t.types("open barley\n")
        t.sees("passphrases do not match")
        assert t.code() == 1
    with home.at_terminal("account", "check") as t:
        t.sees("Passphrase of 0x")
        t.types("open barley\n")
        t.sees("Passphrase of 0x")
        t.types("open sesame\n")
        t.sees("the password opens it")
        assert t.code() == 0
    with home.at_terminal("account", "check") as t:
        t.sees("Passphrase of 0x")
        t.types("\x03")
        t.sees("interrupted")
        assert t.code() == 1


def test_a_key_typed_in_is_not_seen(home):
    with home.at_terminal("account", "import", "--password-file",
                          home.password) as t:
        t.sees("Private key, in hexadecimal: ")
        t.types(KEY + "\n")
        t.sees("account  " + ADDRESS)
        assert t.code() == 0
        assert KEY.encode() not in t.screen


def test_a_password_on_the_command_line_is_hidden(start):
    node = start("broadcaster", ethPassword="open sesame",
                 orchAddr="127.0.0.1:8935")
    with open(f"/proc/{node.process.pid}/cmdline", "rb") as f:
        line = f.read()
    assert b"-ethPassword=***" in line and b"sesame" not in line
    assert "-ethPassword is not used with -network offchain" in node.log()
    assert "sesame" not in node.log()


@pytest.fixture
def fresh(home):
    """An account that no other node of this machine has: two with one key would
    refuse each other."""
    made = json.loads(home.account(
        "new", "--json", "--password-file", home.password, "-datadir",
        str(home.path)).stdout)
    return made["keyfile"], made["address"], \
        keystore.unseal(made["keyfile"], "open sesame")[0]


def test_the_key_goes_into_the_background(home, fresh):
    """`weir` asks here, and the node that goes on without a terminal signs:
    nothing but its locked memory has the key."""
    _, address, key = fresh
    secrets = {"key": bytes.fromhex(key), "password": b"open sesame"}
    with Devnet(str(home.path / "chain")) as chain, home.at_terminal(
            "-broadcaster", "-network", "devnet", "-ethUrl", chain.url,
            "-ethController", chain.controller.address, "-datadir",
            str(home.path), "-httpAddr", "127.0.0.1:0", "-rtmpAddr",
            "127.0.0.1:0", "-cliAddr", "127.0.0.1:0", "-orchAddr",
            "127.0.0.1:8935", TERM="xterm") as t:
        t.sees(f"Passphrase of {address}: ")
        t.types("open barley\n")
        t.sees(f"Passphrase of {address}: ")
        t.types("open sesame\n")
        t.sees("\x1b[?1049h", 60)  # the console
        pid = int((home.path / "weir.lock").read_text())
        try:
            assert pid != t.pid
            bad, good = leaks(pid, secrets)
            assert not bad and good == 1
            assert leaks(t.pid, secrets) == ([], 0)
            t.types("q")
            t.code()
        finally:
            stopped = subprocess.run(
                [WEIR, "stop", "-datadir", str(home.path)], check=False,
                env=environment(home.path), timeout=30 * wait.SCALE)
        assert stopped.returncode == 0
    log = (home.path / "weir.log").read_text()
    assert f"account {address}" in log
    assert "sesame" not in log and key[:16] not in log


@pytest.fixture
def cores():
    """Processes from here may leave a core in their folder."""
    soft, hard = resource.getrlimit(resource.RLIMIT_CORE)
    resource.setrlimit(resource.RLIMIT_CORE, (hard, hard))
    yield lambda node: [f for f in os.listdir(node.dir) if "core" in f]
    resource.setrlimit(resource.RLIMIT_CORE, (soft, hard))


def test_a_crash_is_reported_and_leaves_no_core(start, home, fresh, cores):
    """The process with the key keeps it to itself, even when it dies."""
    with Devnet(str(home.path / "chain")) as chain:
        node = start("broadcaster", network="devnet", ethUrl=chain.url,
                     ethController=chain.controller.address,
                     ethKeystorePath=fresh[0], ethPassword=home.password,
                     orchAddr="127.0.0.1:8935")
        node.process.send_signal(signal.SIGABRT)
        assert node.process.wait(20 * wait.SCALE) == -signal.SIGABRT
        assert "end of crash report" in node.log()
        assert not cores(node)
        node.process = None  # it has ended, as it should
