"""The pages there are, each in the states that it has of its own."""

import os
import re
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from secrets import token_urlsafe
from tempfile import TemporaryDirectory
from typing import Final
from urllib.parse import urlencode, urlsplit

from ebbwatch.demo.child import PROGRAM
from ebbwatch.demo.settings import child_environment
from tools.pages.demo import Shown, ask, wait_for
from tools.pages.withdrawing import WITHDRAWN

OFFICER: Final = "officer-3"
PASSWORD: Final = token_urlsafe()
ANSWER: Final = 'document.querySelector("[value={}]").click()'
LOG_IN: Final = """
    const form = document.querySelector(".login");
    form.elements.namedItem("name").value = form.elements.namedItem("password").value = "nobody";
    form.requestSubmit();
"""


@dataclass(frozen=True)
class Place:
    """A page to be looked at.

    Attributes:
        name: what it is called in the list.
        address: where it is.
        languages: those that it has; "" for a page of one alone.
        cookie: of somebody who is logged in.
        act: script that brings it into the state to be looked at.
        leads_on: whether that leads to another page.
    """

    name: str
    address: str
    languages: Sequence[str] = ("en", "zh")
    cookie: str = ""
    act: str = ""
    leads_on: bool = False

    def in_language(self, language: str) -> str:
        """Its address in one of its languages."""
        between = "&" if "?" in self.address else "?"
        return f"{self.address}{between}lang={language}" if language else self.address


def places_of(open_to_all: str, address: str) -> list[Place]:
    """All pages.

    Args:
        open_to_all: where nobody need log in, and nobody may answer.
        address: where people log in, and the officer may answer.
    """
    cookie = logged_in(address)
    answers = ("contacted", "offer_made", "lost", "false_alarm", "snoozed")
    return [
        Place("portfolio", f"{open_to_all}/"),
        Place("portfolio, logged in", f"{address}/", cookie=cookie),
        Place("queue", f"{open_to_all}/queue"),
        Place("queue, logged in", f"{address}/queue", cookie=cookie),
        Place("queue, nobody chosen", f"{open_to_all}/queue?customer=nobody"),
        Place("queue, overdue", f"{open_to_all}/queue?due=overdue"),
        Place("queue, second page", f"{open_to_all}/queue?page=2"),
        Place("customer", f"{open_to_all}/customers/persona-a"),
        Place("customer, no case", f"{open_to_all}/customers/persona-b-healthy"),
        Place("customer, consent withdrawn", f"{open_to_all}/customers/{WITHDRAWN}"),
        *(
            Place(
                f"customer, {each}",
                f"{address}/customers/persona-{who}",
                cookie=cookie,
                act=ANSWER.format(each),
            )
            for who, each in zip("aabba", answers, strict=True)
        ),
        Place(
            "customer, reassigned",
            f"{address}{handed_out(address, cookie)}",
            cookie=cookie,
            act=ANSWER.format("reassigned"),
        ),
        Place("no such customer", f"{open_to_all}/customers/nobody"),
        Place("no customer id", f"{open_to_all}/customers/4111111111111111"),
        Place("no such page", f"{open_to_all}/nowhere"),
        Place("no way in", f"{open_to_all}/login"),
        Place("login", f"{address}/login"),
        Place("login, wrong", f"{address}/login", act=LOG_IN, leads_on=True),
    ]


def handed_out(address: str, cookie: str) -> str:
    """Path of a customer whose case somebody has, and others may be given."""
    found = re.search(r'href="(/customers/[^"]+)"', ask(address, "/queue?state=today", cookie))
    if found is None:
        raise LookupError(f"{address}: expected a case that was handed out today")
    return found[1]


def logged_in(address: str) -> str:
    """Log the officer in; their cookie."""
    connection = HTTPConnection(urlsplit(address).netloc, timeout=60)
    kind = {"Content-Type": "application/x-www-form-urlencoded"}
    given = urlencode({"name": OFFICER, "password": PASSWORD, "then": "/"})
    connection.request("POST", "/login", given, kind)
    cookie = connection.getresponse().getheader("set-cookie", "")
    connection.close()
    return cookie.partition("=")[2].partition(";")[0]


@contextmanager
def with_logins(shown: Shown) -> Iterator[str]:
    """Serve the same data to people who log in, for the time of a block; yields the address."""
    with TemporaryDirectory() as folder:
        file = Path(folder) / "passwords"
        variables = {
            **child_environment(shown.settings),
            "EBBWATCH_SERVE_PASSWORDS_FILE": str(file),
            "EBBWATCH_SERVE_ANSWERERS": OFFICER,
        }
        asked = [*PROGRAM, "access", "password", OFFICER, "--file", str(file)]
        subprocess.run(asked, input=PASSWORD.encode(), check=True, stderr=subprocess.DEVNULL)
        process = subprocess.Popen(
            [*PROGRAM, "serve", "--port", "0", "--parent", str(os.getpid())],
            env=variables,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        try:
            assert process.stdout is not None  # noqa: S101 - it is a pipe
            address = process.stdout.readline().decode().strip()
            wait_for(address, cookie=logged_in(address))
            yield address
        finally:
            process.terminate()
            process.wait(60)
