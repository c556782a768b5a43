"""An orchestrator that is not ours, and misbehaves on demand.

One TLS port as the network has it: HTTP/2 (python3-h2) for gRPC, POST /segment
and POST /transcodeResults; HTTP/1.1 for downloads by clients without ALPN."""
import asyncio
import os
import ssl
import struct
import subprocess
import threading
import time
from fractions import Fraction

import h2.config
import h2.connection
import h2.events
import h2.exceptions

import curl
import media
import pm
import rpc
import wait
from ports import free_port
from rpc import pb

GRPC_UNKNOWN, GRPC_UNIMPLEMENTED = 2, 12


def certificate():
    """Paths of a self-signed certificate and its key."""
    def make(folder):
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
             "ec_paramgen_curve:P-256", "-nodes", "-days", "365", "-subj",
             "/CN=orchestrator", "-keyout", f"{folder}/key.pem", "-out",
             f"{folder}/cert.pem"], check=True, capture_output=True)
    folder = media.made("certificate", make)
    return f"{folder}/cert.pem", f"{folder}/key.pem"


class Request:
    """One exchange, whatever the version of HTTP."""

    def __init__(self, wire, stream, headers, body):
        self.wire, self.stream = wire, stream
        self.headers, self.body = headers, body

    @property
    def path(self):
        return self.headers[":path"]

    async def respond(self, status, headers=None, body=b"", end=True):
        await self.wire.send_head(self.stream, status, headers or {},
                                  end and not body)
        if body:
            await self.wire.send_data(self.stream, body, end)

    async def grpc(self, *messages, code=0, text="", end=True):
        await self.wire.send_head(self.stream, 200, {
            "content-type": "application/grpc"}, False)
        for message in messages:
            await self.grpc_message(message)
        if end:
            await self.grpc_end(code, text)

    async def grpc_message(self, message):
        data = message.SerializeToString()
        await self.wire.send_data(
            self.stream, b"\0" + struct.pack(">I", len(data)) + data, False)

    async def grpc_end(self, code=0, text=""):
        await self.wire.send_trailers(self.stream, {
            "grpc-status": str(code), **({"grpc-message": text} if text
                                         else {})})

    async def grpc_error(self, code, text):
        """Trailers only, as grpc-go answers."""
        await self.wire.send_head(self.stream, 200, {
            "content-type": "application/grpc", "grpc-status": str(code),
            "grpc-message": text}, True)

    def hang_up(self):
        self.wire.writer.transport.abort()


class Http2:
    version = "2"

    def __init__(self, server, reader, writer):
        self.server, self.reader, self.writer = server, reader, writer
        self.h2 = h2.connection.H2Connection(
            h2.config.H2Configuration(client_side=False,
                                      header_encoding="utf-8"))
        self.requests, self.tasks = {}, set()
        self.opened = asyncio.Event()

    async def run(self):
        self.h2.initiate_connection()
        self.h2.increment_flow_control_window(1 << 24)
        await self.flush()
        while data := await self.reader.read(65536):
            try:
                events = self.h2.receive_data(data)
            except h2.exceptions.ProtocolError:
                break
            for event in events:
                self.on_event(event)
            await self.flush()

    def on_event(self, event):
        if isinstance(event, h2.events.RequestReceived):
            request = Request(self, event.stream_id, dict(event.headers),
                              bytearray())
            self.requests[event.stream_id] = request
            if self.server.early and request.path == "/segment":
                self.refuse(request)
        elif isinstance(event, h2.events.DataReceived):
            if event.stream_id in self.requests:
                self.requests[event.stream_id].body += event.data
            self.h2.acknowledge_received_data(event.flow_controlled_length,
                                              event.stream_id)
        elif isinstance(event, h2.events.StreamEnded):
            if event.stream_id in self.requests:
                self.keep(self.server.handle(
                    self.requests.pop(event.stream_id)))
        elif isinstance(event, h2.events.StreamReset):
            self.server.resets.append((event.stream_id, event.error_code))
            self.opened.set()
        elif isinstance(event, h2.events.WindowUpdated):
            self.opened.set()
        elif isinstance(event, h2.events.PingReceived):
            self.server.pings += 1

    def keep(self, coroutine):
        task = asyncio.ensure_future(coroutine)
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    def refuse(self, request):
        """As Go's server does when a handler returns before the body is read:
        the whole answer, then RST_STREAM with NO_ERROR."""
        del self.requests[request.stream]
        text = self.server.early.encode() + b"\n"
        self.server.refused.append(request.headers)
        self.h2.send_headers(request.stream, [
            (":status", "403"), ("content-length", str(len(text))),
            ("content-type", "text/plain; charset=utf-8")])
        self.h2.send_data(request.stream, text, True)
        self.h2.reset_stream(request.stream, 0)

    async def flush(self):
        self.writer.write(self.h2.data_to_send())
        await self.writer.drain()

    async def send_head(self, stream, status, headers, end):
        self.h2.send_headers(
            stream, [(":status", str(status)), *headers.items()], end)
        await self.flush()

    async def send_data(self, stream, data, end):
        while data:
            room = min(self.h2.local_flow_control_window(stream),
                       self.h2.max_outbound_frame_size)
            if room <= 0:
                self.opened.clear()
                await self.opened.wait()
                continue
            piece, data = data[:room], data[room:]
            self.h2.send_data(stream, piece, end and not data)
            await self.flush()

    async def send_trailers(self, stream, headers):
        self.h2.send_headers(stream, list(headers.items()), True)
        await self.flush()


