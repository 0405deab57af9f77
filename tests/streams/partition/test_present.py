"""Silence is judged by no clock's word alone."""

from collections.abc import Callable

import pytest
from fakes import FakeStore, graveyard, sequenced, services
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client import CollectorRegistry
from stream_events import START, TRANSACTIONS, event, record, records

from schemas import BatchAdapter, Transaction
from scoring.arrays import DAY
from streams.intake.decode import Decoder
from streams.intake.rates import RateTable
from streams.partition.present import Present, forward_only
from streams.telemetry.metrics import Metrics

HOUR = 3_600.0


class Clocks:
    """Three clocks that are set by hand."""

    def __init__(self) -> None:
        self.wall = self.other = START
        self.monotonic, self.asked = 50.0, 0
        self.metrics = Metrics(CollectorRegistry())

    def pass_by(self, seconds: float) -> None:
        self.wall, self.other = self.wall + seconds, self.other + seconds
        self.monotonic += seconds

    async def ask(self) -> float:
        self.asked += 1
        return self.other

    def present(self) -> Present:
        gauge = self.metrics.disputed
        return Present(lambda: self.wall, self.ask, gauge, lambda: self.monotonic)

    @property
    def disputed(self) -> float | None:
        return self.metrics.registry.get_sample_value("ebbwatch_clock_disputed")


async def test_a_wall_that_agrees_once_is_followed_without_asking_again() -> None:
    clocks = Clocks()
    present = clocks.present()
    for _ in range(100):
        clocks.pass_by(HOUR)
        assert await present.now() == clocks.wall
    assert clocks.asked == 1


@pytest.mark.parametrize("leap", [-2 * DAY, -HOUR, HOUR, 23 * HOUR, 75 * 365 * DAY])
async def test_a_wall_that_leaps_alone_is_not_followed_and_time_goes_on(leap: float) -> None:
    clocks = Clocks()
    present = clocks.present()
    await present.now()
    clocks.pass_by(100.0)
    clocks.wall += leap
    assert (await present.now(), clocks.disputed) == (START + 100.0, 1.0)
    clocks.pass_by(100.0)
    assert await present.now() == START + 200.0
    clocks.wall -= leap
    assert await present.now() == START + 200.0
    clocks.wall += leap
    clocks.other += leap  # as after a machine was suspended: a leap that is true
    assert (await present.now(), clocks.disputed) == (START + 200.0 + leap, 0.0)


async def test_a_wall_that_is_wrong_from_the_start_is_not_followed_at_all() -> None:
    clocks = Clocks()
    clocks.wall += 365 * DAY
    present = clocks.present()
    assert (await present.now(), clocks.disputed) == (None, 1.0)
    clocks.wall = clocks.other
    assert await present.now() == START


async def test_nobody_is_silent_by_a_wall_that_leapt() -> None:
    async def store_time() -> float:
        return START + 60 * DAY

    log = [event("purchase", day) for day in range(0, 60, 3)]
    walls: dict[str, Callable[[], float]] = {
        "right": lambda: START + 60 * DAY,
        "leapt": lambda: START + 27_000 * DAY,
    }
    for wall in walls.values():
        store, sequencer = await sequenced(
            log, live_lateness=DAY, wall=wall, other_clock=store_time
        )
        await sequencer.partition._settle()
        assert store.warnings() == []


def test_a_clock_set_back_leaves_no_event_in_the_future() -> None:
    now = [START, 7.0]
    wall = forward_only(lambda: now[0], lambda: now[1])
    now[:] = [START + 5.0, 12.0]
    assert wall() == START + 5.0
    now[:] = [START - DAY, 13.0]
    assert wall() == START + 6.0


def test_a_till_that_sends_its_local_time_as_utc_moves_nobodys_clock() -> None:
    heard: list[int] = []
    adapter = BatchAdapter(Transaction)
    of = Decoder(adapter, RateTable("USD"), DAY, lambda: START, on_ahead=heard.append)
    made = [event("purchase", hours / 24, f"c{hours}") for hours in (-1, 0, 5, 10, 23)]
    sent = records(TRANSACTIONS, made)
    chunk, dead = of.decode(sent)
    assert dead == []
    assert (chunk.events["time"] - START).tolist() == [-HOUR, 0.0, 0.0, 0.0, 0.0]
    assert heard == [3]
    replayed, _ = Decoder(adapter, RateTable("USD"), DAY).decode(sent)
    ahead = [-HOUR, 0.0, 5 * HOUR, 10 * HOUR, 23 * HOUR]
    assert (replayed.events["time"] - START).tolist() == ahead


