"""Options that several commands have, each alike in all of them."""

from typing import Annotated

import typer

OfRules = Annotated[list[str] | None, typer.Option(help="Only of this rule; repeatable.")]
OfRoute = Annotated[str | None, typer.Option(help="Only of this one: risk, relationship.")]
OfBand = Annotated[str | None, typer.Option(help="Only of this one: middle, high.")]
OfSeverity = Annotated[
    float, typer.Option(min=0.0, help="Least value at risk, major units of the book currency.")
]
ScoredAt = Annotated[
    str | None, typer.Option(help="Score at this instant, ISO 8601; else at present.")
]
FirstJudged = Annotated[
    str | None, typer.Option("--from", help="First day judged; those before are replayed.")
]
LastJudged = Annotated[
    str | None, typer.Option(help="Last day; that of the last event by default.")
]
