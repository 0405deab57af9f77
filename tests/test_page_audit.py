"""What the audit makes of what Chromium and axe-core say; `make audit` asks both."""

import re
from pathlib import Path
from typing import Any

import pytest

from tools.pages.audit import Fault, faults
from tools.pages.chromium import Tab
from tools.pages.keyboard import Stop, judged
from tools.pages.places import Place

ROOT = Path(__file__).parents[1]
HERE = "http://127.0.0.1:8642/customers/nobody?lang=zh"
BARE: dict[str, Any] = {"violations": []}
NAMELESS = {
    "violations": [
        {
            "id": "label",
            "help": "Form elements must have labels",
            "nodes": [
                {
                    "target": ["#id"],
                    "any": [{"message": "no label"}, {"message": "no title"}],
                    "all": [],
                    "none": [],
                },
                {"target": ["iframe", "input"], "any": [], "all": [], "none": []},
            ],
        }
    ]
}


def tab(*requests: str) -> Tab:
    return Tab(None, "", requests=list(requests), documents={HERE})  # type: ignore[arg-type] - not asked


def logged(level: str, source: str, url: str) -> dict[str, Any]:
    return {"entry": {"level": level, "source": source, "url": url, "text": "it failed"}}


def test_a_page_is_told_by_rule_and_selector() -> None:
    (found,) = faults(HERE, NAMELESS, tab(HERE))
    assert found == Fault(
        "label", "Form elements must have labels", ("#id: no label", "iframe input: ")
    )
    assert str(found).splitlines()[1:] == [
        "    label: Form elements must have labels",
        "        #id: no label",
        "        iframe input: ",
    ]


@pytest.mark.parametrize(
    ("asked", "is_own"),
    [
        ("http://127.0.0.1:8642/static/page.css", True),
        ("data:image/svg+xml,<svg/>", True),
        ("http://127.0.0.1:8643/static/page.css", False),
        ("http://localhost:8642/static/page.css", False),
        ("https://127.0.0.1:8642/static/page.css", False),
        ("ws://127.0.0.1:8642/", False),
    ],
)
def test_a_page_may_ask_its_own_server_alone(asked: str, is_own: bool) -> None:  # noqa: FBT001
    found = faults(HERE, BARE, tab(HERE, asked))
    assert found == ([] if is_own else [Fault("request", "a page must ask nobody else", (asked,))])


def test_a_report_may_ask_for_nothing_but_itself() -> None:
    (found,) = faults("file:///fit.html", BARE, tab("file:///fit.html", "file:///style.css"))
    assert found.where == ("file:///style.css",)


@pytest.mark.parametrize(
    ("event", "told", "complains"),
    [
        ("Log.entryAdded", logged("error", "network", HERE), False),  # the error page is asked for
        ("Log.entryAdded", logged("error", "network", "http://127.0.0.1:8642/icon"), True),
        ("Log.entryAdded", logged("error", "security", HERE), True),
        ("Log.entryAdded", logged("warning", "network", "http://127.0.0.1:8642/icon"), False),
        ("Runtime.consoleAPICalled", {"type": "error", "args": [{"value": "it failed"}]}, True),
        ("Runtime.consoleAPICalled", {"type": "log", "args": [{"value": "it failed"}]}, False),
        ("Runtime.exceptionThrown", {"exceptionDetails": {"text": "it failed"}}, True),
    ],
)
def test_a_console_is_to_be_silent(event: str, told: dict[str, Any], complains: bool) -> None:  # noqa: FBT001
    page = tab(HERE)
    page.hear(event, told)
    told_of = [Fault("console", "a page must not complain", ("it failed",))] if complains else []
    assert faults(HERE, BARE, page) == told_of


def test_what_does_not_fit_for_paper_is_a_fault() -> None:
    (found,) = faults(HERE, BARE, tab(HERE), {"print": ["nav.: is for a screen"]})
    assert found == Fault("print", "a page must be fit for paper", ("nav.: is for a screen",))


PAGE_CSS, REPORT_CSS = (
    (ROOT / path).read_text("utf-8")
    for path in ("ebbwatch/serve/pages/static/page.css", "modelling/report/templates/style.css")
)


@pytest.mark.parametrize("css", [PAGE_CSS, REPORT_CSS])
def test_what_is_for_phones_or_the_dark_is_not_for_paper(css: str) -> None:
    """Paper is no wider than a tablet; and whoever prints may like the dark."""
    asked = re.findall(r"@media ([^{]+)\{", css)
    assert "print " in asked
    own = css.rsplit("@media print", maxsplit=1)[-1]
    is_dark_undone = "--paper: #ffffff" in css.split("@media print")[1]
    for each in asked:
        if "max-width" in each or ("dark" in each and not is_dark_undone):
            assert each.startswith("screen and "), each
    assert "break-inside: avoid" in own


STOP = Stop("a one", 0, 3, (0, 0, 10, 10), True, True, True, False, False, True)
ROUND = [
    STOP,
    STOP._replace(name="a two", place=1, box=(20, 0, 30, 10)),
    STOP._replace(name="a three", place=2, box=(0, 20, 10, 30)),
]


@pytest.mark.parametrize("start", range(3))
def test_a_round_by_tab_may_begin_anywhere(start: int) -> None:
    assert judged([*ROUND[start:], *ROUND[:start]], 3) == []


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"place": 2}, ["1 of 3 cannot be come to: [1]"]),
        ({"has_ring": False}, ["a two: shows no focus"]),
        ({"is_seen": False}, ["a two: is covered"]),
        ({"is_kept": False}, ["a two: loses the focus where it is drawn anew: has no id"]),
        ({"box": (0, 90, 10, 99)}, ["a three: comes after a two"]),
        ({"box": (90, 90, 99, 99)}, ["a three: comes after a two"]),
        ({"box": (-20, 90, -10, 99)}, []),  # the third begins a column
    ],
)
def test_what_is_missed_hidden_or_out_of_order_by_tab_is_said(
    changes: dict[str, Any], said: list[str]
) -> None:
    assert judged([ROUND[0], ROUND[1]._replace(**changes), ROUND[2]], 3) == said
    lost = faults(HERE, BARE, tab(HERE), {"keyboard": said})
    assert [each.rule for each in lost] == ["keyboard"] * bool(said)


def test_an_order_of_its_own_is_out_of_order() -> None:
    by_number = [ROUND[2], ROUND[0], ROUND[1]]  # tabindex=1: the third comes first
    assert judged(by_number, 3) == []  # as a round
    four = [*ROUND, ROUND[2]._replace(name="a four", place=3, box=(0, 40, 10, 50))]
    assert judged([four[2], four[0], four[1], four[3]], 4) == ["a three: comes after a four"]


def test_a_page_has_an_address_in_each_of_its_languages() -> None:
    assert (
        Place("queue", "http://x/queue?page=2").in_language("zh") == "http://x/queue?page=2&lang=zh"
    )
    assert Place("queue", "http://x/queue").in_language("en") == "http://x/queue?lang=en"
    assert Place("fit.html", "file:///fit.html").in_language("") == "file:///fit.html"
