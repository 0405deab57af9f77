"""Where questions about customers come in, and are answered together.

Scoring one customer takes about as long as scoring ten. So those who ask while others are answered
are answered next, all at once, and under many questions a batch begins only some milliseconds after
the last: what a batch costs is paid seldom, which leaves the machine to the worker beside. The
answers are the same for any batch.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from math import inf
from typing import Final

from schemas.outputs.now import CustomerNow
from streams.config import Settings
from streams.parameters.in_use import InUse
from streams.store.lookups import Lookups
from streams.tools.customers.finding import Finder, Held, Inquiry, told

MOST: Final = 64  # answered together: more would let the first wait
PACE: Final = 0.008  # seconds from one batch's begin to the next, while questions wait


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
        pace: seconds from one batch's begin to the next.
    """

    def __init__(
        self, settings: Settings, lookups: Lookups, in_use: InUse, pace: float = PACE
    ) -> None:
        self._finder, self._in_use, self._pace = Finder(settings, lookups), in_use, pace
        self._waiting: list[_Asked] = []
        self._next = -inf  # instant of the loop's clock from which a batch may begin
        self._working: asyncio.Task[None] | None = None

    async def ask(self, question: Inquiry) -> CustomerNow | None:
        """Answer a question; None where nothing is held of the customer.

        Raises:
            TooEarlyError: it is about an instant before the customer's last event.
            NotScoredError: the customer withdrew consent to profiling.
            BasisError: the customer was scored with parameters that these do not go with.
            StateError: the record is of another version.
            DamagedError: likewise of the whole partition.
            redis.exceptions.RedisError: Redis cannot be reached.
        """
        if question.with_clearing:
            held = await self.held(question)
            if held is None:
                return None
            messages = self._in_use.current.messages
            return (await asyncio.to_thread(told, [held], messages, with_clearing=True))[0]
        asked = _Asked(question)
        self._waiting.append(asked)
        if self._working is None or self._working.done():
            self._working = asyncio.create_task(self._work())
        return await asked.answer

    async def held(self, question: Inquiry) -> Held | None:
        """What is held of one customer; None for nothing. Errors as of `ask`."""
        (found,) = await self._finder.find([question], self._in_use.current.model)
        if isinstance(found, Exception):
            raise found
        return found

    async def _work(self) -> None:
        loop = asyncio.get_running_loop()
        while self._waiting:
            if len(self._waiting) < MOST:
                await asyncio.sleep(self._next - loop.time())
            self._next = loop.time() + self._pace
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
        using = self._in_use.current
        found = await self._finder.find(questions, using.model)
        known = [held for held in found if isinstance(held, Held)]
        answers = iter(told(known, using.messages) if known else ())
        return [next(answers) if isinstance(held, Held) else held for held in found]
