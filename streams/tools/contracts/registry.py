"""The contracts in a schema registry that speaks Confluent's API, such as its own or Apicurio's.

What is on the wire stays plain JSON: a registry tells people and tools what a topic holds, and
refuses a contract that its own rules call incompatible with the one before.
"""

import json
from base64 import b64encode
from enum import Enum
from http import HTTPStatus
from typing import Any, Final, NamedTuple, Self
from urllib.parse import quote

import aiohttp

from schemas.export import json_schemas
from streams.config import Settings
from streams.tools.contracts.asyncapi import CONTRACT_OF

TIMEOUT: Final = 10.0  # seconds for an answer
UNKNOWN: Final = frozenset({40401, 40402, 40403})  # subject, version or schema not found
DRAFT: Final = "http://json-schema.org/draft-07/schema#"  # the latest that all registries know
MEDIA: Final = "application/vnd.schemaregistry.v1+json"


class RegistryError(Exception):
    """A registry that cannot be used, or that refuses a contract."""


class ContractStanding(Enum):
    """What a registry has of a contract: this very one, an earlier one, or none."""

    SAME = "same"
    CHANGED = "changed"
    NEW = "new"


class RegisteredContract(NamedTuple):
    """A contract in a registry.

    Attributes:
        subject: its name there, `<topic>-value`.
        standing: what was there before.
        number: the schema's id there; None where it was not registered.
    """

    subject: str
    standing: ContractStanding
    number: int | None


def contracts(settings: Settings) -> dict[str, str]:
    """The JSON Schema of each topic's values as text, by subject; dead letters are bytes.

    As a draft of which all words that contracts use mean what they do in the later one.
    """
    schemas = json_schemas()
    return {
        f"{getattr(settings, f'{topic}_topic')}-value": json.dumps(
            schemas[name] | {"$schema": DRAFT}
        )
        for topic, name in CONTRACT_OF.items()
    }


class Registry:
    """A registry's address; to be used as a context.

    Args:
        url: of its API, such as `https://registry:8081`.
        credentials: a name and a password, where it asks for them.
    """

    def __init__(self, url: str, credentials: tuple[str, str] | None = None) -> None:
        self._url = url.rstrip("/")
        self._headers = {"content-type": MEDIA, "accept": f"{MEDIA}, application/json"}
        if credentials is not None:
            told = b64encode(":".join(credentials).encode()).decode()
            self._headers["authorization"] = f"Basic {told}"

    async def __aenter__(self) -> Self:
        """Open; nothing is asked yet."""
        self._session = aiohttp.ClientSession(
            headers=self._headers, timeout=aiohttp.ClientTimeout(total=TIMEOUT)
        )
        return self

    async def __aexit__(self, *_: object) -> None:
        """Close."""
        await self._session.close()

    async def compared(self, subject: str, schema: str) -> RegisteredContract:
        """What there is of a contract.

        Raises:
            RegistryError: it is not compatible with what is there, or nothing can be asked.
        """
        own = f"/subjects/{quote(subject, safe='')}"
        found = await self._ask(own, schema)
        if found is not None:
            return RegisteredContract(subject, ContractStanding.SAME, found.get("id"))
        judged = await self._ask(f"/compatibility{own}/versions/latest?verbose=true", schema)
        if judged is None:
            return RegisteredContract(subject, ContractStanding.NEW, None)
        if not judged.get("is_compatible"):
            reasons = judged.get("messages") or [judged.get("reason")]
            said = "; ".join(map(str, filter(None, reasons))) or "no reason"
            raise RegistryError(
                f"{subject}: expected a contract that the registry calls compatible with its "
                f"latest version, got {said[:400]}"
            )
        return RegisteredContract(subject, ContractStanding.CHANGED, None)

    async def registered(self, entry: RegisteredContract, schema: str) -> RegisteredContract:
        """The entry once it is there.

        Raises:
            RegistryError: the registry refuses it.
        """
        found = await self._ask(f"/subjects/{quote(entry.subject, safe='')}/versions", schema)
        if found is None or not isinstance(found.get("id"), int):
            raise RegistryError(f"{entry.subject}: expected an id, got {found}")
        return entry._replace(number=found["id"])

    async def _ask(self, path: str, schema: str) -> dict[str, Any] | None:
        """The answer to a POST of a schema; None where the registry knows no such thing."""
        body = json.dumps({"schemaType": "JSON", "schema": schema})
        try:
            async with self._session.post(
                self._url + path, data=body, allow_redirects=False
            ) as reply:
                return _understood(self._url + path, reply.status, await reply.text())
        except (aiohttp.ClientError, TimeoutError, ValueError) as error:
            got = str(error) or type(error).__name__
            raise RegistryError(f"{self._url}: expected a schema registry, got {got}") from error


def _understood(url: str, status: int, text: str) -> dict[str, Any] | None:
    try:
        answer = json.loads(text)
    except ValueError:
        answer = None
    if not isinstance(answer, dict):
        raise RegistryError(
            f"{url}: expected a schema registry's answer, got status {status} and no JSON object"
        )
    if status == HTTPStatus.OK:
        return answer
    if answer.get("error_code") in UNKNOWN:
        return None
    said = answer.get("message") or answer.get("error_code")
    raise RegistryError(f"{url}: expected status 200, got {status}: {said}")


async def register(
    settings: Settings,
    url: str,
    credentials: tuple[str, str] | None = None,
    *,
    only_compared: bool = False,
) -> list[RegisteredContract]:
    """Register every topic's contract: all of them, or none if the registry would refuse one.

    Args:
        settings: which topics there are.
        url: of the registry's API.
        credentials: a name and a password, where it asks for them.
        only_compared: register nothing.

    Raises:
        RegistryError: it cannot be asked, or refuses a contract.
    """
    async with Registry(url, credentials) as registry:
        wanted = contracts(settings)
        entries = [await registry.compared(*each) for each in wanted.items()]
        if only_compared:
            return entries
        return [
            each
            if each.standing is ContractStanding.SAME
            else await registry.registered(each, wanted[each.subject])
            for each in entries
        ]
