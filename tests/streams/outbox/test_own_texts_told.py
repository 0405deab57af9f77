"""A bank's own words where people read them: messages, the mail, the desk and the page."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from cases import MODEL, purchases, run
from desk_cases import MONDAY, a_case

from ebbwatch.serve.pages.wording import Wording
from schemas.outputs.desk import DeskAssignment
from schemas.outputs.words import Language
from scoring.facts.calendar import BookCalendar
from scoring.model import ScoringModel
from scoring.rules import read_rules
from scoring.step.outcome import Outcome
from scoring.warning.desk import CaseDesk, desk_rules
from streams.config import Settings
from streams.outbox.messages import Messages
from streams.outbox.phrases import action_text
from streams.tools.desk.digest.letter import Digest, letter

HOSTILE = "<script>alert('{code} %s')</script> & \" ' {0.__class__}"
RULES = read_rules(
    f"""[rule.dormant]
slot = 10
value = "days_since_last"
middle = 60
high = 120
actions = {{ middle = "own_letter", high = "own_visit" }}
[text.en]
rule.dormant = "days asleep"
action.own_letter = '''{HOSTILE}'''
action.reactivation_offer = "Offer them the spring deal."
route.risk = "Desk {{A}} <b>"
[text.zh]
rule.dormant = "沉睡天数"
""".encode()
)
FROM, TO = "ebbwatch@bank.example", "desk@bank.example"


def told(language: Language) -> list[dict[str, Any]]:
    """Messages of a weekly buyer who falls silent."""
    model = ScoringModel(MODEL.parameters, RULES)
    bought = purchases(*(20_000 + 7 * week for week in range(12)))
    ended = run(bought, until=20_150, model=model)
    outcome = Outcome(ended.states, ended.applied, ended.warnings, ended.scores, 0, ended.cases)
    settings = Settings(language=language)
    entries = Messages.of(settings, model).entries(outcome, [b"c-1"])
    return [json.loads(entry.value) for entry in entries if entry.topic != settings.score_topic]


@pytest.mark.parametrize(("language", "words"), [("en", "Days asleep: "), ("zh", "沉睡天数")])
def test_messages_say_them_in_their_language_else_in_english(
    language: Language, words: str
) -> None:
    messages = told(language)
    said = {each["action"]: each["action_text"] for each in messages}
    assert said == {"own_letter": HOSTILE, "reactivation_offer": "Offer them the spring deal."}
    dormant = next(each for each in messages if each.get("rule") == "dormant")
    assert any(reason["text"].startswith(words) for reason in dormant["reasons"])


def test_the_page_says_them_and_codes_without_any_as_before() -> None:
    words = {of: Wording.of(of, "EUR", RULES.texts) for of in ("en", "zh")}
    assert words["zh"].named("rule", "dormant") == "沉睡天数"
    assert words["en"].named("route", "risk") == "Desk {A} <b>"
    assert words["en"].action("own_letter") == HOSTILE
    assert words["en"].named("rule", "silence") == Wording.of("en", "EUR").named("rule", "silence")
    assert words["en"].action("own_visit") == action_text("own_visit", "en")


def test_the_mail_says_them_and_escapes_what_is_markup() -> None:
    digest = Digest("2026-W10")
    digest.take(assigned(a_case("c-1", action="own_letter", route="risk"), minor=True))
    mail = letter(digest, "en", FROM, [TO], RULES.texts)
    plain, html = (mail.get_body((kind,)).get_content() for kind in ("plain", "html"))  # type: ignore[union-attr]
    assert HOSTILE in plain
    assert "Desk {A} <b>" in plain
    assert "<script>" not in html
    assert "Desk {A} &lt;b&gt;" in html


def test_an_assignment_says_its_action_as_its_case_does() -> None:
    case = a_case("c-1", action="own_letter", action_text=HOSTILE)
    found = assigned(case)
    assert (found.action, found.action_text) == ("own_letter", HOSTILE)
    assert assigned(a_case("c-1")).action_text is None
    old = found.model_dump_json(exclude={"action_text"})
    assert DeskAssignment.model_validate_json(old).action_text is None


def test_an_assignment_whose_action_is_told_anew_is_news() -> None:
    desk = CaseDesk(desk_rules(b""), BookCalendar("UTC"))
    case = a_case("c-1", action_text="One.")
    desk.hear(case)
    assert desk.decide(MONDAY)
    desk.hear(case.model_copy(update={"action_text": "Another."}))
    assert [each.action_text for each in desk.decide(datetime(2026, 3, 2, 10, tzinfo=UTC))] == [
        "Another."
    ]


def assigned(case: Any, *, minor: bool = False) -> DeskAssignment:
    desk = CaseDesk(desk_rules(b""), BookCalendar("UTC"))
    desk.hear(case)
    found = desk.decide(MONDAY)[-1]
    status: Any = {"status": "minor", "handed_out": None} if minor else {}
    return found.model_copy(update=status)
