"""Finding what is held of customers, and whether it may be told with the parameters in use."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from schemas.outputs.now import CustomerNow
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
        return [
            None if packed is None else self.hold(own, packed, claims[number], asked.at, model)
            for asked, own, packed, number in rows
        ]

    def hold(
        self, customer: bytes, packed: bytes, claim: Claim, at: float | None, model: ScoringModel
    ) -> Held | Exception:
        """One customer's state made ready, or why it cannot be told; arguments as of `find`."""
        try:
            if claim.activated is not None:
                self._check(claim.activated.basis, model)
            states = unpack([packed])
            last = float(states["last_event"][0])
            now = present(self._settings, claim, last) if at is None else at
            refuse_unscored(states, phrases(self._settings.language))
            refuse_early(last, now)
        except (StateError, ValueError) as error:
            return error
        return Held(customer, states, now, claim)

    def _check(self, basis: str, model: ScoringModel) -> None:
        """As `check_basis`; all partitions have one basis as a rule, so that is read once."""
        if self._agreed is None or self._agreed[0] != basis or self._agreed[1] is not model:
            check_basis("parameters", basis, model)
            self._agreed = (basis, model)


def told(
    held: Sequence[Held], messages: Messages, *, with_clearing: bool = False
) -> list[CustomerNow]:
    """Tell all that is known of customers, at least one; the same of each whoever is beside."""
    return views(
        [each.customer for each in held],
        np.concatenate([each.states for each in held]),
        np.array([each.now for each in held]),
        [each.claim for each in held],
        messages,
        with_clearing=with_clearing,
    )
