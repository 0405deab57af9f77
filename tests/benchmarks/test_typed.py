"""The command that a result's page names writes such a page again."""

import shlex

import pytest

from benchmarks.report import RESULTS, typed


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ([], []),
        (["--no-save"], []),
        (["--times", "2", "--no-save", "--customers", "9"], ["--times", "2", "--customers", "9"]),
        (["--folder", "a b; rm *"], ["--folder", "a b; rm *"]),
    ],
)
def test_it_is_the_run_s_own_and_saves(
    monkeypatch: pytest.MonkeyPatch, given: list[str], told: list[str]
) -> None:
    monkeypatch.setattr("sys.argv", ["x", *given])
    command = typed("benchmarks.first_paint")
    assert shlex.split(command) == [".venv/bin/python", "-m", "benchmarks.first_paint", *told]
    assert command == command.strip()


def test_no_page_names_a_command_that_writes_none() -> None:
    for page in RESULTS.glob("*.md"):
        assert "--no-save" not in page.read_text("utf-8"), page.name
