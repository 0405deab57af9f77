"""The parameters in use, and whether a partition's states may be scored with them."""

import json
from dataclasses import dataclass
from typing import Final, Self

from scoring.model import ScoringModel
from scoring.parameters import Parameters
from streams.config import Settings
from streams.outbox.messages import Messages
from streams.store import Activated

BASIS: Final = ("book_timezone", "book_currency", "currency_exponent", "half_lives_days")


class BasisError(ValueError):
    """States were built on other days, money or half-lives than the parameters have."""


@dataclass(frozen=True)
class Using:
    """One parameter file made ready: what a batch is judged and worded with.

    Attributes:
        model: of the file.
        messages: that carry its thresholds and version.
    """

    model: ScoringModel
    messages: Messages

    @classmethod
    def of(cls, settings: Settings, model: ScoringModel) -> Self:
        """As a worker with these settings uses it."""
        return cls(model, Messages.of(settings, model))

    @property
    def version(self) -> str:
        """Version of the file."""
        return self.model.parameters.version

    def activated(self, clock: float) -> Activated:
        """What a partition notes that is scored with this from `clock` (epoch seconds) on."""
        return Activated(self.version, basis_of(self.model.parameters), clock)


@dataclass
class InUse:
    """Holder of what is in use; partitions take it up before their next batch.

    Attributes:
        current: replaced whole, by the one who watches the file.
    """

    current: Using


def basis_of(parameters: Parameters) -> str:
    """What of the parameters states are built on, as JSON: decayed sums, days and minor units."""
    return json.dumps({name: getattr(parameters, name) for name in BASIS})


def check_basis(where: str, basis: str, parameters: Parameters) -> None:
    """Hold parameters against the basis that states were built on.

    Args:
        where: named in the error.
        basis: as `basis_of` tells it.
        parameters: that the states shall be scored with.

    Raises:
        BasisError: they differ.
    """
    kept, own = json.loads(basis), json.loads(basis_of(parameters))
    for name in own:
        if kept.get(name, own[name]) != own[name]:
            expected = f"{name} {kept[name]}, which its states are built on"
            raise BasisError(f"{where}: expected {expected}, got {own[name]}")
