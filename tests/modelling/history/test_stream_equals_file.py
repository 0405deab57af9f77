"""What is streamed, in any order and however often, gives the facts of reading it from a file."""

import asyncio
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from fakes import MODEL, sequenced
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from stream_events import Event, event
from trying import few

from modelling.history import Book, read_events
from scoring.facts.packing import unpack
from scoring.facts.state import LIFECYCLE, LIFECYCLE_SCORES, RECENT, RECENT_IDS, STATE, Count
from scoring.step.replay import final_states
from streams.broker.routing import INTERACTIONS, TRANSACTIONS

# A refund that comes before the first purchase, which it reverses, is not known to be of its day.
KINDS = ("purchase", "purchase", "survey", "complaint", "repayment", "app_session")
KINDS += ("consent_changed",)
ROUGH = ("sums", "categories")  # within 1e-9: their order of addition is another
EXACT = [
    name
    for name in STATE.names or ()
    if name not in {*ROUGH, "contacts", *RECENT, *LIFECYCLE, *LIFECYCLE_SCORES, "counts"}
]


@st.composite
def lives(draw: st.DrawFn) -> list[Event]:
    """Events of two customers, no more of one than are remembered; ids meet across sources."""
    made = []
    for customer in ("c1", "c2"):
        for number in range(draw(st.integers(0, RECENT_IDS // 2))):
            kind = draw(st.sampled_from(KINDS))
            day = draw(st.integers(0, 59)) + draw(st.sampled_from([0.0, 0.25, 0.9999]))
            fields: dict[str, Any] = {"event_id": f"e{number % 7}.{kind}"}
            source = draw(st.sampled_from(["", "cards", "branch"]))
            if source:
                fields["source"] = source
            if kind == "consent_changed":
                fields["granted"] = draw(st.booleans())
            made.append(event(kind, day, customer, **fields))
    return made


def once(made: list[Event]) -> list[Event]:
    """The first of each customer, source and id, which is what a file's reader keeps."""
    first: dict[tuple[str, str, str], Event] = {}
    for one in made:
        first.setdefault((one["customer_id"], one.get("source", ""), one["event_id"]), one)
    return list(first.values())


@settings(
    max_examples=few(10), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(made=lives(), random=st.randoms(use_true_random=False))
def test_any_order_and_any_number_of_times(made: list[Event], random: Any, tmp_path: Path) -> None:
    kept = once(made)
    if not kept:
        return
    file = tmp_path / "history.jsonl"
    file.write_text("".join(f"{json.dumps(one)}\n" for one in [*made, *kept]))
    log = read_events([file], Book.of(MODEL))
    expected = final_states(log, MODEL, until=float(log.times[-1]))
    sent = kept * 2
    random.shuffle(sent)
    store, _ = asyncio.run(
        sequenced(
            [one for one in sent if one["type"] in TRANSACTIONS],
            [one for one in sent if one["type"] in INTERACTIONS],
        )
    )
    streamed = unpack([store.parts[0].states[customer] for customer in log.customers])
    for name in EXACT:
        assert streamed[name].tolist() == expected[name].tolist(), name
    for name in ROUGH:
        assert streamed[name] == pytest.approx(expected[name], rel=1e-9, abs=1e-9)
    got, due = streamed["contacts"], expected["contacts"]
    for name in ("last", "answered_at", "answers"):
        assert got[name].tolist() == due[name].tolist(), name
    assert got["sums"] == pytest.approx(due["sums"], rel=1e-6)
    others = np.arange(len(Count)) != Count.DUPLICATES
    assert (streamed["counts"] == expected["counts"])[:, others].all()
    assert streamed["counts"][:, Count.DUPLICATES].sum() == len(kept)
