"""`weir setup` where money is meant: the RPC is asked who it is, and the key is
tried, before a file says that they will do."""
import http.server
import json
import os
import subprocess
import threading

import pytest

import keystore
from node import WEIR
from ports import free_port

PASSWORD = "a password"


@pytest.fixture
def rpc():
    """rpc(answer) -> the URL of something that answers every POST so."""
    made = []

    def start(answer, status=200):
        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                asked = json.loads(self.rfile.read(
                    int(self.headers["Content-Length"])))
                assert asked["method"] == "eth_chainId"
                body = json.dumps(dict(jsonrpc="2.0", id=asked["id"],
                                       **answer)).encode()
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        made.append(http.server.HTTPServer(("127.0.0.1", 0), Handler))
        threading.Thread(target=made[-1].serve_forever, daemon=True).start()
        return "http://127.0.0.1:%d" % made[-1].server_address[1]

    yield start
    for server in made:
        server.shutdown()
        server.server_close()


@pytest.fixture
def setup(tmp_path):
    """setup(role, **flags) -> what `weir setup` came to."""
    def run(role, *more, **flags):
        return subprocess.run(
            [WEIR, "setup", role, *more,
             *(f"-{name}={value}" for name, value in flags.items())],
            capture_output=True, text=True, stdin=subprocess.DEVNULL,
            timeout=40, env=dict(os.environ, HOME=str(tmp_path),
                                 XDG_CONFIG_HOME=str(tmp_path / "etc")))
    return run


def put_key(tmp_path):
    directory = tmp_path / ".lpData" / "arbitrum-one-mainnet" / "keystore"
    directory.mkdir(parents=True)
    directory.chmod(0o700)
    key = keystore.seal(keystore.KEY, PASSWORD)
    key["address"] = keystore.ADDRESS[2:].lower()
    keystore.write(str(directory / "UTC--key"), key)
    password = tmp_path / "password"
    password.write_text(PASSWORD + "\n")
    password.chmod(0o600)
    return password


def test_orchestrator_on_a_chain(rpc, setup, tmp_path):
    flags = dict(network="arbitrum-one-mainnet", pricePerUnit="1200",
                 serviceAddr=f"127.0.0.1:{free_port()}",
                 ethUrl=rpc({"result": "0xa4b1"}))
    done = setup("orchestrator", **flags)
    assert done.returncode and "weir account new" in done.stderr
    assert not (tmp_path / ".lpData").exists()  # nothing made, least a key
    flags["ethPassword"] = str(put_key(tmp_path))
    done = setup("orchestrator", **flags)
    assert done.returncode == 0, done.stderr
    path = tmp_path / "etc" / "weir" / "weir.conf"
    text = path.read_text()
    for line in ("network arbitrum-one-mainnet", "pricePerUnit 1200",
                 f"ethUrl {flags['ethUrl']}",
                 f"ethPassword {flags['ethPassword']}"):
        assert f"\n{line}\n" in text
    assert PASSWORD not in text
    assert path.stat().st_mode & 0o777 == 0o600
    assert "is there already" in setup("orchestrator", **flags).stderr


@pytest.mark.parametrize("answer, status, why", [
    ({"result": "0x1"}, 200, "it is of chain 1"),
    ({"error": {"code": -32000, "message": "no"}}, 200, "refuses to tell"),
    ({"result": "0xa4b1"}, 429, "HTTP 429"),
    ({"result": 42161}, 200, "-ethUrl")])
def test_rpc_that_is_none(rpc, setup, tmp_path, answer, status, why):
    put_key(tmp_path)
    done = setup("broadcaster", network="arbitrum-one-mainnet",
                 maxPricePerUnit="1200", ethUrl=rpc(answer, status),
                 rtmpAddr=f"127.0.0.1:{free_port()}",
                 httpAddr=f"127.0.0.1:{free_port()}")
    assert done.returncode and why in done.stderr, done.stderr
    assert not (tmp_path / "etc").exists()


def test_wrong_password(rpc, setup, tmp_path):
    password = put_key(tmp_path)
    password.write_text("another\n")
    done = setup("broadcaster", network="arbitrum-one-mainnet",
                 maxPricePerUnit="1200", ethUrl=rpc({"result": "0xa4b1"}),
                 ethPassword=str(password),
                 rtmpAddr=f"127.0.0.1:{free_port()}",
                 httpAddr=f"127.0.0.1:{free_port()}")
    assert done.returncode and "-ethKeystorePath" in done.stderr
    assert "the password is wrong" in done.stderr, done.stderr


def test_answers_from_a_file(setup, tmp_path):
    secret = tmp_path / "secret"
    secret.write_text("hush\n")
    answers = tmp_path / "answers"
    answers.write_text(f"orchAddr 127.0.0.1:8935\norchSecret {secret}\n")
    done = setup("transcoder", "--answers", str(answers), "--dry-run")
    assert done.returncode == 0, done.stderr
    assert f"\norchSecret {secret}\n" in done.stdout
    assert "# Secret shared by" in done.stdout and "hush" not in done.stdout
    assert not (tmp_path / "etc").exists()
    done = setup("transcoder", "--answers", str(answers), "--output",
                 str(tmp_path / "t.conf"))
    assert done.returncode == 0 and (tmp_path / "t.conf").exists()
    answers.write_text("orchAdr x\n")
    done = setup("transcoder", "--answers", str(answers))
    assert done.returncode and "is it -orchAddr" in done.stderr
