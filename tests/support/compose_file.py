"""docker-compose.yml, read as Docker reads it, and its services run without Docker."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from compose_spec import PyOptions
from doc_blocks import ROOT

TEXT: Final = (ROOT / "docker-compose.yml").read_text()
IMAGE: Final = (ROOT / "Dockerfile").read_text()


def parsed(text: str) -> Any:
    """The file's document, merged and held against the specification.

    Raises:
        ValueError: it is not one.
    """
    found = PyOptions(apply_merge=True).from_yaml(text)
    found.validate()
    return found.to_dict()


SERVICES: Final[Mapping[str, Any]] = parsed(TEXT)["services"]


def of_image(word: str) -> list[str]:
    """What the image's file says, in JSON, behind a word."""
    (told,) = re.findall(rf"^{word} (\[.*\])$", IMAGE, re.MULTILINE)
    words: list[str] = json.loads(told)
    return words


@dataclass(frozen=True)
class Outside:
    """A service as Docker would run it, on this machine.

    Attributes:
        name: of the service.
        places: what is elsewhere here: host names, ports and the folder of secrets, as the file
            has them, and what they are.
        given: what `docker compose` is given in its own environment.
        more: variables beside the file's.
    """

    name: str
    places: Mapping[str, str]
    given: Mapping[str, str]
    more: Mapping[str, str]

    @property
    def service(self) -> Mapping[str, Any]:
        """The service's part of the file."""
        found: Mapping[str, Any] = SERVICES[self.name]
        return found

    @property
    def command(self) -> list[str]:
        """What runs in its container."""
        entry = self.service.get("entrypoint", of_image("ENTRYPOINT"))
        return [self._here(word).replace("$$", "$") for word in [*entry, *self.service["command"]]]

    @property
    def healthcheck(self) -> list[str]:
        """What tells whether it is well; its own, else the image's."""
        own = self.service.get("healthcheck", {}).get("test")
        words = of_image("    CMD") if own is None else own[1:]
        return [self._here(word) for word in words]

    @property
    def environment(self) -> dict[str, str]:
        """Its variables, and those that any process has."""
        told = {key: self._here(value) for key, value in self.service["environment"].items()}
        path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
        own = {"PATH": path, "PYTHONPATH": str(ROOT), "TMPDIR": "/tmp"}  # noqa: S108
        return {**own, **self.more, **told}

    def run(self, words: Sequence[str]) -> "subprocess.CompletedProcess[str]":
        """Run something that ends, as in the container."""
        return subprocess.run(
            words, env=self.environment, capture_output=True, text=True, check=False
        )

    def _here(self, value: Any) -> str:
        put = str(value)
        for name, default in re.findall(r"(?<!\$)\$\{(\w+):-(\w*)\}", put):
            put = put.replace(f"${{{name}:-{default}}}", self.given.get(name, default))
        for there, here in self.places.items():
            put = put.replace(there, here)
        return put
