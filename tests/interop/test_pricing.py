"""Prices, tickets' terms, gas and ladder, set while a node runs on a chain and
kept over its restart; what the console shows of them; the calculator."""
import json

import pytest

from devnet import ETHER, PASSWORD, Devnet
from views import Views


@pytest.fixture(scope="module")
def chain(tmp_path_factory):
    with Devnet(tmp_path_factory.mktemp("chain")) as chain:
        yield chain


@pytest.fixture
def run(chain, start, tmp_path):
    def make(account, *roles, **flags):
        keys = tmp_path / "keys"
        chain.keystore(keys, account)
        password = tmp_path / "password"
        password.write_text(PASSWORD)
        password.chmod(0o600)
        node = start(*roles, network="devnet", ethUrl=chain.url,
                     ethController=chain.controller.address,
                     ethKeystorePath=str(keys), ethPassword=str(password),
                     blockPollingInterval=1, cpuWorkers=1, **flags)
        node.views = Views(node)
        return node
    return make


def again(node):
    """The same node, restarted."""
    node.stop()
    node.start()
    node.views = Views(node)


def test_orchestrator(chain, run):
    who = chain.bond_orchestrator()
    gateways = {"gateways": [
        {"ethaddress": chain.broadcaster.address, "priceperunit": 0.5},
        {"ethaddress": chain.broadcaster2.address, "priceperunit": "7/3"}]}
    node = run(who, "orchestrator", "transcoder", pricePerUnit=1000,
               autoAdjustPrice="false", pricePerGateway=json.dumps(gateways))
    shown = node.views.until("pricing", lambda v: v["face_value"])
    assert shown["price"] == "1000 wei/px"
    assert {p["price"] for p in shown["per_broadcaster"]} == \
        {"0.5 wei/px", "7/3 wei/px"}
    assert shown["per_hour"] and shown["hours_per_win"] > 0

    said = node.command("set_price", "1200").stdout
    assert "1200 wei/px for all" in said
    assert "the next start takes -pricePerUnit from the flag again" in said
    node.command("set_price", "0.25", f"broadcaster={chain.broadcaster}")
    node.command("unset_price", chain.broadcaster2.address)
    node.command("set_ticket_ev", "10 gwei")
    node.command("set_max_face_value", "0.05 ETH")
    node.command("set_auto_adjust", "on")
    node.command("set_gas", "max=90 gwei", "min=2 gwei")
    node.views.until("pricing", lambda v: (
        v["price"], v["ticket_ev"], v["max_face_value"], v["auto_adjust"]) ==
        ("1200 wei/px", "10 gwei", "0.05 ETH", True))
    node.views.until("chain", lambda v: (
        v["min_gas_price"], v["max_gas_price"]) == ("2 gwei", "90 gwei"))
    refused = node.command("set_gas", "min=91 gwei", check=False)
    assert refused.returncode == 1 and "above the highest" in refused.stderr
    refused = node.command("set_max_price", "1", check=False)
    assert refused.returncode == 1 and "no broadcaster" in refused.stderr
    refused = node.command("set_price", "1", chain.broadcaster.address[:-1] +
                           "g", check=False)
    assert refused.returncode == 2

    # The flag is stronger at the next start; without it what was set counts.
    del node.flags["pricePerUnit"], node.flags["autoAdjustPrice"]
    again(node)
    shown = node.views.until("pricing", lambda v: v["face_value"])
    assert (shown["price"], shown["ticket_ev"], shown["max_face_value"],
            shown["auto_adjust"]) == ("1200 wei/px", "10 gwei", "0.05 ETH", True)
    rows = {p["address"].lower(): p["price"] for p in shown["per_broadcaster"]}
    assert rows[chain.broadcaster.address.lower()] == "0.25 wei/px"
    shown = node.views.until("chain", lambda v: v["ready"])
    assert (shown["min_gas_price"], shown["max_gas_price"]) == \
        ("2 gwei", "90 gwei")


def test_broadcaster(chain, run):
    chain.fund_broadcaster(deposit=ETHER, reserve=2 * ETHER)
    node = run(chain.broadcaster, "broadcaster", maxPricePerUnit=3000,
               pixelsPerUnit=10, transcodingOptions="P240p30fps16x9")
    shown = node.views.until("funds", lambda v: v["unlock_period"])
    assert (shown["state"], shown["deposit"], shown["reserve"],
            shown["unlock_period"]) == ("locked", "1 ETH", "2 ETH", 2)
    shown = node.views.until("pricing", lambda v: v["max_price"])
    assert (shown["max_price"], shown["ladder"]) == \
        ("300 wei/px", "P240p30fps16x9")
    node.command("set_max_price", "0.7")
    node.command("set_ladder", "P240p30fps16x9,P360p30fps16x9")
    bad = node.command("set_ladder", "P999", check=False)
    assert bad.returncode == 1 and "P999" in bad.stderr
    shown = node.views.until("pricing", lambda v: (
        v["max_price"], len(v["renditions"])) == ("0.7 wei/px", 2))
    del node.flags["maxPricePerUnit"], node.flags["transcodingOptions"]
    again(node)
    node.views.until("pricing", lambda v: (
        v["max_price"], len(v["renditions"])) == ("0.7 wei/px", 2))

    node.views.until("funds", lambda v: v["deposit"])
    assert "deposit       1 ETH" in node.command("funds").stdout
    text = node.command("calc", "P360p30fps16x9", "price=1200").stdout
    assert "6.9 Mpx/s in all: 0.00002985984 ETH an hour" in text
    node.command("set_max_price", "0")
    node.views.until("pricing", lambda v: v["max_price"] == "any")
    tickets = json.loads(node.command("tickets", "--json").stdout)
    assert tickets == []
    assert "state" in node.command("tickets", "state=open", "--csv").stdout
    node.views.until("chain", lambda v: [r["state"] for r in v["rpcs"]] ==
                     ["ok"])
    found = node.command("doctor", "--json", check=False)
    assert found.returncode in (1, 2)  # no orchestrator answers, at least
    rows = {r["check"]: r["result"] for r in json.loads(found.stdout)}
    assert rows["Deposit and reserve"] == "pass" and rows["RPC"] == "pass"
