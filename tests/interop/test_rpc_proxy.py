"""The proxy that spoils the way to the chain: when these fail, suspect no node."""
import http.client
import json
import time
import urllib.parse

import pytest

import raw_tx
from devnet import ETHER, GWEI, Devnet
from rpc_proxy import RpcProxy

# The usual key that chain.py calls the delegator.
KEYED = "0x15d34aaf54267db7d7c367839aaf71a00a2c6a65"


@pytest.fixture(scope="module")
def deployed(tmp_path_factory):
    with Devnet(tmp_path_factory.mktemp("chain"), usual_keys=True) as chain:
        yield chain


@pytest.fixture
def chain(deployed):
    with deployed.undone():
        yield deployed


@pytest.fixture
def proxy(chain):
    with RpcProxy(chain.url) as proxy:
        yield proxy


def post(proxy, said):
    url = urllib.parse.urlsplit(proxy.url)
    connection = http.client.HTTPConnection(url.hostname, url.port, timeout=10)
    try:
        connection.request("POST", "/", json.dumps(said),
                           {"Content-Type": "application/json"})
        answer = connection.getresponse()
        return answer, answer.read()
    finally:
        connection.close()


def call(method, *params, id=1):
    return {"jsonrpc": "2.0", "id": id, "method": method, "params": params}


def ask(proxy, method, *params):
    answer = json.loads(post(proxy, call(method, *params))[1])
    return answer["result"] if "result" in answer else answer["error"]


def signed(chain, **tx):
    """Raw bytes that anvil signs and does not send."""
    tx = {"from": chain.delegator.address, "to": chain.stranger.address,
          "value": "0x1", "gas": "0x5208", **{
              k: hex(v) if isinstance(v, int) else v for k, v in tx.items()}}
    return chain.rpc("eth_signTransaction", tx)


# --- faithful until asked otherwise ---
def test_passes_calls_and_batches(chain, proxy):
    assert ask(proxy, "eth_chainId") == "0x7a69"
    _, body = post(proxy, [call("eth_chainId", id=5),
                           call("eth_nothing", id=6),
                           call("eth_blockNumber", id=7)])
    found = json.loads(body)
    assert [a["id"] for a in found] == [5, 6, 7]
    assert "error" in found[1] and int(found[2]["result"], 16) == chain.height
    assert proxy.calls["eth_chainId"] == 2 and proxy.exchanges == 2


# --- faults ---
def test_faults_of_the_exchange(chain, proxy):
    proxy.fault("status", "eth_call", code=429, headers={"Retry-After": "3"})
    answer, _ = post(proxy, [call("eth_chainId"), call("eth_call")])
    assert (answer.status, answer.headers["Retry-After"]) == (429, "3")
    assert ask(proxy, "eth_chainId") == "0x7a69"
    proxy.heal()
    for kind in ("drop", "lose"):
        fault = proxy.fault(kind, times=1)
        with pytest.raises((OSError, http.client.HTTPException)):
            post(proxy, call("eth_chainId"))
        assert fault.hits == 1
        assert ask(proxy, "eth_chainId") == "0x7a69"
    proxy.fault("truncate", times=1)
    with pytest.raises(http.client.IncompleteRead):
        post(proxy, call("eth_chainId"))
    proxy.fault("garbage", times=1)
    assert b"html" in post(proxy, call("eth_chainId"))[1]
    proxy.fault("delay", seconds=0.3, times=1)
    start = time.monotonic()
    assert ask(proxy, "eth_chainId") == "0x7a69"
    assert time.monotonic() - start >= 0.3


def test_faults_of_an_answer(proxy):
    proxy.fault("error", "eth_call", code=3, message="execution reverted",
                data="0x")
    proxy.fault("null", "eth_chainId", times=1)
    proxy.fault("id", "eth_blockNumber", times=1)
    proxy.fault("answer", "eth_gasPrice", value="0x5")
    _, body = post(proxy, [
        call("eth_call", {}, "latest", id=1), call("eth_chainId", id=2),
        call("eth_blockNumber", id=3), call("eth_gasPrice", id=4)])
    found = json.loads(body)
    assert found[0]["error"]["message"] == "execution reverted"
    assert found[1]["result"] is None
    assert found[2]["id"] == 10
    assert found[3]["result"] == "0x5"
    proxy.fault("types")
    block = ask(proxy, "eth_getBlockByNumber", "latest", False)
    assert isinstance(block["hash"], int)
    assert ask(proxy, "eth_chainId") == 17


