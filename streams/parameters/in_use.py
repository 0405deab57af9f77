"""The parameters in use, and whether a partition's states may be scored with them."""

import json
from dataclasses import dataclass
from typing import Final, Self

from scoring.model import ScoringModel
from scoring.rules import shipped
from streams.config import Settings
from streams.outbox.messages import Messages
from streams.store import Activated

BASIS: Final = ("book_timezone", "book_currency", "currency_exponent", "half_lives_days")
SLOTS: Final = "rules"  # in a basis: names of a bank's own rules, by slot


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
        """Versions of the parameters and, unless they are the shipped ones, of the rules."""
        return version_of(self.model)

    def activated(self, clock: float) -> Activated:
        """What a partition notes that is scored with this from `clock` (epoch seconds) on."""
        return Activated(self.version, basis_of(self.model), clock)


@dataclass
class InUse:
    """Holder of what is in use; partitions take it up before their next batch.

    Attributes:
        current: replaced whole, by the one who watches the file.
    """

    current: Using


def version_of(model: ScoringModel) -> str:
    """What an activation is named by: the parameters' version, and that of a bank's own rules."""
    if model.rules == shipped():
        return model.parameters.version
    return f"{model.parameters.version}+{model.rules.version}"


def basis_of(model: ScoringModel) -> str:
    """What states are built on, as JSON: decayed sums, days, minor units, and whose slots are."""
    basis = {name: getattr(model.parameters, name) for name in BASIS}
    own = dict(model.rules.own)
    return json.dumps({**basis, SLOTS: own} if own else basis)


def check_basis(where: str, basis: str, model: ScoringModel) -> None:
    """Hold parameters against the basis that states were built on.

    Args:
        where: named in the error.
        basis: as `basis_of` tells it.
        model: that the states shall be scored with.

    Raises:
        BasisError: they differ.
    """
    kept, own = json.loads(basis), json.loads(basis_of(model))
    for slot, rule in kept.get(SLOTS, {}).items():
        holder = model.rules.own.get(slot, "no rule")
        if holder != rule:
            expected = f"slot {slot} to stay rule {rule}'s, which raises = false turns off"
            raise BasisError(f"{where}: expected {expected}, got {holder}")
    for name in BASIS:
        if kept.get(name, own[name]) != own[name]:
            expected = f"{name} {kept[name]}, which its states are built on"
            raise BasisError(f"{where}: expected {expected}, got {own[name]}")
