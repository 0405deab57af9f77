"""What customers and bank say to each other: sessions, calls, complaints, answers, campaigns."""

from typing import Final, NamedTuple

import numpy as np

from modelling.simulation.calendar import Days, by_day
from modelling.simulation.customers.leaving import Courses, LeavingReason, instants
from modelling.simulation.doings.spending import Lives
from modelling.simulation.figures import MONTH, YEAR, CardFigures
from modelling.simulation.happenings import Happenings, between, happenings
from scoring.arrays import Bools, Floats, Ints
from scoring.facts.kinds import Kind

LONGEST: Final = 3_600.0  # seconds of a session
TENTHS: Final = 10.0
CAMPAIGN_DAY, CAMPAIGN_HOUR = 10, 9  # of the month, of the day
# Of the dissatisfied, shares and counts that are assumed.
COMPLAINING: Final = 0.7
AGAIN: Final = 0.4
ANSWERING: Final = 0.6
SOUR_FOR: Final = 21.0  # days in which they say so
SOUR, CONTENT = (-95, -30), (-20, 60)  # hundredths of sentiment


def contacts(
    rng: np.random.Generator, lives: Lives, days: Days, figures: CardFigures
) -> Happenings:
    """All interactions of a block of customers, and the openings and closings of accounts."""
    people = lives.people
    ordinary = _Ordinary(rng, lives, days)
    active = [
        ordinary.sessions(
            Kind.APP_SESSION, people.on_app, figures.app_sessions, figures.app_seconds
        ),
        ordinary.sessions(Kind.WEB_VISIT, people.on_web, figures.web_visits, figures.web_seconds),
        ordinary.felt(Kind.CALL, figures.calls / MONTH, CONTENT),
        ordinary.felt(Kind.CHAT, figures.chats / MONTH, CONTENT),
        ordinary.felt(Kind.COMPLAINT, figures.complaints / YEAR, SOUR),
        ordinary.answers(Kind.SURVEY, figures.surveys / YEAR, _survey_scores(figures)),
        ordinary.answers(Kind.NPS, figures.nps / YEAR, _nps_scores(figures)),
        *_soured(rng, lives.course, days),
        *_campaigns(rng, lives, days, figures),
    ]
    rows = np.concatenate(active)
    stop = np.minimum(instants(lives.course.stop, days.origin), days.end)
    kept = rows[between(rows, people.present(days.origin), stop)]
    return np.concatenate([kept, *_doors(lives, days)])


class _Ordinary(NamedTuple):
    """Contacts that come at a steady rate, thinned as the customer ebbs."""

    rng: np.random.Generator
    lives: Lives
    days: Days

    def sessions(self, kind: Kind, using: Bools, a_month: float, seconds: float) -> Happenings:
        """Sessions of who uses the channel, of exponential length."""
        customer, time = self._spread(np.where(using, a_month / MONTH, 0.0))
        lengths = np.minimum(self.rng.exponential(seconds, len(time)), LONGEST)
        return happenings(kind, customer, time, detail=np.rint(lengths * TENTHS))

    def felt(self, kind: Kind, a_day: float, sentiment: tuple[int, int]) -> Happenings:
        """Contacts with a sentiment."""
        customer, time = self._spread(np.full(self.lives.people.size, a_day))
        feeling = self.rng.integers(*sentiment, len(time))
        return happenings(kind, customer, time, sentiment=feeling)

    def answers(self, kind: Kind, a_day: float, shares: Floats) -> Happenings:
        """Answers, scores by their shares from 0 on."""
        customer, time = self._spread(np.full(self.lives.people.size, a_day))
        score = self.rng.choice(len(shares), len(time), p=shares)
        return happenings(kind, customer, time, score=score)

    def _spread(self, a_day: Floats) -> tuple[Ints, Ints]:
        """Customers and times of contacts at a rate each, shape (n,); thinned by their level."""
        count = self.rng.poisson(a_day * self.days.total)
        customer = np.repeat(np.arange(len(a_day)), count)
        day = self.rng.integers(0, self.days.total, len(customer))
        kept = self.rng.random(len(customer)) < self.lives.level[customer, day]
        customer, day = customer[kept], day[kept]
        return customer, self.days.origin + day * 86_400 + by_day(self.rng, len(day))


def _survey_scores(figures: CardFigures) -> Floats:
    shares = np.array([0.0, *figures.survey_scores])
    scores: Floats = shares / shares.sum()
    return scores


def _nps_scores(figures: CardFigures) -> Floats:
    promoters = 1.0 - figures.detractors - figures.passives
    shares = [figures.detractors / 7.0] * 7 + [figures.passives / 2.0] * 2 + [promoters / 2.0] * 2
    return np.array(shares) / sum(shares)


def _soured(rng: np.random.Generator, course: Courses, days: Days) -> list[Happenings]:
    """Complaints, bad answers and calls of the dissatisfied: the first of them is the onset."""
    sour = np.flatnonzero(course.are(LeavingReason.DISSATISFACTION))
    complaining, answering = _who(rng, sour, COMPLAINING), _who(rng, sour, ANSWERING)
    again, detracting = _who(rng, complaining, AGAIN), _who(rng, sour, ANSWERING)

    def later(who: Ints) -> Ints:
        wait = rng.uniform(0.0, np.minimum(SOUR_FOR, course.lasts[who]))
        return instants(course.onset[who] + wait, days.origin)

    feeling = {"sentiment": -60}
    return [
        happenings(
            Kind.COMPLAINT, complaining, instants(course.onset[complaining], days.origin), **feeling
        ),
        happenings(Kind.COMPLAINT, again, later(again), **feeling),
        happenings(Kind.CALL, complaining, later(complaining), **feeling),
        happenings(
            Kind.SURVEY, answering, later(answering), score=rng.integers(1, 3, len(answering))
        ),
        happenings(
            Kind.NPS, detracting, later(detracting), score=rng.integers(0, 7, len(detracting))
        ),
    ]


def _who(rng: np.random.Generator, among: Ints, share: float) -> Ints:
    return among[rng.random(len(among)) < share]


def _campaigns(
    rng: np.random.Generator, lives: Lives, days: Days, figures: CardFigures
) -> list[Happenings]:
    """A message a month to everybody; some open it, few do what it asks for."""
    sent = np.flatnonzero(days.of_month == CAMPAIGN_DAY)
    customer = np.tile(np.arange(lives.people.size), len(sent))
    day = np.repeat(sent, lives.people.size)
    time = days.origin + day * 86_400 + CAMPAIGN_HOUR * 3_600
    month = days.months[day]
    chance = rng.random(len(customer))
    opened, converted = chance < figures.opened, chance < figures.converted
    wait = rng.integers(60, 2 * 86_400, len(customer))
    return [
        happenings(Kind.CAMPAIGN_SENT, customer, time, month=month),
        happenings(
            Kind.CAMPAIGN_OPENED, customer[opened], (time + wait)[opened], month=month[opened]
        ),
        happenings(
            Kind.CAMPAIGN_CONVERTED,
            customer[converted],
            (time + 2 * wait)[converted],
            month=month[converted],
        ),
    ]


def _doors(lives: Lives, days: Days) -> list[Happenings]:
    """Cards put to use and accounts closed."""
    people = lives.people
    new = np.flatnonzero(people.joined >= 0)
    closing = np.flatnonzero(np.isfinite(lives.course.closed))
    closed = instants(lives.course.closed, days.origin)[closing]
    return [
        happenings(Kind.CARD_ACTIVATED, new, people.present(days.origin)[new]),
        happenings(Kind.ACCOUNT_CLOSED, closing, closed),
    ]
