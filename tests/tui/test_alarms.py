"""Alarms on a terminal: the list, the order to acknowledge, and the bell."""
import fake_daemon as fake


def alarm(name, ago_ms, **more):
    row = {"id": name, "level": "broken", "state": "on", "seen": False,
           "title": "title of " + name, "text": name + " is what happened",
           "remedy": "mend it", "since_ms": fake.NOW - ago_ms,
           "first_ms": fake.NOW - ago_ms, "count": 1}
    row.update(more)
    return row


def publish(daemon, *alarms, past=()):
    unseen = [a["since_ms"] for a in alarms if not a["seen"]]
    daemon.publish("node", fake.node_view(
        alarms=list(alarms), past_alarms=list(past),
        rang_ms=max(unseen, default=0)))


def bells(c):
    # Not those that end an OSC sequence.
    return c.raw.count(b"\a")


def test_the_list(attach, daemon):
    publish(daemon, alarm("chain-late", 60000),
            past=[alarm("paused", 9000000, state="over", seen=True)])
    c = attach()
    c.wait("alarms 1", "chain-late is what")
    c.keys("\r")
    c.wait("Remedy", "mend it", "paused is what", "over, seen")
    c.keys("a")
    assert daemon.wait_command() == ("ack", {"id": "chain-late"})
    publish(daemon, alarm("chain-late", 60000, seen=True))
    c.wait("alarms 1, seen", "on, seen")
    c.keys("A")
    assert daemon.wait_command(2) == ("ack", {})
    c.keys("\x1b")
    c.wait("Roles", "seen")


def test_it_rings_once(attach, daemon):
    publish(daemon, alarm("eth", 60000))
    c = attach()
    c.wait("alarms 1")
    publish(daemon, alarm("eth", 60000), alarm("paused", 1000))
    c.wait("alarms 2")
    publish(daemon, alarm("eth", 60000), alarm("paused", 1000))
    publish(daemon, alarm("paused", 1000), alarm("eth", 60000, seen=True))
    c.wait("alarms 1", "seen")
    c.read(0.5)
    assert bells(c) == 1
    publish(daemon, alarm("reward", 10), alarm("paused", 1000))
    c.wait("reward is what")
    c.read(0.5)
    assert bells(c) == 2


def test_it_does_not_ring_again_after_a_lost_connection(attach, daemon):
    c = attach()
    c.wait("no alarms")
    publish(daemon, alarm("eth", 1000))
    c.wait("alarms 1")
    for client in list(daemon.clients):
        daemon._drop(client)
    c.wait("the node is gone")
    c.wait("alarms 1")
    c.read(0.5)
    assert bells(c) == 1


def test_it_can_be_quiet(attach, daemon):
    c = attach("-bell=false")
    c.wait("no alarms")
    publish(daemon, alarm("eth", 1000))
    c.wait("alarms 1")
    c.read(0.5)
    assert bells(c) == 0
