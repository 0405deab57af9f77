"""What people are told, a file a language: sentences of messages, of mails and of the page.

Another language is one file more, `xx.json`, that holds what `en.json` does; nothing else names
it. How sentences are put together is said where they are told; a bank's own words for codes of its
own are in its rules file.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Annotated, Final

from pydantic import AfterValidator, Field

FIRST: Final = "en"  # spoken where nobody asks for another
_FILES: Final = resources.files("schemas.outputs.words")


def _languages() -> tuple[str, ...]:
    names = (file.name for file in _FILES.iterdir())
    codes = {name.removesuffix(".json") for name in names if name.endswith(".json")}
    return FIRST, *sorted(codes - {FIRST})


LANGUAGES: Final = _languages()


def known_language(code: str) -> str:
    """Take a language's code.

    Raises:
        ValueError: there is no file of it.

    >>> known_language("zh")
    'zh'
    >>> known_language("xx")
    Traceback (most recent call last):
    ...
    ValueError: expected en or zh, got 'xx'
    """
    if code not in LANGUAGES:
        raise ValueError(f"expected {' or '.join(LANGUAGES)}, got {code!r}")
    return code


Language = Annotated[str, AfterValidator(known_language), Field(examples=list(LANGUAGES))]


@dataclass(frozen=True)
class Catalogue:
    """All that is said in one language, by keys.

    Attributes:
        language: its code.
        name: what its speakers call it.
        tag: what it is to a browser (BCP 47).
        messages: the sentences of messages, mails and answers of the API.
        page: those of the page.
    """

    language: str
    name: str
    tag: str
    messages: Mapping[str, str]
    page: Mapping[str, str]


@cache
def catalogue(language: str) -> Catalogue:
    """What is said in a language.

    Raises:
        ValueError: there is no file of it.

    >>> catalogue("zh").name, catalogue("zh").messages["list"]
    ('中文', '、')
    """
    file = _FILES.joinpath(f"{known_language(language)}.json")
    return Catalogue(language, **json.loads(file.read_text("utf-8")))