class Http1:
    version = "1.1"

    def __init__(self, server, reader, writer):
        self.server, self.reader, self.writer = server, reader, writer

    async def run(self):
        while True:
            head = await self.reader.readuntil(b"\r\n\r\n")
            lines = head.decode().split("\r\n")
            method, path, _ = lines[0].split(" ")
            headers = {":method": method, ":path": path}
            for line in lines[1:]:
                if ":" in line:
                    name, value = line.split(":", 1)
                    headers[name.strip().lower()] = value.strip()
            if self.server.early and path == "/segment":
                await self.refuse(headers)
                return
            if headers.get("expect", "").lower() == "100-continue":
                self.writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
            if "chunked" in headers.get("transfer-encoding", ""):
                body = b""
                while size := int(await self.reader.readline(), 16):
                    body += await self.reader.readexactly(size)
                    await self.reader.readline()
                await self.reader.readline()
            else:
                body = await self.reader.readexactly(
                    int(headers.get("content-length", 0)))
            await self.server.handle(Request(self, 0, headers, body))

    async def refuse(self, headers):
        """The answer before the body; then no more than a look at that."""
        text = self.server.early + "\n"
        self.server.refused.append(headers)
        self.writer.write((
            "HTTP/1.1 403 Forbidden\r\nConnection: close\r\n"
            f"Content-Length: {len(text)}\r\n\r\n{text}").encode())
        await self.writer.drain()
        await self.reader.read(300000)
        await asyncio.sleep(0.5)  # as Go's server lingers before it closes

    async def send_head(self, _stream, status, headers, end):
        fields = dict(headers)
        fields["connection" if end else "transfer-encoding"] = \
            "keep-alive" if end else "chunked"
        if end:
            fields["content-length"] = "0"
        self.writer.write((f"HTTP/1.1 {status} x\r\n" + "".join(
            f"{n}: {v}\r\n" for n, v in fields.items()) + "\r\n").encode())
        await self.writer.drain()

    async def send_data(self, _stream, data, end):
        self.writer.write(b"%x\r\n%b\r\n" % (len(data), data))
        if end:
            self.writer.write(b"0\r\n\r\n")
        await self.writer.drain()


