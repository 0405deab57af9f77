"""Consent out of files: read as a worker reads it, written anew, and heeded by a backtest."""

import json
from pathlib import Path

import polars as pl
import pytest
from cases import MODEL
from histories import BOOK, write

from modelling.backtest import Backtester, Period
from modelling.history import as_wire, read_history
from scoring.arrays import DAY
from scoring.facts.consent import Purpose, is_unscored, said, word
from scoring.step.replay import final_states, replay

HEAD = "customer_id,event_time,amount,type,purpose,granted,legal_basis\n"
CODES = range(1 + 2 * len(Purpose))


def codes(folder: Path, *rows: str) -> tuple[list[int], dict[str, int]]:
    text = HEAD + "".join(f"c,2024-03-01,,consent_changed,{row}\n" for row in rows)
    found = read_history([write(folder, text)], BOOK)
    return found.events().events["score"].tolist(), found.cleaning.left_out


def test_words_are_read_however_they_are_spelt(tmp_path: Path) -> None:
    rows = (
        *("profiling,false,consent", "Scoring,FALSE,", "PROFILING,0,Legitimate_Interest"),
        *("marketing,true,consent", "direct-marketing, No ,contract", "profiling,0,contract"),
    )
    assert codes(tmp_path, *rows) == ([3, 3, 3, 2, 1, 0], {})


def test_a_word_that_says_neither_is_left_out_and_one_about_nothing_is_harmless(
    tmp_path: Path,
) -> None:
    found = codes(tmp_path, "profiling,,consent", "profiling,perhaps,", ",,", "unknown,true,")
    assert found == ([0, 0], {"bad_granted": 2})


def test_a_table_without_purposes_reads_as_before(tmp_path: Path) -> None:
    text = "customer_id,event_time,amount,type\nc,2024-03-01,,consent_changed\n"
    found = read_history([write(tmp_path, text)], BOOK)
    assert found.events().events["score"].tolist() == [0]
    assert json.loads(next(as_wire(found)))["purpose"] == "unknown"


@pytest.mark.parametrize("code", CODES)
def test_what_is_written_anew_says_the_same(code: int, tmp_path: Path) -> None:
    fields = said(code)
    assert word(**fields) == code  # type: ignore[arg-type]
    row = ",".join(str(each) for each in fields.values())
    text = f"{HEAD}c,2024-03-01,,consent_changed,{row}\n"
    found = read_history([write(tmp_path, text)], BOOK)
    (line,) = as_wire(found)
    assert {name: json.loads(line)[name] for name in fields} == fields
    lines = tmp_path / "wire.jsonl"
    lines.write_bytes(line + b"\n")
    again = read_history([str(lines)], BOOK)
    assert again.events().events["score"].tolist() == [code]


def a_history(folder: Path, suffix: str) -> str:
    """Two weekly buyers who fall silent; one withdrew consent before, all in proper columns."""
    days = [f"2024-{1 + day // 28:02d}-{1 + day % 28:02d}" for day in range(0, 140, 7)]
    rows = [
        (who, day, 10.0, "purchase", None, None) for who in ("stays", "withdrew") for day in days
    ]
    rows.append(("withdrew", "2024-03-02", None, "consent_changed", "profiling", False))
    names = ["customer_id", "event_time", "amount", "type", "purpose", "granted"]
    frame = pl.DataFrame(rows, names, orient="row").sort("event_time")
    path = folder / f"log.{suffix}"
    (frame.write_csv if suffix == "csv" else frame.write_parquet)(path)
    return str(path)


@pytest.mark.parametrize("suffix", ["csv", "parquet"])
def test_who_withdrew_is_not_warned_of_in_a_backtest(suffix: str, tmp_path: Path) -> None:
    log = read_history([a_history(tmp_path, suffix)], BOOK).events()
    until = float(log.times[-1]) + 300 * DAY
    states = final_states(log, MODEL, until=until)
    assert is_unscored(states).tolist() == [name == b"withdrew" for name in log.customers]
    warned = [
        log.customers[replayed.customers[row]]
        for replayed in replay(log, MODEL, until=until)
        for row in replayed.outcome.warnings["row"]
    ]
    assert set(warned) == {b"stays"}
    found = Backtester(log, MODEL, Period(float(log.times[0]), until), 60.0).run(())
    assert found.warnings == len(warned) > 0
