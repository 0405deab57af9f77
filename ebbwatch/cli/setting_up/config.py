"""`ebbwatch config`."""

from rich.text import Text

from ebbwatch.cli.output import Json, WholeTable, console, say_json


def show(*, as_json: Json = False) -> None:
    """Show every setting, secrets hidden."""
    from streams.config import Settings

    settings = Settings().redacted()
    if as_json:
        say_json(settings)
        return
    listed = WholeTable("variable", "value")
    for name, value in settings.items():
        listed.add_row(
            f"EBBWATCH_{name.upper()}", Text("not set", "dim") if value is None else str(value)
        )
    console().print(listed)
