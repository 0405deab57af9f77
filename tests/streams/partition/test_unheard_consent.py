"""Consent to a purpose that is not known changes nothing, and is counted and told of."""

import json
from typing import Any

from fakes import FakeStore, FedByHand, graveyard, sequenced, services
from stream_events import INTERACTIONS, OUTCOMES, TRANSACTIONS, Event, event, record
from structlog.testing import capture_logs

from scoring.facts.packing import unpack
from scoring.facts.state import Flag
from streams.telemetry.other_purposes import MOST, OtherPurposesLog

FRAME = b"\0\0\0\0\1"
TOLD = "consent to a purpose that is not known"


def said(day: float, purpose: str, basis: str = "consent", **fields: Any) -> Event:
    words = {"purpose": purpose, "granted": False, "legal_basis": basis}
    return event("consent_changed", day, **{"event_id": f"{purpose}.{day}", **words, **fields})


def sample(of: FedByHand, name: str, **labels: str) -> float | None:
    return of.services.metrics.registry.get_sample_value(name, labels)


def unheard(of: FedByHand) -> float | None:
    return sample(of, "ebbwatch_consent_unheard_total")


WORDS = [
    said(0, "Werbung", customer="c2"),
    said(1, "WERBUNG"),
    said(1, "WERBUNG"),  # sent twice
    said(2, "e-mail", customer="c2"),
    said(3, "E_Mail"),
    said(4, "Direct-Marketing"),
    said(5, "profiling", "contract"),  # nothing follows from it, by the law and not by its name
]


async def test_words_about_a_purpose_of_the_bank_s_own_are_counted_and_told_of_once() -> None:
    with capture_logs() as lines:
        store, of = await sequenced([event("purchase", 0)], WORDS)
    told = [line for line in lines if line["event"] == TOLD]
    assert [(line["purpose"], line["log_level"]) for line in told] == [
        ("Werbung", "warning"),
        ("e-mail", "warning"),
    ]
    assert all("profiling" in line["expected"] and "name" in line["help"] for line in told)
    assert unheard(of) == 4.0
    place = {"topic": INTERACTIONS, "type": "consent_changed"}
    assert sample(of, "ebbwatch_events_total", outcome="applied", **place) == 6.0
    assert sample(of, "ebbwatch_events_total", outcome="duplicate", **place) == 1.0
    assert graveyard(of.services).letters == []
    packed = await store.everyone(0)
    flags = {customer: int(unpack([state])["flags"][0]) for customer, state in packed.items()}
    assert flags == {b"c1": Flag.NO_MARKETING, b"c2": 0}


async def test_who_goes_on_from_a_store_counts_what_is_new_alone() -> None:
    store = FakeStore()
    for words, expected in ((WORDS[:2], 2.0), (WORDS[:5], 2.0), (WORDS[:5], 0.0)):
        _, of = await sequenced([], words, store=store)
        assert unheard(of) == expected


async def test_a_feed_of_ever_new_purposes_does_not_fill_the_log() -> None:
    log = OtherPurposesLog()
    words = [said(n / 100, f"purpose-{n}") for n in range(3 * MOST)]
    with capture_logs() as lines:
        _, of = await sequenced([], words, other_purposes_log=log)
        log.note("yet-another")
    assert len([line for line in lines if line["event"] == TOLD]) == MOST
    assert unheard(of) == 3.0 * MOST


async def test_words_that_a_registrys_serializer_framed_are_counted_too() -> None:
    framed = [
        record(INTERACTIONS, at, FRAME + json.dumps(word).encode(), word["customer_id"].encode())
        for at, word in enumerate(WORDS)
    ]
    of = FedByHand({TRANSACTIONS: [], INTERACTIONS: framed, OUTCOMES: []}, services(FakeStore()))
    await of.claim()
    await of.finish()
    assert unheard(of) == 4.0
    assert graveyard(of.services).letters == []
