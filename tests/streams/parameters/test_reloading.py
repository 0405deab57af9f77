"""The parameter file watched: a good one is put to use, any other refused and told."""

import asyncio
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cases import document
from fakes import MODEL, until, using
from prometheus_client import CollectorRegistry

from scoring.model import ScoringModel
from scoring.parameters import parse, sealed
from scoring.rules import shipped
from streams.config import Settings
from streams.parameters import reload as reloading
from streams.parameters.in_use import InUse
from streams.parameters.reload import Reloader, warmed
from streams.telemetry.metrics import Metrics

OTHER: dict[str, Any] = {**document(), "name": "other", "margin": 0.5}
GOOD = json.dumps(OTHER).encode()


class Watch:
    """A reloader, the file it looks at and what it told."""

    def __init__(self, file: Path, poll: float = 0.01) -> None:
        settings = Settings(parameters_file=file, parameters_poll=poll)
        self.file, self.in_use = file, InUse(using(MODEL))
        self.metrics = Metrics(CollectorRegistry())
        self.reloader = Reloader(settings, self.in_use, self.metrics)

    async def look(self, content: bytes | None = None) -> str:
        """Replace the file, if told to, let it be looked at; the version in use thereafter."""
        if content is not None:
            self.file.write_bytes(content)
        await self.reloader.look(self.file)
        return self.version

    @property
    def version(self) -> str:
        return self.in_use.current.version

    def count(self, outcome: str) -> float | None:
        sample = self.metrics.registry.get_sample_value
        return sample("ebbwatch_parameters_reloads_total", {"outcome": outcome})


@pytest.fixture
def watch(tmp_path: Path) -> Watch:
    file = tmp_path / "parameters.json"
    file.write_text(json.dumps(document()))
    return Watch(file)


async def test_a_changed_file_is_put_to_use(watch: Watch) -> None:
    assert await watch.look() == MODEL.parameters.version
    assert await watch.look(GOOD) == parse(OTHER).version
    assert (watch.count("loaded"), watch.count("refused")) == (1.0, 0.0)
    current = watch.in_use.current
    assert current.messages.model is current.model
    info = {"version": parse(OTHER).version, "rules_version": shipped().version}
    assert watch.metrics.registry.get_sample_value("ebbwatch_model_info", info) == 1.0


async def test_going_back_to_an_earlier_file_puts_that_to_use_again(watch: Watch) -> None:
    await watch.look(GOOD)
    assert await watch.look(json.dumps(document()).encode()) == MODEL.parameters.version
    assert watch.count("loaded") == 2.0


async def test_the_same_parameters_written_otherwise_change_nothing(watch: Watch) -> None:
    before = watch.in_use.current
    await watch.look(json.dumps(sealed(document()), indent=7).encode())
    assert watch.in_use.current is before
    assert (watch.count("loaded"), watch.count("refused")) == (0.0, 0.0)


def _resealed(**changes: Any) -> bytes:
    return json.dumps(sealed({**document(), **changes})).encode()


BAD: dict[str, bytes] = {
    "empty": b"",
    "cut short": GOOD[: len(GOOD) // 2],
    "cut at its last byte": GOOD[:-1],
    "followed by more": GOOD + b"}",
    "no UTF-8": b"\xff\xfe" + GOOD,
    "zeros": bytes(4_096),
    "no object": b"[1]",
    "null": b"null",
    "nested without end": b"[" * 200_000,
    "a number beyond all bounds": b'{"horizon_days": ' + b"9" * 5_000 + b"}",
    "not a number": GOOD.replace(b"0.5", b"NaN", 1),
    "edited by hand": json.dumps({**sealed(document()), "margin": 0.4}).encode(),
    "a wrong digest": json.dumps({**OTHER, "sha256": "0" * 64}).encode(),
    "an unknown rule": _resealed(rules={"boredom": document()["rules"]["silence"]}),
    "no such zone": _resealed(book_timezone="Europe/Atlantis"),
    "another zone": _resealed(book_timezone="Europe/Zurich"),
    "another currency": _resealed(book_currency="EUR"),
    "another exponent": _resealed(currency_exponent=3),
    "other half-lives": _resealed(half_lives_days={"short": 15, "middle": 56, "long": 182}),
    "an unknown field": json.dumps({**OTHER, "surprise": 1}).encode(),
    "a negative margin": json.dumps({**OTHER, "margin": -1.0}).encode(),
}


@pytest.mark.parametrize("content", BAD.values(), ids=BAD.keys())
async def test_a_file_that_cannot_be_used_is_refused_once_and_the_old_stays(
    watch: Watch, content: bytes
) -> None:
    before = watch.in_use.current
    for _ in range(3):
        await watch.look(content)
    assert watch.in_use.current is before
    assert (watch.count("loaded"), watch.count("refused")) == (0.0, 1.0)
    assert await watch.look(GOOD) == parse(OTHER).version
    assert watch.count("loaded") == 1.0


async def test_every_prefix_of_a_file_is_refused(watch: Watch) -> None:
    places = range(0, len(GOOD), 97)
    for place in places:
        await watch.look(GOOD[:place])
    assert watch.version == MODEL.parameters.version
    assert watch.count("refused") == len(places)


@pytest.mark.parametrize("spoil", [Path.unlink, lambda file: (file.unlink(), file.mkdir())])
async def test_a_file_that_cannot_be_read_is_refused_once_and_the_old_stays(
    watch: Watch, spoil: Callable[[Path], None]
) -> None:
    await watch.look()
    spoil(watch.file)
    before = watch.in_use.current
    for _ in range(3):
        await watch.look()
    assert watch.in_use.current is before
    assert watch.count("refused") == 1.0


async def test_a_refusal_says_where_what_was_expected_and_what_came(
    watch: Watch, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[dict[str, str]] = []
    monkeypatch.setattr(reloading.log, "error", lambda _, **fields: told.append(fields))
    await watch.look(BAD["another currency"])
    await watch.look(BAD["a negative margin"])
    expected = "expected book_currency USD, which its states are built on, got EUR"
    assert told[0]["error"] == f"{watch.file}: {expected}"
    assert told[0]["in_use"] == MODEL.parameters.version
    assert "margin: expected " in told[1]["error"]
    assert all("\n" not in fields["error"] for fields in told)


async def test_it_looks_again_and_again_until_cancelled(watch: Watch) -> None:
    looking = asyncio.create_task(watch.reloader.run())
    watch.file.write_bytes(GOOD)
    await until(lambda: watch.version == parse(OTHER).version)
    watch.file.write_bytes(BAD["cut short"])
    await until(lambda: watch.count("refused") == 1.0)
    watch.file.write_text(json.dumps(document()))
    await until(lambda: watch.version == MODEL.parameters.version)
    assert not looking.done()
    looking.cancel()


async def test_a_poll_of_zero_and_no_file_are_never_looked_at(watch: Watch) -> None:
    never = Watch(watch.file, poll=0.0)
    await never.reloader.run()
    packaged = Reloader(Settings(parameters_file=None), never.in_use, never.metrics)
    await packaged.run()
    assert never.count("refused") == 0.0


def test_a_warmed_model_has_its_tables() -> None:
    model = warmed(ScoringModel(parse(OTHER)))
    made = {"calendar", "_within_horizon", "_within_lifetime", "memory", "thresholds"}
    assert made <= set(vars(model))
