"""HTTP by curl: the version is ours to choose, HTTP/2 included."""
import os
import subprocess
import tempfile

import wait

H2, H1, NO_ALPN = ["--http2"], ["--http1.1"], ["--no-alpn", "--http1.1"]


class Answer:
    def __init__(self, status, version, headers, body):
        self.status, self.version = status, version
        self.headers, self.body = headers, body

    @property
    def text(self):
        return self.body.decode("utf-8", "replace").strip()

    def __repr__(self):
        return f"<{self.version} {self.status} {self.body[:200]!r}>"


def request(url, *, method=None, headers=None, body=None, http=None,
            seconds=30, options=()):
    """One request; raises OSError when no whole answer came."""
    with tempfile.TemporaryDirectory() as d:
        head, data = os.path.join(d, "head"), os.path.join(d, "data")
        command = ["curl", "-sSk", *(http or H2), "-m",
                   str(seconds * wait.SCALE), "-D", head, "-o", data, "-w",
                   "%{http_code} %{http_version}", *options]
        if method:
            command += ["-X", method]
        for name, value in (headers or {}).items():
            # A header without a value needs curl's semicolon.
            command += ["-H", f"{name}: {value}" if value else f"{name};"]
        if body is not None:
            sent = os.path.join(d, "sent")
            with open(sent, "wb") as f:
                f.write(body)
            command += ["--data-binary", "@" + sent]
        done = subprocess.run(command + [url], capture_output=True,
                              text=True, stdin=subprocess.DEVNULL,
                              check=False)
        if done.returncode:
            raise OSError(f"curl {done.returncode}: {done.stderr.strip()}")
        code, version = done.stdout.split()
        found = {}
        with open(head, errors="replace") as f:
            for line in f:
                if line.startswith("HTTP/"):
                    found = {}
                elif ":" in line:
                    name, value = line.split(":", 1)
                    found[name.lower()] = value.strip()
        payload = b""
        if os.path.exists(data):
            with open(data, "rb") as f:
                payload = f.read()
        return Answer(int(code), version, found, payload)


def get(url, **more):
    """As nodes download: HTTP/1.1, no ALPN offered."""
    more.setdefault("http", NO_ALPN if url.startswith("https") else H1)
    return request(url, **more)


def parts(answer_or_body, content_type=None):
    """Parts of a multipart body: a list of ({header: value}, bytes)."""
    body = answer_or_body
    if content_type is None:
        content_type, body = body.headers["content-type"], body.body
    boundary = content_type.split("boundary=", 1)[1].strip('"').encode()
    found = []
    chunks = (b"\r\n" + body).split(b"\r\n--" + boundary)
    assert chunks[-1].startswith(b"--"), "multipart without its end"
    for chunk in chunks[1:-1]:
        head, data = chunk.split(b"\r\n\r\n", 1)
        headers = {}
        for line in head.decode().split("\r\n"):
            if ":" in line:
                name, value = line.split(":", 1)
                headers[name.lower()] = value.strip()
        found.append((headers, data))
    return found


def multipart(pieces, boundary="0123456789abcdef0123"):
    """Content-Type and body of pieces [({header: value}, bytes)]."""
    out = b""
    for headers, data in pieces:
        out += f"--{boundary}\r\n".encode()
        for name, value in headers.items():
            out += f"{name}: {value}\r\n".encode()
        out += b"\r\n" + data + b"\r\n"
    return (f"multipart/mixed; boundary={boundary}",
            out + f"--{boundary}--\r\n".encode())
