"""One HTTP/2 request by python3-h2, frame by frame: what curl 7.88 hides or
cannot do. It loses an answer that comes before its upload is done, and sends
no more than 64 KiB of header fields."""
import socket

import h2.config
import h2.connection
import h2.events

import rpc
from curl import Answer


def request(port, path, headers=(), body=b"", method="POST", seconds=30):
    """An Answer; .reset is the code of a RST_STREAM after it, or None."""
    context = rpc.unverified()
    context.set_alpn_protocols(["h2"])
    with context.wrap_socket(
            socket.create_connection(("127.0.0.1", port), seconds)) as s:
        assert s.selected_alpn_protocol() == "h2"
        client = h2.connection.H2Connection(
            h2.config.H2Configuration(header_encoding="utf-8"))
        client.initiate_connection()
        stream = client.get_next_available_stream_id()
        client.send_headers(stream, [
            (":method", method), (":scheme", "https"), (":path", path),
            (":authority", f"127.0.0.1:{port}"),
            *((n.lower(), v) for n, v in dict(headers).items())], not body)
        answer = Answer(0, "2", {}, b"")
        answer.reset, ended, sent = None, False, 0
        while not ended:
            while sent < len(body):
                room = min(client.local_flow_control_window(stream),
                           client.max_outbound_frame_size, len(body) - sent)
                if room <= 0:
                    break
                client.send_data(stream, body[sent:sent + room],
                                 sent + room == len(body))
                sent += room
            s.sendall(client.data_to_send())
            data = s.recv(65536)
            if not data:
                raise OSError("closed before the answer was whole")
            for event in client.receive_data(data):
                if isinstance(event, h2.events.ResponseReceived):
                    answer.headers = dict(event.headers)
                    answer.status = int(answer.headers[":status"])
                elif isinstance(event, h2.events.DataReceived):
                    answer.body += event.data
                    client.acknowledge_received_data(
                        event.flow_controlled_length, stream)
                elif isinstance(event, h2.events.StreamEnded):
                    ended = True
                elif isinstance(event, h2.events.StreamReset):
                    answer.reset = event.error_code
                    sent, ended = len(body), True
        answer.sent = sent
        return answer
