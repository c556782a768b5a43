"""The development chain itself, without a node: its interface, and the contracts
that rounds, tokens and inflation are about. When these fail, suspect no node."""
import os

import pytest

import devnet
from devnet import (ETHER, GWEI, MAX, ZERO, Devnet, abi, keyfile, refuses,
                    toolchain)

DATA = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "data")

# In the protocol's interface and not on this chain: what no node calls, or what
# belongs to a contract that is not here. Minting of the token by others and its
# off-chain permits, votes, slashing, and the leftovers of upgrades.
ABSENT = {
    "LivepeerToken": {
        "DOMAIN_SEPARATOR", "EIP712DomainChanged", "RoleAdminChanged",
        "burnFrom", "eip712Domain", "getRoleAdmin", "nonces", "permit",
        "renounceRole", "supportsInterface"},
    "BondingManager": {
        "TranscoderSlashed", "activeTranscoderSetDEPRECATED",
        "checkpointBondingState", "claimSnapshotEarnings", "executeLIP77",
        "numActiveTranscodersDEPRECATED", "slashTranscoder"},
}


@pytest.fixture(scope="module", params=["arbitrum", "streamflow"])
def deployed(request, tmp_path_factory):
    with Devnet(tmp_path_factory.mktemp("chain"), request.param,
                usual_keys=True) as chain:
        yield chain


@pytest.fixture
def chain(deployed):
    with deployed.undone():
        yield deployed


# --- interface ---
def interface(generation):
    """{contract: {row}}, a row being "topic or selector, signature, …"."""
    found = {}
    with open(os.path.join(DATA, f"interface-{generation}.txt")) as f:
        for line in f:
            contract, row = line.rstrip("\n").split(" ", 1)
            found.setdefault(contract, set()).add(row)
    return found


def compiled(made):
    """The rows of a compiled contract, its functions under the selectors that
    the compiler computed and its events under topics computed here."""
    for entry in made["abi"]:
        if entry["type"] == "event":
            inputs = ",".join(
                abi.type_of(i) + (" indexed" if i["indexed"] else "")
                for i in entry["inputs"])
            topic = abi.keccak(abi.signature(entry).encode()).hex()
            yield f"{topic} {entry['name']}({inputs})"
        elif entry["type"] == "function":
            text = abi.signature(entry)
            row = f"{made['selectors'][text]} {text}"
            state = entry["stateMutability"]
            row += {"view": " view", "pure": " view",
                    "payable": " payable"}.get(state, "")
            outputs = ",".join(abi.type_of(o) for o in entry["outputs"])
            yield row + (f" ({outputs})" if outputs else "")


def name_of(row):
    return row.split()[1].split("(")[0]


@pytest.mark.parametrize("generation", ["arbitrum", "streamflow"])
def test_interface_is_the_protocols(generation):
    made, differences = toolchain.artifacts(), {}
    for contract, rows in interface(generation).items():
        ours = set(compiled(made.get(f"{generation}/{contract}") or
                            made[contract]))
        rows = {r for r in rows
                if name_of(r) not in ABSENT.get(contract, ())}
        if ours != rows:
            differences[contract] = sorted(ours ^ rows)
    assert differences == {}


def test_selectors_are_those_of_the_compiler():
    for made in toolchain.artifacts().values():
        for text, selector in made["selectors"].items():
            assert abi.selector(text).hex() == selector


# --- the directory of contracts ---
IDS = {
    "LivepeerToken": "3443e257065fe41dd0e4d1f5a1b73a22"
                     "a62e300962b57f30cddf41d0f8273ba7",
    "BondingManager": "2517d59a36a86548e38734e8ab416f42"
                      "afff4bca78706a66ad65750dae7f9e37",
    "TicketBroker": "bd1aa3e8d2464256d7fd3dcf645c1641"
                    "8d5d8c51d971f1ad7d57e7b1b5eee239",
    "RoundsManager": "e8438ea868df48e3fc21f2f087b993c9"
                     "b1837dc0f6135064161ce7d7a1701fe8",
    "ServiceRegistry": "79c5d2a4a07754f4bacb0ffba18ac516"
                       "030ee589ebc89db8627680c4d4cdb230",
    "Minter": "6e58ad548d72b425ea94c15f453bf26c"
              "addb061d82b2551db7fdd3cefe0e9940",
    "LivepeerTokenFaucet": "5f8d58050c9f37ce30acebdd762a0683"
                           "b7f2bb88ded15cdd64e219c282603664",
    "JobsManager": "3d7456535a3155a46f15a2313c3915bd"
                   "07137ffdc56464f4fc9a82bae7215c2d",
}


