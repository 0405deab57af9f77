"""One customer, as `ebbwatch inspect` shows it."""

from datetime import datetime
from typing import Any, Final

from rich.console import Group
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from ebbwatch.cli.output import WholeTable
from schemas import Segments
from schemas.outputs.now import AtTouchpoint, OpenWarning
from streams.outbox.phrases import money
from streams.tools.customers.look_up import Customer
from streams.tools.mending.not_used import NotUsed

COLOURS: Final = {"low": "green", "middle": "yellow", "high": "red"}


def document(found: Customer) -> dict[str, Any]:
    """The customer as one JSON value."""
    return found.model_dump(mode="json")


def page(found: Customer) -> Group:
    """The customer for people."""
    score = found.score
    heading = Text.assemble((found.customer_id, "bold"), (f"  as of {short(found.at)}", "dim"))
    return Group(
        heading,
        Text(""),
        _side_by_side(_scores(found), _history(found)),
        *_segments(score.segments),
        *_touchpoints(found.touchpoints),
        Text(""),
        *_warnings(found.warnings),
        *_set_aside(found),
        Text(f"Next timer in silence: {short(found.next_timer)}", style="dim"),
        Text(f"Parameters {_parameters(found)}, partition {found.partition}", style="dim"),
    )


def _parameters(found: Customer) -> str:
    """Those scored with here; and the workers', where they are others."""
    own, theirs = found.score.model_version, found.scored_with
    return own if theirs in {None, own} else f"{own} (workers: {theirs})"


def short(instant: datetime | str | None) -> str:
    """An instant of UTC without what people skip."""
    return str(instant)[:16].replace("T", " ") + " UTC" if instant else "none"


def _scores(found: Customer) -> dict[str, str]:
    s, highest = found.score, money(found.facts.clv_peak, found.score.currency)
    return {
        "churn risk": f"{s.churn_risk:.0%}",
        "alive": f"{s.p_alive:.0%}",
        f"no purchase in {s.horizon_days:.0f} days": f"{s.p_no_purchase:.0%}",
        "purchases expected": f"{s.expected_purchases:.1f}",
        "spend expected, each": money(s.expected_spend, s.currency),
        "lifetime value ahead": f"{money(s.clv, s.currency)}, at its highest {highest}",
        "risk band": s.risk_band,
        "relationship band": s.relationship_band,
    }


def _history(found: Customer) -> dict[str, str]:
    s, facts = found.score, found.facts
    return {
        "repeat purchase days": str(s.frequency),
        "first to last purchase": f"{s.recency_days:.0f} days",
        "since first purchase": f"{s.tenure_days:.0f} days",
        "last purchase": facts.last_purchase_day or "none",
        "a purchase day's value": money(s.monetary_value, s.currency),
        "all purchases' value": money(facts.total_value, s.currency),
        "events, duplicates": "{events}, {duplicates}".format(**facts.counts),
        "last survey, last NPS": f"{_given(facts.last_survey)}, {_given(facts.last_nps)}",
    }


def _set_aside(found: Customer) -> list[Text]:
    """What was refused of the customer's, or may have been."""
    lines = [_refused("of this customer", each) for each in found.set_aside or ()]
    if not lines:
        partition = f"in partition {found.partition}, which is this customer's"
        lines = [_refused(partition, each) for each in found.partition_set_aside]
    return [*lines, Text("")] if lines else []


def _refused(whose: str, each: NotUsed) -> Text:
    return Text(
        f"{each.records} records {whose} were set aside, the last {short(each.last)}: "
        f"{each.reason}, {each.where}: expected {each.expected}, got {each.got}. {each.help}",
        style="yellow",
    )


def _segments(segments: Segments | None) -> list[Text]:
    if segments is None:
        return []
    classes = segments.model_dump(exclude={"rfm", "category_shift", "satisfaction"})
    named = ", ".join(f"{name.replace('_', ' ')} {value}" for name, value in classes.items())
    satisfied = (
        f"satisfaction {segments.satisfaction:.0%}, categories moved {segments.category_shift:.0%}"
    )
    return [Text(""), Text(f"RFM {segments.rfm}; {named}; {satisfied}", style="dim")]


def _touchpoints(met: tuple[AtTouchpoint, ...]) -> list[Text | Table]:
    """Where the customer met the bank, the least satisfied first."""
    if not met:
        return []
    told = WholeTable("touchpoint", "satisfaction", "survey", "NPS", "last contact")
    for each in met:
        answers = _given(each.last_survey), _given(each.last_nps)
        told.add_row(
            each.touchpoint, f"{each.satisfaction:.0%}", *answers, short(each.last_contact)
        )
    return [Text(""), told]


def _given(answer: int | None) -> str:
    return "none" if answer is None else str(answer)


def _side_by_side(left: dict[str, str], right: dict[str, str]) -> Table:
    grid = WholeTable("", "", "", "", gap=3, shows_titles=False)
    for column, style in zip(grid.columns, ("dim", "bold", "dim", "bold"), strict=True):
        column.style = style
    for (name, value), (other, known) in zip(left.items(), right.items(), strict=True):
        grid.add_row(name, Text(value, style=COLOURS.get(value, "")), other, known)
    return grid


def _warnings(warnings: tuple[OpenWarning, ...]) -> list[Text | Padding]:
    if not warnings:
        return [Text("No open warning.", style="green"), Text("")]
    return [part for warning in warnings for part in _warning(warning)]


def _warning(warning: OpenWarning) -> list[Text | Padding]:
    heading = Text.assemble(
        (f"{warning.band.upper():<7}", f"bold {COLOURS[warning.band]}"),
        (warning.rule, "bold"),
        (f"  {warning.route} topic, since {short(warning.since)}", "dim"),
    )
    clearing = warning.would_clear.text if warning.would_clear else ""
    body = Text.assemble(warning.reason.text, "\n", (clearing, "dim"))
    return [heading, Padding(body, (0, 0, 1, 7), expand=False)]
