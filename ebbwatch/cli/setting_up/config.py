"""`ebbwatch config`."""

import typer

from ebbwatch.cli.output import Json, console, mark, say_json, table


def show(*, as_json: Json = False) -> None:
    """Show every setting, secrets hidden."""
    from streams.config import Settings

    settings = Settings().redacted()
    if as_json:
        say_json(settings)
        return
    listed = table("variable", "value")
    for name, value in settings.items():
        listed.add_row(
            f"EBBWATCH_{name.upper()}", "[dim]not set[/]" if value is None else str(value)
        )
    console().print(listed)


def check(*, as_json: Json = False) -> None:
    """Try the files, Redis, Kafka and the topics; exit code 1 where anything is amiss."""
    from streams.config import Settings
    from streams.tools.check_config import check_all

    results = check_all(Settings())
    if as_json:
        say_json({"ok": all(r.ok for r in results), "checks": [r._asdict() for r in results]})
    else:
        listed = table("", "what", "found")
        for result in results:
            listed.add_row(mark(result.ok), result.what, result.found)
        console().print(listed)
    if not all(result.ok for result in results):
        raise typer.Exit(1)
