"""Who looks at the page: by a proxy's word, by a session, or whoever is on this machine."""

import asyncio
from hmac import compare_digest
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from ebbwatch.serve import audit
from ebbwatch.serve.access import Passwords, Sessions
from ebbwatch.serve.access.files import NAME
from ebbwatch.serve.access.forms import Forms
from ebbwatch.serve.access.sessions import COOKIE
from ebbwatch.serve.settings import ANYBODY, ServeSettings

PROXY: Final = "x-ebbwatch-proxy"
HOUR: Final = 3_600.0


class Door:
    """Lets people in.

    Args:
        serving: who may come in.

    Raises:
        AccessFileError: the file of passwords cannot be used.
        OSError: it cannot be read.
    """

    def __init__(self, serving: ServeSettings) -> None:
        self._serving = serving
        file = serving.passwords_file
        self._passwords = None if file is None else Passwords(file)
        self._sessions = Sessions(HOUR * serving.session_hours, serving.key)
        self._one_by_one = asyncio.Semaphore(2)  # each takes 32 MB and a tenth of a second

    @property
    def forms(self) -> Forms:
        """What signs forms."""
        return Forms(self._serving.key)

    @property
    def has_passwords(self) -> bool:
        """Whether people may log in here."""
        return self._passwords is not None

    def may_answer(self, who: str) -> bool:
        """Whether somebody who looks may answer cases as well."""
        return self._serving.may_answer(who)

    def who(self, request: Request) -> str | None:
        """Who asks, None for somebody who must log in first."""
        named = self._named_by_proxy(request)
        if named is not None:
            return named
        owner = self._sessions.owner(request.cookies.get(COOKIE, ""))
        if owner is not None and self._passwords is not None:
            return owner
        return ANYBODY if self._serving.without_login else None

    def _named_by_proxy(self, request: Request) -> str | None:
        header, secret = self._serving.user_header, self._serving.proxy_secret
        if header is None or secret is None:
            return None
        given = request.headers.get(PROXY, "").encode()
        if not compare_digest(given, secret.get_secret_value().encode()):
            return None
        name = request.headers.get(header, "")
        return name if NAME.fullmatch(name) else None

    async def let_in(self, name: str, password: str) -> str | None:
        """Try a password.

        Returns:
            Why not, as a key of the catalogue; None where it is right.
        """
        if self._passwords is None:
            return "error.401_help"
        shown = name if NAME.fullmatch(name) else "?"
        if self._passwords.waits(name):
            return "login.waits"
        async with self._one_by_one:
            right = await asyncio.to_thread(self._passwords.check, name, password)
        audit.came(shown, let_in=right)
        return None if right else "login.wrong"

    def remember(self, response: Response, request: Request, name: str) -> None:
        """Begin a session."""
        response.set_cookie(
            COOKIE,
            self._sessions.issue(name),
            max_age=int(self._sessions.seconds),
            httponly=True,
            samesite="strict",
            secure="https" in {request.url.scheme, request.headers.get("x-forwarded-proto")},
        )

    @staticmethod
    def forget(response: Response) -> None:
        """End a session in this browser."""
        response.delete_cookie(COOKIE, httponly=True, samesite="strict")
