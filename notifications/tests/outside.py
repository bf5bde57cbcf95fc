"""The outside world on loopback: a web server and a mail server that behave, or not, as a test says."""

import json
import socket
import struct
import threading
from collections import deque
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socketserver import StreamRequestHandler, ThreadingTCPServer
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit

TAKEN = (200, {"errcode": 0, "errmsg": "ok", "code": 0, "msg": "success"})
REFUSED = (200, {"errcode": 45009, "errmsg": "api freq out of limit", "code": 19021, "msg": "sign match fail"})
BROKEN = (500, {"error": "internal"})
HANG = "hang"
RESET = "reset"
TRICKLE = "trickle"


@dataclass
class Asked:
    """One request as the server saw it."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


class WebServer(ThreadingHTTPServer):
    """Answers by the first part of the path; what no test set up is taken."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.asked: deque[Asked] = deque()
        self.behaviour: dict[str, Any] = {}
        self.released = threading.Event()
        self.url = f"http://127.0.0.1:{self.server_address[1]}"

    def at(self, name: str) -> list[Asked]:
        """Return what was asked of one address."""
        return [asked for asked in self.asked if asked.path == f"/{name}"]

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing: clients that went away are what is being tested."""

    def __enter__(self) -> Self:
        threading.Thread(target=self.serve_forever, args=(0.01,), daemon=True).start()
        return self

    def __exit__(self, *_args: object) -> None:
        self.released.set()
        self.shutdown()
        self.server_close()


class _Handler(BaseHTTPRequestHandler):
    server: WebServer
    protocol_version = "HTTP/1.1"
    wbufsize = -1  # one packet an answer, or Nagle's algorithm delays each by 40 ms
    disable_nagle_algorithm = True

    def _answer(self) -> None:
        parts = urlsplit(self.path)
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        self.server.asked.append(Asked(self.command, parts.path, query, dict(self.headers), body))
        behaviour = self.server.behaviour.get(parts.path.strip("/").split("/")[0], TAKEN)
        if behaviour == HANG:
            self.server.released.wait(20)
            self.close_connection = True
        elif behaviour == RESET:
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.connection.close()
            self.close_connection = True
        elif behaviour == TRICKLE:
            self._trickle()
        else:
            self._say(*behaviour)

    def _say(self, status: int, answer: Any) -> None:
        content = json.dumps(answer).encode() if not isinstance(answer, bytes) else answer
        self.send_response(status)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def _trickle(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "100000")
        self.end_headers()
        while not self.server.released.wait(0.05):
            self.wfile.write(b" ")
            self.wfile.flush()

    do_GET = do_POST = do_PUT = _answer  # noqa: N815 - http.server's names

    def log_message(self, *_args: object) -> None:
        """Say nothing."""


def closed_port() -> int:
    """Return a port at which nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class Mailbox:
    """What a mail server took, and whom it refuses."""

    mails: list[EmailMessage] = field(default_factory=list)
    refuses: set[str] = field(default_factory=set)
    connections: int = 0
    hangs: bool = False
    breaks_after: int | None = None


class MailServer(ThreadingTCPServer):
    """As much of SMTP as a client needs."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _MailHandler)
        self.box = Mailbox()
        self.released = threading.Event()
        self.port = int(self.server_address[1])

    def __enter__(self) -> Self:
        threading.Thread(target=self.serve_forever, args=(0.01,), daemon=True).start()
        return self

    def __exit__(self, *_args: object) -> None:
        self.released.set()
        self.shutdown()
        self.server_close()


class _MailHandler(StreamRequestHandler):
    server: MailServer

    def handle(self) -> None:
        box = self.server.box
        box.connections += 1
        if box.hangs:
            self.server.released.wait(20)
            return
        self._say("220 loopback")
        while line := self.rfile.readline().decode().strip():
            verb = line.split()[0].upper()
            if verb == "RCPT" and any(f"<{address}>" in line for address in box.refuses):
                self._say("550 no such mailbox")
            elif verb == "DATA":
                if box.breaks_after is not None and len(box.mails) >= box.breaks_after:
                    return
                self._say("354 go on")
                box.mails.append(self._mail())
                self._say("250 taken")
            elif verb == "QUIT":
                self._say("221 bye")
                return
            else:
                self._say("250 ok")

    def _mail(self) -> EmailMessage:
        lines = []
        while (line := self.rfile.readline()) != b".\r\n":
            lines.append(line)
        return message_from_bytes(b"".join(lines), policy=policy.default)

    def _say(self, line: str) -> None:
        self.wfile.write(f"{line}\r\n".encode())
