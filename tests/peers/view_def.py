"""src/model/view.def and the console's tables, read as a test reads them: every
section, every field, every room - so that what is added is tested, too."""
import os
import re

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))))


def _read(path):
    with open(os.path.join(ROOT, path), encoding="utf-8") as f:
        return re.sub(r"/\*.*?\*/", "", f.read(), flags=re.S)


def objects():
    """name: [(type, field, object of a list or None)]"""
    found = {}
    for name, body in re.findall(r"OBJECT\((\w+),(.*?)\)\)?\s*(?=OBJECT|\Z)",
                                 _read("src/model/view.def"), re.S):
        found[name] = [(kind, field, item or None) for kind, field, item in
                       re.findall(r"\b([SIDBL])\((\w+)(?:,\s*(\w+))?", body)]
    return found


def sections():
    names = re.findall(r"\bSECTION_(\w+),", _read("src/model/view.h"))
    return [n.lower() for n in names if n != "COUNT"]


def rooms():
    """Help texts of the keys of the rooms, in the order of Tab."""
    return re.findall(r'ACTION\(ROOM_\d+, EVERYWHERE, "", "([^"]*)"',
                      _read("ui/keys.def"))


def fill(section, text, number=lambda field: 7, rows=2):
    """A section with every field: text(field, path) for texts."""
    known = objects()

    def one(name, path):
        out = {}
        for kind, field, item in known[name]:
            at = path + (field,)
            if kind == "S":
                out[field] = text(field, at)
            elif kind == "L":
                out[field] = [one(item, at + (i,)) for i in range(rows)]
            else:
                out[field] = True if kind == "B" else number(field)
        return out

    return one("view_" + section, (section,))
