"""Where questions about customers come in, and are answered together.

Scoring one customer takes about as long as scoring twenty, so that those who ask while others are
answered are answered next, all at once: what a batch costs is paid once, and the answers are the
same for any batch.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from schemas.outputs.now import CustomerNow
from scoring.facts.packing import StateError, unpack
from scoring.facts.state import States
from scoring.model import ScoringModel
from streams.broker.partitioner import partitioner
from streams.config import Settings
from streams.parameters.in_use import InUse, check_basis
from streams.store import Claim
from streams.store.lookups import Lookups
from streams.tools.customer_view import present, refuse_early, views

MOST: Final = 64  # answered together: more would let the first wait


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


@dataclass
class _Asked:
    question: Inquiry
    answer: "asyncio.Future[CustomerNow | None]" = field(default_factory=asyncio.Future)


class Desk:
    """Answers questions about customers.

    Args:
        settings: name the partitions, and whose clock it is.
        lookups: of the store.
        in_use: the parameters in use.
    """

    def __init__(self, settings: Settings, lookups: Lookups, in_use: InUse) -> None:
        self._settings, self._lookups, self._in_use = settings, lookups, in_use
        self._by = partitioner(settings.partitioner)
        self._waiting: list[_Asked] = []
        self._working: asyncio.Task[None] | None = None
        self._agreed: tuple[str, ScoringModel] | None = None

    async def ask(self, question: Inquiry) -> CustomerNow | None:
        """Answer a question; None where nothing is held of the customer.

        Raises:
            TooEarlyError: it is about an instant before the customer's last event.
            BasisError: the customer was scored with parameters that these do not go with.
            StateError: the record is of another version.
            DamagedError: likewise of the whole partition.
            redis.exceptions.RedisError: Redis cannot be reached.
        """
        if question.with_clearing:
            held = await self.held(question)
            if held is None:
                return None
            return (await asyncio.to_thread(self._views, [held], with_clearing=True))[0]
        asked = _Asked(question)
        self._waiting.append(asked)
        if self._working is None or self._working.done():
            self._working = asyncio.create_task(self._work())
        return await asked.answer

    async def held(self, question: Inquiry) -> Held | None:
        """What is held of one customer; None for nothing. Errors as of `ask`."""
        (found,) = await self._find([question])
        if isinstance(found, Exception):
            raise found
        return found

    async def _work(self) -> None:
        while self._waiting:
            batch, self._waiting = self._waiting[:MOST], self._waiting[MOST:]
            try:
                answers = await self._answer([asked.question for asked in batch])
            except Exception as error:  # noqa: BLE001 - whoever asked is told
                answers = [error] * len(batch)
            for asked, answer in zip(batch, answers, strict=True):
                if asked.answer.done():  # whoever asked has gone
                    continue
                if isinstance(answer, Exception):
                    asked.answer.set_exception(answer)
                else:
                    asked.answer.set_result(answer)

    async def _answer(self, questions: Sequence[Inquiry]) -> list[CustomerNow | Exception | None]:
        found = await self._find(questions)
        known = [held for held in found if isinstance(held, Held)]
        told = iter(self._views(known) if known else ())
        return [next(told) if isinstance(held, Held) else held for held in found]

    def _views(self, held: Sequence[Held], *, with_clearing: bool = False) -> list[CustomerNow]:
        return views(
            [each.customer for each in held],
            np.concatenate([each.states for each in held]),
            np.array([each.now for each in held]),
            [each.claim for each in held],
            self._in_use.current.messages,
            with_clearing=with_clearing,
        )

    async def _find(self, questions: Sequence[Inquiry]) -> list[Held | Exception | None]:
        ids = [question.customer.encode() for question in questions]
        numbers = self._by.many(ids, self._settings.partitions).tolist()
        states, claims = await self._lookups.find(list(zip(numbers, ids, strict=True)))
        rows = zip(questions, states, numbers, strict=True)
        return [None if p is None else self._held(q, p, claims[n]) for q, p, n in rows]

    def _held(self, question: Inquiry, packed: bytes, claim: Claim) -> Held | Exception:
        try:
            if claim.activated is not None:
                self._check(claim.activated.basis)
            states = unpack([packed])
            last = float(states["last_event"][0])
            now = present(self._settings, claim, last) if question.at is None else question.at
            refuse_early(last, now)
        except (StateError, ValueError) as error:
            return error
        return Held(question.customer.encode(), states, now, claim)

    def _check(self, basis: str) -> None:
        """As `check_basis`; all partitions have one basis as a rule, so that is read once."""
        model = self._in_use.current.model
        if self._agreed is None or self._agreed[0] != basis or self._agreed[1] is not model:
            check_basis("parameters", basis, model)
            self._agreed = (basis, model)
