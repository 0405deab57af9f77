"""Asking a challenger for its forecasts such that nothing it does disturbs the model in use."""

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import Final

import numpy as np
import structlog
from prometheus_client import Counter

from scoring.arrays import Bools, Floats
from scoring.facts.state import States
from scoring.model import ScoringModel
from scoring.monitoring import Forecast, flags, threshold
from streams.panel.challenger import Challenger

log = structlog.get_logger()

PATIENCE: Final = 10.0  # seconds a challenger may take for one partition's panel
REASONS: Final = ("exception", "no_probability", "timeout")


class ShadowScorer:
    """Guards a challenger.

    Args:
        challenger: None foretells nothing.
        errors: counts, by reason, forecasts that could not be used.
        patience: seconds to wait for it.
    """

    def __init__(
        self, challenger: Challenger | None, errors: Counter, patience: float = PATIENCE
    ) -> None:
        self._challenger, self._errors, self._patience = challenger, errors, patience
        self._lock, self._last = asyncio.Lock(), _done()
        for reason in REASONS if challenger else ():
            errors.labels(reason)

    @property
    def name(self) -> str:
        """The challenger's version, empty where there is none."""
        return self._challenger.name if self._challenger else ""

    async def forecast(
        self, states: States, now: Floats, matrix: Floats, model: ScoringModel
    ) -> Forecast:
        """Ask the challenger.

        Args:
            states: shape (n,).
            now: epoch seconds, shape (n,).
            matrix: features by the model in use, shape (features, n).
            model: the one in use.

        Returns:
            Its forecast, with nan where it had none that can be used.
        """
        challenger, count = self._challenger, len(states)
        if challenger is None or not count:
            return Forecast.none(count)
        given = states.copy(), now.copy(), matrix.copy()  # whatever is done to them
        async with self._lock:
            risk = await self._asked(lambda: challenger.risk(*given), count)
        limit = challenger.threshold
        least = threshold(model) if limit is None else limit
        return Forecast(risk, flags(risk, least, matrix, model))

    async def _asked(self, call: Callable[[], Floats], count: int) -> Floats:
        """Call in a thread; nan for what cannot be used."""
        reason = "timeout"  # also while it has not come back from an earlier call
        if self._last.done():
            self._last = _detached(call)
            try:
                async with asyncio.timeout(self._patience):
                    return self._sifted(await asyncio.wrap_future(self._last), count)
            except TimeoutError:
                pass
            except _FailedError as error:
                reason = "exception"
                log.warning("challenger failed", error=str(error))
        return self._without(np.full(count, np.nan), np.ones(count, np.bool_), reason)

    def _sifted(self, risk: Floats, count: int) -> Floats:
        if np.shape(risk) != (count,):
            risk = np.full(count, np.nan)
        return self._without(risk, ~((risk >= 0.0) & (risk <= 1.0)), "no_probability")

    def _without(self, risk: Floats, bad: Bools, reason: str) -> Floats:
        """Leave out, and count, what is bad."""
        if number := int(bad.sum()):
            self._errors.labels(reason).inc(number)
            log.warning("challenger forecasts left out", reason=reason, customers=number)
        return np.where(bad, np.nan, risk)


class _FailedError(Exception):
    """A challenger's error, whatever its class."""


def _done() -> "Future[Floats]":
    future: Future[Floats] = Future()
    future.set_result(np.empty(0))
    return future


def _detached(call: Callable[[], Floats]) -> "Future[Floats]":
    """Run a call in a thread that is left behind if it does not end."""
    future: Future[Floats] = Future()
    future.set_running_or_notify_cancel()

    def work() -> None:
        try:
            future.set_result(call())
        except BaseException as error:  # noqa: BLE001 - whatever a foreign model raises
            future.set_exception(_FailedError(repr(error)[:200]))

    threading.Thread(target=work, name="challenger", daemon=True).start()
    return future
