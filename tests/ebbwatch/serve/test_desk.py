import asyncio
import time
from dataclasses import dataclass, field

import pytest
from cases import MODEL, changed
from redis.exceptions import ConnectionError as RedisConnectionError
from served import NAMES, UNTIL, lived

from ebbwatch.serve.desk import MOST, Desk
from schemas.outputs.now import CustomerNow
from scoring.arrays import DAY
from scoring.facts.packing import StateError, pack, unpack
from scoring.facts.state import Flag
from streams.config import Settings
from streams.parameters.in_use import BasisError, InUse, Using
from streams.store import Claim
from streams.store.lookups import LookedUp
from streams.tools.customers.finding import Inquiry
from streams.tools.customers.view import NotScoredError, TooEarlyError

SETTINGS = Settings(mode="replay", partitions=4)
USING = Using.of(SETTINGS, MODEL)
CLAIM = Claim(1, 1, UNTIL * DAY, {}, 0, activated=USING.activated(0.0))


@dataclass
class Kept:
    """Lookups that tell how many were asked for together."""

    states: dict[bytes, bytes]
    claim: Claim = CLAIM
    asked: list[int] = field(default_factory=list)
    is_away: bool = False

    async def find(self, asked: list[tuple[int, bytes]]) -> LookedUp:
        self.asked.append(len(asked))
        await asyncio.sleep(0)
        if self.is_away:
            raise RedisConnectionError("away")
        found = [self.states.get(customer) for _, customer in asked]
        return LookedUp(found, {number: self.claim for number, _ in asked})


@pytest.fixture
def kept() -> Kept:
    return Kept(dict(zip((n.encode() for n in NAMES), pack(lived().states), strict=True)))


def desk_of(kept: Kept) -> Desk:
    return Desk(SETTINGS, kept, InUse(USING))  # type: ignore[arg-type]


async def asked(desk: Desk, *questions: Inquiry) -> list[CustomerNow | BaseException | None]:
    return await asyncio.gather(*map(desk.ask, questions), return_exceptions=True)


async def test_who_asks_meanwhile_is_answered_together(kept: Kept) -> None:
    desk = desk_of(kept)
    alone = [await desk.ask(Inquiry(name)) for name in NAMES]
    kept.asked.clear()
    together = await asked(desk, *(Inquiry(name) for name in NAMES * 30))
    assert together == alone * 30
    assert kept.asked == [MOST, MOST, len(NAMES) * 30 - 2 * MOST]


async def test_the_first_is_answered_at_once_and_those_behind_together(kept: Kept) -> None:
    pace = 1.0
    desk = Desk(SETTINGS, kept, InUse(USING), pace)  # type: ignore[arg-type]
    began = time.monotonic()
    await desk.ask(Inquiry(NAMES[0]))
    assert time.monotonic() - began < pace
    behind = []
    for name in NAMES:
        behind.append(asyncio.create_task(desk.ask(Inquiry(name))))
        await asyncio.sleep(0.01)
    await asyncio.gather(*behind)
    assert time.monotonic() - began >= pace
    assert kept.asked == [1, len(NAMES)]


async def test_one_who_cannot_be_answered_takes_nobody_along(kept: Kept) -> None:
    kept.states[b"older"] = b"\x05\x00" + kept.states[NAMES[0].encode()][2:]
    kept.states[b"cut"] = kept.states[NAMES[0].encode()][:-1]
    good, early = Inquiry(NAMES[0]), Inquiry(NAMES[0], at=0.0)
    odd = [Inquiry("older"), Inquiry("cut"), early, Inquiry("nobody")]
    first, *others, last = await asked(desk_of(kept), good, *odd, good)
    assert isinstance(first, CustomerNow)
    assert first == last
    kinds = [StateError, StateError, TooEarlyError, type(None)]
    assert list(map(type, others)) == kinds


@pytest.mark.parametrize(
    ("language", "said"),
    [("en", "not scored: consent to profiling"), ("zh", "未评分")],
)
async def test_who_withdrew_consent_to_profiling_is_not_scored_and_takes_nobody_along(
    kept: Kept, language: str, said: str
) -> None:
    states = unpack([kept.states[NAMES[0].encode()]])
    states["flags"], states["consent_at"] = Flag.NO_PROFILING, DAY
    kept.states[b"withdrew"] = pack(states)[0]
    settings = SETTINGS.model_copy(update={"language": language})
    desk = Desk(settings, kept, InUse(USING))  # type: ignore[arg-type]
    refused, found = await asked(desk, Inquiry("withdrew"), Inquiry(NAMES[0]))
    assert (type(refused), type(found)) == (NotScoredError, CustomerNow)
    assert str(refused).startswith(said)


async def test_a_failure_is_told_to_all_who_asked_and_then_it_goes_on(kept: Kept) -> None:
    desk = desk_of(kept)
    kept.is_away = True
    failed = await asked(desk, *(Inquiry(name) for name in NAMES))
    assert {type(each) for each in failed} == {RedisConnectionError}
    kept.is_away = False
    assert isinstance(await desk.ask(Inquiry(NAMES[0])), CustomerNow)


async def test_who_has_gone_is_not_waited_for(kept: Kept) -> None:
    desk = desk_of(kept)
    gone = asyncio.create_task(desk.ask(Inquiry(NAMES[0])))
    stays = asyncio.create_task(desk.ask(Inquiry(NAMES[1])))
    await asyncio.sleep(0)
    gone.cancel()
    assert isinstance(await stays, CustomerNow)


async def test_parameters_that_states_were_not_built_on_are_refused(kept: Kept) -> None:
    other = Using.of(SETTINGS, changed(book_timezone="Europe/Zurich"))
    kept.claim = replace_activated(other)
    desk = desk_of(kept)
    for with_clearing in (False, True):
        with pytest.raises(BasisError, match="book_timezone Europe/Zurich"):
            await desk.ask(Inquiry(NAMES[0], with_clearing=with_clearing))


def replace_activated(using: Using) -> Claim:
    return CLAIM._replace(activated=using.activated(0.0))


async def test_the_present_is_the_log_s_in_replay_and_the_wall_s_live(
    kept: Kept, monkeypatch: pytest.MonkeyPatch
) -> None:
    replayed = await desk_of(kept).ask(Inquiry(NAMES[0]))
    assert replayed is not None
    assert replayed.at.timestamp() == UNTIL * DAY
    live = Desk(replace_mode("live"), kept, InUse(USING))  # type: ignore[arg-type]
    for wall in ((UNTIL + 3) * DAY, 0.0):  # a wall that is behind what has happened is no now
        monkeypatch.setattr("streams.tools.customers.view.time.time", lambda wall=wall: wall)
        told = await live.ask(Inquiry(NAMES[0]))
        assert told is not None
        assert told.at.timestamp() == max(wall, told.facts.last_event.timestamp())


def replace_mode(mode: str) -> Settings:
    return Settings(mode=mode, partitions=4)  # type: ignore[arg-type]