def test_controller_finds_contracts_by_the_hash_of_their_names(chain):
    for name, known in IDS.items():
        real = "TicketBroker" if name == "JobsManager" else name
        at = chain.controller.call("getContract", known)
        assert at == chain.contracts[real].address
        assert chain.rpc("eth_getCode", at, "latest") != "0x"
        assert chain.controller.call("getContractInfo", known)[0] == at
    assert chain.controller.call(
        "getContract", abi.keccak(b"LivepeerGovernor")) == ZERO
    assert chain.controller.call("owner") == chain.governor.address
    assert chain.controller.call("paused") is False


def test_generations_can_be_told_apart(chain):
    """By the length of an earnings pool, and by the treasury's views."""
    data = chain.bonding.data("getTranscoderEarningsPoolForRound", ZERO, 1)
    answer = chain.rpc("eth_call", {"to": chain.bonding.address,
                                    "data": data}, "latest")
    modern = chain.generation == "arbitrum"
    assert len(abi.raw(answer)) == 32 * (5 if modern else 11)
    asked = {"to": chain.bonding.address, "data": "0x558f8f44"}
    if modern:
        assert int(chain.rpc("eth_call", asked, "latest"), 16) == 0
        assert chain.minter.call("getGlobalTotalSupply") == \
            chain.token.call("totalSupply")
    else:
        with pytest.raises(devnet.RpcError):
            chain.rpc("eth_call", asked, "latest")
        assert chain.bonding.call("maxEarningsClaimsRounds") == 20


def test_pause_stops_everything_and_only_the_owner_pauses(chain):
    who, b, t = chain.orchestrator, chain.bonding, chain.broker
    with refuses():
        chain.controller.call("pause", sender=who)
    receipt = chain.controller.send("pause", sender=chain.governor)
    assert chain.controller.names(receipt) == ["Pause"]
    chain.next_round(initialize=False)
    fees = (who, 1) if chain.generation == "arbitrum" else ()
    for contract, name, args in (
            (b, "bond", (1, who)), (b, "unbond", (1,)), (b, "rebond", (0,)),
            (b, "rebondFromUnbonded", (who, 0)), (b, "withdrawStake", (0,)),
            (b, "withdrawFees", fees), (b, "claimEarnings", (1,)),
            (b, "reward", ()), (b, "transcoder", (0, 0)),
            (t, "unlock", ()), (t, "cancelUnlock", ()), (t, "withdraw", ()),
            (t, "fundDeposit", ()), (t, "fundReserve", ()),
            (t, "fundDepositAndReserve", (0, 0)),
            (t, "redeemWinningTicket", chain.ticket().args),
            (t, "batchRedeemWinningTickets", ([], [], [])),
            (chain.rounds, "initializeRound", ())):
        with refuses("system is paused"):
            contract.call(name, *args, sender=who)
    chain.controller.send("unpause", sender=chain.governor)
    chain.rounds.send("initializeRound", sender=who)


def test_parameters_belong_to_the_owner(chain):
    for contract, name in ((chain.rounds, "setRoundLength"),
                           (chain.bonding, "setUnbondingPeriod"),
                           (chain.bonding, "setNumActiveTranscoders"),
                           (chain.broker, "setUnlockPeriod"),
                           (chain.minter, "setInflationChange")):
        with refuses("caller must be Controller owner"):
            contract.call(name, 100, sender=chain.stranger)
    with refuses("caller must be Controller"):
        chain.bonding.call("setController", ZERO, sender=chain.governor)
    receipt = chain.bonding.send("setUnbondingPeriod", 3,
                                 sender=chain.governor)
    assert chain.bonding.receipt_events(receipt)[0].args == \
        {"param": "unbondingPeriod"}


