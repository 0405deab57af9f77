"""What every answer says to browsers, and how much anybody may send."""

from typing import Final

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ebbwatch.serve.api.problems import answered

MOST: Final = 64 * 1024  # bytes of a request: 500 ids of 64 characters, quoted
POLICY: Final = (
    b"default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
    b"connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS: Final = (
    (b"content-security-policy", POLICY),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"referrer-policy", b"no-referrer"),  # addresses hold ids
    (b"x-content-type-options", b"nosniff"),
)
NOT_KEPT: Final = ((b"cache-control", b"no-store"),)


class Hardening:
    """Adds those headers, and refuses what is longer or does not say how long it is.

    Args:
        app: the application inside.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """As ASGI has it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def hardened(message: Message) -> None:
            if message["type"] == "http.response.start":
                own = message.get("headers", [])
                kept = any(name == b"cache-control" for name, _ in own)
                message["headers"] = [*own, *HEADERS, *(() if kept else NOT_KEPT)]
            await send(message)

        sent = Headers(scope=scope)
        length, chunked = sent.get("content-length", "0"), "transfer-encoding" in sent
        if chunked or not length.isdecimal() or int(length) > MOST:
            refused = answered(413, f"body: expected a Content-Length of at most {MOST} bytes")
            await refused(scope, receive, hardened)
            return
        await self._app(scope, receive, hardened)
