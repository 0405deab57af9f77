"""docs/personas.md: what was told of each persona by a real run.

`PYTHONPATH=tests/support python -m persona_page` writes it anew.
"""

import json
import tempfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from harness import Worker, crew, make_settings
from personas import PERSONAS, SCENARIOS, CardHolder
from traces import as_messages, cases_by_id, run_undisturbed, warnings_by_id, write

from ebbwatch.demo.settings import PARAMETERS
from ebbwatch.stack import Stack, running
from streams.broker.routing import topics_of
from streams.config import Settings

PAGE: Final = Path(__file__).parents[2] / "docs" / "personas.md"
BEGIN: Final = "<!-- from here on written by a run -->\n"
PARTS: Final = {
    "## By the packaged preset for cards": PERSONAS,
    "## The scenarios and their twins, by the parameters of `ebbwatch demo`": SCENARIOS,
}
Told = Mapping[str, Any]


def told(stack: Stack, prefix: str, start: Callable[..., Worker]) -> tuple[list[Told], list[Told]]:
    """Warnings and cases: by the preset for cards, and of the scenarios by the demo's."""
    runs = (
        lived(stack, f"{prefix}cards.", start, PERSONAS, preset="cards"),
        lived(stack, f"{prefix}demo.", start, SCENARIOS, parameters_file=PARAMETERS),
    )
    told_of = [each for run in runs for each in warnings(run)]
    return told_of, [each for run in runs for each in cases(run)]


def lived(
    stack: Stack,
    prefix: str,
    start: Callable[..., Worker],
    who: Iterable[CardHolder],
    **changes: object,
) -> Settings:
    """Let a worker live through all events of some."""
    settings = make_settings(stack, prefix, partitions=2, **changes)
    events = [event for persona in who for event in persona.events()]
    for topic in settings.input_topics:
        kinds = {kind for kind, own in topics_of(settings).items() if own == topic}
        own = (event for event in events if event["type"] in kinds)
        write(settings, topic, as_messages(sorted(own, key=lambda event: event["event_time"])))
    run_undisturbed(settings, start)
    return settings


def warnings(settings: Settings) -> list[Told]:
    """Every warning's messages, by time, those of one instant by rule."""
    found = [json.loads(value) for _, value in warnings_by_id(settings).values()]
    return sorted(found, key=lambda each: (each["event_time"], each["rule"], each["sequence"]))


def cases(settings: Settings) -> list[Told]:
    """Every message of a case, by time."""
    found = map(json.loads, cases_by_id(settings).values())
    return sorted(found, key=lambda each: (each["event_time"], each["sequence"]))


def tables(warned: Sequence[Told], about: Sequence[Told]) -> str:
    """The page's tables."""
    return "\n".join(
        f"{head}\n\n| who | what they do | what is told | the case |\n|---|---|---|---|\n"
        + "".join(f"{_row(persona, warned, about)}\n" for persona in who)
        for head, who in PARTS.items()
    )


def _row(persona: CardHolder, warned: Sequence[Told], about: Sequence[Told]) -> str:
    lines = [
        f"{_day(told)} `{told['rule']}` {told['lifecycle']}"
        + (f", {told['band']}: {told['action']}" if told["band"] != "low" else "")
        for told in of(persona, warned)
    ]
    told_of = "<br>".join(lines) or "nothing"
    case = "<br>".join(" ".join(line) for line in case_lines(of(persona, about))) or "none"
    return f"| {persona.name} | {persona.story} | {told_of} | {case} |"


def warning_lines(warned: Iterable[Told]) -> tuple[str, ...]:
    """Rule, lifecycle and band of each message."""
    return tuple(f"{told['rule']} {told['lifecycle']}, {told['band']}" for told in warned)


def case_lines(about: Iterable[Told]) -> list[tuple[str, str]]:
    """Day of openings and closings; of what comes between, which warning leads."""
    lines: list[tuple[str, str]] = []
    for told in about:
        if told["status"] == "closed":
            lines.append((_day(told), f"closed: {told['closed_by']}"))
            continue
        leading = next(w for w in told["warnings"] if w["warning_id"] == told["leading"])
        line = f"{leading['rule']} leads, {told['band']}"
        if not lines or lines[-1][1] != line:
            lines.append((_day(told), line))
    return lines


def of(persona: CardHolder, told: Iterable[Told]) -> list[Told]:
    """What is told of one of them."""
    return [each for each in told if each["customer_id"] == persona.name]


def _day(told: Told) -> str:
    return str(told["event_time"])[:10]


def main() -> None:
    """Run, and write the table into the page."""
    with running() as stack, tempfile.TemporaryDirectory() as folder, crew(Path(folder)) as start:
        head = PAGE.read_text(encoding="utf-8").partition(BEGIN)[0]
        made = tables(*told(stack, "personas.", start))
        PAGE.write_text(f"{head}{BEGIN}\n{made}", encoding="utf-8")


if __name__ == "__main__":
    main()
