"""The decoders of the input topics, as the settings have them."""

import time
from collections.abc import Callable

from schemas import BatchAdapter, Interaction, Transaction
from schemas.events.outcomes import CustomerOutcome
from streams.broker.partitioner import partitioner
from streams.config import Settings
from streams.intake.columns import Event
from streams.intake.decode import Decoder
from streams.intake.rates import read_rates

Clock = Callable[[], float]
Told = Callable[[int], None]


def decoders_of(
    settings: Settings,
    currency: str,
    wall: Clock = time.time,
    on_ahead: Callable[[str], Told] = lambda _: lambda _: None,
) -> dict[str, Decoder]:
    """A decoder for each input topic, in merge order.

    Args:
        settings: topics, rates, partitions, and the mode: a replay knows no wall.
        currency: of the book.
        wall: the present of a live worker, epoch seconds.
        on_ahead: makes of a topic what is told of its events of a time still to come.
    """
    rates = read_rates(settings.rates_file, currency)
    adapters: tuple[BatchAdapter[Event], ...] = (
        BatchAdapter(Transaction),
        BatchAdapter(Interaction),
        BatchAdapter(CustomerOutcome),
    )
    by, live = partitioner(settings.partitioner), settings.mode == "live"
    return {
        topic: Decoder(
            adapter,
            rates,
            settings.future_tolerance,
            wall if live else None,
            settings.partitions,
            on_ahead(topic),
            by,
            are_answers=topic == settings.outcome_topic,
        )
        for topic, adapter in zip(settings.input_topics, adapters, strict=True)
    }
