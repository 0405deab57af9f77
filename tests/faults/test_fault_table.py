"""docs/faults.json and docs/faults.md tell of every fault of the suite, and of zeros only."""

import json
import re

from chaos import report
from chaos.faults import FAULTS, SLICE
from chaos.run import MOST, Row

FIELDS = [
    "fault",
    "injected",
    "events",
    "states_compared",
    "warnings_compared",
    "missing",
    "twice",
    "recovery_seconds",
]


def test_every_fault_of_the_suite_has_its_row_from_a_run() -> None:
    rows = json.loads(report.TABLE.read_text())
    told = [row["fault"] for row in rows]
    assert told == [fault.name for fault in FAULTS]
    assert [list(row)[: len(FIELDS)] for row in rows] == [FIELDS] * len(rows)
    times = {fault.name: fault.times[0] for fault in FAULTS}
    assert [row["injected"] for row in rows] == [times[name] for name in told]


def test_nothing_was_missing_and_nothing_came_twice() -> None:
    for row in (Row(**of) for of in json.loads(report.TABLE.read_text())):
        assert (row.missing, row.twice) == (0, 0), row.fault
        assert row.events > 10_000, row.fault
        assert row.states_compared > 900, row.fault
        assert row.warnings_compared > 1_000, row.fault
        assert row.recovery_seconds >= 0.0, row.fault
        assert row.peak_megabytes is None or 64 < row.peak_megabytes < MOST >> 20, row.fault


def test_the_page_shows_the_table() -> None:
    text = report.PAGE.read_text()
    table = text.partition(report.BEGIN)[2].partition(report.END)[0]
    assert [name for name in report.known() if f"| {name} |" not in table] == []


def test_names_of_faults_are_distinct_and_the_slice_is_some_of_them() -> None:
    names = [fault.name for fault in FAULTS]
    assert len(set(names)) == len(names)
    assert 5 <= len(SLICE) < len(FAULTS)


def test_every_test_that_the_page_names_exists() -> None:
    named = set(re.findall(r"`(test_\w+)`", report.PAGE.read_text()))
    here = report.DOCS.parent / "tests"
    written = "\n".join(path.read_text(encoding="utf-8") for path in here.rglob("test_*.py"))
    assert len(named) >= 20
    assert {name for name in named if f"def {name}(" not in written} == set()
