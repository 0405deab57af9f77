"""Every rule in plain words at both bands, and nothing a reader would stumble over."""

import re
from dataclasses import replace

import numpy as np
import pytest
from cases import event, log, run
from fakes import MODEL
from hypothesis import given, settings
from hypothesis import strategies as st
from stream_events import START

from scoring.arrays import DAY
from scoring.churn import ChurnScorecard
from scoring.facts.kinds import Kind
from scoring.facts.state import Sum, new_states
from scoring.feature import Feature
from scoring.features import features
from scoring.model import ScoringModel
from scoring.rules import shipped
from scoring.step.doing import Doing
from streams.outbox.phrases import money, phrases
from streams.outbox.wording import PURCHASES, WORDS, clearing

F = Feature
SPOKEN = {
    ("silence", "middle"): (
        {F.FREQUENCY: 9, F.USUAL_GAP: 4.4, F.DAYS_SINCE_LAST: 31.7, F.P_NO_PURCHASE: 0.953},
        (
            "No purchase for 31 days; usually buys every 4 days. "
            "95% likely to buy nothing in the next 28 days."
        ),
    ),
    ("silence", "high"): (
        {F.FREQUENCY: 0, F.USUAL_GAP: 0, F.DAYS_SINCE_LAST: 80.0, F.P_NO_PURCHASE: 0.9991},
        (
            "No purchase for 80 days; bought on one day only so far. "
            "More than 99% likely to buy nothing in the next 28 days."
        ),
    ),
    ("spend_decline", "middle"): (
        {F.SPEND_DECLINE: 0.3, F.SPEND_THEN: 123_456, F.SPEND_NOW: 60_000},
        "Spends 600.00 USD a month lately, against 1,234.56 USD a month before.",
    ),
    ("spend_decline", "high"): (
        {F.SPEND_DECLINE: 1.0, F.SPEND_THEN: 40_000, F.SPEND_NOW: -2_500},
        "Got back more in refunds than was spent lately, against 400.00 USD a month before.",
    ),
    ("card_use_decline", "middle"): (
        {F.USE_DECLINE: 0.35, F.USE_THEN: 8.24, F.USE_NOW: 2.96},
        "Uses the card 3 times a month lately, against 8.2 times a month before.",
    ),
    ("card_use_decline", "high"): (
        {F.USE_DECLINE: 0.9, F.USE_THEN: 1.0, F.USE_NOW: 0.01},
        "Hardly uses the card any more, against once a month before.",
    ),
    ("churn", "middle"): (
        {F.CHURN_RISK: 0.31},
        "31% likely to be lost within 28 days.",
    ),
    ("churn", "high"): (
        {F.CHURN_RISK: 0.9999},
        "More than 99% likely to be lost within 28 days.",
    ),
    ("engagement_decline", "middle"): (
        {F.VISITS_DECLINE: 0.4, F.VISITS_THEN: 12.0, F.VISITS_NOW: 1.0},
        "Visits or contacts the bank once a month lately, against 12 times a month before.",
    ),
    ("engagement_decline", "high"): (
        {F.VISITS_DECLINE: 0.8, F.VISITS_THEN: 5.0, F.VISITS_NOW: 0.0},
        "Hardly visits or contacts the bank any more, against 5 times a month before.",
    ),
    ("overdue", "middle"): (
        {F.OVERDUE_RATE: 1 / 3, F.OVERDUE: 1.0, F.REPAID: 1.0},
        "Overdue rate 33%: 1 instalment overdue against 1 repaid, older ones counting less.",
    ),
    ("overdue", "high"): (
        {F.OVERDUE_RATE: 0.74, F.OVERDUE: 2.84, F.REPAID: 0.0},
        "Overdue rate 74%: 2.8 instalments overdue against none repaid, older ones counting less.",
    ),
    ("dissatisfaction", "middle"): (
        {F.DISSATISFACTION: 1.0, F.COMPLAINTS: 1.0},
        "Shows dissatisfaction: complained.",
    ),
    ("dissatisfaction", "high"): (
        {F.DISSATISFACTION: 3.0, F.COMPLAINTS: 0.9, F.LOW_SURVEYS: 0.9, F.DETRACTIONS: 0.7},
        (
            "Shows dissatisfaction: complained, rated the service low, "
            "would not recommend the bank, sounded unhappy."
        ),
    ),
    ("newcomer", "middle"): (
        {F.NEWCOMER_DAYS: 30},
        "New customer: no second purchase or interaction in 30 days.",
    ),
    ("newcomer", "high"): (
        {F.NEWCOMER_DAYS: 61},
        "New customer: no second purchase or interaction in 61 days.",
    ),
    ("card_abandoned", "middle"): (
        {F.CARD_UNUSED_DAYS: 60.4, F.CARD_GAP: 2.6},
        (
            "A card has not been used for 60 days while another was; "
            "it used to be every 3 days or so."
        ),
    ),
    ("card_abandoned", "high"): (
        {F.CARD_UNUSED_DAYS: 120.0, F.CARD_GAP: 0.2},
        (
            "A card has not been used for 120 days while another was; "
            "it used to be every 1 day or so."
        ),
    ),
    ("recurring_stopped", "middle"): (
        {F.CHARGES_STOPPED: 1, F.RECURRING_CHARGES: 3},
        "1 of 3 recurring charges is overdue: it may have moved to another card.",
    ),
    ("recurring_stopped", "high"): (
        {F.CHARGES_STOPPED: 2, F.RECURRING_CHARGES: 5},
        "2 of 5 recurring charges are overdue: they may have moved to another card.",
    ),
}


