"""What every answer says to browsers, and how much anybody may send."""

from typing import Final

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ebbwatch.serve.api.problems import answered

MOST: Final = 64 * 1024  # bytes of a request: 500 ids of 64 characters, quoted
HEADERS: Final = {
    "content-security-policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
        "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "referrer-policy": "no-referrer",  # addresses hold ids
    "x-content-type-options": "nosniff",
}


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
                headers = MutableHeaders(scope=message)
                headers.update(HEADERS)
                headers.setdefault("cache-control", "no-store")
            await send(message)

        sent = Headers(scope=scope)
        length, chunked = sent.get("content-length", "0"), "transfer-encoding" in sent
        if chunked or not length.isdecimal() or int(length) > MOST:
            refused = answered(413, f"body: expected a Content-Length of at most {MOST} bytes")
            await refused(scope, receive, hardened)
            return
        await self._app(scope, receive, hardened)
