"""The demo's whole log: the real purchases and the synthetic customers, by topic and time."""

from typing import Final

from ebbwatch.demo.events.cdnow import purchases
from ebbwatch.demo.events.habits import Event
from ebbwatch.demo.events.personas import PERSONAS
from streams.broker.message import Message
from streams.broker.routing import message, topic_of
from streams.config import Settings

SEED: Final = 7


def synthetic(seed: int = SEED) -> list[Event]:
    """The personas' events, one customer after the other."""
    return [event for persona in PERSONAS for event in persona.events(seed)]


def messages(settings: Settings) -> dict[str, list[Message]]:
    """Everything the demo writes, by input topic, each in event-time order."""
    by_topic: dict[str, list[Event]] = {topic: [] for topic in settings.input_topics}
    for event in [*purchases(), *synthetic()]:
        by_topic[str(topic_of(event["type"], settings))].append(event)
    return {topic: [message(e) for e in _in_order(events)] for topic, events in by_topic.items()}


def _in_order(events: list[Event]) -> list[Event]:
    return sorted(events, key=lambda event: event["event_time"])
