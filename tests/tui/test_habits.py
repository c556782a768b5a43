"""A person's habits: forms, tags, search, copies, files, the mouse."""
import fake_daemon as fake

CHAIN = {"network": "devnet", "chain_id": 31337, "ready": True,
         "eth_balance": "2 ETH", "gas_price": "1 gwei", "round": 9}
PRICING = {"advertised": "1000 wei/px", "max_price": "1200 wei/px",
           "renditions": [{"name": "P240p30fps16x9",
                           "text": "P240p30fps16x9"}]}


def publish_chain(daemon):
    daemon.publish("chain", CHAIN)
    daemon.publish("staking", {"lpt_balance": "8 LPT", "bonded": "20 LPT"})
    daemon.publish("pricing", PRICING)


def test_ladder_form(attach, daemon):
    """Presets and one's own, refused where wrong, with what they cost."""
    publish_chain(daemon)
    c = attach("-color", "never")
    c.keys("6")
    c.wait("1000 wei/px")
    c.keys("l")
    c.wait("Rendition 10", "P240p30fps16x9", "1 renditions: 3.1 Mpx/s")
    c.keys("\ttop 1280x720 30fps 4000q")
    c.keys("\t")
    c.wait('wrong: "4000q" is no size, rate')
    c.keys("\r")            # goes back to what is wrong, and no further
    c.wait(">! Rendition 2")
    c.keys("\x7fk")
    c.wait("2 renditions: 30.7 Mpx/s", "at 1000 wei/px",
           gone=["wrong"])
    c.keys("\r")
    c.wait("Do this?", "set_ladder")
    c.keys("\x1b")
    c.wait("left as it was", "Rendition 2")
    assert not daemon.commands
    c.keys("\x14\x14\t\x0e\r\r")    # undo, then the next preset offered
    name, args = daemon.wait_command()
    assert name == "set_ladder"
    assert args["ladder"] == "P240p30fps16x9,P720p60fps16x9"
    c.wait("done, as you wish", gone=["Rendition"])


def test_bond_form(attach, daemon):
    """All of what is there; a no leads back into the form."""
    publish_chain(daemon)
    daemon.answer = lambda name, args: ("asks", "bond it\n  gas 1")
    c = attach()
    c.keys("5")
    c.wait("20 LPT")
    c.keys("b")
    c.wait("Amount", "at most 8 LPT")
    c.keys("\r")
    c.wait("wrong: is needed")
    c.keys("%%")
    c.wait("4 LPT", gone=["wrong"])
    c.keys("\r")
    c.wait("acts on the chain", "gas 1")
    assert daemon.commands == [("bond", {"amount": "4 LPT"})]
    c.keys("\x1b")
    c.wait("left as it was", "Delegate")
    c.keys("m\r")
    c.wait("acts on the chain")
    c.keys("6a65\r")
    c.wait("accepted, it is sent", gone=["Delegate"])
    assert daemon.commands[-1] == ("bond", {"amount": "8 LPT"})


def test_keys_before_data(attach, daemon):
    """Whoever types at once is shown what has come since all the same."""
    publish_chain(daemon)
    c = attach()
    c.keys("7f?x\x1b")
    c.wait("left as it was", "Spending", "O on")


def test_form_keys(attach, daemon):
    """? tells the keys of where one is; nothing there leaves the console."""
    publish_chain(daemon)
    c = attach()
    c.wait("O on")
    c.keys("7f?")
    c.wait("A form", "take the last change back", gone=["Everywhere"])
    c.keys("x")
    c.wait("Deposit", gone=["A form"])
    c.keys("\x03")          # Ctrl-C goes back, and no further
    c.wait("left as it was", "Spending")
    c.keys(":?")
    c.wait("A line", "complete the word", gone=["Everywhere"])
    c.keys("\x1b\x1b\x1b\x1b")
    c.wait("Spending", gone=["A line"])
    assert c.proc.poll() is None
