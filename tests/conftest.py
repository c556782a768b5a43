"""What all tests in Python share: a limit of time for each, and a last line
that contrib/scripts/check can add up."""
import os
import signal

import pytest

import wait

LIMIT = 60  # seconds a test may take, unless marked @pytest.mark.limit(n)


def pytest_configure(config):
    config.addinivalue_line("markers", "limit(seconds): of a test's run time")
    os.environ["PATH"] = "/usr/bin:/bin:" + os.environ.get("PATH", "")


def on_alarm(_signum, _frame):
    raise TimeoutError("the test ran out of time")


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_protocol(item):
    mark = item.get_closest_marker("limit")
    seconds = mark.args[0] if mark else LIMIT
    signal.signal(signal.SIGALRM, on_alarm)
    signal.alarm(int(seconds * wait.SCALE))
    try:
        yield
    finally:
        signal.alarm(0)


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item):
    outcome = yield
    # The node fixture asks whether its test failed, to show the node's log.
    setattr(item, "report_" + outcome.get_result().when, outcome.get_result())


def pytest_terminal_summary(terminalreporter, config):
    stats = terminalreporter.stats
    passed = len(stats.get("passed", []))
    failed = len(stats.get("failed", [])) + len(stats.get("error", []))
    name = os.path.basename(config.args[0].rstrip("/").split("::")[0])
    skipped = len(stats.get("skipped", []))
    note = f" ({skipped} skipped)" if skipped else ""
    terminalreporter.write_line(
        f"{name}: {passed} passed, {failed} failed{note}")
