"""Whatever the documentation shows is what the program takes: its blocks are typed, or read."""

import re
from pathlib import Path

import pytest
from doc_blocks import ROOT, USAGE, Block, blocks, inline, lines, typed
from doc_data import DATA
from doc_words import understood, understood_in_part
from page_acts import NOT_TYPED, TYPED
from typer.exceptions import TyperException

# Blocks that are held by another test, or that nothing can read, by page and beginning.
LISTED = {
    ("README.md", " bank.card.transaction.v1 ─"): "a drawing",
    ("README.md", "make setup && source"): "run by tests/ebbwatch/cli/test_readme_tour.py",
    ("ARCHITECTURE.md", ""): "drawings",
    ("CONTRIBUTING.md", ""): "applied and run by tests/test_contributing.py",
    ("docs/cli.md", ""): "parsed by tests/ebbwatch/cli/test_cli_reference.py",
    (
        "docs/events.md",
        "",
    ): "held by tests/ebbwatch/cli/test_reference_pages.py",
    ("docs/model.md", "P("): "formulas, of which the page's program has figures",
    ("docs/model.md", "spend ="): "likewise",
    ("docs/model.md", "points of"): "those of scoring/churn/scorecard.py",
    ("docs/histories.md", "Options: --id-column"): "what `ebbwatch look` says",
    ("docs/alerts.md", ""): "run by tests/test_alerting.py",
    ("docs/tutorial.md", ""): "run by tests/e2e/test_tutorial.py",
    ("docs/serve.md", "location / {"): "nginx's, which is not there",
}


def is_listed(block: Block) -> bool:
    return any(block.page == page and block.text.startswith(begins) for page, begins in LISTED)


def is_data(block: Block) -> bool:
    return any(block.page == page and block.text.startswith(begins) for page, begins in DATA)


SHELL = [each for each in blocks() if not is_listed(each) and not is_data(each)]
LINES = [
    pytest.param(line, id=f"{block}: {line[:60]}")
    for block in SHELL
    for line in lines(block.text)
    if line.strip()
]
MENTIONED = [
    pytest.param(said, id=f"{page}: {said}")
    for page, said in sorted(set(inline()))
    if re.match(r"(ebbwatch|make|python -m) [a-z]", said)
]


def test_every_block_is_of_one_sort_and_every_reason_of_some_block() -> None:
    assert {block.kind for block in SHELL} == {""}
    found = {(block.page, begins) for block in blocks() for begins in _beginnings(block)}
    assert found == LISTED.keys() | DATA.keys()
    assert not [block for block in blocks() if is_listed(block) and is_data(block)]
    assert len(SHELL) > 20


def test_every_command_is_typed_by_a_test_or_there_is_a_reason_why_not() -> None:
    acts = [act.block() for act in TYPED]
    others = [block for block in SHELL if _why_not(block)]
    assert [str(block) for block in SHELL if block not in [*acts, *others]] == []
    assert [str(block) for block in acts if block in others or acts.count(block) > 1] == []
    assert len(others) == len(NOT_TYPED)
    for told in (*NOT_TYPED.values(), *LISTED.values()):
        for file in re.findall(r"\btests/\S+\.py", told):
            assert (ROOT / file).is_file(), file


def _why_not(block: Block) -> list[str]:
    return [
        why
        for (page, begins), why in NOT_TYPED.items()
        if block.page == page and block.text.startswith(begins)
    ]


def _beginnings(block: Block) -> list[str]:
    known = [*LISTED, *DATA]
    return [at for page, at in known if page == block.page and block.text.startswith(at)]


def take(line: str) -> None:
    """Try what is typed, as far as it is whole; an error tells what is not."""
    if USAGE.search(line):
        understood_in_part(line)
        return
    for command in typed(line):
        understood(command)


@pytest.mark.parametrize("line", LINES)
def test_what_is_typed_is_understood(line: str) -> None:
    take(line)


@pytest.mark.parametrize("name", DATA, ids=lambda name: f"{name[0]}: {name[1]}")
def test_data_and_programs_are_what_they_are_said_to_be(
    name: tuple[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (block,) = [each for each in blocks() if name in [(each.page, at) for at in _beginnings(each)]]
    monkeypatch.chdir(tmp_path)
    DATA[name](block.text)


@pytest.mark.parametrize("said", MENTIONED)
def test_what_is_mentioned_is_there(said: str) -> None:
    understood_in_part(said)


@pytest.mark.parametrize(
    "line",
    [
        "ebbwatch nosuch",
        "ebbwatch fit history.parquet --nosuch --out fitted.json",
        "ebbwatch fit history.parquet --model nosuch --out fitted.json",
        "ebbwatch fit [--nosuch]",
        "ebbwatch nosuch …",
        "EBBWATCH_NOSUCH=1 ebbwatch worker",
        "make nosuch",
        "python -m benchmarks.nosuch",
        "pip install 'ebbwatch[nosuch]'",
        "docker compose --profile nosuch up",
        "sh deploy/nosuch.sh",
        "nosuch",
    ],
)
def test_what_there_is_not_is_found(line: str) -> None:
    with pytest.raises((AssertionError, TyperException)):
        take(line)
