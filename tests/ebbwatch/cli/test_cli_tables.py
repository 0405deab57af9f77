"""Tables: nothing in them is cut, on a narrow terminal, in a pipe, or by what it looks like."""

import io
import re

import pytest
from rich.text import Text

from ebbwatch.cli import command_line
from ebbwatch.cli.output import WholeTable, console
from streams.config import Settings
from streams.parameters.file import load_model

LONG = "a.topic.with.a.name.of.quite.some.length.v1"
ROWS = (
    (f"{LONG}:0:123456789", "what was wrong with it, in a sentence of some length", "1,234,567.89"),
    ("[red]c:1[/]", ":warning:", "-1"),
)


def printed(table: WholeTable, width: int | None, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Lines as a terminal of a width gets them, None: as a pipe does."""
    for name in ("COLUMNS", "FORCE_COLOR", "TTY_COMPATIBLE"):
        monkeypatch.delenv(name, raising=False)
    if width:
        monkeypatch.setenv("TTY_COMPATIBLE", "1")
        monkeypatch.setenv("COLUMNS", str(width))
    monkeypatch.setenv("TERM", "dumb")
    monkeypatch.setattr("sys.stdout", found := io.StringIO())
    console().print(table)
    return found.getvalue().splitlines()


@pytest.mark.parametrize("width", [10, 60, 80, 100, None])
def test_no_word_of_a_table_is_cut_and_other_columns_make_room(
    width: int | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = WholeTable("a letter's name", "why", "amount")
    for row in ROWS:
        table.add_row(*row)
    lines = printed(table, width, monkeypatch)
    words = {word for row in ROWS for cell in row for word in cell.split()}
    assert words <= {word for line in lines for word in line.split()}
    assert "…" not in "".join(lines)
    if width is None:  # a row is a line, whose columns begin where their titles do
        assert [re.split(r" {2,}", line.rstrip()) for line in lines[1:]] == [list(r) for r in ROWS]
        place = lines[0].index("amount")
        assert [line[place:].rstrip() for line in lines[1:]] == [row[2] for row in ROWS]
    elif width >= 80:
        assert max(map(len, lines)) <= width


@pytest.mark.parametrize("width", [60, 80, None])
def test_the_rules_in_force_are_shown_whole(
    width: int | None, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    if width:
        monkeypatch.setenv("TTY_COMPATIBLE", "1")
        monkeypatch.setenv("COLUMNS", str(width))
    monkeypatch.setenv("TERM", "dumb")
    command_line()(["rules", "show"], standalone_mode=False)
    told = capsys.readouterr().out
    lines = told.splitlines()
    for rule in load_model(Settings()).rules.rules:
        (row,) = [line.split() for line in lines if rule.name in line.split()]
        assert row[:2] == [str(rule.slot), rule.name]
        assert rule.value.name.lower() in row
    assert "0.95    0.98  0.03" in told
    if width == 80:
        assert max(map(len, lines[:20])) <= width


def test_a_mark_keeps_its_colour_and_a_text_what_it_says(monkeypatch: pytest.MonkeyPatch) -> None:
    table = WholeTable("", "", shows_titles=False)
    table.add_row(Text("[bold]"), "[bold]")
    assert [line.rstrip() for line in printed(table, 80, monkeypatch)] == ["[bold]  [bold]"]
