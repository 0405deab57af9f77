"""Small histories, their silences, and a rule's changes of level as told by hand."""

import numpy as np
from made_lives import BUY, START, N, history

from modelling.backtest import Period, stretches
from modelling.backtest.rivals import Contest, decided, plain_rules
from modelling.backtest.rivals.habits import habits
from modelling.backtest.rivals.levels import CHANGE, of_rule, together
from modelling.backtest.rivals.silences import decided_at
from scoring.arrays import DAY
from scoring.facts.calendar import BookCalendar
from scoring.warning.lifecycle import MIDDLE

UTC = BookCalendar("UTC")


class Stage:
    """Customers given as the days they bought on, and the period from `start` to `end`."""

    def __init__(self, *bought, start=0.0, end=400.0, days=N):
        given = [own if own and isinstance(own[0], tuple) else buys(*own) for own in bought]
        self.log, self.days = history(*given), days
        self.period = Period((START + start) * DAY, (START + end) * DAY)
        self.lives = stretches(self.log, days, self.period.end)
        self.silences = decided(self.lives, self.period)

    @property
    def plain(self):
        at, known = decided_at(self.lives, self.period), habits(self.log, self.lives, UTC)
        found = known.at(at, self.lives, self.period)
        return plain_rules(found, self.period.start, self.days, UTC)

    def rule(self, kind):
        return next(one for one in self.plain if kind in one.kind)

    def contest(self, **named):
        return Contest(self.silences, self.plain, self.days, **named)

    def told(self, *changes, band=MIDDLE):
        """What a rule did that moved as (customer, day, band) say."""
        made = np.zeros(len(changes), CHANGE)
        for at, (row, day, after) in enumerate(changes):
            made[at] = (row, 0, after, (START + day) * DAY)
        return of_rule(together([made]), band, self.silences)


def buys(*days):
    return [(BUY, day) for day in days]
