"""What a person is asked to do, in words: every code's, in warnings and in cases."""

import pytest
from cases import MODEL, answer, log, purchases, run

from schemas.events.outcomes import LOSS_REASONS
from schemas.outputs.cases import CustomerCase
from schemas.outputs.messages import EarlyWarning
from schemas.outputs.words import LANGUAGES, Language
from scoring.facts.kinds import Kind
from scoring.rules import shipped
from scoring.step.outcome import Outcome
from streams.config import Settings
from streams.outbox.case_messages import DONE, WIN_BACK, WON_BY
from streams.outbox.messages import MAINTAIN, Messages
from streams.outbox.parts import INSTEAD
from streams.outbox.phrases import action_text, phrases

SETTINGS = Settings()
SHIPPED = {code for rule in shipped().rules for code in rule.actions}
SHIPPED |= {*WIN_BACK.values(), WON_BY, DONE, MAINTAIN, INSTEAD}
ENDS = {"en": ".", "zh": "。"}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_shipped_code_has_a_sentence_of_its_own_and_none_is_left_over(
    language: Language,
) -> None:
    keys = (key.partition(".") for key in phrases(language).words)
    assert {code for kind, _, code in keys if kind == "action" and code} == SHIPPED
    told = [action_text(code, language) for code in sorted(SHIPPED)]
    assert len(set(told)) == len(told)
    assert all(text.endswith(ENDS[language]) and "{" not in text for text in told)
    assert not any("_" in text for text in told)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("code", ["own_code", "own", "action", ".", "{code}", "{0.x}", "%s", "é"])
def test_a_bank_s_own_code_is_told_as_it_is(code: str, language: Language) -> None:
    text = action_text(code, language)
    assert text == phrases(language).words["action"].replace("{code}", code)
    assert code in text


def test_a_language_s_words_are_not_another_s() -> None:
    assert {action_text("welcome_call", each) for each in (*LANGUAGES, *LANGUAGES)} == {
        "Call the new customer to welcome them, and help them to begin.",
        "致电欢迎新客户，帮助其开始使用。",  # noqa: RUF001
    }


def messages(reason: str, language: Language) -> list[EarlyWarning | CustomerCase]:
    """Of a weekly buyer who falls silent, is warned about, and is lost."""
    bought = purchases(*(20_000 + 7 * week for week in range(12)))
    lost = answer(Kind.LOST, 20_150, score=LOSS_REASONS.index(reason) + 1)
    ended = run(log(bought, lost), until=20_200)
    outcome = Outcome(ended.states, ended.applied, ended.warnings, ended.scores, 0, ended.cases)
    settings = SETTINGS.model_copy(update={"language": language})
    contracts = {settings.relationship_topic: EarlyWarning, settings.case_topic: CustomerCase}
    return [
        contracts[entry.topic].model_validate_json(entry.value)
        for entry in Messages.of(settings, MODEL).entries(outcome, [b"c-1"])
        if entry.topic in contracts
    ]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("reason", LOSS_REASONS)
def test_warnings_and_cases_say_their_action_in_words(reason: str, language: Language) -> None:
    told = messages(reason, language)
    codes = [each.action for each in told]
    assert codes == [
        *("reactivation_offer", "keep_in_touch"),  # the warning, raised and cleared
        *("reactivation_offer", "keep_in_touch", WIN_BACK.get(reason, WON_BY)),  # both cases
    ]
    assert [each.action_text for each in told] == [action_text(code, language) for code in codes]


def test_messages_of_before_there_were_words_are_read() -> None:
    for each in messages("price", "en"):
        old = each.model_dump_json(exclude={"action_text"})
        assert type(each).model_validate_json(old).action_text is None
