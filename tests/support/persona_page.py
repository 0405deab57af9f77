"""docs/personas.md: what was told of each persona by a real run.

`PYTHONPATH=tests/support python -m persona_page` writes it anew.
"""

import json
import tempfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from harness import Worker, crew, make_settings
from personas import PERSONAS, CardHolder
from traces import as_messages, cases_by_id, run_undisturbed, warnings_by_id, write

from ebbwatch.stack import Stack, running
from streams.broker.routing import topics_of
from streams.config import Settings

PAGE: Final = Path(__file__).parents[2] / "docs" / "personas.md"
BEGIN: Final = "<!-- from here on written by a run -->\n"
Told = Mapping[str, Any]


def lived(stack: Stack, prefix: str, start: Callable[..., Worker]) -> Settings:
    """Let a worker live through all personas' events, with the packaged preset for cards."""
    settings = make_settings(stack, prefix, partitions=2, preset="cards")
    events = [event for persona in PERSONAS for event in persona.events()]
    for topic in settings.input_topics:
        kinds = {kind for kind, own in topics_of(settings).items() if own == topic}
        own = (event for event in events if event["type"] in kinds)
        write(settings, topic, as_messages(sorted(own, key=lambda event: event["event_time"])))
    run_undisturbed(settings, start)
    return settings


def warnings(settings: Settings) -> list[Told]:
    """Every warning's messages, by time."""
    told = [json.loads(value) for _, value in warnings_by_id(settings).values()]
    return sorted(told, key=lambda each: (each["event_time"], each["sequence"]))


def cases(settings: Settings) -> list[Told]:
    """Every message of a case, by time."""
    told = map(json.loads, cases_by_id(settings).values())
    return sorted(told, key=lambda each: (each["event_time"], each["sequence"]))


def table(warned: Sequence[Told], about: Sequence[Told]) -> str:
    """The page's table."""
    rows = "\n".join(_row(persona, warned, about) for persona in PERSONAS)
    return f"| who | what they do | what is told | the case |\n|---|---|---|---|\n{rows}\n"


def _row(persona: CardHolder, warned: Sequence[Told], about: Sequence[Told]) -> str:
    own = _of(persona, warned)
    lines = [
        f"{_day(told)} `{told['rule']}` {told['lifecycle']}"
        + (f", {told['band']}: {told['action']}" if told["band"] != "low" else "")
        for told in own
    ]
    told_of = "<br>".join(lines) or "nothing"
    return f"| {persona.name} | {persona.story} | {told_of} | {_case(_of(persona, about))} |"


def _case(about: Sequence[Told]) -> str:
    """Openings and closings; of what comes between, which warning leads."""
    lines: list[str] = []
    for told in about:
        if told["status"] == "closed":
            lines.append(f"{_day(told)} closed: {told['closed_by']}")
            continue
        leading = next(w for w in told["warnings"] if w["warning_id"] == told["leading"])
        line = f"{leading['rule']} leads, {told['band']}"
        if not lines or not lines[-1].endswith(line):
            lines.append(f"{_day(told)} {line}")
    return "<br>".join(lines) or "none"


def _of(persona: CardHolder, told: Iterable[Told]) -> list[Told]:
    return [each for each in told if each["customer_id"] == persona.name]


def _day(told: Told) -> str:
    return str(told["event_time"])[:10]


def main() -> None:
    """Run, and write the table into the page."""
    with running() as stack, tempfile.TemporaryDirectory() as folder, crew(Path(folder)) as start:
        settings = lived(stack, "personas.", start)
        head = PAGE.read_text(encoding="utf-8").partition(BEGIN)[0]
        made = table(warnings(settings), cases(settings))
        PAGE.write_text(f"{head}{BEGIN}\n{made}", encoding="utf-8")


if __name__ == "__main__":
    main()
