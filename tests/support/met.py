"""Customers who met the bank somewhere, and what segments are told from then."""

import numpy as np
from cases import MODEL, event, log, run

from scoring.arrays import DAY
from scoring.facts.touchpoints import mark
from scoring.features import features
from scoring.segments import Basis


def at(where, kind, day, **fields):
    """An event at a touchpoint."""
    return event(kind, day, merchant=mark(where), **fields)


def basis(*events, later=0.0):
    """One customer's, `later` days after the last of the events."""
    events = log(*events)
    states = run(events[np.argsort(events["time"], kind="stable")]).states
    now = states["last_event"] + later * DAY
    return Basis(states, features(states, now, MODEL), now, MODEL)
