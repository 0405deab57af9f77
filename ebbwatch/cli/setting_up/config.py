"""`ebbwatch config`."""

from ebbwatch.cli.output import Json, console, say_json, table


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