def test_hidden_transaction_is_nowhere(chain, proxy):
    chain.fund_broadcaster()
    event = chain.broker.events()[-1]
    assert ask(proxy, "eth_getTransactionReceipt", event.tx)
    proxy.hidden.add(event.tx)
    assert ask(proxy, "eth_getTransactionReceipt", event.tx) is None
    assert ask(proxy, "eth_getTransactionByHash", event.tx) is None
    assert ask(proxy, "eth_getLogs", {
        "fromBlock": hex(event.block), "toBlock": "latest"}) == []


def test_head_lies_behind(chain, proxy):
    chain.mine(5)
    chain.fund_broadcaster()
    tx, height = chain.broker.events()[-1].tx, chain.height
    proxy.behind = 3
    assert int(ask(proxy, "eth_blockNumber"), 16) == height - 3
    assert ask(proxy, "eth_getBlockByNumber", "latest", False)["number"] == \
        hex(height - 3)
    assert ask(proxy, "eth_getBlockByNumber", hex(height), False) is None
    assert ask(proxy, "eth_getTransactionReceipt", tx) is None
    assert ask(proxy, "eth_getLogs", {"fromBlock": hex(height)}) == []
    assert ask(proxy, "eth_getLogs", {"fromBlock": hex(height - 5)}) == []
    data = chain.rounds.data("blockNum")
    assert int(ask(proxy, "eth_call", {
        "to": chain.rounds.address, "data": data}, "latest"), 16) == height - 3
    proxy.behind = 0
    proxy.freeze()
    chain.mine(2)
    height += 2
    assert int(ask(proxy, "eth_blockNumber"), 16) == height - 2
    proxy.heal()
    assert int(ask(proxy, "eth_blockNumber"), 16) == height


# --- another net ---
def test_arbitrum_has_two_heights(chain, proxy):
    proxy.arbitrum(shift=10 ** 6)
    chain.fund_broadcaster()
    tx, l1 = chain.broker.events()[-1].tx, chain.height
    l2 = hex(l1 + 10 ** 6)
    assert ask(proxy, "eth_blockNumber") == l2
    for block in (ask(proxy, "eth_getBlockByNumber", l2, False),
                  ask(proxy, "eth_getBlockByHash",
                      chain.block()["hash"], False)):
        assert (block["number"], block["l1BlockNumber"]) == (l2, hex(l1))
    assert ask(proxy, "eth_getTransactionReceipt", tx)["blockNumber"] == l2
    logs = ask(proxy, "eth_getLogs", {"fromBlock": l2, "toBlock": l2,
                                      "address": chain.broker.address})
    assert [log["blockNumber"] for log in logs] == [l2] * len(logs) != []
    data = chain.rounds.data("blockNum")
    assert int(ask(proxy, "eth_call", {
        "to": chain.rounds.address, "data": data}, l2), 16) == l1


# --- transactions ---
def test_transactions_decode():
    legacy = raw_tx.decode(bytes.fromhex(
        "f86503843b9aca008252089470997970c51812dc3a010c7d01b50e0d17dc79c8018082"
        "0a96a04fa90a92cdfcf5b7cb0efaaec8541fab408666bd7863fe92f968fe7a434f59e8"
        "a0677ef7b128efda21152616adeb02674ef601b8c753c2004fe2ce4cc0cf71c14f"))
    assert (legacy.sender, legacy.nonce, legacy.cap) == (KEYED, 3, GWEI)
    assert legacy.hash == "0x54f7ac767bc539f31b9e7680fcff00b5" \
        "e8fdd6fe11824c01279277771f6f2008"
    dynamic = raw_tx.decode(bytes.fromhex(
        "02f87182a4b103843b9aca008477359400830493e09470997970c51812dc3a010c7d01"
        "b50e0d17dc79c88084228cb733c080a06e0105dd1a420f244f1d2c0e55e0062ae59f3a"
        "ee32ef57844b17ba4d40d486e1a05b26610a55c279c2874f493e1759608c7443514723"
        "146ba033b9a088e3ed6e4b"))
    assert (dynamic.sender, dynamic.tip, dynamic.cap) == \
        (KEYED, GWEI, 2 * GWEI)
    assert dynamic.data.hex() == "228cb733"


