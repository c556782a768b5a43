"""Flags of a running node: seen with their origins, changed by `set`, kept for
the next start."""
import json

import wait
from ports import free_port


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


def with_file(start, tmp_path, text):
    """A broadcaster that was started with this config file."""
    path = tmp_path / "weir.conf"
    path.write_text(text)
    path.chmod(0o640)
    return path, start("broadcaster", config=str(path))


def test_save_and_restart(start, tmp_path):
    """What was set is in the file, the rest of it is as it was, and the next
    start has it from there."""
    path, node = with_file(start, tmp_path,
                           "# ours\nmaxSessions 7 # agreed with Ann\n")
    node.command("set", "maxSessions", "9")
    node.command("set", "maxAttempts", "2")
    assert node.command("settings", "only=diff").stdout.endswith(
        "-maxSessions 7 # agreed with Ann\n+maxSessions 9 # agreed with Ann\n"
        "+maxAttempts 2\n")
    node.command("save_config")
    want = "# ours\nmaxSessions 9 # agreed with Ann\nmaxAttempts 2\n"
    assert path.read_text() == want
    assert path.stat().st_mode & 0o777 == 0o640
    assert "# agreed with Ann" in (tmp_path / "weir.conf.bak").read_text()
    node.stop()
    node.start()
    rows = settings(node)
    for flag, value in ("maxSessions", "9"), ("maxAttempts", "2"):
        assert (rows[flag]["value"], rows[flag]["origin"]) == (value, "file")
        assert not rows[flag]["notes"]


def test_file_changed_by_another(start, tmp_path):
    path, node = with_file(start, tmp_path, "maxSessions 7\n")
    node.command("set", "maxSessions", "9")
    path.write_text("maxSessions 8\n")
    done = node.command("save_config", check=False)
    assert done.returncode and "by another hand" in done.stderr
    assert path.read_text() == "maxSessions 8\n"
    # The edit is not lost: it still wins over the file.
    node.stop()
    node.start()
    row = settings(node)["maxSessions"]
    assert (row["value"], row["file"]) == ("9", "8")
    node.command("save_config")
    assert path.read_text() == "maxSessions 9\n"


def test_export(start, tmp_path):
    """From a command line to a file that starts the same node."""
    node = start("broadcaster")
    path = tmp_path / "new.conf"
    assert "whole path" in node.command("save_config", "new.conf",
                                        check=False).stderr
    node.command("save_config", str(path))
    node.stop()
    flags, node.flags = node.flags, {"config": str(path)}
    node.start(ready=False)
    node.flags = flags
    node.wait_ready()
    assert settings(node)["broadcaster"]["origin"] == "file"


def test_an_edit_that_keeps_it_from_starting(start, tmp_path):
    """The error names it, and it can be taken back without a node."""
    file = tmp_path / "weir.conf"
    file.write_text(f"rtmpAddr 127.0.0.1:{free_port()}\n")
    node = start("broadcaster", rtmpAddr=None, config=file)
    node.command("set", "rtmpAddr", "203.0.113.7:1935")
    node.stop()
    node.start(ready=False)
    assert node.process.wait(20) == 1
    node.process = None
    assert "-rtmpAddr was set while the node ran before" in node.log()
    assert "no flag" in node.command("unset", "nope", check=False).stderr
    assert "was not set" in node.command("unset", "v", check=False).stderr
    said = node.command("unset", "rtmpAddr").stdout
    assert "as if it had not been set" in said
    node.start()
