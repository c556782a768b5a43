"""How the hardware does, as the node tells it: this machine, and GPUs of a
driver that the test owns (tests/peers/fake_nvml.c)."""
import os

from node import Node
from views import Views

NVML = os.path.join(os.environ.get("BUILD", "build"), "nvml")


def row(view, name):
    return next((r for r in view.get("rows", []) if r["id"] == name), None)


def test_machine(start):
    node = start("orchestrator", "transcoder", cpuWorkers=1)
    v = Views(node)
    try:
        # A share needs two looks.
        found = v.until("devices", lambda d: row(d, "machine")
                        and row(d, "machine")["busy"] >= 0)
        machine = row(found, "machine")
        assert machine["cores"] == os.cpu_count()
        assert 0 < machine["memory_used"] < machine["memory_total"]
        assert machine["load"] >= 0 and machine["busy"] <= 1
        assert machine["encoder"] == -1
        worker = row(v.until("transcoders", lambda t: row(t, "cpu0")
                             and row(t, "cpu0")["cpu"] >= 0), "cpu0")
        assert worker["rss"] > 0
        v.until("node", lambda n: n["cpu"] >= 0)
    finally:
        v.close()


def test_gpus(tmp_path):
    """Figures, what the driver refuses, and a driver that stops answering: the
    figures go, the node stays."""
    script = tmp_path / "nvml"
    script.write_text("ok")
    node = Node(tmp_path, "orchestrator", "transcoder", nvidia="all")
    node.environment = {"LD_LIBRARY_PATH": NVML, "NVIDIA_FAKE": str(script)}
    node.start()
    v = Views(node)
    try:
        found = v.until("devices", lambda d: row(d, "gpu1"))
        first, second = row(found, "gpu0"), row(found, "gpu1")
        assert first["name"] == "Fake A2000" and first["state"] == "ok"
        assert (first["busy"], first["encoder"], first["decoder"]) == \
            (0.87, 0.55, 0.21)
        assert first["temperature"] == 71 and first["power"] == 63.5
        assert first["memory_used"] == 4 << 30
        assert first["encoder_sessions"] == -1
        assert second["busy"] == 0.09
        assert (second["encoder"], second["temperature"]) == (-1, -1)
        script.write_text("hang")
        found = v.until("devices",
                        lambda d: row(d, "gpu0")["state"] == "silent")
        assert row(found, "gpu0")["busy"] == -1
        assert row(found, "machine")["state"] == "ok"
        node.command("set_max_sessions", "3", "--yes")
        script.write_text("ok")
        v.until("devices", lambda d: row(d, "gpu0")["busy"] == 0.87, 60)
    finally:
        v.close()
        node.stop()
