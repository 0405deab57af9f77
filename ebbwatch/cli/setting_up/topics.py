"""`ebbwatch topics`."""

import typer
from rich.text import Text

from ebbwatch.cli.output import Json, WholeTable, console, mark, say_json


def create(*, as_json: Json = False) -> None:
    """Create the topics that are missing, all of them or none."""
    from streams.broker.clients import ClientOptions
    from streams.broker.topics import create_topics, topic_specs
    from streams.config import Settings

    settings = Settings()
    specs = topic_specs(settings)
    options = ClientOptions(settings).kafka_python()
    created = create_topics(settings.kafka_bootstrap, specs, **options)
    if as_json:
        existing = [spec.name for spec in specs if spec.name not in created]
        say_json({"created": created, "existing": existing, "partitions": settings.partitions})
        return
    for spec in specs:
        state = "created" if spec.name in created else "exists"
        console().print(
            Text.assemble(
                mark(good=True),
                f" {spec.name}  ",
                (f"{state}, {spec.partitions} partitions", "dim"),
            )
        )


def show(*, as_json: Json = False) -> None:
    """List the topics and how many partitions they have; exit code 1 where any is missing."""
    from streams.broker.clients import ClientOptions
    from streams.broker.topics import list_topics, topic_specs
    from streams.config import Settings

    settings = Settings()
    found = list_topics(settings.kafka_bootstrap, **ClientOptions(settings).kafka_python())
    rows = {spec.name: found.get(spec.name) for spec in topic_specs(settings)}
    if as_json:
        say_json({"expected_partitions": settings.partitions, "topics": rows})
    else:
        _show(rows, settings.partitions)
    if any(count != settings.partitions for count in rows.values()):
        raise typer.Exit(1)


def adopt(*, as_json: Json = False) -> None:
    """Read input topics that were made anew from their beginning; stop the workers first.

    Customers' states stay as they are, and topics that are still the same are read on as before.
    """
    import asyncio

    from streams.config import Settings
    from streams.tools.mending.adopt_topics import adopt_topics

    taken = asyncio.run(adopt_topics(Settings()))
    if as_json:
        say_json({"partitions_adopted": taken})
        return
    for topic, count in taken.items():
        told = f"read from its beginning, {count} partitions" if count else "is the one known"
        console().print(Text.assemble(mark(good=True), f" {topic}  ", (told, "dim")))


def _show(rows: dict[str, int | None], expected: int) -> None:
    listed = WholeTable("", "topic", "partitions")
    for name, count in rows.items():
        listed.add_row(mark(count == expected), name, "missing" if count is None else str(count))
    console().print(listed)
