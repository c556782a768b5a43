"""The ways of `weir migrate`: back, on with what was interrupted, by hand at a
terminal, and through what the chain makes everybody wait for."""
import errno
import mmap
import os
import re
import struct
import subprocess
import time

import pytest

import market
import wait
from devnet import ETHER, PASSWORD
from ports import free_port
from rpc_proxy import RpcProxy
from terminal import Terminal
from test_migrate import transcoder
from wizard import (Outcome, Wizard, chain_after_alpha, everything,
                    old_directory)

CAMPAIGN = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..",
                        "campaign")


@pytest.fixture
def chain(tmp_path):
    with chain_after_alpha(tmp_path / "chain") as made:
        yield made


@pytest.fixture
def paced(chain):
    with market.Pace(chain, 10):
        yield chain


def outcome(process, seconds=60):
    out, err = process.communicate(timeout=seconds * wait.SCALE)
    return Outcome(subprocess.CompletedProcess([], process.returncode, out,
                                               err))


# --- back ---
def test_rollback(paced, tmp_path):
    w = Wizard(paced, tmp_path / "w")
    before = everything(w.dir, but=["answers", "state"])
    done = w.run("--yes")
    assert done.code == 0, done
    looked = w.run("--rollback", "--dry-run", "--yes")
    assert looked.code == 0 and os.path.exists(w.config), looked
    assert w.run("--rollback").code == 1  # nobody confirms it
    back = w.run("--rollback", "--yes")
    assert back.code == 0 and back.report["state"] == "undone", back
    after = everything(w.dir, but=["answers", "state"])
    assert after == before and not os.path.exists(os.path.dirname(w.new))
    # What the chain has is told, with what takes it back.
    told = [r for r in back.report["remarks"] if r["name"] == "activate"]
    assert "only this takes it back" in told[0]["text"]
    assert "weir unbond" in told[0]["text"]
    assert re.search("0x[0-9a-f]{64}", told[0]["text"])
    assert os.path.exists(os.path.join(done.report["backup"], "SHA256SUMS"))
    # It can be done again; on the chain nothing is left to do.
    nonce = paced.nonce(paced.orchestrator)
    again = w.run("--yes")
    assert again.code == 0 and again.report["state"] == "done", again
    assert "activate" not in again.states
    assert paced.nonce(paced.orchestrator) == nonce


def test_rollback_leaves_what_is_not_its_own(paced, tmp_path):
    w = Wizard(paced, tmp_path / "w", chainSteps="no")
    assert w.run("--yes").code == 0
    with open(w.config, "a") as f:
        f.write("maxSessions 7\n")
    with open(os.path.join(w.new, "notes"), "w") as f:
        f.write("mine")
    before = everything(w.new)
    done = w.run("--rollback", "--yes")
    assert done.code == 1 and "weir.conf" in done.error, done
    assert "notes" in done.error
    left = everything(w.new)
    assert set(left) == set(before)
    os.remove(os.path.join(w.new, "notes"))
    with open(w.config) as f:
        text = f.read().replace("maxSessions 7\n", "")
    with open(w.config, "w") as f:
        f.write(text)
    with w.node():  # a node has the directory
        done = w.run("--rollback", "--yes")
        assert done.code == 1 and "runs on" in done.error, done
    for name in os.listdir(w.new):
        if name not in ("weir.conf", "weir.sqlite", "alpha.sqlite",
                        "keystore", "weir.lock"):
            os.remove(os.path.join(w.new, name))
    done = w.run("--rollback", "--yes")
    assert done.code == 0, done
    assert not os.path.exists(w.new)


# --- what everybody waits for ---
def test_the_lock_of_a_round_is_waited_for(chain, tmp_path):
    w = Wizard(chain, tmp_path / "w")
    chain.lock_round()
    process = w.start("--yes")
    # Blocks come one by one, so that it can count them down.
    for _ in range(400):
        if process.poll() is not None:
            break
        chain.mine()
        if not chain.rounds.call("currentRoundInitialized"):
            chain.rounds.send("initializeRound", sender=chain.governor)
        time.sleep(0.1)
    done = outcome(process)
    assert done.code == 0, done
    left = [int(n) for n in re.findall(
        r"(?:waiting another|begins in) (\d+) blocks", done.said)]
    assert left and left[0] <= 40 and left == sorted(left, reverse=True), left
    assert transcoder(chain)["activationRound"] == chain.round + 1


