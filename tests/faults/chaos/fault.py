"""What a fault is, in the words of the registry."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from chaos.scene import Scene


def nothing(_: Scene) -> None:
    """Nothing has to be undone."""


@dataclass(frozen=True)
class Fault:
    """One way in which things break, in the middle of the work.

    Attributes:
        name: in plain words: what is broken.
        inject: breaks it.
        undo: mends it, as an operator would.
        hold: seconds between the two.
        times: how often, in the whole suite and in the slice that runs with the tests; 0 leaves
            it out of the slice.
        loses: what Redis itself may have lost of what it acknowledged, or nothing.
        workers: how many there are.
        settings: in which their settings differ.
        refused: whether workers are to refuse what they find, and leave everything as it is.
        check: of what else must have come of it, such as an alarm.
        between: the server that the fault's network leads to, `redis` or `kafka`.
        broker: Kafka's own settings, in which it differs.
        odd_clock: whether workers read a wall clock that the fault may set.
        of_three: whether there are three brokers instead of one.
        live: whether lives reach up to now and purchases go on now, and silence goes by the wall.
        redis: several servers instead of one: a `cluster`, or a master that `sentinels` watch.
    """

    name: str
    inject: Callable[[Scene], None]
    undo: Callable[[Scene], None] = nothing
    hold: float = 0.0
    times: tuple[int, int] = (1, 0)
    loses: str = ""
    workers: int = 2
    settings: Mapping[str, Any] = field(default_factory=dict)
    refused: bool = False
    check: Callable[[Scene], None] = nothing
    between: str = ""
    broker: Mapping[str, str] = field(default_factory=dict)
    of_three: bool = False
    odd_clock: bool = False
    live: bool = False
    redis: str = ""
