"""Handing a mail to a server, and telling what was surely not sent from what may have been."""

import re
import smtplib
import ssl
from dataclasses import dataclass
from email.message import EmailMessage
from typing import Final
from urllib.parse import urlsplit

PORTS: Final = {"smtp": 25, "smtp+starttls": 587, "smtps": 465}
TIMEOUT: Final = 30.0  # seconds
ADDRESS: Final = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9.-]{1,253}")

# What a server answers to a mail that it does not take: it was not sent.
_REFUSED: Final = (
    smtplib.SMTPSenderRefused,
    smtplib.SMTPRecipientsRefused,
    smtplib.SMTPDataError,
    smtplib.SMTPHeloError,
    smtplib.SMTPNotSupportedError,
)


class DigestError(RuntimeError):
    """The digest could not be sent; the text says why.

    Attributes:
        is_unsent: whether it surely was not.
    """

    def __init__(self, told: str, *, is_unsent: bool = True) -> None:
        super().__init__(told)
        self.is_unsent = is_unsent


def address(given: str, option: str) -> str:
    """A mail address: one, plain, of ASCII, so that nothing can hide another header in it.

    Raises:
        DigestError: it is none.
    """
    if ADDRESS.fullmatch(given) is None or ".." in given:
        raise DigestError(f"{option}: expected an address such as desk@bank.example, got {given!r}")
    return given


@dataclass
class Post:
    """A connection to a mail server.

    Attributes:
        url: `smtp://host[:port]`, `smtp+starttls://` or `smtps://`, which are encrypted.
        user: to log in as; None does not.
        password: of the user.
    """

    url: str
    user: str | None = None
    password: str = ""
    _server: smtplib.SMTP | None = None

    def __post_init__(self) -> None:
        parts = urlsplit(self.url)
        good = parts.scheme in PORTS and parts.hostname and parts.username is None
        if not good or parts.path.strip("/") or re.search(r"\s", self.url):
            kinds = ", ".join(f"{scheme}://host[:port]" for scheme in PORTS)
            raise DigestError(f"--smtp: expected {kinds}, got another kind of text")
        try:
            self._port = parts.port or PORTS[parts.scheme]
        except ValueError:
            raise DigestError("--smtp: expected a port up to 65535") from None
        if self.user is not None and parts.scheme == "smtp":
            raise DigestError("--smtp: expected smtps:// or smtp+starttls:// to log in by")
        self._scheme, self._host = parts.scheme, parts.hostname or ""

    def connect(self) -> None:
        """Connect and log in.

        Raises:
            DigestError: that failed; nothing was sent.
        """
        try:
            self._server = self._connected()
        except (smtplib.SMTPException, OSError) as error:
            raise DigestError(f"{self._host}:{self._port}: {_told(error)}") from error

    def part(self) -> None:
        """Part, whatever the server says to that."""
        if self._server:
            try:
                self._server.quit()
            except (smtplib.SMTPException, OSError):
                self._server.close()

    def send(self, mail: EmailMessage) -> list[str]:
        """Send a mail.

        Returns:
            Whom the server does not take it for, though for others it does.

        Raises:
            DigestError: it was not sent, or nobody knows.
        """
        assert self._server  # noqa: S101 - connected before
        try:
            return sorted(self._server.send_message(mail))
        except _REFUSED as error:
            raise DigestError(f"{self._host}: not taken: {_told(error)}") from error
        except (smtplib.SMTPException, OSError) as error:
            told = f"{self._host}: it may have been sent or not: {_told(error)}"
            raise DigestError(told, is_unsent=False) from error

    def _connected(self) -> smtplib.SMTP:
        context = ssl.create_default_context()
        if self._scheme == "smtps":
            server: smtplib.SMTP = smtplib.SMTP_SSL(
                self._host, self._port, timeout=TIMEOUT, context=context
            )
        else:
            server = smtplib.SMTP(self._host, self._port, timeout=TIMEOUT)
        try:
            if self._scheme == "smtp+starttls":
                server.starttls(context=context)
            server.ehlo_or_helo_if_needed()
            if self.user is not None:
                server.login(self.user, self.password)
        except BaseException:
            server.close()
            raise
        return server


def _told(error: Exception) -> str:
    """What a server said, without addresses."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        codes = sorted({str(code) for code, _ in error.recipients.values()})
        return f"no recipient is ({', '.join(codes)})"
    if isinstance(error, smtplib.SMTPResponseException):
        said = error.smtp_error
        text = said.decode(errors="replace") if isinstance(said, bytes) else str(said)
        return f"{error.smtp_code} {text}"
    return str(error) or type(error).__name__
