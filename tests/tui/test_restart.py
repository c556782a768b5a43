"""A real node starts anew under a console: it drains before one's eyes, and the
console comes back by itself, with the log of the new run."""
import wait
from conftest import Console


def attach(node, size=(100, 30)):
    return Console(node.datadir, size=size)


def test_the_console_comes_back(node):
    c = attach(node)
    try:
        c.wait("O on")
        c.keys("D")
        c.wait("Then", "stop")
        c.keys("re")  # a choice's first letters
        c.wait("restart")
        c.keys("\r")
        c.wait("Enter: do it")
        started = node.status()["node"]["started_ms"]
        c.keys("\r")
        wait.until(lambda: "attached, pid" in
                   "".join(node.log().split("ready after")[2:]), 30,
                   "the console is back at a node that started anew")
        c.wait("O on", "no alarms")
        # Orders go to the new run, and its log is the one that is shown.
        c.keys("4")
        c.wait("ready after")
        assert "stopped, to start anew" not in c.text()
        c.keys("1")
        c.keys(":drain\r")
        c.wait("Enter: do it")
        c.keys("\r")
        c.wait("Drained", "then it stays")
        c.keys("r")
        c.wait("Enter: do it")
        c.keys("\r")
        c.wait("O on", gone=["Drained"])
        assert started < node.status()["node"]["started_ms"]
    finally:
        c.close()


def test_it_drains_on_without_a_console(node):
    """Whoever detaches finds it as it was left."""
    c = attach(node)
    c.wait("O on")
    c.keys("d")
    c.wait("Enter: do it")
    c.keys("\r")
    c.wait("Drained")
    c.hang_up()
    assert c.wait_exit() == 0
    c = attach(node, (80, 24))
    try:
        c.wait("Drained", "O draining")
    finally:
        c.close()
