"""Touchpoints of no known family are counted and told of once, and never an error."""

from fakes import FedByHand, graveyard, sequenced
from stream_events import Event, event
from structlog.testing import capture_logs

from schemas.ids import warning_id
from scoring.facts.packing import unpack
from scoring.facts.touchpoints import Family
from streams.telemetry.other_touchpoints import MOST, OtherTouchpointsLog

TOLD = "touchpoint of no known family"


def unknown(of: FedByHand) -> float | None:
    return of.services.metrics.registry.get_sample_value("ebbwatch_touchpoints_unknown_total")


def met(day: float, where: str) -> Event:
    return event("complaint", day, touchpoint=where)


async def test_they_are_taken_as_other_counted_and_told_of_once() -> None:
    wheres = ["Kiosk:Zürich", "KIOSK", ":", "Hotline", "x" * 64]
    events = [met(day, where) for day, where in enumerate(wheres)]
    with capture_logs() as lines:
        store, of = await sequenced([event("purchase", 0)], [*events, met(0, wheres[0])])
    told = [line["touchpoint"] for line in lines if line["event"] == TOLD]
    assert sorted(told) == sorted(["Kiosk:Zürich", ":", "x" * 64])
    assert unknown(of) == 4.0
    assert graveyard(of.services).letters == []
    (packed,) = (await store.everyone(0)).values()
    last = unpack([packed])["contacts"]["last"][0]
    assert last.nonzero()[0].tolist() == [Family.PHONE, Family.OTHER]


async def test_what_cannot_be_a_touchpoint_is_set_aside_and_said_why() -> None:
    wheres = ["", "x" * 65, "a\0b", "app:4111111111111111"]
    _, of = await sequenced([], [met(day, where) for day, where in enumerate(wheres)])
    told = [letter.rejection.reason for letter in graveyard(of.services).letters]
    assert told == ["bad_text"] * 3 + ["card_number"]
    assert unknown(of) == 0.0


async def test_an_offer_s_code_is_no_touchpoint() -> None:
    """As which it was once looked for in the event: the worker ended of it."""
    about = {"warning_id": warning_id(b"c1", "dissatisfaction", 1), "answered_by": "officer-3"}
    made = [event("offer_made", 2, offer="FEE-0", **about)]
    made.append(event("contacted", 3, touchpoint="Kiosk", **about))
    with capture_logs() as lines:
        _, of = await sequenced([event("purchase", 0)], [met(1, "hotline")], made)
    assert unknown(of) == 0.0
    assert graveyard(of.services).letters == []
    assert TOLD not in [line["event"] for line in lines]


async def test_a_feed_of_ever_new_touchpoints_does_not_fill_the_log() -> None:
    log = OtherTouchpointsLog()
    words = [met(n / 100, f"place{n}") for n in range(2 * MOST)]
    with capture_logs() as lines:
        _, of = await sequenced([], words, other_touchpoints_log=log)
    assert len([line for line in lines if line["event"] == TOLD]) == MOST
    assert unknown(of) == 2.0 * MOST
