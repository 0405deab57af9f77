"""Finding what is held of customers, and whether it may be told with the parameters in use."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from schemas.outputs.now import CustomerNow
from scoring.arrays import joined
from scoring.facts.packing import StateError, unpack
from scoring.facts.state import States
from scoring.model import ScoringModel
from streams.broker.partitioner import partitioner
from streams.config import Settings
from streams.outbox.messages import Messages
from streams.outbox.phrases import phrases
from streams.parameters.in_use import check_basis
from streams.store import Claim
from streams.store.lookups import Lookups
from streams.tools.customers.view import present, refuse_early, refuse_unscored, views


@dataclass(frozen=True)
class Inquiry:
    """What is asked about one customer.

    Attributes:
        customer: their id.
        at: the instant, epoch seconds; None for now.
        with_clearing: whether to tell what would clear each warning.
    """

    customer: str
    at: float | None = None
    with_clearing: bool = False


@dataclass(frozen=True)
class Held:
    """What is held of a customer, and the instant that is asked about.

    Attributes:
        customer: their id.
        states: shape (1,).
        now: epoch seconds.
        claim: of their partition.
    """

    customer: bytes
    states: States
    now: float
    claim: Claim


class Packed(NamedTuple):
    """What a store holds of a customer.

    Attributes:
        customer: their id.
        state: packed.
        claim: of their partition.
        at: the instant asked about, epoch seconds; None for now.
    """

    customer: bytes
    state: bytes
    claim: Claim
    at: float | None


class Finder:
    """Finds customers.

    Args:
        settings: name the partitions, and whose clock it is.
        lookups: of the store.
    """

    def __init__(self, settings: Settings, lookups: Lookups) -> None:
        self._settings, self._lookups = settings, lookups
        self._by = partitioner(settings.partitioner)
        self._agreed: tuple[str, ScoringModel] | None = None

    async def find(
        self, questions: Sequence[Inquiry], model: ScoringModel
    ) -> list[Held | Exception | None]:
        """What is held of customers, in the order asked: None for nothing, or why it is not told.

        The errors among the answers are TooEarlyError, NotScoredError, BasisError and StateError.

        Raises:
            DamagedError: a partition is of another layout.
            redis.exceptions.RedisError: Redis cannot be reached.
        """
        ids = [question.customer.encode() for question in questions]
        numbers = self._by.many(ids, self._settings.partitions).tolist()
        states, claims = await self._lookups.find(list(zip(numbers, ids, strict=True)))
        rows = zip(questions, ids, states, numbers, strict=True)
        known = [
            Packed(own, packed, claims[number], asked.at)
            for asked, own, packed, number in rows
            if packed is not None
        ]
        held = iter(self.hold(known, model))
        return [None if packed is None else next(held) for packed in states]

    def hold(self, found: Sequence[Packed], model: ScoringModel) -> list[Held | Exception]:
        """Customers' states made ready, or why one cannot be told, which is as of `find`."""
        states = _unpacked([each.state for each in found])
        return [
            own if isinstance(own, StateError) else self._ready(each, own, model)
            for each, own in zip(found, states, strict=True)
        ]

    def _ready(self, found: Packed, states: States, model: ScoringModel) -> Held | Exception:
        customer, _, claim, at = found
        try:
            if claim.activated is not None:
                self._check(claim.activated.basis, model)
            last = float(states["last_event"][0])
            now = present(self._settings, claim, last) if at is None else at
            refuse_unscored(states, phrases(self._settings.language))
            refuse_early(last, now)
        except ValueError as error:
            return error
        return Held(customer, states, now, claim)

    def _check(self, basis: str, model: ScoringModel) -> None:
        """As `check_basis`; all partitions have one basis as a rule, so that is read once."""
        if self._agreed is None or self._agreed[0] != basis or self._agreed[1] is not model:
            check_basis("parameters", basis, model)
            self._agreed = (basis, model)


def _unpacked(records: Sequence[bytes]) -> list[States | StateError]:
    """Unpack together what can be; where some cannot, one by one."""
    try:
        whole = unpack(records)
    except StateError as error:
        if len(records) == 1:
            return [error]
        return [state for record in records for state in _unpacked([record])]
    return [whole[place : place + 1] for place in range(len(records))]


def told(
    held: Sequence[Held], messages: Messages, *, with_clearing: bool = False
) -> list[CustomerNow]:
    """Tell all that is known of customers, at least one; the same of each whoever is beside."""
    return views(
        [each.customer for each in held],
        joined([each.states for each in held]),
        np.array([each.now for each in held]),
        [each.claim for each in held],
        messages,
        with_clearing=with_clearing,
    )
