"""All steps from a history to a parameter file, each done, or kept from the base and said so."""

import time
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

from modelling.backtest.run import BacktestPlan, BacktestRun, backtest
from modelling.calibrate.leaving import LeavingProposal, proposed, read_leaving
from modelling.calibrate.needs import Need, needs
from modelling.calibrate.outcome import (
    BACKTEST,
    HISTORY_STEP,
    LEAVING_STEP,
    PURCHASES,
    SCORECARD,
    Calibrated,
    CalibrationRequest,
    CalibrationStep,
)
from modelling.calibrate.purchases import (
    WINSORISE,
    PurchaseFit,
    fit_purchases_by_holdout,
    fitted_until,
)
from modelling.churn.run import ChurnRequest
from modelling.fit.base import STALE, prepared
from modelling.fit.run import FitRequest
from modelling.history import Cleaning, HistoryError
from modelling.history.summary import date_of
from modelling.leaving.consenting import consenting, told
from modelling.thresholds import ThresholdFit, fit_with_thresholds
from modelling.thresholds.fitting import cut_of
from modelling.thresholds.replaying import at_threshold
from scoring import ScoringError
from scoring.facts.kinds import Kind
from scoring.model import ScoringModel
from scoring.parameters import Leaving, parse, sealed
from scoring.parameters.leaving import LEAVING
from scoring.step.replay import EventLog

Say = Callable[[str, int, int], None]  # what is done, how far, of how much


def calibrate(
    log: EventLog,
    request: CalibrationRequest,
    cleaning: Cleaning | None = None,
    say: Say = lambda *_: None,
) -> Calibrated:
    """Fit all that a parameter file holds to a history, and judge it out of time.

    Args:
        log: the history; nothing is learnt from who withdrew consent to profiling.
        request: what to calibrate.
        cleaning: what was left out of files.
        say: told of every step before it begins.

    Raises:
        ScoringError: there is no event, or the base cannot be used.
    """
    used = consenting(log)
    if not len(used.events):
        expected = "at least one event of who did not withdraw consent to profiling"
        raise HistoryError(where="HISTORY", expected=expected, got="none")
    began = time.perf_counter()
    withdrew = len(log.customers) - len(used.customers)
    return _Calibration(used, request, cleaning, say, withdrew).run(began)


