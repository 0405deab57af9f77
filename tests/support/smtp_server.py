"""A real mail server on loopback, which answers as a test wants."""

import socketserver
import ssl
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any


class SmtpServer(socketserver.ThreadingTCPServer):
    """Takes mail by SMTP (RFC 5321), and keeps it.

    Args:
        answers: what it says to a command or `DATA.` (a mail's end) instead of yes; `drop` ends it.
        tls: what it speaks TLS by from the first byte on, if it does.
    """

    allow_reuse_address = daemon_threads = True

    def __init__(self, answers: Mapping[str, str], tls: ssl.SSLContext | None = None) -> None:
        super().__init__(("127.0.0.1", 0), _Talk)
        if tls is not None:
            self.socket = tls.wrap_socket(self.socket, server_side=True)
        self.scheme = "smtp" if tls is None else "smtps"
        self.answers = dict(answers)
        self.mails: list[EmailMessage] = []
        self.whom: list[str] = []

    @property
    def url(self) -> str:
        """Where it is."""
        return f"{self.scheme}://127.0.0.1:{self.server_address[1]}"


class _Talk(socketserver.StreamRequestHandler):
    server: SmtpServer

    def handle(self) -> None:
        self.wfile.write(b"220 test ready\r\n")
        for line in iter(self.rfile.readline, b""):
            words = line.decode().strip()
            command = words[:4].upper()
            told = next((a for c, a in self.server.answers.items() if words.startswith(c)), "")
            if told == "drop":
                return
            if told:
                self._say(told)
            elif command == "DATA":
                self._say("354 go on")
                if not self._take():
                    return
            elif command == "QUIT":
                self._say("221 bye")
                return
            else:
                self.server.whom += [words] if command == "RCPT" else []
                self._say("250 yes")

    def _take(self) -> bool:
        body = b""
        for line in iter(self.rfile.readline, b""):
            if line == b".\r\n":
                break
            body += line.removeprefix(b".") if line.startswith(b"..") else line
        told = self.server.answers.get("DATA.", "250 taken")
        if told.startswith("250") or told == "drop":
            mail: Any = message_from_bytes(body, policy=policy.default)
            self.server.mails.append(mail)
        if told != "drop":
            self._say(told)
        return told != "drop"

    def _say(self, text: str) -> None:
        self.wfile.write(text.encode() + b"\r\n")


@contextmanager
def smtp_server(
    answers: Mapping[str, str] | None = None, tls: ssl.SSLContext | None = None
) -> Iterator[SmtpServer]:
    """A server at work while the block lasts."""
    with SmtpServer(answers or {}, tls) as server:
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        yield server
        server.shutdown()