def known(values: dict[Feature, float]) -> list[float]:
    f = [0.0] * len(Feature)
    for row, value in values.items():
        f[row] = value
    return f


CARD = ChurnScorecard((), 0.0, 20.0, horizon_days=28.0, middle=0.3, high=0.6, hysteresis=0.02)
FITTED = ScoringModel(replace(MODEL.parameters, churn=CARD))


def said(rule: str, values: dict[Feature, float]) -> str:
    return WORDS[rule](known(values), FITTED, phrases("en"))


@pytest.mark.parametrize(("rule", "band"), SPOKEN)
def test_every_rule_speaks_plainly_at_both_bands(rule: str, band: str) -> None:
    values, text = SPOKEN[rule, band]
    assert said(rule, values) == text


def test_every_rule_speaks() -> None:
    assert set(WORDS) == {rule.name for rule in shipped().rules}
    assert set(SPOKEN) == {
        (rule.name, band) for rule in shipped().rules for band in ("middle", "high")
    }


@pytest.mark.parametrize(
    ("values", "rhythm"),
    [
        ({F.FREQUENCY: 0}, "bought on one day only so far"),
        ({F.FREQUENCY: 1, F.USUAL_GAP: 12.0}, "bought twice, 12 days apart"),
        ({F.FREQUENCY: 1, F.USUAL_GAP: 1.0}, "bought on two days running"),
        ({F.FREQUENCY: 30, F.USUAL_GAP: 1.2}, "usually buys every day"),
        ({F.FREQUENCY: 30, F.USUAL_GAP: 1.6}, "usually buys every 2 days"),
    ],
)
def test_the_usual_rhythm_fits_the_history(values: dict[Feature, float], rhythm: str) -> None:
    text = said("silence", {**values, F.DAYS_SINCE_LAST: 40, F.P_NO_PURCHASE: 0.99})
    assert f"; {rhythm}. " in text


@pytest.mark.parametrize(
    ("days", "last"),
    [
        (0.0, "Bought within the last day"),
        (0.99, "Bought within the last day"),
        (1.0, "No purchase for 1 day"),
        (1.9, "No purchase for 1 day"),
        (13 - 1e-9, "No purchase for 13 days"),
        (400.5, "No purchase for 400 days"),
    ],
)
def test_days_of_silence_are_whole_days_gone_by(days: float, last: str) -> None:
    text = said("silence", {F.FREQUENCY: 3, F.USUAL_GAP: 5, F.DAYS_SINCE_LAST: days})
    assert text.startswith(f"{last}; ")


def test_dissatisfaction_that_left_no_trace_is_said_to_have_faded() -> None:
    assert said("dissatisfaction", {F.DISSATISFACTION: 0.01}) == "Dissatisfaction has faded."


