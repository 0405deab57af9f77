"""`ebbwatch rules diff`."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from ebbwatch.cli.dates import day
from ebbwatch.cli.history.options import HistoryOptions, reads_history
from ebbwatch.cli.options import FirstJudged, LastJudged
from ebbwatch.cli.output import Json, WholeTable, console, say_json, telling
from ebbwatch.cli.setting_up.rules import File, of_the_file, rule_row


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
        {rule.name: {**rule_row(model, rule), **_more(model, rule)} for rule in model.rules.rules}
        for model in models
    ]
    files = [{None: of_the_file(model)} for model in models]
    changes = [*_changes(*files), *_changes(*rows)]
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


def _more(model: Any, rule: Any) -> dict[str, Any]:  # noqa: ANN401 - their modules load when asked
    """What `rules show` leaves out."""
    classes = rule.segmented.classes if rule.segmented else ()
    return {
        "actions": list(rule.actions),
        "interventions": list(rule.interventions),
        "by_tier": _by_tier(model.rules, rule),
        "words": rule.words,
        "classes": [list(each) for each in classes],
    }


def _by_tier(rules: Any, rule: Any) -> dict[str, list[str]]:  # noqa: ANN401 - likewise
    """What the rule's bands call for of customers of each tier, where it is not the usual."""
    from scoring.rules.tiers import VALUE_TIERS, WARNING_BANDS

    cells = {
        f"{band} band, {name} tier": (level, tier)
        for level, band in enumerate(WARNING_BANDS, 1)
        for tier, name in enumerate(VALUE_TIERS)
    }
    return {
        cell: list(rules.calls_for(rule.slot, *place))
        for cell, place in cells.items()
        if rules.calls_for(rule.slot, *place) != rules.calls_for(rule.slot, place[0], None)
    }


def _changes(
    before: Mapping[Any, dict[str, Any]], after: Mapping[Any, dict[str, Any]]
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
    >>> _spoken({"rule": None, "what": "tiers", "before": None, "after": 3})
    'tiers None -> 3'
    """
    about = "" if change["rule"] is None else f"{change['rule']}: "
    if "before" not in change:
        return f"{about}{change['what']}"
    told = (
        f"{v:g}" if isinstance(v, float) else str(v) for v in (change["before"], change["after"])
    )
    return f"{about}{change['what'].replace('_', ' ')} {' -> '.join(told)}"


def _show(found: dict[str, Any]) -> None:
    warned, cases = found["customers_warned"], found["cases_per_day"]
    typer.echo(
        f"\n{found['customers']} customers, {found['from'][:10]} to {found['until'][:10]}; "
        f"warned of by both {warned['both']}, before only {warned['before_only']}, after only "
        f"{warned['after_only']}; cases a day {_two(cases, '{:.2f}')}"
    )
    listed = WholeTable("rule", "band", "a day", "precision", "recall", "lead, days")
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
