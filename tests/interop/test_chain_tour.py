"""src/eth alone against the contracts of both generations, on a real EVM: what
it reads, sends and understands, before any node does it."""
import os
import subprocess

import pytest

import wait
from devnet import Devnet

PROGRAM = os.path.join(os.environ["BUILD"], os.environ.get("MODE", "release"),
                       "tests", "interop", "chain_tour")
STOPS = ["protocol", "token", "activation", "pool", "reward", "tickets",
         "fees", "unbonding", "withdrawal", "done"]


@pytest.mark.parametrize("generation, name", [("arbitrum", "confluence"),
                                              ("streamflow", "streamflow")])
def test_tour(tmp_path, generation, name):
    with Devnet(tmp_path, generation=generation, round_length=50) as chain:
        orchestrator, broadcaster = chain.accounts[4:6]
        done = subprocess.run(
            [PROGRAM, chain.url, chain.controller.address,
             orchestrator.key, broadcaster.key],
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
            timeout=60 * wait.SCALE)
        print(done.stdout)
        stops = [line for line in done.stdout.splitlines()
                 if not line.startswith(" ")]
        assert (stops, done.returncode) == ([name] + STOPS, 0)
        # And as the contracts' own counterpart in Python sees it.
        uri = chain.registry.call("getServiceURI", orchestrator)
        assert uri == "https://127.0.0.1:8935"
