"""Figures on public data with the live code, written to docs/scoreboard.md.

python -m benchmarks.scoreboard [--lapse-days CDNOW=180] [--out FILE]
"""

import argparse
import shlex
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, TypeVar

from benchmarks.scoreboard import peer
from benchmarks.scoreboard.data import Case, cdnow, cdnow_sample, complete_journey
from benchmarks.scoreboard.files import fitted, with_churn
from benchmarks.scoreboard.holdout import expected
from benchmarks.scoreboard.page import Results, page
from benchmarks.scoreboard.ranking import ranked
from benchmarks.scoreboard.warned import Warned, warned

PAGE: Final = Path(__file__).parents[2] / "docs" / "scoreboard.md"
BOARD: Final = "python -m benchmarks.scoreboard"
T = TypeVar("T")


def main() -> None:
    options = _options()
    whole, baskets = (_with_n(case, options.lapse_days) for case in (cdnow(), complete_journey()))
    sample = cdnow_sample(whole, peer.sample_members())
    cases = (whole, sample, baskets)
    results = Results(
        cases=cases,
        ranked=dict(_each("ranking", (whole, baskets), lambda case: list(ranked(case)))),
        expected=dict(_each("holdout", cases, lambda case: list(expected(case)))),
        warned=dict(_each("warnings", (whole, baskets), _warned)),
        horizon=fitted(whole, "bgnbd")["horizon_days"],
    )
    command = shlex.join([*BOARD.split(), *sys.argv[1:]]) if sys.argv[1:] else "make scoreboard"
    day = datetime.now(UTC).date().isoformat()
    options.out.write_text(page(results, day, command), encoding="utf-8")
    print(f"written: {options.out}", file=sys.stderr)


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
