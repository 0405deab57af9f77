"""The demo's data with the pages open on it, for the time of a look."""

import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from ebbwatch.demo.report import Report
from ebbwatch.demo.run import run
from ebbwatch.demo.view.plain import PlainView
from ebbwatch.serve.access.sessions import COOKIE
from streams.config import Settings

PATIENCE: Final = 300.0  # seconds until the figures and the queue are there
THERE: Final = {"/": "shade-6", "/queue?state=today": 'class="cases"'}


@dataclass(frozen=True)
class Shown:
    """Where the pages are.

    Attributes:
        address: of a process that asks nobody for a login.
        settings: of the store and the topics behind it.
    """

    address: str
    settings: Settings


def show(look: Callable[[Shown], None]) -> None:
    """Run the demo, and look at its pages before it is taken down."""
    run(_Opened(look), keep=False, port=0)


def ask(address: str, path: str, cookie: str = "") -> str:
    """What a page says to whoever has a session's cookie, or none."""
    connection = HTTPConnection(urlsplit(address).netloc, timeout=PATIENCE)
    connection.request("GET", path, headers={"Cookie": f"{COOKIE}={cookie}"})
    try:
        return connection.getresponse().read().decode()
    finally:
        connection.close()


def wait_for(
    address: str,
    there: Mapping[str, str] = THERE,
    *,
    cookie: str = "",
    patience: float = PATIENCE,
) -> None:
    """Wait until pages say what they are to: the figures, and what the desk handed out."""
    until = time.monotonic() + patience
    for path, said in there.items():
        while said not in ask(address, path, cookie):
            if time.monotonic() > until:
                raise TimeoutError(f"{address}{path}: expected {said}")
            time.sleep(0.5)


class _Opened(PlainView):
    def __init__(self, look: Callable[[Shown], None]) -> None:
        super().__init__(sys.stderr, closing=False)
        self._look = look

    def finish(self, found: Report, settings: Settings, kept: Path | None) -> None:
        super().finish(found, settings, kept)
        self._settings = settings

    def opened(self, address: str) -> None:
        """Look, and let the demo end."""
        wait_for(address)
        self._look(Shown(address, self._settings))
        raise SystemExit(0)