@pytest.mark.parametrize("words", [
    "can't update transcoder params, current round is locked",
    "system is paused", "current round is not initialized"])
def test_what_came_between_looking_and_asking(paced, tmp_path, words):
    """By the contract's word alone; all that was looked at says yes."""
    with RpcProxy(paced.url) as proxy:
        w = Wizard(paced, tmp_path / "w", ethUrl=proxy.url)
        no = proxy.fault("error", "eth_estimateGas", times=2, code=3,
                         message=f"execution reverted: {words}")
        done = w.run("--yes")
    assert done.code == 0 and no.hits == 2, done
    assert re.search(f"waiting: .*{words}", done.said), done
    assert transcoder(paced)["activationRound"] == paced.round + 1


def test_a_pause_is_waited_for(paced, tmp_path):
    w = Wizard(paced, tmp_path / "w", broadcaster=True, deposit="1 ETH",
               reserve="1 ETH", rtmpAddr="127.0.0.1:0", httpAddr="127.0.0.1:0")
    paced.controller.send("pause", sender=paced.governor)
    process = w.start("--yes")
    try:
        wait.until(lambda: os.path.exists(w.config), 30, "it is at the chain")
        nonce = paced.nonce(paced.orchestrator)
        height = paced.height
        wait.until(lambda: paced.height > height + 20, 30, "blocks pass")
        assert process.poll() is None
        assert paced.nonce(paced.orchestrator) == nonce
    finally:
        paced.controller.send("unpause", sender=paced.governor)
    done = outcome(process)
    assert done.code == 0 and "the protocol is paused" in done.said, done
    assert transcoder(paced)["activationRound"]
    assert paced.sender_info(paced.orchestrator)[:3] == (ETHER, 0, ETHER)


