"""Touchpoints out of files: read as a worker reads them, and written anew."""

import json
from pathlib import Path

from histories import BOOK, write

from modelling.history import as_wire, read_history
from scoring.facts.touchpoints import mark

HEAD = "customer_id,event_time,amount,type,touchpoint\n"
GIVEN = ("Filiale:Zürich", "MOBILE", 'a"b\\c', "", "x" * 65, "4111111111111111", "网点:1")
KEPT = ("Filiale:Zürich", "MOBILE", 'a"b\\c', None, None, None, "网点:1")


def test_they_are_read_as_they_stand_and_what_can_be_none_is_no_touchpoint(tmp_path: Path) -> None:
    quoted = ['"' + each.replace('"', '""') + '"' for each in GIVEN]
    rows = [f"c,2024-03-{day + 1:02},,call,{each}\n" for day, each in enumerate(quoted)]
    bought = "c,2024-04-01,5,purchase,app\n"
    found = read_history([write(tmp_path, HEAD + "".join(rows) + bought)], BOOK)
    marks = [0 if each is None else mark(each) for each in KEPT]
    assert found.events().events["merchant"].tolist() == [*marks, 0]
    assert found.cleaning.left_out == {}
    lines = list(as_wire(found))
    assert [json.loads(line).get("touchpoint") for line in lines] == [*KEPT, None]
    again = tmp_path / "wire.jsonl"
    again.write_bytes(b"\n".join(lines))
    whole = read_history([str(again)], BOOK)
    assert whole.cleaning.left_out == {}
    assert whole.events().events["merchant"].tolist() == [*marks, 0]


def test_a_table_without_them_and_one_of_numbers_reads(tmp_path: Path) -> None:
    plain = "customer_id,event_time,amount,type\nc,2024-03-01,,call\n"
    assert read_history([write(tmp_path, plain)], BOOK).events().events["merchant"].tolist() == [0]
    numbers = f"{HEAD}c,2024-03-01,,call,42\n"
    found = read_history([write(tmp_path, numbers)], BOOK).events().events
    assert found["merchant"].tolist() == [mark("42")]
