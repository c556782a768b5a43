"""The network's messages, from proto/lp_rpc.proto by protoc, and small words
to make them with. Facts from go-livepeer: net/lp_rpc.proto, server/rpc.go, server/segment_rpc.go."""
import base64
import fcntl
import os
import ssl
import subprocess
import sys

from Cryptodome.Hash import keccak as _keccak

BUILD = os.environ.get("BUILD", os.path.abspath("build"))
ROOT = os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))))


def _stubs():
    """Generates the Python modules once into build/, and imports them."""
    out = os.path.join(BUILD, "python")
    os.makedirs(out, exist_ok=True)
    proto = os.path.join(ROOT, "proto", "lp_rpc.proto")
    made = os.path.join(out, "lp_rpc_pb2_grpc.py")
    with open(os.path.join(out, ".lock"), "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not os.path.exists(made) or \
                os.path.getmtime(made) < os.path.getmtime(proto):
            subprocess.run(
                ["protoc", f"-I{os.path.dirname(proto)}",
                 f"--python_out={out}", f"--grpc_python_out={out}",
                 "--plugin=protoc-gen-grpc_python=/usr/bin/grpc_python_plugin",
                 proto], check=True)
    sys.path.insert(0, out)
    # Debian's plugin follows protoc 3.21; the pure implementation reads both.
    import lp_rpc_pb2
    import lp_rpc_pb2_grpc
    return lp_rpc_pb2, lp_rpc_pb2_grpc


pb, pb_grpc = _stubs()

LEGACY = 0xfff  # capability bits: core/capabilities.go
DEFAULT = 0x4005fff
JOB_RTMP, JOB_PUSH = 4099, 67112963
AUTH_LITERAL = "Livepeer-Transcoder-1.0"


def keccak(data):
    return _keccak.new(digest_bits=256, data=data).digest()


def profile(name, width, height, bitrate, fps=30, **more):
    return pb.VideoProfile(name=name, width=width, height=height,
                           bitrate=bitrate, fps=fps, **more)


# The renditions of node.LADDER.
LADDER = [profile("tiny", 256, 144, 200000), profile("small", 320, 180, 400000)]


def capabilities(bits):
    words = []
    while bits:
        words.append(bits & (1 << 64) - 1)
        bits >>= 64
    caps = pb.Capabilities(bitstring=words)
    caps.constraints.SetInParent()
    return caps


def seg_data(body, seq=0, manifest=b"stream", profiles=None, token=None,
             duration=2000, bits=JOB_PUSH, **more):
    """A broadcaster's words about a segment, as off-chain HEAD writes them:
    legacy field `invalid`, exactly one list of profiles, no signature."""
    profiles = LADDER if profiles is None else profiles
    special = any(p.fpsDen or p.profile or p.gop for p in profiles)
    mp4 = any(p.format for p in profiles)
    which = ("fullProfiles3" if special else
             "fullProfiles2" if mp4 else "fullProfiles")
    data = pb.SegData(manifestId=manifest, seq=seq, hash=keccak(body),
                      profiles=b"invalid", duration=duration,
                      capabilities=capabilities(bits), **more)
    getattr(data, which).extend(profiles)
    if token is not None:
        data.auth_token.CopyFrom(token)
    return data


def b64(message):
    return base64.b64encode(message.SerializeToString()).decode()


def profiles_of(data):
    return list(data.fullProfiles3 or data.fullProfiles2 or data.fullProfiles)


def unverified():
    """Like every client of this network: TLS without a name to check."""
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context