def test_a_broadcasters_money(paced, tmp_path):
    who = paced.broadcaster
    paced.alpha_deposit(who, 7 * ETHER)
    w = Wizard(paced, tmp_path / "w", who, orchestrator=None, transcoder=None,
               serviceAddr=None, pricePerUnit=None, broadcaster=True,
               deposit="2 ETH", reserve="0.5 ETH", rtmpAddr="127.0.0.1:0",
               httpAddr="127.0.0.1:0", maxPricePerUnit=10)
    before, old = paced.balance(who), old_directory(w.old)
    done = w.run("--yes")
    assert done.code == 0, done
    assert [s["name"] for s in done.report["steps"] if s["chain"]] == \
        ["refund", "fund"]
    assert paced.refunder.call("withdrawn", who)
    assert paced.sender_info(who)[:3] == (2 * ETHER, 0, ETHER // 2)
    assert 0 < before + 7 * ETHER - 5 * ETHER // 2 - paced.balance(who) < \
        ETHER // 1000
    assert old_directory(w.old) == old


# --- how the old one was started ---
def test_old_flags_become_a_configuration(paced, tmp_path):
    w = Wizard(paced, tmp_path / "w", orchestrator=None, transcoder=None,
               serviceAddr=None)
    unit = os.path.join(w.dir, "livepeer.service")
    with open(unit, "w") as f:
        f.write("[Service]\nExecStart=/usr/bin/livepeer -transcoder "
                f"-serviceAddr {w.service} -ipfsPath /x -v 6 "
                "-monitor=false\n")
    w.answers["oldFlags"] = unit
    done = w.run("--dry-run")
    assert done.code == 0, done
    done = w.run("--yes")
    assert done.code == 0, done
    with open(w.config) as f:
        text = f.read()
    for line in ("\norchestrator true\n", "\ntranscoder true\n",
                 f"\nserviceAddr {w.service}\n"):
        assert line in text, text
    assert re.search(r"^# .*-ipfsPath", text, re.M), text
    assert any("-transcoder" in r["text"] for r in done.report["remarks"])
    with w.node():
        pass


# --- at a terminal ---
def test_step_by_step(paced, tmp_path):
    w = Wizard(paced, tmp_path / "w")
    command = [c for c in w.command() if c not in ("--report", "json")]
    with open(os.path.join(w.dir, "answers"), "w") as f:
        f.write(f"blockPollingInterval 1\ncliAddr 127.0.0.1:{free_port()}\n")
    with Terminal(command, w.environment) as t:
        t.sees("How was the old node started")
        t.types("\n")
        t.sees("Passphrase of 0x")
        assert not t.echoes()
        t.types("wrong\n")
        t.sees("Passphrase of 0x")
        t.types(PASSWORD + "\n")
        t.sees("Roles of the new node")
        t.types("xyz\n")
        t.sees("write o, t and b")
        t.types("ot\n")
        for question, answer in (
                ("Network", "devnet"), ("JSON-RPC", paced.url),
                ("Controller", paced.controller.address),
                ("host:port", w.service), ("Price in wei", "7"),
                ("you keep", ""), ("delegators get", ""),
                ("Systemd unit", "")):
            t.sees(question)
            t.types(answer + "\n")
        t.sees("Type yes to go on")
        t.types("yes\n")
        t.sees("become an orchestrator")
        t.sees("Type " + paced.orchestrator.address[-4:].lower())
        t.types(paced.orchestrator.address[-4:] + "\n")
        t.sees("start the new node with", 60)
        assert t.code() == 0
    assert transcoder(paced)["activationRound"]
    assert PASSWORD + "\n" not in open(w.config).read()


def test_no_is_no(paced, tmp_path):
    w = Wizard(paced, tmp_path / "w", rewardCut=10, feeShare=50,
               unit="none")
    nonce = paced.nonce(paced.orchestrator)
    with Terminal(w.command(), w.environment) as t:
        t.sees("Type yes to go on")
        t.types("no\n")
        assert t.code() == 1
    assert not os.path.exists(w.new) and not w.records()
    # And of what moves money each is asked about again.
    with Terminal(w.command(), w.environment) as t:
        t.sees("Type yes to go on")
        t.types("yes\n")
        t.sees("Send it?")
        t.types("0000\n" if paced.orchestrator.address[-4:] != "0000" else "\n")
        assert t.code() == 1
    assert paced.nonce(paced.orchestrator) == nonce
    assert w.run("--resume", "--yes").code == 0
    assert paced.nonce(paced.orchestrator) == nonce + 2


# --- how the old node was started ---
@pytest.fixture
def livepeer(tmp_path):
    """Starts a program of that name, which does nothing."""
    source, program = tmp_path / "pause.c", tmp_path / "livepeer"
    source.write_text("#include <unistd.h>\nint main(void) "
                      "{ for (;;) pause(); }\n")
    subprocess.run(["gcc", "-o", str(program), str(source)], check=True)
    started = []

    def start(*args):
        started.append(subprocess.Popen([str(program), *args]))
        return started[-1]

    yield start
    for process in started:
        process.kill()
        process.wait()


def test_from_a_process(paced, tmp_path, livepeer):
    w = Wizard(paced, tmp_path / "w", orchestrator=None, transcoder=None,
               serviceAddr=None)
    old = livepeer("-transcoder", "-datadir", w.old, "-ethPassword",
                   "hunter2", "-serviceAddr", w.service, "-controllerAddr",
                   paced.controller.address)
    wait.until(lambda: b"hunter2" in open(f"/proc/{old.pid}/cmdline",
                                          "rb").read(), 10, "it runs")
    looked = subprocess.run([w.command()[0], "migrate", "--look"], text=True,
                            env=w.environment, capture_output=True, check=True)
    assert f"process {old.pid}: " in looked.stdout
    assert f"-serviceAddr={w.service}" in looked.stdout
    assert "hunter2" not in looked.stdout
    command = [c for c in w.command("--yes", "--from-process", str(old.pid))
               if c not in ("--from", w.old)]
    done = w.run_as(command)
    assert done.code == 0 and done.report["state"] == "done", done
    assert done.report["from"] == w.old
    told = " ".join(r["text"] for r in done.report["remarks"]
                    if r["name"] == "flags")
    assert "-transcoder alone now" in told and "offchain" in told
    assert "another password" in told
    with open(w.config) as f:
        text = f.read()
    assert "orchestrator true" in text and w.service in text
    assert "hunter2" not in text + done.said + str(w.records())
    assert transcoder(paced)["activationRound"]
    nobody = w.run_as(w.command("--from-process", "999999999"))
    assert nobody.code == 2
    nobody = w.run_as(w.command("--from-unit", "no-such-node"))
    assert nobody.code == 2 and "no such unit" in nobody.said


# --- for systemd ---
def test_a_unit(paced, tmp_path):
    """Written where it was asked for, never enabled; and taken back."""
    w = Wizard(paced, tmp_path / "w", chainSteps="no", tryOut="no", unit="user")
    path = os.path.join(w.dir, ".config", "systemd", "user", "weir.service")
    os.makedirs(os.path.dirname(path))
    with open(path, "w") as f:
        f.write("mine")
    w.refused("is there already, and another", "--yes")
    os.remove(path)
    done = w.run("--yes")
    assert done.code == 0 and done.states["unit"] == "done", done
    assert f"{path}; when you want it: systemctl --user" in \
        done.step("unit")["detail"]
    with open(path) as f:
        text = f.read()
    assert f'run -config "{w.config}"' in text and "default.target" in text
    assert os.listdir(os.path.dirname(path)) == ["weir.service"]
    assert os.system("which systemd-analyze >/dev/null 2>&1") or \
        "Unknown" not in subprocess.run(
            ["systemd-analyze", "verify", "--user", path], text=True,
            capture_output=True, check=False).stderr
    with open(path, "a") as f:
        f.write("# mine\n")
    looked = w.run("--rollback", "--dry-run")
    assert looked.code == 0 and os.path.exists(path)
    with open(path, "w") as f:
        f.write(text)
    back = w.run("--rollback", "--yes")
    assert back.code == 0 and back.report["state"] == "undone", back
    assert not os.path.exists(path)
    # What somebody has changed since is his.
    assert w.run("--yes").code == 0
    with open(path, "a") as f:
        f.write("# mine\n")
    back = w.run("--rollback", "--yes")
    assert back.code == 0 and os.path.exists(path), back
    assert [r for r in back.report["remarks"] if r["name"] == "unit"]


# --- a disk that fails ---
@pytest.mark.skipif(os.environ.get("MODE", "release") != "release",
                    reason="a sanitizer must be loaded first")
@pytest.mark.limit(300)
def test_a_disk_that_is_full_at_any_write(tmp_path, chain):
    library = str(tmp_path / "full_disk.so")
    subprocess.run(["gcc", "-shared", "-fPIC", "-O2", "-D_GNU_SOURCE", "-o",
                    library, os.path.join(CAMPAIGN, "full_disk.c"), "-ldl"],
                   check=True)
    path = str(tmp_path / "fault")
    with open(path, "wb") as f:
        f.write(bytes(4096))
    with open(path, "r+b") as f:
        words = mmap.mmap(f.fileno(), 4096)
    nth, failed = 1, 0
    while True:
        w = Wizard(chain, tmp_path / f"w{nth}", network="offchain", ethUrl=None,
                   ethController=None, pricePerUnit=None,
                   blockPollingInterval=None, refunder=None, jobsManager=None)
        before = old_directory(w.old)
        words[4:12] = struct.pack("=ii", nth, 0)
        words[0:4] = struct.pack("=i", (errno.ENOSPC, errno.EROFS)[nth % 2])
        faulty = dict(w.environment, LD_PRELOAD=library, WEIR_FAULT=path,
                      WEIR_FAULT_DIR=w.dir)
        done = Outcome(subprocess.run(
            w.command("--yes"), env=faulty, text=True, check=False,
            stdin=subprocess.DEVNULL, capture_output=True, timeout=60))
        words[0:4] = bytes(4)
        assert old_directory(w.old) == before
        if done.code == 0:
            break
        failed += 1
        assert "space" in done.error or "ead-only" in done.error or \
            "full" in done.error or "disk" in done.error, done
        more = ["--resume"] if any(r["event"] == "confirmed"
                                   for r in w.records()) else []
        healed = w.run("--yes", *more)
        assert healed.code == 0 and healed.report["state"] == "done", healed
        assert set(healed.states.values()) == {"done"}
        nth += 1 + nth // 8
    assert failed > 10
