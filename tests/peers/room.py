"""The migration as a console's room drives it, through a node that has nothing to
do with it:

    room = Room(node)
    room.start(w.old, w.new)
    room.answer_all({"roles": "ot", ...}, password="pass")
    room.ended()["state"] == "done"
"""
from views import Views


class Room:
    def __init__(self, node):
        self.views = Views(node)
        self.asked = []             # names of questions, in their order

    def close(self):
        self.views.close()

    @property
    def wizard(self):
        return self.views["wizard"]

    def report(self):
        return self.wizard["report"][0]

    def start(self, old, new, **more):
        self.order("start", **{"from": old}, to=new, **more)

    def order(self, way, **args):
        """start, resume or rollback."""
        said = self.views.order("migration_" + way, **args)
        assert said[0] == "accepted", said
        self.views.until("wizard", lambda v: v["order"] == way)

    def question(self, seconds=60):
        """What is asked next, or None when it has ended."""
        v = self.views.until(
            "wizard", lambda v: v["state"] == "ended" or
            (v["state"] == "asks" and v["question"] > self._last()), seconds,
            "the wizard asks, or has ended")
        return None if v["state"] == "ended" else v

    def _last(self):
        return self.asked[-1][0] if self.asked else 0

    def reply(self, v, text):
        self.asked.append((v["question"], v["name"]))
        more = {"text": text} if text else {}
        said = self.views.order("migration_answer", question=v["question"],
                                **more)
        assert said[0] == "accepted", said

    def tell_secret(self, v, text):
        self.asked.append((v["question"], v["name"]))
        said = self.views.secret(v["question"], text)
        assert said[0] == "done", said

    def answer_until(self, stop, answers, password):
        """Answers what it asks; returns at the question `stop`, unanswered."""
        while (v := self.question()):
            if v["name"] == stop:
                return v
            if v["kind"] == "secret":
                self.tell_secret(v, password)
            elif v["kind"] == "word":
                self.reply(v, v["word"])
            else:
                self.reply(v, answers[v["name"]])
        return None

    def answer_all(self, answers, password):
        return self.answer_until(None, answers, password)

    def ended(self, seconds=60):
        self.views.until("wizard", lambda v: v["state"] == "ended", seconds)
        return self.report()
