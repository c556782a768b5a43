"""Flags of a running node: seen with their origins, changed by `set`, kept for
the next start."""
import json

import wait


def settings(node):
    rows = json.loads(node.command("settings", "--json").stdout)
    return {row["flag"]: row for row in rows}


def view(node):
    """SECTION_NODE; `status` exits with 1 where there are alarms."""
    return json.loads(
        node.command("status", "--json", check=False).stdout)["node"]


def test_set_lasts(start, tmp_path):
    """Live ones at once, others at the next start, which has all of them."""
    node = start("broadcaster", x264Preset=None)
    node.command("set", "maxSessions", "3")
    wait.until(lambda: view(node).get("max_sessions") == 3, 10,
               "the new limit")
    said = node.command("set", "maxAttempts", "2").stdout
    assert "takes effect at the node's next start" in said
    row = settings(node)["maxAttempts"]
    assert (row["value"], row["next"], row["origin"]) == ("3", "2", "default")
    node.stop()
    node.start()
    rows = settings(node)
    assert (rows["maxAttempts"]["value"], rows["maxAttempts"]["origin"]) == \
        ("2", "live")
    assert rows["maxSessions"]["value"] == "3"
    node.command("unset", "maxSessions")
    assert settings(node)["maxSessions"]["value"] == "10"


def test_set_refuses(start):
    node = start("broadcaster", transcodingOptions=None)
    for words, why in [
            (("httpAddr", ":1"), "command line"),
            (("maxSessions", "0"), "allowed are 1 to 100000"),
            (("maxsessions", "3"), "is it -maxSessions?"),
            (("transcodingOptions", "P1"), "P1"),
            (("ethPassword", "hunter2"), "path of a file")]:
        done = node.command("set", *words, check=False)
        assert done.returncode != 0 and why in done.stderr, done
    assert "hunter2" not in node.log()
