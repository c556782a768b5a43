"""The contract ABI, as much as this protocol uses of it: words, bytes, strings,
arrays and tuples, both ways, and the names of functions and events."""
import collections

from Cryptodome.Hash import keccak as _keccak


def keccak(data):
    return _keccak.new(digest_bits=256, data=data).digest()


def type_of(entry):
    """Of an input or output of a compiled ABI, "(address,uint256)[]"."""
    kind = entry["type"]
    if kind.startswith("tuple"):
        inner = ",".join(type_of(c) for c in entry["components"])
        return f"({inner}){kind[5:]}"
    return kind


def signature(entry):
    return f"{entry['name']}({','.join(type_of(i) for i in entry['inputs'])})"


def selector(text):
    return keccak(text.encode())[:4]


def split(types):
    """The members of "(a,(b,c)[],d)"."""
    found, depth, start = [], 0, 1
    for i, c in enumerate(types):
        if c == "(":
            depth += 1
        elif c == ")":
            depth -= 1
        if (c == "," and depth == 1) or (c == ")" and depth == 0):
            if i > start:
                found.append(types[start:i])
            start = i + 1
    return found


def dynamic(kind):
    if kind.endswith("[]") or kind in ("bytes", "string"):
        return True
    return kind.startswith("(") and any(dynamic(k) for k in split(kind))


def word(value):
    return value.to_bytes(32, "big")


def raw(value):
    """Bytes of "0x…", or bytes."""
    if isinstance(value, str):
        return bytes.fromhex(value[2:] if value.startswith("0x") else value)
    return bytes(value)


def encode(kinds, values):
    """The parameters of a call, or the members of a tuple."""
    assert len(kinds) == len(values), (kinds, values)
    head, tail = [], []
    size = sum(32 if dynamic(k) else len(_encode(k, v))
               for k, v in zip(kinds, values))
    for kind, value in zip(kinds, values):
        body = _encode(kind, value)
        if dynamic(kind):
            head.append(word(size + sum(map(len, tail))))
            tail.append(body)
        else:
            head.append(body)
    return b"".join(head + tail)


def _encode(kind, value):
    if kind.endswith("[]"):
        return word(len(value)) + encode([kind[:-2]] * len(value), value)
    if kind.startswith("("):
        return encode(split(kind), value)
    if kind in ("bytes", "string"):
        data = value.encode() if kind == "string" else raw(value)
        return word(len(data)) + data + bytes(-len(data) % 32)
    if kind == "address":
        return raw(value).rjust(32, b"\0")
    if kind.startswith("bytes"):
        return raw(value).ljust(32, b"\0")
    return word(int(value))


def decode(kinds, data):
    found, at = [], 0
    for kind in kinds:
        value, used = _decode(kind, data, at)
        found.append(value)
        at += used
    return found


def _decode(kind, data, at):
    """The value, and the bytes that it takes in the head."""
    if dynamic(kind):
        start = int.from_bytes(data[at:at + 32], "big")
        return _decode_tail(kind, data[start:]), 32
    if kind.startswith("("):
        size = 0
        members = []
        for inner in split(kind):
            value, used = _decode(inner, data, at + size)
            members.append(value)
            size += used
        return tuple(members), size
    cell = data[at:at + 32]
    if len(cell) != 32:
        raise ValueError(f"short answer for {kind}")
    if kind == "address":
        return "0x" + cell[12:].hex(), 32
    if kind == "bool":
        return cell[31] != 0, 32
    if kind.startswith("bytes"):
        return cell[:int(kind[5:])], 32
    return int.from_bytes(cell, "big"), 32


def _decode_tail(kind, data):
    if kind.startswith("(") and not kind.endswith("[]"):
        return tuple(decode(split(kind), data))
    size = int.from_bytes(data[:32], "big")
    if kind.endswith("[]"):
        return decode([kind[:-2]] * size, data[32:])
    body = data[32:32 + size]
    return body.decode() if kind == "string" else body


def outcome(entry, data):
    """What a function returned: one value, or a tuple with the names that the
    ABI has for its members."""
    outputs = entry["outputs"]
    values = decode([type_of(o) for o in outputs], data)
    if len(values) <= 1:
        return values[0] if values else None
    names = [o["name"].lstrip("_") for o in outputs]
    return collections.namedtuple("Answer", names, rename=True)(*values)


Event = collections.namedtuple("Event", "name address block tx index args")


def event(entries, log):
    """The Event of a log of eth_getLogs; None when its topic is unknown."""
    topic = log["topics"][0]
    for entry in entries:
        if entry["type"] != "event" or \
                "0x" + keccak(signature(entry).encode()).hex() != topic:
            continue
        inputs = entry["inputs"]
        topics = [raw(t) for t in log["topics"][1:]]
        plain = decode([type_of(i) for i in inputs if not i["indexed"]],
                       raw(log["data"]))
        args = {}
        for i in inputs:
            args[i["name"].lstrip("_")] = \
                _decode(type_of(i), topics.pop(0), 0)[0] if i["indexed"] \
                else plain.pop(0)
        return Event(entry["name"], log["address"], int(log["blockNumber"], 16),
                     log["transactionHash"], int(log["logIndex"], 16), args)
    return None


def revert(data):
    """The words of a revert, as a person would say them."""
    if data[:4] == selector("Error(string)"):
        return decode(["string"], data[4:])[0]
    if data[:4] == selector("Panic(uint256)"):
        return f"Panic({decode(['uint256'], data[4:])[0]:#x})"
    return "0x" + data.hex() if data else ""
