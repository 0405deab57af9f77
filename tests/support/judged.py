"""The product's own step over records in memory, for the judge to be held against."""

import json
from collections.abc import Sequence
from typing import Any

import numpy as np
from judge.stored import unpacked
from judge.trial import Place, Record
from judge.verdict import Told
from stream_events import record
from traces import as_messages

from schemas import BatchAdapter, Interaction, Transaction
from scoring.facts.apply import Applied
from scoring.facts.packing import pack
from scoring.facts.state import new_states
from scoring.model import ScoringModel
from scoring.parameters import parse
from scoring.step.run import step
from streams.intake.chunk import join
from streams.intake.decode import Decoder
from streams.intake.merge import merge
from streams.intake.rates import read_rates
from streams.outbox.messages import Messages

Event = dict[str, Any]


def records_of(transactions: Sequence[Event], interactions: Sequence[Event]) -> list[Record]:
    """Events as records of one partition of the topics `t` and `i`."""
    return [
        Record(topic, 0, offset, *message[:2])
        for topic, events in (("t", transactions), ("i", interactions))
        for offset, message in enumerate(as_messages(events))
    ]


def judged_run(
    records: Sequence[Record], document: dict[str, Any]
) -> tuple[dict[str, np.void], list[Told], list[Place], list[dict[str, Any]]]:
    """States, warnings, records set aside and cases that the product makes of one partition."""
    model = ScoringModel(parse(document))
    rates = read_rates(None, model.parameters.book_currency)
    chunks = []
    for topic, kind in (("t", Transaction), ("i", Interaction)):
        own = [record(topic, r.offset, r.value, r.key) for r in records if r.topic == topic]
        chunk, dead = Decoder(BatchAdapter(kind), rates, 0.0).decode(own)
        assert not dead
        chunks.append(chunk)
    order = merge([chunk.events["time"] for chunk in chunks], [False, False], len(records)).order
    whole = join(chunks).pick(order)
    customers = list(dict.fromkeys(whole.customers))
    row_of = {customer: row for row, customer in enumerate(customers)}
    rows = np.array([row_of[customer] for customer in whole.customers])
    clocks = np.maximum.accumulate(whole.events["time"])
    outcome = step(new_states(len(customers)), whole.events, rows, clocks, clocks[-1], model)
    messages = Messages(model, {"risk": "risk", "relationship": "rel"}, "scores", "cases", "")
    said = messages.entries(outcome, customers)
    entries = [each for each in said if each.topic in {"risk", "rel"}]
    cases = [json.loads(each.value) for each in said if each.topic == "cases"]
    told = [Told(e.topic, 0, place, json.loads(e.value)) for place, e in enumerate(entries)]
    states = zip(customers, pack(outcome.states), strict=True)
    late = [whole.records[place] for place in np.flatnonzero(outcome.applied == Applied.TOO_LATE)]
    letters = [(record.topic, record.partition, record.offset) for record in late]
    kept = {customer.decode(): unpacked(packed) for customer, packed in states}
    return kept, told, letters, cases