NEVER = (
    ("silence", {F.P_NO_PURCHASE: 0.86}, "Has not bought yet. 86% likely to buy nothing in the next 28 days."),  # noqa: E501
    ("spend_decline", {}, "Has spent nothing so far."),
    ("card_use_decline", {}, "Has not used the card so far."),
    ("engagement_decline", {}, "Has never visited or contacted the bank, as far as is known."),
    ("overdue", {}, "No instalment is known."),
    ("dissatisfaction", {}, "No sign of dissatisfaction is known."),
)  # fmt: skip
BARELY = (
    ("spend_decline", {F.SPEND_THEN: 0.01}, "Spends next to nothing, lately as before."),
    ("spend_decline", {F.SPEND_THEN: -90.0, F.SPEND_NOW: -5.0}, "Got back more in refunds than was spent, lately and before."),  # noqa: E501
    ("card_use_decline", {F.USE_THEN: 0.01}, "Hardly uses the card, lately as before."),
    ("engagement_decline", {F.VISITS_THEN: 0.01}, "Hardly visits or contacts the bank, lately as before."),  # noqa: E501
    ("overdue", {F.REPAID: 2.0}, "Overdue rate 0%: no instalment overdue lately against 2 repaid, older ones counting less."),  # noqa: E501
)  # fmt: skip
BRIEFLY = (
    ("spend_decline", {F.USE_THEN: 3e10, F.SPEND_THEN: 3e12, F.SPEND_NOW: 3e12}, "Has been known for too short a time to tell what is spent a month."),  # noqa: E501
    ("card_use_decline", {F.USE_THEN: 3e10, F.USE_NOW: 3e10}, "Uses the card, but has been known for too short a time to tell how often."),  # noqa: E501
    ("engagement_decline", {F.VISITS_THEN: 3e10, F.VISITS_NOW: 3e10}, "Visits or contacts the bank, but has been known for too short a time to tell how often."),  # noqa: E501
)  # fmt: skip


@pytest.mark.parametrize(("rule", "values", "text"), [*NEVER, *BARELY, *BRIEFLY])
def test_what_never_was_is_not_said_to_have_become_less(rule, values, text) -> None:
    assert said(rule, values) == text


@pytest.mark.parametrize("kind", [Kind.APP_SESSION, Kind.PURCHASE, Kind.COMPLAINT])
def test_of_a_first_event_nothing_is_said_that_did_not_happen(kind: Kind) -> None:
    states = run(log(event(kind, 20_000))).states
    (f,) = features(states, np.array([20_000.5 * DAY]), MODEL).T.tolist()
    texts = {rule: words(f, MODEL, phrases("en")) for rule, words in WORDS.items()}
    assert ("Has not" in texts["silence"]) == (kind is not Kind.PURCHASE)
    assert ("Has never" in texts["engagement_decline"]) == (kind is not Kind.APP_SESSION)
    for text in texts.values():
        assert not re.search(r"000000|,000,000|Hardly", text), text


@pytest.mark.parametrize(
    ("rule", "values", "text"),
    [
        ("newcomer", {}, "The new customer has bought or been in touch again."),
        ("card_abandoned", {}, "No card lies unused beside another any more."),
        ("recurring_stopped", {}, "No recurring charge is overdue any more."),
        (
            "recurring_stopped",
            {F.CHARGES_STOPPED: 1, F.RECURRING_CHARGES: 1},
            "The recurring charge is overdue: it may have moved to another card.",
        ),
        (
            "recurring_stopped",
            {F.CHARGES_STOPPED: 1, F.CHARGES_MOVED: 2, F.RECURRING_CHARGES: 3},
            (
                "1 of 3 recurring charges is overdue: it may have moved to another card. "
                "2 have moved: to another day, amount or merchant."
            ),
        ),
        (
            "recurring_stopped",
            {F.CHARGES_MOVED: 1},
            (
                "No recurring charge is overdue any more. "
                "One has moved: to another day, amount or merchant."
            ),
        ),
    ],
)
def test_a_rule_that_no_longer_holds_says_so(rule, values, text) -> None:
    assert said(rule, values) == text


