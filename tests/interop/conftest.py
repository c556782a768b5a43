"""Nodes for tests: started ready, stopped in order, their log shown when the
test failed."""
import grpc
import pytest

import media
from broadcaster import Broadcaster
from node import Node


@pytest.fixture
def start(request, tmp_path):
    """start("orchestrator", "transcoder", flag=value) -> a running Node."""
    nodes = []

    def make(*roles, **flags):
        directory = tmp_path / f"node{len(nodes)}"
        directory.mkdir()
        nodes.append(Node(directory, *roles, **flags).start())
        return nodes[-1]

    yield make
    failed = getattr(request.node, "report_call", None) is None or \
        request.node.report_call.failed
    for node in nodes:
        if failed:
            node.kill()
            print(f"--- {node.log_path}\n{node.log()[-6000:]}")
    for node in nodes:
        node.stop()


@pytest.fixture(scope="session")
def clip():
    """Three consecutive segments of 2 s as bytes."""
    found = []
    for path in media.clip():
        with open(path, "rb") as f:
            found.append(f.read())
    return found


@pytest.fixture(scope="module")
def orchestrator(tmp_path_factory):
    """One orchestrator with a local transcoder, for all tests of a module."""
    node = Node(tmp_path_factory.mktemp("orchestrator"), "orchestrator",
                "transcoder", maxSessions=4).start()
    yield node
    print(f"--- {node.log_path}\n{node.log()[-6000:]}")
    node.stop()


@pytest.fixture
def peer(orchestrator):
    with Broadcaster(orchestrator) as b:
        yield b


@pytest.fixture
def token(peer):
    """Of a session that ends with the test, so that the next finds room."""
    found = peer.info().auth_token
    yield found
    try:
        peer.end(found)
    except grpc.RpcError:
        pass  # the test ended it
