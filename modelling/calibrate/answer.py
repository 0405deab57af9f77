"""The answer to whether it is worth it, from the part of the history that no fit had seen."""

from collections.abc import Iterator
from dataclasses import dataclass

from modelling.calibrate.outcome import Calibrated
from modelling.thresholds import ThresholdChoice
from modelling.thresholds.words import brings
from streams.outbox.phrases import money


@dataclass(frozen=True)
class WorthAnswer:
    """Whether it is worth it.

    Attributes:
        is_worth_it: None where this history cannot tell, or nothing is known of costs.
        headline: the answer, a sentence.
        reasons: sentences.
    """

    is_worth_it: bool | None
    headline: str
    reasons: tuple[str, ...]


def answer(found: Calibrated) -> WorthAnswer:
    """The answer to "is this worth it for us?"."""
    searched = found.churn.search if found.churn else None
    if searched is None:
        lacking = (f"Missing: {need.words}." for need in found.missing)
        notes = found.churn.notes if found.churn else ()
        return WorthAnswer(None, "This history cannot tell yet.", (*lacking, *notes))
    best = searched.recommended.at
    if best is None:
        words = "No: at no threshold would warnings have brought what they cost."
        return WorthAnswer(False, words, (searched.recommended.why, _optimism(found)))
    currency = found.document["book_currency"]
    reasons = (f"{_sentence(brings(best, currency))}.", *_pays(best, found), _optimism(found))
    if best.profit is None:
        return WorthAnswer(None, _unpriced(best), reasons)
    words = f"Yes: about {money(best.profit, currency)} a day would have been gained."
    return WorthAnswer(True, words, reasons)


def _unpriced(best: ThresholdChoice) -> str:
    if not best.precision:
        return "No warning was right on the days judged."
    return (
        f"Of 100 warnings about {100.0 * best.precision:.0f} are right: it is worth it where a "
        f"right one brings more than {1.0 / best.precision:.1f} warnings cost."
    )


def _pays(best: ThresholdChoice, found: Calibrated) -> Iterator[str]:
    if best.profit is None and found.aim.economics is None:
        yield "With --contact-cost, --offer-cost and --keep-chance this is told in money."
    churn = found.churn
    if churn is not None:
        silence = churn.found.scorecard["fit"]["baselines"]["days_since_last"]
        gain = silence["gain"]
        how = "better than" if gain["low"] > 0.0 else "no better, beyond chance, than"
        yield f"The scorecard ranks customers {how} days since the last purchase alone do."


def _optimism(found: Calibrated) -> str:
    words = "The models were fitted to the days before; of these days only the threshold was chosen"
    if found.churn and found.churn.early is None:
        words = "Models and threshold were fitted to these very days, which flatters them"
    search = found.churn.search if found.churn else None
    looked = "" if search is None or search.share >= 1.0 else ", on a sample of the customers"
    return f"{words}{looked}."


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]
