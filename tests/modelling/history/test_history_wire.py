import json
from pathlib import Path
from types import MappingProxyType
from typing import Annotated

import pytest
from cases import MODEL
from histories import BOOK, cdnow_sample, write
from portfolio import portfolio
from pydantic import Field

from modelling.history import Columns, HistoryError, Layout, as_wire, read_history, stand_ins
from modelling.history.contract import required
from schemas import EXAMPLES, BatchAdapter, Interaction, Transaction, validate_batch
from scoring.facts.kinds import ANSWERS, Kind
from scoring.step.replay import final_states
from streams.config import Settings
from streams.intake.columns import KINDS, columns
from streams.tools.producing.checked_lines import route_lines

ANY = BatchAdapter(Annotated[Transaction | Interaction, Field(discriminator="type")])
EVERY_TYPE = "customer_id,event_time,amount,type,score,sentiment,merchant_category,reverses\n" + (
    "".join(
        f"c-{name},2024-03-01T12:00:00.000{number:03d}Z,1.{number:02d},{name},"
        f"{4 if name in {'survey', 'nps'} else ''},-0.1,5411,\n"
        for number, name in enumerate(KINDS)
    )
)


OPTIONAL = {"sentiment", "reversed_time"}


def decoded(lines: list[bytes]):
    """What a worker makes of wire events in its book currency."""
    events, refused = validate_batch(ANY, lines)
    assert refused == []
    times = [event["event_time"].timestamp() for event in events]
    found = columns(events, times, [event.get("amount", 0) for event in events])
    found["channel"] = 0  # which files do not tell
    return found, events


def test_every_type_keeps_the_contract_and_decodes_to_the_very_same_columns(
    tmp_path: Path,
) -> None:
    found = read_history([write(tmp_path, EVERY_TYPE)], BOOK)
    assert found.cleaning.left_out == {}
    assert found.cleaning.used == len(Kind) - len(ANSWERS)
    events, wire = decoded(list(as_wire(found)))
    log = found.events()
    assert events.tobytes() == log.events.tobytes()
    customers = [log.customers[row].decode() for row in log.rows.tolist()]
    assert [event["customer_id"] for event in wire] == customers


def test_an_event_has_the_fields_its_contract_requires_and_no_others(tmp_path: Path) -> None:
    found = read_history([write(tmp_path, EVERY_TYPE)], BOOK)
    events = [json.loads(line) for line in as_wire(found)]
    fields = {Kind(KINDS[event["type"]]): set(event) - OPTIONAL for event in events}
    assert fields == required()
    assert set(fields) == set(Kind) - ANSWERS


def test_a_field_nobody_named_a_value_for_has_the_examples(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stand_ins, "VALUES", MappingProxyType({}))
    found = read_history([write(tmp_path, EVERY_TYPE)], BOOK)
    wire = {event["type"]: event for event in decoded(list(as_wire(found)))[1]}
    assert wire["membership_changed"]["level"] == EXAMPLES["membership_changed"]["level"]
    assert wire["purchase"]["merchant_category"] == "5411"


def test_every_value_stands_in_for_a_field_that_some_type_requires() -> None:
    assert set(stand_ins.VALUES) <= set().union(*required().values()) - stand_ins.OWN


def test_the_wire_reads_back_to_the_same_log_and_states(tmp_path: Path) -> None:
    file = tmp_path / "sample.parquet"
    cdnow_sample().head(1000).write_parquet(file)
    columns_ = Columns(customer_id="Kunde", event_time="Tag", amount="Betrag")
    found = read_history([file], BOOK, layout=Layout(columns=columns_))
    lines = list(as_wire(found))
    assert len(lines) == 1000
    again = read_history([write(tmp_path, b"\n".join(lines), "wire.jsonl")], BOOK).events()
    log = found.events()
    assert again.customers == log.customers
    assert again.rows.tolist() == log.rows.tolist()
    assert again.events.tobytes() == log.events.tobytes()
    states = [final_states(each, MODEL, until=1e9).tobytes() for each in (log, again)]
    assert states[0] == states[1]


def test_events_of_a_portfolio_read_as_a_worker_decodes_them(tmp_path: Path) -> None:
    told = portfolio(30, seed=3)
    events = sorted(
        [*told.transactions, *told.interactions],
        key=lambda event: (event["event_time"], KINDS[event["type"]] >= Kind.APP_SESSION),
    )
    lines = [json.dumps(event).encode() for event in events]
    log = read_history([write(tmp_path, b"\n\n".join(lines), "wire.ndjson")], BOOK).events()
    assert decoded(lines)[0].tobytes() == log.events.tobytes()


