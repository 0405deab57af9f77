"""Faults of the network between the workers and Redis, and between everybody and Kafka."""

from functools import partial

from chaos.fault import Fault
from chaos.proxy import Line
from chaos.scene import Scene


def cut(scene: Scene) -> None:
    scene.network.become(Line.CUT)


def slow(scene: Scene) -> None:
    """A third of a second each way."""
    scene.network.become(Line.FINE, delay=0.3)


def swallow(scene: Scene) -> None:
    scene.network.become(Line.SWALLOWS)


def mend(scene: Scene) -> None:
    scene.network.become(Line.FINE)


TO_REDIS = partial(Fault, undo=mend, between="redis", settings={"redis_timeout": 1.0})
TO_KAFKA = partial(Fault, undo=mend, between="kafka")
FAULTS = (
    TO_REDIS("the network to Redis is cut", cut, hold=4.0, times=(2, 0)),
    TO_REDIS("the network to Redis is slow", slow, hold=6.0, times=(1, 0)),
    TO_REDIS("connections to Redis are half open", swallow, hold=6.0, times=(2, 1)),
    TO_KAFKA("the network to Kafka is cut", cut, hold=8.0, times=(2, 0)),
    TO_KAFKA("the network to Kafka is slow", slow, hold=8.0, times=(1, 0)),
    TO_KAFKA("connections to Kafka are half open", swallow, hold=12.0, times=(1, 0)),
)