# --- tokens ---
def test_token_refuses_in_its_generations_words(chain):
    token, a, b = chain.token, chain.orchestrator, chain.stranger
    modern = chain.generation == "arbitrum"
    old = "SafeMath: subtraction overflow"
    have = token.call("balanceOf", a)
    with refuses("ERC20: insufficient allowance" if modern else old):
        token.call("transferFrom", a, b, 1, sender=b)
    poor = "ERC20: transfer amount exceeds balance" if modern else old
    with refuses(poor):
        token.call("transfer", b, have + 1, sender=a)
    token.send("approve", b, have + 1, sender=a)
    with refuses(poor):
        token.call("transferFrom", a, b, have + 1, sender=b)
    receipt = token.send("transferFrom", a, b, 7, sender=b)
    moved = [e for e in token.receipt_events(receipt) if e.name == "Transfer"]
    assert moved[0].args == {"from": a.address, "to": b.address, "value": 7}
    assert token.call("allowance", a, b) == have - 6
    with refuses():
        token.call("mint", b, 1, sender=b)


def test_faucet_gives_once_in_a_while(chain):
    who, amount = chain.stranger, chain.faucet.call("requestAmount")
    had = chain.token.call("balanceOf", who)
    assert chain.faucet.call("nextValidRequest", who) == 0
    receipt = chain.faucet.send("request", sender=who)
    assert chain.faucet.receipt_events(receipt)[0].args == \
        {"to": who.address, "amount": amount}
    now = int(chain.block()["timestamp"], 16)
    assert chain.faucet.call("nextValidRequest", who) == \
        now + 3600 * chain.faucet.call("requestWait")
    with refuses(""):
        chain.faucet.call("request", sender=who)
    chain.advance_time(3600)
    chain.faucet.send("request", sender=who)
    assert chain.token.call("balanceOf", who) == had + 2 * amount