@pytest.mark.parametrize(
    ("doing", "times", "days", "text"),
    [
        (Doing.CHARGE, 1, 14, "The overdue charge coming again in the next 14 days would clear this."),  # noqa: E501
        (Doing.CHARGE, 2, 14, "2 overdue charges coming again in the next 14 days would clear this."),  # noqa: E501
        (Doing.CARD_USE, 1, 14, "A purchase with the unused card in the next 14 days would clear this."),  # noqa: E501
        (Doing.CARD_USE, 2, 14, "2 purchases with the unused card in the next 14 days would clear this."),  # noqa: E501
        (Doing.PURCHASE, 1, 14, "A purchase of the usual amount in the next 14 days would clear this."),  # noqa: E501
        (Doing.PURCHASE, 3, 14, "3 purchases of the usual amount in the next 14 days would clear this."),  # noqa: E501
        (
            Doing.VISIT, 1, 14,
            "A visit to the app, the web or a branch in the next 14 days would clear this.",
        ),
        (Doing.VISIT, 8, 14, "8 visits in the next 14 days would clear this."),
        (Doing.REPAYMENT, 1, 14, "An instalment repaid in the next 14 days would clear this."),
        (Doing.REPAYMENT, 2, 14, "2 instalments repaid in the next 14 days would clear this."),
        (Doing.QUIET, 0, 1, "With nothing new of the kind this clears in 1 day."),
        (Doing.QUIET, 0, 35, "With nothing new of the kind this clears in 35 days."),
        (
            Doing.NOTHING, 0, 0,
            "No purchase, visit or repayment of the next fortnight would clear this by itself.",
        ),
    ],
)  # fmt: skip
def test_what_would_clear_is_said_plainly(doing: Doing, times: int, days: int, text: str) -> None:
    said_to = clearing(doing, times, days, 0, phrases("en"))
    assert said_to.text == text
    of = Doing.PURCHASE if doing in PURCHASES else doing
    assert (said_to.doing, said_to.times, said_to.within_days) == (of.name.lower(), times, days)


POSITIVE = st.just(0.0) | st.floats(1e-6, 1e12)


@settings(deadline=None)
@given(st.data())
def test_no_state_makes_the_words_say_nan_or_inf_or_minus(data: st.DataObject) -> None:
    state = new_states(1)
    state["counts"][:, 0] = 1
    state["first_event"], state["last_event"] = START, START + data.draw(st.floats(0, 1e9))
    state["purchase_days"] = days = data.draw(st.integers(0, 5_000))
    state["first_day"] = START // DAY
    state["last_day"] = START // DAY + max(days - 1, 0) * data.draw(st.integers(1, 3))
    state["total_value"] = data.draw(st.integers(0, 10**15))
    for column in Sum:
        state["sums"][:, column] = data.draw(POSITIVE)
    state["sums"][:, : Sum.SPEND_LONG + 1] *= data.draw(st.sampled_from([1, -1]))
    latest = np.maximum(state["last_event"], (state["last_day"] + 1) * DAY)
    (f,) = features(state, latest + data.draw(st.floats(0, 1e9)), MODEL).T.tolist()
    for words in WORDS.values():
        text = words(f, MODEL, phrases("en"))
        assert 1 <= len(text) <= 500
        assert text[0].isupper() or text[0].isdigit()
        assert text.endswith(".")
        assert not re.search(
            r"nan|inf\b|-\d|\b0 |  |(?<![\d.,])1 (days|times|instalments)\b", text
        ), text
        foreign = words(f, MODEL, phrases("zh"))
        assert foreign.endswith("。")
        assert not re.search(r"nan|inf\b|-\d|  |[a-z]", foreign), foreign


def test_amounts_have_the_currencys_own_decimals() -> None:
    assert money(1_234_567, "USD") == "12,345.67 USD"
    assert money(1_234.6, "JPY") == "1,235 JPY"
    assert money(1_234_567, "BHD") == "1,234.567 BHD"
    assert money(0, "EUR") == "0.00 EUR"


@pytest.mark.parametrize(
    ("share", "text"),
    [
        (0.0, "0%"),
        (0.004, "less than 1%"),
        (0.5, "50%"),
        (0.9949, "99%"),
        (0.996, "more than 99%"),
        (1.0, "100%"),
    ],
)
def test_shares_claim_no_certainty_they_do_not_have(share: float, text: str) -> None:
    assert phrases("en").percent(share) == text


@pytest.mark.parametrize(
    ("times", "text"),
    [
        (0.04, "less than 0.1 times"),
        (0.06, "0.1 times"),
        (0.98, "once"),
        (1.04, "once"),
        (1.1, "1.1 times"),
        (12.0, "12 times"),
    ],
)
def test_rates_are_told_to_a_tenth(times: float, text: str) -> None:
    assert phrases("en").often(times) == text
