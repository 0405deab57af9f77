import asyncio
import threading
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from fakes import MODEL
from panel_fakes import Plain
from prometheus_client import CollectorRegistry, Counter

from scoring.arrays import Floats
from scoring.facts.state import States, new_states
from scoring.features import features
from scoring.monitoring import Forecast
from streams.panel import ShadowScorer

COUNT = 6
STATES = new_states(COUNT)
STATES["purchase_days"], STATES["last_day"] = 4, 3
NOW = np.linspace(10.0, 300.0, COUNT) * 86_400
MATRIX = features(STATES, NOW, MODEL)


class Odd(Plain):
    """A challenger whose answer a test makes."""

    def __init__(self, answer: Callable[[], Any]) -> None:
        self.answer = answer

    def risk(self, states: States, now: Floats, matrix: Floats) -> Floats:
        del states, now, matrix
        answer: Floats = self.answer()
        return answer


def scorer(challenger: Plain | None, patience: float = 30.0) -> tuple[ShadowScorer, Counter]:
    errors = Counter("errors", "x", ("reason",), registry=CollectorRegistry())
    return ShadowScorer(challenger, errors, patience), errors


def counted(errors: Counter) -> dict[str, float]:
    samples = next(iter(errors.collect())).samples
    told = {s.labels["reason"]: s.value for s in samples if s.name.endswith("_total")}
    return {reason: value for reason, value in told.items() if value}


async def asked(shadow: ShadowScorer) -> Forecast:
    return await shadow.forecast(STATES, NOW, MATRIX, MODEL)


async def test_a_good_challenger_is_taken_at_its_word() -> None:
    shadow, errors = scorer(Plain())
    risk, flagged = await asked(shadow)
    np.testing.assert_array_equal(risk, Plain().risk(STATES, NOW, MATRIX))
    np.testing.assert_array_equal(flagged, risk >= 0.5)
    assert (shadow.name, counted(errors)) == ("plain-1", {})


async def test_without_a_threshold_it_flags_by_that_of_the_model_in_use() -> None:
    challenger = Plain()
    challenger.threshold = None
    risk, flagged = await asked(scorer(challenger)[0])
    np.testing.assert_array_equal(flagged, risk >= 0.95)


async def test_without_a_challenger_nothing_is_foretold() -> None:
    shadow, errors = scorer(None)
    risk, flagged = await asked(shadow)
    assert np.isnan(risk).all()
    assert not flagged.any()
    assert (shadow.name, counted(errors)) == ("", {})


def fails() -> Floats:
    raise RuntimeError("a foreign error")


def exits() -> Floats:
    raise SystemExit(3)


NAN, INF = np.nan, np.inf
ANSWERS: dict[str, tuple[Callable[[], Any], str, int]] = {
    "exception": (fails, "exception", 6),
    "exit": (exits, "exception", 6),
    "nan": (lambda: np.full(COUNT, NAN), "no_probability", 6),
    "one nan": (lambda: np.array([0.1, NAN, 0.2, 0.3, 0.4, 1.0]), "no_probability", 1),
    "out of range": (lambda: np.array([0.1, -0.1, 1.1, INF, -INF, 0.0]), "no_probability", 4),
    "too few": (lambda: np.full(COUNT - 1, 0.5), "no_probability", 6),
    "a table": (lambda: np.full((COUNT, 2), 0.5), "no_probability", 6),
    "a number": (lambda: 0.5, "no_probability", 6),
    "nothing": (lambda: None, "no_probability", 6),
}


@pytest.mark.parametrize("name", ANSWERS)
async def test_what_cannot_be_used_is_left_out_and_counted(name: str) -> None:
    answer, reason, number = ANSWERS[name]
    shadow, errors = scorer(Odd(answer))
    risk, flagged = await asked(shadow)
    assert (risk.shape, np.isnan(risk).sum()) == ((COUNT,), number)
    assert not flagged[np.isnan(risk)].any()
    assert counted(errors) == {reason: number}


async def test_a_challenger_that_hangs_is_not_waited_for_and_asked_again_once_it_is_back() -> None:
    held = threading.Event()

    def hangs() -> Floats:
        held.wait(60)
        return np.full(COUNT, 0.5)

    shadow, errors = scorer(Odd(hangs), patience=0.05)
    assert np.isnan((await asked(shadow)).risk).all()
    assert np.isnan((await asked(shadow)).risk).all()
    assert counted(errors) == {"timeout": 2 * COUNT}
    held.set()
    async with asyncio.timeout(120):
        while np.isnan((await asked(shadow)).risk).any():  # noqa: ASYNC110 - a thread ends
            await asyncio.sleep(0.01)


async def test_partitions_that_ask_at_once_are_answered_one_after_the_other() -> None:
    shadow, errors = scorer(Plain())
    answers = await asyncio.gather(*(asked(shadow) for _ in range(8)))
    assert all(np.isfinite(one.risk).all() for one in answers)
    assert counted(errors) == {}


async def test_the_features_it_is_given_are_its_own() -> None:
    class Vandal(Plain):
        def risk(self, states: States, now: Floats, matrix: Floats) -> Floats:
            matrix[:] = 0.0
            states["purchase_days"] = 0
            now[:] = 0.0
            return np.full(COUNT, 0.9)

    before = (STATES.tobytes(), NOW.tobytes(), MATRIX.tobytes())
    await asked(scorer(Vandal())[0])
    assert before == (STATES.tobytes(), NOW.tobytes(), MATRIX.tobytes())
