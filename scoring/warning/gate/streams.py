"""The streams that are watched: the two topics of events, and the channels of card transactions."""

from enum import IntEnum
from typing import Final

import numpy as np

from scoring.arrays import Ints
from scoring.facts.events import Events
from scoring.facts.kinds import Kind


class Stream(IntEnum):
    """What may fall quiet by itself; its place is its bit in a mask of streams."""

    TRANSACTIONS = 0
    INTERACTIONS = 1
    POS = 2
    ONLINE = 3
    ATM = 4
    APP = 5


STREAMS: Final = len(Stream)
NO_TOPIC: Final = STREAMS  # of kinds that neither topic carries
CHANNELS: Final = ("", "pos", "online", "atm", "app")  # by the code in `EVENT`
FIRST_CHANNEL: Final = Stream.POS - 1  # a channel's code and this make its stream

_TOPIC: Final = np.full(256, NO_TOPIC, np.int64)
_TOPIC[: Kind.DECLINED + 1] = Stream.TRANSACTIONS
_TOPIC[Kind.APP_SESSION : Kind.CONSENT_CHANGED + 1] = Stream.INTERACTIONS


def topics(events: Events) -> Ints:
    """Stream of each event's topic, shape (n,); `NO_TOPIC` where neither carries it."""
    found: Ints = _TOPIC[events["kind"]]
    return found


def channels(events: Events) -> Ints:
    """Stream of each event's channel, shape (n,); `NO_TOPIC` where none is known."""
    code = events["channel"].astype(np.int64)
    return np.where(code > 0, code + FIRST_CHANNEL, NO_TOPIC)
