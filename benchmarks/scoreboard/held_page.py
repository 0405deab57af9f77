"""The scoreboard's parts about warnings at equal lead, calibration and a made-up bank."""

import textwrap
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from benchmarks.scoreboard import held_tables
from benchmarks.scoreboard.calibrated import Third
from benchmarks.scoreboard.equal import Held
from benchmarks.scoreboard.files import PARTLY
from benchmarks.scoreboard.truth import RuleTruth

WIDTH: Final = 100
EQUAL: Final = """\
## Warnings at equal lead

Any precision can be had by waiting longer. So each threshold of the rule `churn` is held against
plain rules that lead by as much, over the same silences: those whose end, a lapse or a purchase,
lies in the days judged. The parameter file is fitted to what lies before them. Warnings end here as
plain rules do, with the silence; the shipped rule waits before it clears, so that its warnings
stand through the next silences too, which the tables of warnings further below count.

- **mean lead**: over all lapses, N - s days for the first right warning after s days of silence, 0
  where there was none, N where one stood since before the silence, which is no new warning.
- **warnings**: new ones in those silences; **precision**: right ones by all; **recall**: lapses
  warned of, also by a standing warning, by all.
- **stood**: silences that began under a warning of before. It costs no new warning and catches the
  lapse, but says no more than it did: a low threshold stands for nearly everybody. **counting
  stood** is *fewer by* as if each of these silences had a warning of its own, as a plain rule has.
- **plain rule as early**: *silent for D days* with D = N - mean lead; below it, where it is
  another, the plain rule with the fewest warnings at that mean lead. Rules tried are [those of the
  backtest](backtest.md#plain-rules).
- **fewer by**: the share of the plain rule's warnings that is spared, with its 95% interval, for
  which customers are drawn anew. Below 0 the plain rule is the better one."""
CASE: Final = """\
Judged from the day after {case.until} to {case.last}: {found.silences:,} silences,
{found.lapses:,} of them lapses of N = {case.lapse_days:g} days. Why so long:
{case.lapse_reason}."""
MANY: Final = "With as many warnings, the plain rule with the longest mean lead:"
THIRDS: Final = """\
## Calibration by thirds of the silence

Every seventh day all customers are looked at who have been silent for less than N days, in
silences whose N days are over before the log ends: how sure is the file of `churn_risk`, and how
many silences became N days long? The error is the expected calibration error over ten bins of
equal counts. Of perfectly calibrated forecasts 95% of errors lie in the last column; customers are
drawn anew for it, since looks at one silence end alike."""
TRUTH: Final = """\
## Rules against the truth of a made-up bank

Synthetic: [the simulator](simulator.md)'s bank of {customers:,} customers, seed {seed},
of whom it is known who leaves, how and since when. Rules have the thresholds of the fitted file,
band middle, but `churn` warns from .3 on, as above. A warning is right if the customer's decline
had begun. Beside each kind of leaver: the share warned of after the onset, or since before, of
those whose decline began {days:g} days before the
end or sooner, and the median days from the onset to the warning."""
PARTLY_ROWS: Final = """\
The last rows are the rule `churn` of a file that counts as leaving who {words}: it sees who ebbs
while still buying, and warns of more who stay. How many can be caught at all: [the
simulator](simulator.md#how-many-can-be-caught-at-all)."""
HEALTHY: Final = "Who stays, by trait: the share that a rule warned of at least once."
EARLY: Final = "Ebbing leavers, warned of well before they stop:"


def equal_parts(held: Sequence[Held]) -> Iterator[str]:
    """Warnings at equal lead, nothing where no case was held."""
    if held:
        yield EQUAL
    for found in held:
        yield f"### {found.case.name}, equal lead"
        yield textwrap.fill(CASE.format(case=found.case, found=found), WIDTH)
        yield held_tables.equal(found.rows)
        if any(one.rivals for one in found.rows):
            yield MANY
            yield held_tables.as_many(found.rows)


def thirds_parts(thirds: Mapping[str, Sequence[Third]]) -> Iterator[str]:
    """Calibration, nothing where no case was looked at."""
    if thirds:
        yield THIRDS
    for name, rows in thirds.items():
        yield f"### {name}, calibration"
        yield held_tables.thirds(rows)


def truth_parts(rows: Sequence[RuleTruth], customers: int, seed: int, days: float) -> Iterator[str]:
    """Rules against the truth, nothing where no rule was held."""
    if rows:
        yield textwrap.dedent(TRUTH.format(customers=customers, seed=seed, days=days))
        yield textwrap.fill(PARTLY_ROWS.format(words=PARTLY.words), WIDTH, break_on_hyphens=False)
        yield held_tables.truth(rows)
        yield HEALTHY
        yield held_tables.healthy(rows)
        yield EARLY
        yield held_tables.early(rows)
