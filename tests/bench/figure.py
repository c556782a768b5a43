"""One figure of the table: what was measured, beside what it is held to."""
import dataclasses
import json
import os
import statistics
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "peers"))

BUILD = os.environ.get("BUILD", os.path.abspath("build"))
PROGRAMS = os.environ.get("PROGRAMS", os.path.join(
    BUILD, "release", "tests", "bench"))


@dataclasses.dataclass
class Figure:
    name: str
    value: float
    unit: str
    goal: str = ""        # "<= 5": also decides `met`
    beside: str = ""      # the reference and what else explains the value

    def met(self):
        if not self.goal or self.value is None:
            return None
        sign, bound = self.goal.split()
        bound = float(bound)
        return {"<=": self.value <= bound, "<": self.value < bound,
                ">=": self.value >= bound, "=": self.value == bound}[sign]

    def row(self):
        value = "-" if self.value is None else f"{self.value:.4g}"
        if self.value is not None and abs(self.value) >= 1000:
            value = f"{self.value:.0f}"
        word = {None: "", True: "met", False: "MISSED"}[self.met()]
        return (self.name, value, self.unit, self.goal, word, self.beside)


def table(figures):
    rows = [("figure", "value", "unit", "goal", "", "beside it")]
    rows += [f.row() for f in figures]
    widths = [max(len(r[i]) for r in rows) for i in range(5)]
    for r in rows:
        print("  ".join(c.rjust(w) if i == 1 else c.ljust(w)
                        for i, (c, w) in enumerate(zip(r, widths)))
              + "  " + r[5])


def save(figures, path):
    """Figures of an earlier run stay where this one measured others."""
    try:
        with open(path) as f:
            known = json.load(f)
    except (OSError, ValueError):
        known = {}
    for f in figures:
        known[f.name] = {"value": f.value, "unit": f.unit, "goal": f.goal,
                         "met": f.met(), "beside": f.beside}
    with open(path, "w") as f:
        json.dump(known, f, indent=1)
        f.write("\n")


def program(name):
    """A compiled load or bench of this folder, or None."""
    path = os.path.join(PROGRAMS, name)
    return path if os.access(path, os.X_OK) else None


def percentile(values, p):
    values = sorted(values)
    return values[min(len(values) - 1, len(values) * p // 100)]


def median(values):
    return statistics.median(values)


def cpu_ms(pid):
    """User and system time of a process, its children left out."""
    with open(f"/proc/{pid}/stat") as f:
        fields = f.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) * 1000 / \
        os.sysconf("SC_CLK_TCK")