class Orchestrator:
    """plan: how the next segments go, by the names of the go_* methods below;
    "ok" once it is used up. Everything a peer sent is kept."""

    def __init__(self, plan=(), secret="secret", bits=rpc.DEFAULT, **info):
        self.port = free_port()
        self.uri = f"https://127.0.0.1:{self.port}"
        self.plan, self.secret, self.bits = list(plan), secret, bits
        self.info_changes = info  # token=False, transcoder="", error="text"
        self.sessions, self.ended, self.segments = [], [], []
        self.registered, self.results, self.resets = [], [], []
        self.stored, self.infos, self.pings = {}, 0, 0
        self.refused, self.early = [], ""  # text of a refusal before the body has come
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.ready = threading.Event()

    # --- its life ---
    def __enter__(self):
        self.thread.start()
        assert self.ready.wait(10)
        return self

    def __exit__(self, *_):
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join(10)

    def run(self):
        asyncio.set_event_loop(self.loop)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*certificate())
        context.set_alpn_protocols(["h2", "http/1.1"])
        self.server = self.loop.run_until_complete(asyncio.start_server(
            self.accept, "127.0.0.1", self.port, ssl=context))
        self.ready.set()
        self.loop.run_forever()
        self.server.close()
        for task in asyncio.all_tasks(self.loop):
            task.cancel()
        self.loop.run_until_complete(asyncio.sleep(0))
        self.loop.close()

    async def accept(self, reader, writer):
        chosen = writer.get_extra_info("ssl_object").selected_alpn_protocol()
        wire = (Http2 if chosen == "h2" else Http1)(self, reader, writer)
        try:
            await wire.run()
        except (OSError, asyncio.IncompleteReadError, ValueError,
                asyncio.CancelledError):
            pass
        finally:
            writer.transport.abort()

    async def handle(self, request):
        path = request.path
        try:
            if path == "/segment":
                await self.on_segment(request)
            elif path == "/transcodeResults":
                await self.on_results(request)
            elif path.startswith("/stream/"):
                await self.on_stream(request)
            elif path == "/net.Orchestrator/GetOrchestrator":
                await self.on_get_orchestrator(request)
            elif path == "/net.Orchestrator/EndTranscodingSession":
                call = pb.EndTranscodingSessionRequest.FromString(
                    bytes(request.body[5:]))
                self.ended.append(call.auth_token.session_id)
                await request.grpc(pb.EndTranscodingSessionResponse())
            elif path == "/net.Transcoder/RegisterTranscoder":
                await self.on_register(request)
            elif request.headers.get("content-type", "").startswith(
                    "application/grpc"):
                await request.grpc_error(GRPC_UNIMPLEMENTED, "unknown")
            else:
                await request.respond(404, {}, b"404 page not found\n")
        except (h2.exceptions.ProtocolError, OSError):
            pass  # the peer has gone

    # --- towards a broadcaster ---
    def info(self, token=None):
        changes = self.info_changes
        if token is None and changes.get("token", True):
            token = pb.AuthToken(
                token=os.urandom(32), session_id=os.urandom(4).hex(),
                expiration=int(time.time()) + changes.get("lifetime", 1800))
            self.sessions.append(token.session_id)
        info = pb.OrchestratorInfo(
            transcoder=changes.get("transcoder", self.uri),
            address=bytes.fromhex("11" * 20),
            capabilities=rpc.capabilities(self.bits))
        info.capabilities.version = "0.9.1"
        if token:
            info.auth_token.CopyFrom(token)
        return info

    async def on_get_orchestrator(self, request):
        self.infos += 1
        pb.OrchestratorRequest.FromString(bytes(request.body[5:]))
        if "error" in self.info_changes:
            await request.grpc_error(GRPC_UNKNOWN, self.info_changes["error"])
            return
        if "delay" in self.info_changes:
            await asyncio.sleep(self.info_changes["delay"])
        await request.grpc(self.info())

    async def on_segment(self, request):
        data = pb.SegData.FromString(
            rpc.base64.b64decode(request.headers["livepeer-segment"]))
        self.segments.append({
            "data": data, "body": bytes(request.body),
            "headers": request.headers, "version": request.wire.version,
            "at": time.monotonic()})
        step = self.plan.pop(0) if self.plan else "ok"
        name, _, argument = step.partition(":")
        await getattr(self, "go_" + name)(request, data, argument)

    def result(self, request, data, count=None):
        """Stores the source as each rendition, and promises their pixels."""
        profiles = rpc.profiles_of(data)
        result = pb.TranscodeResult(seq=data.seq,
                                    info=self.info(data.auth_token))
        result.data.SetInParent()
        for n in range(len(profiles) if count is None else count):
            p = profiles[min(n, len(profiles) - 1)]
            path = (f"/stream/{data.auth_token.session_id}/{p.name}{n}/"
                    f"{data.seq}.ts")
            self.stored[path] = bytes(request.body)
            result.data.segments.add(url=self.uri + path,
                                     pixels=60 * p.width * p.height)
        return result.SerializeToString()

    async def go_ok(self, request, data, _):
        await request.respond(200, {}, self.result(request, data))

    async def go_fewer(self, request, data, _):
        await request.respond(200, {}, self.result(request, data, 1))

    async def go_more(self, request, data, _):
        await request.respond(200, {}, self.result(request, data, 12))

    async def go_error(self, request, data, text):
        result = pb.TranscodeResult(seq=data.seq, error=text,
                                    info=self.info(data.auth_token))
        await request.respond(200, {}, result.SerializeToString())

    async def go_status(self, request, _data, what):
        status, text = what.split(" ", 1)
        await request.respond(int(status), {
            "content-type": "text/plain; charset=utf-8"},
            text.encode() + b"\n")

    async def go_silent(self, _request, _data, _):
        """Never sends headers: longer than any deadline."""
        await asyncio.sleep(300)

    async def go_stalled(self, request, data, _):
        """Headers at once, and then nothing."""
        body = self.result(request, data)
        await request.respond(200, {}, body[:10], end=False)
        await asyncio.sleep(300)

    async def go_dies(self, request, data, _):
        body = self.result(request, data)
        await request.respond(200, {}, body[:len(body) // 2], end=False)
        request.hang_up()

    async def go_empty(self, request, _data, _):
        await request.respond(200)

    async def go_junk(self, request, _data, _):
        await request.respond(200, {}, b"\xff" * 100)

    async def go_missing(self, request, data, _):
        """Renditions that cannot be downloaded."""
        body = self.result(request, data)
        self.stored.clear()
        await request.respond(200, {}, body)

    async def on_stream(self, request):
        found = self.stored.get(request.path)
        if found is None:
            await request.respond(404, {}, b"ErrNotFound\n")
        else:
            await request.respond(200, {"content-type": "video/mp2t"}, found)

    # --- towards a transcoder ---
    async def on_register(self, request):
        call = pb.RegisterRequest.FromString(bytes(request.body[5:]))
        if call.secret != self.secret:
            self.registered.append(None)
            await request.grpc_error(GRPC_UNKNOWN, "invalid secret")
            return
        await request.grpc(end=False)
        self.registered.append((call, request))

    def do(self, coroutine):
        return asyncio.run_coroutine_threadsafe(
            coroutine, self.loop).result(10)

    def notify(self, body, task, *, profiles=None, session="5e551017",
               seq=0, path=None, which=-1, **more):
        """Offers a segment to the transcoder that registered last."""
        if path is None:
            path = f"/stream/{session}/{seq}.tempfile"
            self.stored[path] = body
        data = rpc.seg_data(body, seq, profiles=profiles, **more)
        data.ClearField("manifestId")
        data.hash = bytes(32)
        data.auth_token.session_id = session
        self.do(self.registered[which][1].grpc_message(pb.NotifySegment(
            url=self.uri + path, taskId=task, segData=data,
            profiles=b"invalid", orchId="offchain")))

    def tear_down(self, session, which=-1):
        data = pb.SegData()
        data.auth_token.session_id = session
        self.do(self.registered[which][1].grpc_message(
            pb.NotifySegment(segData=data)))

    def end_stream(self, code=0, text="", which=-1):
        self.do(self.registered[which][1].grpc_end(code, text))

    async def on_results(self, request):
        h = request.headers
        if h.get("authorization") != rpc.AUTH_LITERAL or \
                h.get("credentials") != self.secret:
            await request.respond(401, {}, b"Unauthorized\n")
            return
        found = {"task": int(h["taskid"]), "pixels": h.get("pixels"),
                 "version": request.wire.version, "headers": h,
                 "error": None, "parts": []}
        kind = h.get("content-type", "")
        if kind.startswith("multipart/mixed"):
            found["parts"] = curl.parts(bytes(request.body), kind)
        else:
            found["error"] = bytes(request.body).decode()
        self.results.append(found)
        await request.respond(200, {}, b"OK")

    def wait_result(self, task, seconds=20):
        return wait.until(
            lambda: next((r for r in self.results if r["task"] == task), None),
            seconds, f"result of task {task}")


class PaidOrchestrator(Orchestrator):
    """On a chain: asks for tickets, and takes nothing that is not exactly right.
    `recipient` is its pm.Recipient; changes: what its params are spoilt with;
    forge: whether its receipts are another's."""

    def __init__(self, recipient, plan=(), **info):
        super().__init__(plan, **info)
        self.recipient = recipient
        self.payments, self.requests, self.trouble = [], [], []
        self.credit = {}  # by session: exact
        self.told = {}    # prices, by session: what its payments may name
        self.changes, self.forge, self.no_params = {}, False, False

    def info(self, token=None, sender=None):
        info = super().info(token)
        info.address = self.recipient.account.address
        info.price_info.CopyFrom(self.recipient.price_info())
        self.told.setdefault(info.auth_token.session_id, set()).add(
            self.recipient.price)
        if sender and not self.no_params:
            info.ticket_params.CopyFrom(
                self.recipient.params(sender, **self.changes))
        self.sender = sender or getattr(self, "sender", None)
        return info

    async def on_get_orchestrator(self, request):
        call = pb.OrchestratorRequest.FromString(bytes(request.body[5:]))
        self.infos += 1
        self.requests.append(call)
        text = pm.checksummed(call.address).encode()
        if pm.signer(rpc.keccak(text), call.sig) != call.address:
            self.trouble.append("request not signed")
            await request.grpc_error(
                GRPC_UNKNOWN, "Invalid orchestrator request: "
                "orchestrator req sig check failed")
            return
        await request.grpc(self.info(sender=call.address))

    async def on_segment(self, request):
        payment = pb.Payment.FromString(
            rpc.base64.b64decode(request.headers["livepeer-payment"]))
        data = pb.SegData.FromString(
            rpc.base64.b64decode(request.headers["livepeer-segment"]))
        self.payments.append(payment)
        session = data.auth_token.session_id
        try:
            self.judge(payment, data, session)
        except pm.Refused as e:
            self.trouble.append(str(e))
            await request.respond(400, {}, f"{e}\n".encode())
            return
        await super().on_segment(request)

    def judge(self, payment, data, session):
        if pm.signer(rpc.keccak(pm.flatten(data)), data.sig) != payment.sender:
            raise pm.Refused("segment not signed")
        price = Fraction(payment.expected_price.pricePerUnit,
                         payment.expected_price.pixelsPerUnit)
        if price not in self.told[session]:
            raise pm.Refused("price")
        self.charged = price
        have = self.credit.get(session, Fraction(0)) + \
            self.recipient.receive(payment)
        self.credit[session] = have
        due = max(self.recipient.value, pm.estimate(
            rpc.profiles_of(data), data.duration, price))
        if price and have < due:
            raise pm.Refused(f"credit of {float(have)} for {float(due)}")

    def result(self, request, data, count=None):
        made = pb.TranscodeResult.FromString(
            super().result(request, data, count))
        made.info.CopyFrom(self.info(data.auth_token, self.sender))
        by = pm.Account(0xbad) if self.forge else self.recipient.account
        made.data.sig = pm.Recipient(by).receipt(
            [bytes(request.body)] * len(made.data.segments))
        self.credit[data.auth_token.session_id] -= self.charged * sum(
            s.pixels for s in made.data.segments)
        return made.SerializeToString()