@pytest.mark.parametrize("kind", sorted(EXAMPLES))
def test_every_example_is_read(tmp_path: Path, kind: str) -> None:
    line = json.dumps(
        {**EXAMPLES[kind], "currency": "USD"} if "amount" in EXAMPLES[kind] else EXAMPLES[kind]
    )
    found = read_history([write(tmp_path, line, "wire.jsonl")], BOOK)
    (event,) = found.events().events
    assert event["kind"] == KINDS[kind]
    assert event["amount"] == EXAMPLES[kind].get("amount", 0)


def test_foreign_wire_events_take_their_book_amount(tmp_path: Path) -> None:
    line = json.dumps(EXAMPLES["purchase"])
    found = read_history([write(tmp_path, line, "wire.jsonl")], BOOK)
    assert found.frame["amount"].to_list() == [EXAMPLES["purchase"]["book_amount"]]


def test_lines_that_break_the_contract_are_counted_by_its_reasons(tmp_path: Path) -> None:
    good = json.dumps(EXAMPLES["survey"])
    lines = [good, "{", "[]", good.replace('"score": 2', '"score": 7'), good.replace("Z", "")]
    found = read_history([write(tmp_path, "\n".join(lines), "wire.jsonl")], BOOK)
    assert found.cleaning.left_out == {
        "not_json": 1,
        "wrong_type": 1,
        "out_of_range": 1,
        "naive_time": 1,
    }
    assert found.cleaning.rows == 5
    assert "wire.jsonl: row 4, score: expected" in found.cleaning.first["out_of_range"]


def test_a_file_of_lines_without_one_good_event_says_why(tmp_path: Path) -> None:
    with pytest.raises(HistoryError, match="row 1, "):
        read_history([write(tmp_path, "{}", "wire.jsonl")], BOOK)


def test_lines_and_tables_mix_and_duplicates_across_them_are_found(tmp_path: Path) -> None:
    line = json.dumps({**EXAMPLES["purchase"], "currency": "USD"})
    table = "customer_id,event_time,amount,event_id\ncustomer-7,2026-03-05,1,example-purchase\n"
    names = [write(tmp_path, line, "a.jsonl"), write(tmp_path, table, "b.csv")]
    found = read_history(names, BOOK)
    assert found.cleaning.left_out == {"duplicate": 1}
    assert found.frame["amount"].to_list() == [4000]


def test_a_wires_refund_is_left_as_undated_as_a_worker_finds_it(tmp_path: Path) -> None:
    refund = {k: v for k, v in EXAMPLES["refund"].items() if k != "reversed_time"}
    lines = [
        json.dumps(EXAMPLES["purchase"]),
        json.dumps({**refund, "event_time": "2026-03-09T00:00:00Z"}),
    ]
    log = read_history([write(tmp_path, "\n".join(lines), "wire.jsonl")], BOOK).events()
    assert (log.events["reversed_time"] == log.events["time"]).all()


def test_what_is_written_can_be_produced(tmp_path: Path) -> None:
    found = read_history([write(tmp_path, EVERY_TYPE)], BOOK)
    (routed,) = route_lines(Settings(), list(as_wire(found)), None)
    assert len(routed) == len(Kind) - len(ANSWERS)


def test_ids_are_unique_per_source_as_they_are_in_the_stream(tmp_path: Path) -> None:
    bought, refund = EXAMPLES["purchase"], EXAMPLES["refund"]
    refund = {**refund, "reverses": bought["event_id"], "source": "cards"}
    sent = [bought, {**bought, "source": "cards"}, {**bought, "source": "branch"}, bought, refund]
    file = tmp_path / "events.jsonl"
    file.write_text("".join(f"{json.dumps(event)}\n" for event in sent))
    found = read_history([file], BOOK)
    assert dict(found.cleaning.left_out) == {"duplicate": 1}
    log = found.events()
    written, _ = decoded(list(as_wire(found)))
    assert written.tobytes() == log.events.tobytes()
    streamed, _ = decoded([line for line in file.read_bytes().splitlines() if line])
    assert sorted(set(streamed["id"].tolist())) == sorted(log.events["id"].tolist())
    assert written["reverses"].max() == streamed["reverses"].max() == streamed["id"][1]