def decoded_late(stamps: list[float]) -> list[float]:
    """Hours of events of the hours 0 to 8, stamped at these hours and read a day later."""
    of = Decoder(BatchAdapter(Transaction), RateTable("USD"), DAY, lambda: START + DAY)
    made = records(TRANSACTIONS, [event("purchase", hour / 24, f"c{hour}") for hour in range(9)])
    at = [int((START + hour * HOUR) * 1000) for hour in stamps]
    sent = [
        record("t", n, each.value, each.key, timestamp_ms=ms)
        for n, (each, ms) in enumerate(zip(made, at, strict=True))
    ]
    chunk, dead = of.decode(sent)
    assert dead == []
    return [round(float(time - START) / HOUR, 3) for time in chunk.events["time"]]


def test_of_records_read_late_the_stamps_tell_who_is_ahead() -> None:
    assert decoded_late([0, 1, 2, 3, 4, 5, 6, 2, 2]) == [0, 1, 2, 3, 4, 5, 6, 2, 2]
    midnight = -(START % DAY) / HOUR  # of the day they were booked
    assert decoded_late([midnight] * 9) == [0, 1, 2, 3, 4, 5, 6, 7, 8]
    assert decoded_late([0.0] * 9) == [0] * 9  # where most are ahead, too


STAMPS = st.integers(-2, 30).map(lambda hour: int((START + hour * HOUR) * 1000)) | st.sampled_from(
    [-1, 0, int((START - START % DAY) * 1000)]
)


@given(st.lists(st.tuples(st.integers(-2, 30), STAMPS), min_size=1, max_size=12), st.data())
def test_when_an_event_counts_does_not_depend_on_what_is_read_with_it(
    made: list[tuple[int, int]], data: st.DataObject
) -> None:
    of = Decoder(BatchAdapter(Transaction), RateTable("USD"), DAY, lambda: START + 20 * HOUR)
    events = [event("purchase", hour / 24, f"c{at}") for at, (hour, _) in enumerate(made)]
    log = [
        record("t", each.offset, each.value, each.key, timestamp_ms=stamp)
        for each, (_, stamp) in zip(records("t", events), made, strict=True)
    ]
    alone = [of.decode([each]) for each in log]
    at = data.draw(st.integers(0, len(log)))
    together = [of.decode(part) for part in (log[:at], log[at:]) if part]
    for whole in (alone, together):
        whole.sort(key=lambda decoded: decoded[0].end)
    assert [t for c, _ in alone for t in c.events["time"]] == [
        t for c, _ in together for t in c.events["time"]
    ]
    assert [(d.record.offset, d.rejection.reason) for _, dead in alone for d in dead] == [
        (d.record.offset, d.rejection.reason) for _, dead in together for d in dead
    ]


def test_a_record_without_a_stamp_is_bounded_by_the_wall_alone() -> None:
    (made,) = records("t", [event("purchase", 5 / 24)])
    sent = [record("t", 0, made.value, made.key, timestamp_ms=-1)]
    for wall, found in ((START + DAY, 5 * HOUR), (START + HOUR, HOUR)):
        of = Decoder(BatchAdapter(Transaction), RateTable("USD"), DAY, lambda wall=wall: wall)
        chunk, dead = of.decode(sent)
        assert (dead, (chunk.events["time"] - START).tolist()) == ([], [found])
    assert Decoder(BatchAdapter(Transaction), RateTable("USD"), DAY).decode(sent)[1] == []


async def test_an_event_of_the_year_2100_fires_nobodys_silence() -> None:
    wall = START + 60 * DAY
    log = [event("purchase", day, f"c{n}") for day in range(0, 60, 3) for n in range(5)]
    log.append({**event("purchase", 60, "hostile"), "event_time": "2100-06-01T00:00:00Z"})
    decoder = Decoder(BatchAdapter(Transaction), RateTable("USD"), DAY, lambda: wall)
    decoders = dict(services(FakeStore()).decoders)
    decoders[TRANSACTIONS] = decoder
    store, sequencer = await sequenced(log, decoders=decoders)
    assert store.warnings() == []
    assert graveyard(sequencer.services).found == [(TRANSACTIONS, 100, "future_time")]
    assert store.parts[0].clock == START + 57 * DAY
