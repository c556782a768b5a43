"""A webhook server: answers what the test put there, keeps what it heard."""
import http.server
import json
import threading


class Webhook:
    """answer: (status, object or bytes), or a function of the request's JSON
    that returns one."""

    def __init__(self, answer=(200, b"")):
        self.answer, self.heard = answer, []
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                size = int(self.headers.get("Content-Length", 0))
                said = json.loads(self.rfile.read(size) or b"null")
                outer.heard.append(said)
                self.reply(said)

            def do_GET(self):
                outer.heard.append(self.path)
                self.reply(self.path)

            def reply(self, said):
                a = outer.answer
                status, body = a(said) if callable(a) else a
                if not isinstance(body, bytes):
                    body = json.dumps(body).encode()
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0),
                                                      Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/hook"
        threading.Thread(target=self.server.serve_forever,
                         daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()
