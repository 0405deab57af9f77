"""Figures on public data with the live code, written to docs/scoreboard.md and .json.

python -m benchmarks.scoreboard [--lapse-days CDNOW=180] [--only NAME]... [--out FILE.md]
"""

import argparse
import shlex
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, TypeVar

from benchmarks.scoreboard import bank, peer
from benchmarks.scoreboard.as_json import board
from benchmarks.scoreboard.calibrated import Third, thirds
from benchmarks.scoreboard.data import (
    Case,
    cdnow,
    cdnow_sample,
    complete_journey,
    complete_journey_sooner,
)
from benchmarks.scoreboard.equal import Held, held
from benchmarks.scoreboard.files import PARTLY, fitted, fitted_any, with_churn
from benchmarks.scoreboard.holdout import expected
from benchmarks.scoreboard.page import Results, page
from benchmarks.scoreboard.ranking import ranked
from benchmarks.scoreboard.truth import RuleTruth, against_truth, partly_against_truth
from benchmarks.scoreboard.warned import Warned, warned
from modelling.simulation import Truth

PAGE: Final = Path(__file__).parents[2] / "docs" / "scoreboard.md"
BOARD: Final = "python -m benchmarks.scoreboard"
T = TypeVar("T")


def main() -> None:
    options = _options()
    whole, baskets = (_with_n(case, options.lapse_days) for case in (cdnow(), complete_journey()))
    sample = cdnow_sample(whole, peer.sample_members())
    made_up, truth = bank.bank()
    of_warnings = _Files()
    judged = [whole, sample, complete_journey_sooner(baskets), _with_n(made_up, options.lapse_days)]
    judged = [case for case in judged if not options.only or case.name in options.only]
    beside = [found for _, found in _each("equal lead", judged, of_warnings.held)]
    by_third = dict(_each("calibration", judged, of_warnings.thirds))
    bank_cases = [case for case in judged if case.name == bank.NAME]
    against = [rows for _, rows in _each("truth", bank_cases, of_warnings.against(truth))]
    cases = () if options.only else (whole, sample, baskets)
    results = Results(
        cases=cases or judged,
        ranked=dict(_each("ranking", cases[::2], lambda case: list(ranked(case)))),
        expected=dict(_each("holdout", cases, lambda case: list(expected(case)))),
        warned=dict(_each("warnings", cases[::2], _warned)),
        horizon=fitted(whole, "bgnbd")["horizon_days"],
        held=beside,
        thirds=by_third,
        truth=[row for rows in against for row in rows],
    )
    command = shlex.join([*BOARD.split(), *sys.argv[1:]]) if sys.argv[1:] else "make scoreboard"
    day = datetime.now(UTC).date().isoformat()
    options.out.write_text(page(results, day, command), encoding="utf-8")
    text = board(day, results.held, results.thirds, results.truth)
    options.out.with_suffix(".json").write_text(text, encoding="utf-8")
    print(f"written: {options.out} and .json", file=sys.stderr)


class _Files:
    """Parameter files by case, each fitted once."""

    def __init__(self) -> None:
        self._made: dict[str, dict[str, Any]] = {}

    def of(self, case: Case) -> dict[str, Any]:
        if case.name not in self._made:
            self._made[case.name] = with_churn(case, fitted_any(case))
        return self._made[case.name]

    def held(self, case: Case) -> Held:
        return held(case, self.of(case))

    def thirds(self, case: Case) -> list[Third]:
        return list(thirds(case, self.of(case)))

    def against(self, truth: Truth) -> Callable[[Case], list[RuleTruth]]:
        def rows(case: Case) -> list[RuleTruth]:
            partly = with_churn(case, self.of(case), PARTLY)
            of_silence = against_truth(case, truth, self.of(case))
            return [*of_silence, *partly_against_truth(case, truth, partly)]

        return rows


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument(
        "--lapse-days",
        action="append",
        default=[],
        type=_lapse_days,
        metavar="DATA=N",
        help="days without a purchase after which a customer is lost",
    )
    parser.add_argument(
        "--only", action="append", help="equal lead and calibration of this data alone"
    )
    parser.add_argument("--out", type=Path, default=PAGE)
    return parser.parse_args()


def _lapse_days(text: str) -> tuple[str, float]:
    name, _, days = text.partition("=")
    return name, float(days)


def _with_n(case: Case, given: list[tuple[str, float]]) -> Case:
    return replace(case, lapse_days=dict(given).get(case.name, case.lapse_days))


def _warned(case: Case) -> Warned:
    return warned(case, with_churn(case, fitted(case, "bgnbd")))


def _each(what: str, cases: Iterable[Case], find: Callable[[Case], T]) -> Iterator[tuple[str, T]]:
    for case in cases:
        print(f"{what}, {case.name}", file=sys.stderr)
        yield case.name, find(case)


if __name__ == "__main__":
    main()
