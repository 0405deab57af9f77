"""A partition's panel rounds: between two batches, as the partition's clock passes periods."""

import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np
import structlog

from scoring.facts.packing import StateError, unpack
from scoring.features import features
from scoring.model import ScoringModel
from scoring.monitoring import (
    Members,
    Panel,
    advance,
    is_due,
    pack_panel,
    sample,
    unpack_panel,
)
from streams.panel.board import PanelBoard
from streams.panel.scorer import ShadowScorer
from streams.panel.store import PanelStore
from streams.retry import persist
from streams.store import Store

log = structlog.get_logger()

LONGEST_REST: Final = 600.0  # seconds; a round may have waited for Redis


class PanelPlan(NamedTuple):
    """Who is in the panel, and how often it is looked at.

    Attributes:
        share: of the customers, 0 to 1.
        size: members a partition at most.
        period: seconds between rounds.
        effort: share of the worker's time that rounds may take, above 0: a replay, which runs
            through weeks in no time, looks less often.
    """

    share: float
    size: int
    period: float
    effort: float


@dataclass(frozen=True)
class _Held:
    """A panel as this owner of the partition knows it."""

    owner: str
    panel: Panel


class PanelKeeper:
    """Keeps the panels of a worker's partitions.

    A round is one write, of a value only the partition's owner writes. A crash before it loses the
    round, and the next owner makes one; a crash after it loses nothing.

    Args:
        panels: where they are kept.
        states: where the members' states are.
        challenger: asked beside the model in use.
        board: where they are shown.
        plan: who and when.
        now: monotonic seconds.
    """

    def __init__(
        self,
        panels: PanelStore,
        states: Store,
        challenger: ShadowScorer,
        board: PanelBoard,
        plan: PanelPlan,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._panels, self._states, self._plan = panels, states, plan
        self._challenger, self._board = challenger, board
        self._held: dict[int, _Held] = {}
        self._now, self._rested_at = now, -math.inf

    async def after(self, partition: int, owner: str, clock: float, model: ScoringModel) -> None:
        """Make a round if one is due; to be called with all of the partition's batches committed.

        Args:
            partition: number.
            owner: its fencing token.
            clock: the partition's, epoch seconds.
            model: the one in use.

        Raises:
            Fenced: another worker has claimed the partition.
        """
        held = self._held.get(partition)
        if held is None or held.owner != owner:
            held = await self._take_over(partition, owner, model)
        began = self._now()
        if began >= self._rested_at and is_due(held.panel, clock, self._plan.period):
            await self._round(partition, held, clock, model)
            took = self._now() - began
            self._rested_at = began + min(took / self._plan.effort, LONGEST_REST)

    def forget(self) -> None:
        """Stop showing partitions that were let go: whoever owns them next shows them."""
        self._board.forget()

    async def _take_over(self, partition: int, owner: str, model: ScoringModel) -> _Held:
        packed = await persist("panel", lambda: self._panels.panel(partition))
        held = self._held[partition] = _Held(owner, _unpacked(packed))
        self._show(partition, held.panel, model)
        return held

    async def _round(self, partition: int, held: _Held, clock: float, model: ScoringModel) -> None:
        seen = await self._seen(partition, clock)
        here = seen.here(model)
        matrix = features(here.states, here.now, model)
        forecast = await self._challenger.forecast(here.states, here.now, matrix, model)
        models = (model.parameters.version, self._challenger.name)
        panel = advance(held.panel.of_models(models), seen, here, matrix, forecast, model)
        packed = pack_panel(panel)
        await persist("panel", lambda: self._panels.keep(partition, held.owner, packed))
        self._held[partition] = _Held(held.owner, panel)
        self._show(partition, panel, model)

    def _show(self, partition: int, panel: Panel, model: ScoringModel) -> None:
        self._board.show(partition, panel)
        self._board.promise.show(partition, panel, model.parameters)

    async def _seen(self, partition: int, clock: float) -> Members:
        everyone = await persist("panel", lambda: self._panels.customers(partition))
        chosen = sample(everyone, self._plan.share, self._plan.size)
        loaded = await persist("load", lambda: self._states.load(partition, chosen.ids, -np.inf, 0))
        return Members(chosen.hashes, unpack(loaded.states), clock)


def _unpacked(packed: bytes | None) -> Panel:
    """Read a panel; one this program cannot read is for metrics only, so it begins anew."""
    if packed is not None:
        try:
            return unpack_panel(packed)
        except StateError as error:
            log.warning("panel begins anew", error=str(error))
    return Panel.new(("", ""))
