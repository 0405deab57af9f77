"""A partition with a panel over the beginning of the CDNOW log, run by hand."""

from collections.abc import Callable
from typing import Any

import pytest
from fakes import MODEL, FakeStore, FedByHand, services, using
from panel_fakes import FakePanelStore
from panel_oracle import spread_purchases
from prometheus_client import CollectorRegistry
from stream_events import INTERACTIONS, OUTCOMES, TRANSACTIONS, records

from scoring.arrays import DAY
from scoring.monitoring import Panel, unpack_panel
from streams.panel import PanelBoard, PanelKeeper, PanelPlan, ShadowScorer
from streams.panel.challenger import Challenger
from streams.parameters.in_use import InUse
from streams.partition.services import Services
from streams.telemetry.metrics import Metrics

EVENTS = spread_purchases(500)
TOPICS = {TRANSACTIONS: records(TRANSACTIONS, EVENTS), INTERACTIONS: [], OUTCOMES: []}
PLAN = PanelPlan(share=0.5, size=1_000, period=14 * DAY, effort=1.0)
BATCH = 80


class Stage:
    """A partition with a panel, run by hand.

    Args:
        challenger: beside the packaged model.
        plan: of the panel.
    """

    def __init__(self, challenger: Challenger | None = None, plan: PanelPlan = PLAN) -> None:
        self.store, self.metrics = FakeStore(), Metrics(CollectorRegistry())
        self.panels, self.plan, self.challenger = FakePanelStore(self.store), plan, challenger
        self.in_use = InUse(using(MODEL))
        self.now: Callable[[], float] = lambda: 0.0
        self.sequencer = FedByHand(TOPICS, self._services())

    async def finish_through_crashes(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """To the end, though every third writing of the panel ends the worker before it."""
        keep, calls = self.panels.keep, iter(range(10_000))

        async def crashing(*call: Any) -> None:
            if next(calls) % 3 == 2:
                raise KeyError
            await keep(*call)

        monkeypatch.setattr(self.panels, "keep", crashing)
        await self.claim()
        while True:
            try:
                await self.finish()
                break
            except KeyError:
                await self.claim(anew=True)

    def _services(self) -> Services:
        self.metrics = Metrics(CollectorRegistry())
        self.board = PanelBoard(self.metrics.registry)
        scorer = ShadowScorer(self.challenger, self.board.errors)
        keeper = PanelKeeper(self.panels, self.store, scorer, self.board, self.plan, self.now)
        return services(
            self.store,
            in_use=self.in_use,
            panel=keeper,
            metrics=self.metrics,
            batch_records=BATCH,
            inbox_records=10 * len(EVENTS),
            inbox_bytes=1 << 30,
        )

    async def claim(self, *, anew: bool = False) -> None:
        """Own the partition; anew as another worker process would."""
        if anew:
            self.sequencer.services = self._services()
        await self.sequencer.claim()
        for topic, whole in TOPICS.items():
            self.sequencer.feed(topic, len(whole))

    async def finish(self) -> "Stage":
        """Apply all that is left."""
        await self.sequencer.advance()
        return self

    @property
    def panel(self) -> Panel:
        return unpack_panel(self.panels.panels[0])

    def shown(self, name: str) -> dict[tuple[str, ...], float]:
        """Samples of a metric by the values of their labels."""
        families = self.metrics.registry.collect()
        found = (s for family in families for s in family.samples if s.name == name)
        return {tuple(sample.labels.values()): sample.value for sample in found}


async def played(challenger: Challenger | None = None, **changes: Any) -> Stage:
    stage = Stage(challenger, PLAN._replace(**changes))
    await stage.claim()
    return await stage.finish()