def test_held_transactions_wait_in_the_pool(chain, proxy):
    proxy.hold = True
    nonce = chain.nonce(KEYED)
    raw = signed(chain, nonce=nonce, gasPrice=5 * GWEI)
    tx = ask(proxy, "eth_sendRawTransaction", raw)
    assert ask(proxy, "eth_sendRawTransaction", raw)["message"] == \
        "already known"
    assert [t.hash for t in proxy.held] == [tx]
    assert chain.nonce(KEYED, "pending") == nonce
    assert ask(proxy, "eth_getTransactionCount", KEYED, "pending") == \
        hex(nonce + 1)
    assert ask(proxy, "eth_getTransactionCount", KEYED, "latest") == hex(nonce)
    waits = ask(proxy, "eth_getTransactionByHash", tx)
    assert (waits["blockHash"], waits["from"], waits["nonce"]) == \
        (None, KEYED, hex(nonce))
    assert ask(proxy, "eth_getTransactionReceipt", tx) is None
    chain.mine()
    had = chain.balance(chain.stranger)
    proxy.heal()
    assert chain.confirm(tx)
    assert chain.balance(chain.stranger) == had + 1
    assert proxy.held == []


def test_low_fees_get_stuck_and_a_better_one_replaces_them(chain, proxy):
    proxy.floor, proxy.strict_replacement = 2 * GWEI, True
    nonce = chain.nonce(KEYED)
    low = ask(proxy, "eth_sendRawTransaction",
              signed(chain, nonce=nonce, gasPrice=GWEI))
    later = ask(proxy, "eth_sendRawTransaction",
                signed(chain, nonce=nonce + 1, gasPrice=3 * GWEI))
    assert [t.hash for t in proxy.held] == [low, later], "it cannot overtake"
    near = signed(chain, nonce=nonce, gasPrice=GWEI * 109 // 100)
    assert ask(proxy, "eth_sendRawTransaction", near)["message"] == \
        "replacement transaction underpriced"
    high = ask(proxy, "eth_sendRawTransaction",
               signed(chain, nonce=nonce, gasPrice=2 * GWEI))
    assert chain.confirm(high)
    assert ask(proxy, "eth_getTransactionByHash", low) is None
    proxy.release()
    assert chain.confirm(later)


def test_replacement_rule_holds_for_what_anvil_has(chain, proxy):
    proxy.strict_replacement = True
    chain.automine(False)
    nonce, fees = chain.nonce(KEYED), {"type": "0x2"}
    first = ask(proxy, "eth_sendRawTransaction", signed(
        chain, nonce=nonce, maxFeePerGas=10 * GWEI,
        maxPriorityFeePerGas=GWEI, **fees))
    for cap, tip in ((11, 1), (10, 2)):
        answer = ask(proxy, "eth_sendRawTransaction", signed(
            chain, nonce=nonce, maxFeePerGas=cap * GWEI,
            maxPriorityFeePerGas=tip * GWEI, **fees))
        assert answer["message"] == "replacement transaction underpriced"
    second = ask(proxy, "eth_sendRawTransaction", signed(
        chain, nonce=nonce, maxFeePerGas=11 * GWEI,
        maxPriorityFeePerGas=GWEI * 11 // 10, **fees))
    chain.mine()
    assert chain.confirm(second)
    assert chain.rpc("eth_getTransactionByHash", first) is None
    fresh = signed(chain, nonce=nonce, gasPrice=100 * GWEI)
    assert "nonce" in ask(proxy, "eth_sendRawTransaction", fresh)["message"]


def test_a_forgotten_transaction_never_was(chain, proxy):
    proxy.hold = True
    nonce = chain.nonce(KEYED)
    tx = ask(proxy, "eth_sendRawTransaction",
             signed(chain, nonce=nonce, gasPrice=5 * GWEI))
    proxy.forget()
    assert ask(proxy, "eth_getTransactionByHash", tx) is None
    assert ask(proxy, "eth_getTransactionCount", KEYED, "pending") == \
        hex(nonce)


def test_a_lost_answer_does_not_undo_the_sending(chain, proxy):
    proxy.fault("lose", "eth_sendRawTransaction", times=1)
    raw = signed(chain, nonce=chain.nonce(KEYED), gasPrice=5 * GWEI,
                 value=ETHER)
    with pytest.raises((OSError, http.client.HTTPException)):
        post(proxy, call("eth_sendRawTransaction", raw))
    tx = raw_tx.decode(bytes.fromhex(raw[2:]))
    assert chain.confirm(tx.hash)


def test_a_dead_chain_is_a_dead_proxy(tmp_path):
    chain = Devnet(tmp_path).start()
    with RpcProxy(chain.url) as proxy:
        assert ask(proxy, "eth_chainId") == "0x7a69"
        chain.stop()
        with pytest.raises((OSError, http.client.HTTPException)):
            post(proxy, call("eth_chainId"))