class _Calibration:
    """The steps, each of which adds to the document and says what it did."""

    def __init__(
        self,
        log: EventLog,
        request: CalibrationRequest,
        cleaning: Cleaning | None,
        say: Say,
        withdrew: int,
    ) -> None:
        self.log, self.request, self.cleaning, self.say = log, request, cleaning, say
        self.withdrew = withdrew
        base = prepared(request.base, request.currency, request.timezone)
        self.base = {**base, "name": request.name}
        self.calendar = ScoringModel(parse(self.base)).calendar
        self.steps: list[CalibrationStep] = []

    def run(self, began: float) -> Calibrated:
        self.history()
        leaving = self.leaving()
        days = leaving.silence_days or leaving.within
        missing = tuple(need for need in needs(self.log, leaving) if not need.is_met)
        purchases = self.purchases()
        churn = self.scorecard(purchases, leaving, missing)
        document = self.document(purchases, churn)
        return Calibrated(
            document=document,
            leaving=leaving,
            missing=missing,
            purchases=purchases,
            churn=churn,
            backtest=self.backtest(churn, days),
            steps=tuple(self.steps),
            aim=self.request.aim,
            seconds=time.perf_counter() - began,
        )

    def history(self) -> None:
        """What was read, and what was left out: rows of a wrong unit show here."""
        first, last = (date_of(float(self.log.times[at]), self.calendar) for at in (0, -1))
        used = f"{len(self.log.events):,} events, {first} to {last}."
        left_out = dict(self.cleaning.left_out) if self.cleaning else {}
        lost = [f"{count:,} rows left out as {why}." for why, count in left_out.items()]
        drawn = [] if self.request.share >= 1.0 else [f"They are of {self.drawn}."]
        said = " ".join((used, *drawn, *lost, *told(self.withdrew)))
        self.step(HISTORY_STEP, said, is_done=True)

    def leaving(self) -> Leaving:
        """As asked for, else the base's, else proposed; written into the base."""
        given = self.request.leaving
        section, words, is_told = given, "As asked for.", True
        if section is None and "leaving" in self.base:
            section, words = self.base["leaving"], "As the base has it."
        if section is None:
            section, words, is_told = _proposed(proposed(self.log))
        self.base = {**self.base, "leaving": section}
        found = read_leaving(section)
        self.step(LEAVING_STEP, f"Lost is who {found.words}. {words}", is_done=is_told)
        return found

    def purchases(self) -> PurchaseFit | None:
        self.say("Fitting purchase models", 0, 0)
        if not (self.log.events["kind"] == Kind.PURCHASE).any():
            self.step(PURCHASES, "Nobody bought; the base's model is kept.", is_done=False)
            return None
        found = fit_purchases_by_holdout(self.log, self.calendar, self.fit_request(), self.cleaning)
        self.step(PURCHASES, found.words, is_done=found.found is not None)
        return found

    def scorecard(
        self,
        purchases: PurchaseFit | None,
        leaving: Leaving,
        missing: tuple[Need, ...],
    ) -> ThresholdFit | None:
        if missing:
            lacking = "; ".join(need.words for need in missing)
            self.step(SCORECARD, f"{self.kept} Too little history: {lacking}.", is_done=False)
            return None
        request = ChurnRequest(leaving=leaving, plan=self.request.plan, share=self.request.share)
        over = purchases.found.document if purchases and purchases.found else self.base
        early = self.early(purchases, leaving)
        try:
            aim = self.request.aim
            found = fit_with_thresholds(self.log, over, request, aim, early=early, say=self.say)
        except ScoringError as error:
            self.step(SCORECARD, f"{self.kept} It cannot be fitted: {error}.", is_done=False)
            return None
        self.step(SCORECARD, _fitted(found), is_done=found.search is not None)
        return found

    def early(self, purchases: PurchaseFit | None, leaving: Leaving) -> dict[str, Any] | None:
        """The file over which the history's first part is fitted."""
        cut = cut_of(self.log, self.calendar, leaving)
        if cut is None or purchases is None or purchases.found is None:
            return None
        last = date_of(cut.at, self.calendar) - timedelta(days=1)
        model = purchases.found.fits.asked.model
        request = replace(self.fit_request(), model=model)  # type: ignore[arg-type]
        return fitted_until(self.log, self.calendar, request, last) or dict(self.base)

    def document(self, purchases: PurchaseFit | None, churn: ThresholdFit | None) -> dict[str, Any]:
        """With a scorecard of the base's go the models that it weighs."""
        if churn is not None:
            return churn.found.document
        has_card = any(name in self.base for name in STALE)
        if has_card or purchases is None or purchases.found is None:
            return sealed(self.base)
        return purchases.found.document

    def backtest(self, churn: ThresholdFit | None, days: float) -> BacktestRun | None:
        if churn is None or churn.search is None or churn.early is None:
            words = "There is no part of the history that a fit had not seen to judge it by."
            self.step(BACKTEST, words, is_done=False)
            return None
        self.say("Backtesting out of time", 0, 0)
        best, period = churn.search.recommended, churn.search.period
        model = at_threshold(churn.early, best.middle, best.high)
        plan = BacktestPlan(start=period.start, end=period.end, days=days)
        first, last = (date_of(at, self.calendar) for at in period)
        whose = "" if self.request.share >= 1.0 else f" Warnings counted are those of {self.drawn}."
        words = f"{first} to {last}, by a fit to what came before.{whose}"
        self.step(BACKTEST, words, is_done=True)
        return backtest(self.log, model, plan, self.say)

    def fit_request(self) -> FitRequest:
        given = self.request
        own = given.base["book_currency"]
        return FitRequest(
            model="bgnbd",
            time_unit=self.base["time_unit"],
            winsorise=WINSORISE,
            base=self.base,
            name=given.name,
            segments=None if given.currency in {None, own} else given.base.get("segments"),
        )

    @property
    def drawn(self) -> str:
        return f"a share of {self.request.share:g} of the customers, drawn by lot"

    @property
    def kept(self) -> str:
        if "churn" in self.base:
            return "The base's scorecard is kept, with the models that it weighs."
        return "There is no scorecard; the other rules warn."

    def step(self, name: str, words: str, *, is_done: bool) -> None:
        self.steps.append(CalibrationStep(name, is_done, words))


def _proposed(found: LeavingProposal | None) -> tuple[dict[str, Any], str, bool]:
    if found is None:
        words = "Too few customers bought again to propose a number of days; it is the default."
        return LEAVING.model_dump(), words, False
    return found.section, f"Proposed: {found.words}", True


def _fitted(found: ThresholdFit) -> str:
    fit = found.found.scorecard["fit"]
    auc = fit["auc"]["value"]
    told = f"Fitted to {fit['customers']:,} customers, cross-validated AUC {auc:.3f}."
    return " ".join((told, *found.notes))