# --- rounds ---
def test_rounds_follow_from_blocks(chain):
    r, length = chain.rounds, chain.params["round_length"]
    for _ in range(3):
        chain.mine(17)
        height = chain.height
        assert r.call("blockNum") == height
        assert r.call("currentRound") == height // length
        assert r.call("currentRoundStartBlock") == height - height % length
        assert r.call("currentRoundInitialized") == \
            (r.call("lastInitializedRound") == height // length)


def test_round_begins_once_and_remembers_a_hash(chain):
    r = chain.rounds
    number = chain.next_round(initialize=False)
    assert not r.call("currentRoundInitialized")
    assert r.call("blockHashForRound", number) == bytes(32)
    receipt = r.send("initializeRound", sender=chain.stranger)
    parent = int(receipt["blockNumber"], 16) - 1
    known = abi.raw(chain.block(parent)["hash"])
    assert r.receipt_events(receipt)[0].args == \
        {"round": number, "blockHash": known}
    assert r.call("blockHashForRound", number) == known
    assert r.call("blockHash", parent) == known
    assert r.call("lastInitializedRound") == number
    with refuses("round already initialized"):
        r.call("initializeRound", sender=chain.stranger)


def test_blocks_too_far_have_no_hash(chain):
    with refuses("can only retrieve past block hashes"):
        chain.rounds.call("blockHash", chain.height)
    chain.mine(300)
    with refuses("can only retrieve hashes for last 256 blocks"):
        chain.rounds.call("blockHash", chain.height - 257)
    assert chain.rounds.call("blockHash", chain.height - 256) != bytes(32)


def test_lock_covers_the_last_tenth(chain):
    r, length = chain.rounds, chain.params["round_length"]
    chain.next_round()
    start = r.call("currentRoundStartBlock")
    chain.mine(start + length * 9 // 10 - 1 - chain.height)
    assert not r.call("currentRoundLocked")
    chain.mine()
    assert r.call("currentRoundLocked")
    chain.mine(start + length - 1 - chain.height)
    assert r.call("currentRoundLocked")
    chain.mine()
    assert not r.call("currentRoundLocked")


def test_length_changes_without_moving_the_round(chain):
    r, before = chain.rounds, chain.round
    start = r.call("currentRoundStartBlock")
    chain.mine(5)
    r.send("setRoundLength", 20, sender=chain.governor)
    assert (chain.round, r.call("currentRoundStartBlock")) == (before, start)
    assert r.call("lastRoundLengthUpdateRound") == before
    assert r.call("lastRoundLengthUpdateStartBlock") == start
    chain.mine(start + 20 - chain.height)
    assert chain.round == before + 1


def test_a_round_not_begun_blocks_stake_and_redemption_only(chain):
    who, words = chain.orchestrator, "current round is not initialized"
    chain.bond_orchestrator()
    chain.fund_broadcaster()
    ticket = chain.ticket()
    chain.next_round(initialize=False)
    fees = (who, 1) if chain.generation == "arbitrum" else ()
    for name, args in (("bond", (1, who)), ("unbond", (1,)), ("rebond", (0,)),
                       ("withdrawStake", (0,)), ("withdrawFees", fees),
                       ("claimEarnings", (MAX,)), ("reward", ()),
                       ("transcoder", (0, 0))):
        with refuses(words):
            chain.bonding.call(name, *args, sender=who)
    with refuses(words):
        chain.redeem(ticket)
    with refuses(words):
        chain.broker.call("batchRedeemWinningTickets", [], [], [])
    b = chain.broadcaster
    chain.broker.send("fundDeposit", sender=b, value=1)
    chain.broker.send("unlock", sender=b)
    chain.broker.send("cancelUnlock", sender=b)
    chain.broker.send("unlock", sender=b)
    chain.next_round(2, initialize=False)
    chain.broker.send("withdraw", sender=b)
    chain.registry.send("setServiceURI", "https://a:1", sender=who)
    assert chain.bonding.call("pendingStake", who, 0) > 0


# --- inflation ---
def test_inflation_steps_towards_the_target(chain):
    m, unit = chain.minter, 10 ** (9 if chain.generation == "arbitrum" else 6)
    supply, step = chain.token.call("totalSupply"), m.call("inflationChange")
    was, target = m.call("inflation"), m.call("targetBondingRate")
    assert target == unit // 2
    chain.bond(chain.orchestrator, 1000 * ETHER)
    chain.next_round()
    assert m.call("inflation") == was + step
    assert m.call("currentMintableTokens") == supply * (was + step) // unit
    m.send("setTargetBondingRate", 1000 * ETHER * unit // supply,
           sender=chain.governor)
    chain.next_round()
    assert m.call("inflation") == was + step
    m.send("setTargetBondingRate", 0, sender=chain.governor)
    chain.next_round()
    event = m.events("SetCurrentRewardTokens", chain.height)[0]
    assert event.args == {"currentMintableTokens": supply * was // unit,
                          "currentInflation": was}
    m.send("setInflationChange", unit, sender=chain.governor)
    chain.next_round()
    assert m.call("inflation") == 0
    assert m.call("currentMintedTokens") == 0


def test_minter_obeys_its_own_only(chain):
    m, who = chain.minter, chain.stranger
    for name, args, words in (
            ("createReward", (1, 1), "msg.sender not BondingManager"),
            ("trustedTransferTokens", (who, 1),
             "msg.sender not BondingManager"),
            ("trustedBurnTokens", (1,), "msg.sender not BondingManager"),
            ("setCurrentRewardTokens", (), "msg.sender not RoundsManager"),
            ("trustedWithdrawETH", (who, 1),
             "msg.sender not BondingManager or JobsManager"),
            ("depositETH", (), "msg.sender not Minter or JobsManager")):
        with refuses(words):
            m.call(name, *args, sender=who)
    with refuses("caller must be RoundsManager"):
        chain.bonding.call("setCurrentRoundTotalActiveStake", sender=who)
    with refuses("caller must be TicketBroker"):
        chain.bonding.call("updateTranscoderWithFees", who, 1, 1, sender=who)


# --- service addresses ---
def test_registry_takes_anything_from_anyone(chain):
    assert chain.registry.call("getServiceURI", chain.stranger) == ""
    for uri in ("https://127.0.0.1:8935", "", "x" * 300, "ü"):
        receipt = chain.registry.send("setServiceURI", uri,
                                      sender=chain.stranger)
        assert chain.registry.receipt_events(receipt)[0].args == \
            {"addr": chain.stranger.address, "serviceURI": uri}
        assert chain.registry.call("getServiceURI", chain.stranger) == uri


# --- what the tests of nodes count on ---
def test_accounts_are_the_known_ones(chain):
    assert chain.delegator.address == \
        "0x15d34aaf54267db7d7c367839aaf71a00a2c6a65"
    assert abi.raw(chain.delegator.key).hex() == \
        "47e179ec197488593b187f80a00eb0da91f1b9d0b13f8733639f19c30a34926a"


def test_reorganisation_takes_blocks_back(chain):
    chain.mine(3)
    old, height = chain.block()["hash"], chain.height
    tx = chain.token.send("approve", chain.stranger, 1,
                          sender=chain.delegator)["transactionHash"]
    chain.reorg(2, keep=[tx])
    assert chain.height == height + 1
    assert chain.block(height)["hash"] != old
    assert int(chain.receipt(tx)["blockNumber"], 16) == height
    chain.reorg(2)
    assert chain.rpc("eth_getTransactionReceipt", tx) is None
    assert chain.token.call("allowance", chain.delegator, chain.stranger) == 0


def test_transactions_wait_while_nobody_mines(chain):
    chain.automine(False)
    nonce = chain.nonce(chain.stranger)
    tx = chain.submit(chain.stranger, chain.delegator, value=1)
    assert chain.nonce(chain.stranger) == nonce
    assert chain.nonce(chain.stranger, "pending") == nonce + 1
    assert chain.rpc("eth_getTransactionReceipt", tx) is None
    chain.mine()
    assert chain.confirm(tx)
    late = chain.submit(chain.stranger, chain.delegator, value=1,
                        maxFeePerGas=2 * GWEI, maxPriorityFeePerGas=GWEI)
    chain.base_fee(100 * GWEI)
    chain.mine()
    assert int(chain.block()["baseFeePerGas"], 16) == 100 * GWEI
    assert chain.rpc("eth_getTransactionByHash", late) is None


def test_helpers_work_however_blocks_are_made(chain):
    stranger = "0x" + "12" * 20
    for make in (lambda: chain.automine(False), lambda: chain.mine_every(1)):
        with chain.undone():
            make()
            chain.give(stranger, lpt=5, wei=7)
            assert chain.token.call("balanceOf", stranger) == 5
            assert chain.balance(stranger) == 7
            now = chain.round
            assert chain.next_round() == now + 1


def test_berlin_has_no_base_fee(tmp_path):
    with Devnet(tmp_path, hardfork="berlin") as chain:
        assert "baseFeePerGas" not in chain.block()
        chain.bond_orchestrator()
        assert chain.bonding.call("isActiveTranscoder", chain.orchestrator)


def test_key_file_is_geths(monkeypatch, chain, tmp_path):
    """The vector of a key file that geth's format gives: fixed salt and iv."""
    monkeypatch.setattr(keyfile.os, "urandom", lambda n: {
        32: b"\x11", 16: b"\x22"}[n] * n)
    monkeypatch.setattr(keyfile, "P", 1)
    made = keyfile.content(chain.delegator.address, chain.delegator.key,
                           "pass")
    assert made["crypto"]["ciphertext"] == \
        "d517ae53546f6ddf045677284faf3ae5eddaf740a1ba17477b5b2f80defa4809"
    assert made["crypto"]["mac"] == \
        "850261dc3ec85a552ffa935d4a57362e1958edae5066d25a319d9acea67dd518"
    path = chain.keystore(tmp_path / "keystore", chain.delegator)
    assert os.stat(path).st_mode & 0o777 == 0o600
    assert path.endswith("--15d34aaf54267db7d7c367839aaf71a00a2c6a65")
