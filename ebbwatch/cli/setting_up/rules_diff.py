"""`ebbwatch rules diff`."""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import typer

from ebbwatch.cli.dates import day
from ebbwatch.cli.history.options import HistoryOptions, reads_history
from ebbwatch.cli.options import FirstJudged, LastJudged
from ebbwatch.cli.output import Json, console, say_json, table, telling
from ebbwatch.cli.setting_up.rules import File, rule_row


@reads_history
def diff(
    before: File,
    after: File,
    *,
    params: Annotated[
        Path | None, typer.Option(help="Parameter file; else that of the settings.")
    ] = None,
    history: HistoryOptions,
    start: FirstJudged = None,
    until: LastJudged = None,
    as_json: Json = False,
) -> None:
    """Tell what two rules files differ in, and what would change for the customers of a history.

    Without a HISTORY only the rules are compared.
    """
    from streams.config import with_parameters
    from streams.parameters.file import load_model

    models = [load_model(with_parameters(params, file)) for file in (before, after)]
    rows = [
        {rule.name: {**rule_row(model, rule), **_more(rule)} for rule in model.rules.rules}
        for model in models
    ]
    changes = list(_changes(*rows))
    names = dict(zip(("before", "after"), (model.rules.version for model in models), strict=True))
    found = _replayed(history, models, (start, until), quiet=as_json) if history.paths else None
    if as_json:
        say_json({**names, "changes": changes, "history": found})
        return
    typer.echo(f"{names['before']} -> {names['after']}")
    typer.echo("\n".join(map(_spoken, changes)) or "the rules say the same")
    if found is not None:
        _show(found)


def _replayed(
    history: HistoryOptions, models: list[Any], days: tuple[str | None, str | None], *, quiet: bool
) -> dict[str, Any]:
    from ebbwatch.cli.history import reading
    from modelling.backtest.rules_diff import rules_diff, rules_diff_json
    from modelling.backtest.run import BacktestPlan
    from modelling.bulk.apart import HistoryApart
    from modelling.history import Book, day_number, midnight, midnight_after
    from streams.config import Settings

    book = Book.of(models[0], Settings().rates_file)
    first, last = day("--from", days[0]), day("--until", days[1])
    plan = BacktestPlan(
        start=midnight(day_number(first), book.calendar) if first else None,
        end=midnight_after(book, last) if last else None,
    )
    with telling(quiet=quiet) as say, reading.in_parts(history, book, say, last) as read:
        before, after = models
        return rules_diff_json(rules_diff(HistoryApart.of(read.parts), before, after, plan, say))


def _more(rule: Any) -> dict[str, Any]:  # noqa: ANN401 - its module loads when asked
    """What `rules show` leaves out."""
    classes = rule.segmented.classes if rule.segmented else ()
    return {
        "actions": list(rule.actions),
        "interventions": list(rule.interventions),
        "words": rule.words,
        "classes": [list(each) for each in classes],
    }


def _changes(
    before: dict[str, dict[str, Any]], after: dict[str, dict[str, Any]]
) -> Iterator[dict[str, Any]]:
    """What was added, removed and changed, in the order of slots."""
    for name in dict.fromkeys([*before, *after]):
        old, new = before.get(name), after.get(name)
        if old is None or new is None:
            yield {"rule": name, "what": "removed" if new is None else "added"}
            continue
        for key in old:
            if old[key] != new[key]:
                yield {"rule": name, "what": key, "before": old[key], "after": new[key]}


def _spoken(change: dict[str, Any]) -> str:
    """A change in words.

    >>> _spoken({"rule": "silence", "what": "middle", "before": 0.9, "after": 0.95})
    'silence: middle 0.9 -> 0.95'
    >>> _spoken({"rule": "dormant", "what": "added"})
    'dormant: added'
    """
    if "before" not in change:
        return f"{change['rule']}: {change['what']}"
    told = (
        f"{v:g}" if isinstance(v, float) else str(v) for v in (change["before"], change["after"])
    )
    return f"{change['rule']}: {change['what'].replace('_', ' ')} {' -> '.join(told)}"


def _show(found: dict[str, Any]) -> None:
    warned, cases = found["customers_warned"], found["cases_per_day"]
    typer.echo(
        f"\n{found['customers']} customers, {found['from'][:10]} to {found['until'][:10]}; "
        f"warned of by both {warned['both']}, before only {warned['before_only']}, after only "
        f"{warned['after_only']}; cases a day {_two(cases, '{:.2f}')}"
    )
    listed = table("rule", "band", "a day", "precision", "recall", "lead, days")
    for one in found["rules"]:
        figures = {side: one[side] or {} for side in ("before", "after")}
        if any(each.get("warnings") for each in figures.values()):
            shown = (("warnings_per_day", "{:.2f}"), ("precision", "{:.1%}"),
                     ("recall", "{:.1%}"), ("lead_days", "{:.0f}"))  # fmt: skip
            cells = [
                _two({side: each.get(key) for side, each in figures.items()}, form)
                for key, form in shown
            ]
            listed.add_row(one["rule"], one["band"], *cells)
    console().print(listed)
    for kind in ("lost", "gained"):
        typer.echo(f"{kind}: {found[kind]['count']} customers by a rule")
        for each in found[kind]["examples"]:
            told = (each[key] for key in ("customer_id", "rule", "band", "event_time"))
            typer.echo(f"  {' '.join(told)}")


def _two(values: dict[str, float | None], form: str) -> str:
    return " -> ".join("none" if v is None else form.format(v) for v in values.values())
