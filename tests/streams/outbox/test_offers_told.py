"""What they were offered before, in codes and in the words of both languages."""

import json
from datetime import date

import pytest
from cases import MODEL, purchases, run

from schemas.outputs.cases import CustomerCase
from schemas.outputs.words import Language
from scoring.facts.events import hash_ids, short
from scoring.model import ScoringModel
from scoring.rules import read_rules, shipped
from scoring.step.outcome import Outcome
from streams.config import Settings
from streams.intake.columns import columns
from streams.outbox.messages import Messages

DAYS = [20_000 + 7 * week for week in range(12)]
DAY_OF = date(2025, 2, 28)
OWN = b'[text.en]\noffer.fee_waiver = "a year <b>without</b> fees"\n'
FEES, CALL, OTHER = (
    int(short(hash_ids([code]))[0]) for code in ("fee_waiver", "win_back_call", "x")
)
"""Codes with words, of an action, and of neither."""
EN = (
    "Offered before: win_back_call on 2025-03-02 (accepted), an offer on 2025-03-01, "
    "a year <b>without</b> fees on 2025-02-28."
)
ZH = (
    "此前的优惠：2025-03-02 win_back_call（已接受）、2025-03-01 某项优惠、"  # noqa: RUF001
    "2025-02-28 a year <b>without</b> fees。"
)


def case(language: Language) -> CustomerCase:
    """The last case of a weekly buyer who was offered three things in the case before."""
    model = ScoringModel(MODEL.parameters, read_rules(OWN))
    ended = run(purchases(*DAYS), until=20_150, model=model)
    cases = ended.cases[-1:]
    day = (DAY_OF - date(1970, 1, 1)).days
    cases["offer"], cases["offer_taken"] = (CALL, OTHER, FEES), (1, 0, 0)
    cases["offer_day"] = (day + 2, day + 1, day)
    outcome = Outcome(ended.states, ended.applied, ended.warnings[:0], ended.scores[:0], 0, cases)
    (entry,) = Messages.of(Settings(language=language), model).entries(outcome, [b"c"])
    return CustomerCase.model_validate_json(entry.value)


@pytest.mark.parametrize(("language", "text"), [("en", EN), ("zh", ZH)])
def test_a_case_says_what_was_offered_before_and_what_came_of_it(
    language: Language, text: str
) -> None:
    needs = case(language).needs
    assert needs is not None
    assert needs.text.endswith(text)
    assert [(each.offer, each.day.isoformat(), each.accepted) for each in needs.offers] == [
        ("win_back_call", "2025-03-02", True),
        (None, "2025-03-01", False),
        ("fee_waiver", "2025-02-28", False),
    ]


def test_a_case_of_before_offers_were_told_is_read() -> None:
    whole = json.loads(case("en").model_dump_json())
    del whole["needs"]["offers"]
    found = CustomerCase.model_validate_json(json.dumps(whole)).needs
    assert found is not None
    assert found.offers == ()


def test_codes_are_known_that_the_rules_have_words_for_or_act_by() -> None:
    rules = read_rules(OWN + b'[[interventions]]\nband="high"\ntier="low"\naction="own_deal"\n')
    codes = set(rules.offers.values())
    assert {"fee_waiver", "own_deal", "win_back_offer"} <= codes
    assert "fee_waiver" not in shipped().offers.values()


def test_the_code_of_an_answer_s_offer_comes_through() -> None:
    about = {
        "event_id": "o-1",
        "customer_id": "c",
        "answered_by": "p-1",
        "case_id": f"{'0' * 32}.1",
    }
    wire = [{**about, "type": kind, "offer": "fee_waiver"} for kind in ("offer_made", "accepted")]
    wire.append({**about, "type": "offer_made"})
    found = columns(wire, [0.0] * 3, [1] * 3)
    assert found["merchant"].tolist() == [FEES, FEES, 0]
