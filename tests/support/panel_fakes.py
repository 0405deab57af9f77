"""In-memory stand-ins for what the panel's keeper talks to."""

import numpy as np
from fakes import FakeStore

from scoring.arrays import Floats
from scoring.facts.state import States
from scoring.feature import Feature
from streams.store import Fenced


class FakePanelStore:
    """Implements `PanelStore` beside a fake store."""

    def __init__(self, store: FakeStore) -> None:
        self.store = store
        self.panels: dict[int, bytes] = {}
        self.kept = 0

    async def customers(self, partition: int) -> list[bytes]:
        return list(self.store.parts[partition].states)

    async def panel(self, partition: int) -> bytes | None:
        return self.panels.get(partition)

    async def keep(self, partition: int, owner: str, packed: bytes) -> None:
        known = self.store.parts[partition].owner
        if owner != known:
            raise Fenced(partition, owner, known)
        self.panels[partition] = packed
        self.kept += 1


class Plain:
    """A challenger of one formula: who bought last long ago."""

    name = "plain-1"
    threshold: float | None = 0.5

    def risk(self, states: States, now: Floats, matrix: Floats) -> Floats:
        del states, now
        risk: Floats = 1.0 - np.exp(-matrix[Feature.DAYS_SINCE_LAST] / 60.0)
        return risk
