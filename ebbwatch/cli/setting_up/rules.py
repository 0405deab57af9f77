"""`ebbwatch rules`."""

import tomllib
from pathlib import Path
from typing import Annotated, Any

import typer

from ebbwatch.cli.output import Json, WholeTable, console, say_json

File = Annotated[Path, typer.Argument(help="A rules file (TOML).")]


def check(file: File, *, as_json: Json = False) -> None:
    """Name every mistake of a rules file with its line; exit code 1 where there is one."""
    from scoring.rules import RulesError, read_rules
    from streams.config import Settings
    from streams.parameters.file import load_model

    try:
        found = read_rules(file.read_bytes(), str(file))
    except RulesError as error:
        if as_json:
            say_json({"ok": False, "mistakes": [m._asdict() for m in error.mistakes]})
        else:
            typer.echo("\n".join(f"{file}, {mistake}" for mistake in error.mistakes))
        raise typer.Exit(1) from error
    load_model(
        Settings(rules_file=file)
    )  # with the parameters in use, or it says what does not fit
    if as_json:
        say_json({"ok": True, "version": found.version, "rules": len(found.rules)})
    else:
        typer.echo(f"{file}: {found.version}, {len(found.rules)} rules")


def show(
    file: Annotated[Path | None, typer.Argument(help="A rules file; else the one in use.")] = None,
    *,
    template: Annotated[
        bool, typer.Option("--shipped", help="Print the file that comes with the program.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Show the rules in force, with their thresholds, as a table."""
    from scoring.rules import shipped_text
    from streams.config import Settings
    from streams.parameters.file import load_model

    if template:
        if as_json:
            say_json(tomllib.loads(shipped_text()))
        else:
            typer.echo(shipped_text(), nl=False)
        return
    model = load_model(Settings(rules_file=file) if file else Settings())
    rows = [rule_row(model, rule) for rule in model.rules.rules]
    if as_json:
        say_json({"version": model.rules.version, "rules": rows, **of_the_file(model)})
        return
    listed = WholeTable("#", "rule", "route", "value", "middle", "high", "back by", "warns")
    for row in rows:
        levels = [f"{row[key]:g}" for key in ("middle", "high", "hysteresis")]
        value = f"{row['value']} {row['direction']}"
        warns = "yes" if row["raises"] else "no"
        listed.add_row(str(row["slot"]), row["rule"], row["route"], value, *levels, warns)
    console().print(listed)
    if model.rules.newcomers_from is not None:
        typer.echo(f"\nWho begins is new to the bank from {model.rules.newcomers_from} on.")
    if (tiers := of_the_file(model)["tiers"]) is not None:
        typer.echo(
            f"\nValue tiers begin at {tiers['middle']} and {tiers['high']} minor units, by the "
            f"{'rules' if model.rules.tiers else 'parameter'} file."
        )
    if (share := model.rules.holdout.share) > 0.0:
        typer.echo(f"\nLeft alone, to tell what acting is worth: {share:.4g} of the customers.")
    typer.echo(f"\n{model.rules.version} with {model.parameters.version}")


def of_the_file(model: Any) -> dict[str, Any]:  # noqa: ANN401 - its module loads when asked
    """What holds beside the rules; amounts in minor units."""
    cuts = model.thresholds.tiers
    return {
        "tiers": None if cuts is None else dict(zip(("middle", "high"), cuts, strict=True)),
        "holdout": model.rules.holdout._asdict(),
    }


def rule_row(model: Any, rule: Any) -> dict[str, Any]:  # noqa: ANN401 - their modules load when asked
    """One rule in force; thresholds in the unit of its value, money in minor units."""
    bands, slot, value = model.bands, rule.slot, rule.value.name.lower()
    first = model.rules.newcomers_from
    return {
        "slot": slot,
        "rule": rule.name,
        "route": rule.route,
        "value": value,
        "direction": "above" if rule.sign > 0 else "below",
        "middle": rule.sign * float(bands.middle[slot]),
        "high": rule.sign * float(bands.high[slot]),
        "hysteresis": float(bands.hysteresis[slot]),
        "raises": bool(model.thresholds.raises[slot]),
        "cooldown_days": float(model.thresholds.cooldown[slot]) / 86_400.0,
        "clear_after_days": float(model.thresholds.clear_after[slot]) / 86_400.0,
        "in_silence": str(rule.in_silence),
        "quiet": None if rule.quiet is None else str(rule.quiet),
        "by_segment": rule.segmented and rule.segmented.by,
        **({"newcomers_from": first and first.isoformat()} if value == "newcomer_days" else {}),
    }
