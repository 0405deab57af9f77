"""Why a customer's risk is what it is, as `ebbwatch explain` shows it."""

from typing import Any

from rich.console import Group
from rich.padding import Padding
from rich.text import Text

from ebbwatch.cli.pages.customer import COLOURS, short
from schemas.outputs.now import AtTouchpoint, CustomerNow, OpenWarning
from streams.outbox.phrases import money


def document(found: CustomerNow) -> dict[str, Any]:
    """All that is known, as one JSON value: what `serve` answers with `would_clear=true`."""
    return found.model_dump(mode="json", include=set(CustomerNow.model_fields))


def page(found: CustomerNow) -> Group:
    """The explanation for people."""
    score = found.score
    days = score.churn_horizon_days or score.horizon_days
    lines = [
        Text.assemble((found.customer_id, "bold"), (f"  as of {short(found.at)}", "dim")),
        Text.assemble(
            "churn risk ",
            (f"{score.churn_risk:.0%}", "bold"),
            f" within {days:.0f} days, {found.confidence} confidence; at stake ",
            (money(found.value_at_stake, score.currency), "bold"),
        ),
        Text(""),
        Text(f"{found.points:+8.1f}  points in all, of which"),
        Text(f"{found.base_points:+8.1f}  whoever gives no reason has"),
        *(_reason(f"{each.points:+8.1f}", each.rule, each.text) for each in found.reasons),
        Text(f"{found.other_points:+8.1f}  what gives few points each"),
        Text(""),
    ]
    lines += [] if _is_named(found) else [_weakest(each) for each in found.touchpoints[:1]]
    lines += [Text(found.needs.text, style="dim")] if found.needs and found.needs.text else []
    told = [part for warning in found.warnings for part in _warning(warning)]
    nothing = [Text("No open warning.", style="green")]
    timer = Text(f"Silence alone may change that: {short(found.next_timer)}", style="dim")
    version = Text(f"Parameters {score.model_version}. {found.advisory}", style="dim")
    return Group(*lines, *(told or nothing), timer, version)


def _is_named(found: CustomerNow) -> bool:
    """Whether what the customer needs says where they are least satisfied."""
    return found.needs is not None and found.needs.weakest_touchpoint is not None


def _weakest(at: AtTouchpoint) -> Text:
    """Where the customer is least satisfied."""
    return Text(f"Least satisfied at: {at.touchpoint}, {at.satisfaction:.0%}", style="dim")


def _reason(points: str, rule: str, text: str) -> Text:
    return Text.assemble(f"{points}  ", (f"{rule}: ", "bold"), text)


def _warning(warning: OpenWarning) -> tuple[Text | Padding, ...]:
    head = Text.assemble(
        (f"{warning.band.upper()} ", f"bold {COLOURS[warning.band]}"),
        (warning.rule, "bold"),
        f" since {short(warning.since)}",
    )
    clearing = warning.would_clear.text if warning.would_clear else "Nothing is known to clear it."
    return head, Padding(Text(f"{warning.action_text}\n{clearing}"), (0, 0, 0, 4), expand=False)
