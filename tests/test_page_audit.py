"""What the audit makes of what Chromium and axe-core say; `make audit` asks both."""

from typing import Any

import pytest

from tools.pages.audit import Fault, faults
from tools.pages.chromium import Tab
from tools.pages.places import Place

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


def test_a_page_has_an_address_in_each_of_its_languages() -> None:
    assert (
        Place("queue", "http://x/queue?page=2").in_language("zh") == "http://x/queue?page=2&lang=zh"
    )
    assert Place("queue", "http://x/queue").in_language("en") == "http://x/queue?lang=en"
    assert Place("fit.html", "file:///fit.html").in_language("") == "file:///fit.html"
