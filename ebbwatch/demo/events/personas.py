"""Two synthetic customers who ebb away, and the healthy twin of each: pure and seeded.

A uses the card for a year, then hardly, while instalments repaid in time so far go overdue. B's
card use and app sessions dwindle, and surveys, a complaint and a detractor's answer tell why. A
twin does as much of every sort as its persona, in an unchanging rhythm, and is content.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

import numpy as np

from ebbwatch.demo.events.habits import Diary, Event
from ebbwatch.demo.events.rhythm import Phase, lived, monthly, steady

START: Final = date(1997, 1, 6)
END: Final = date(1998, 6, 30)
A_TURNS, B_TURNS = date(1998, 1, 20), date(1998, 2, 10)

A_CARD: Final = (Phase(START, A_TURNS, 1.4), Phase(A_TURNS, END, 9.0))
A_APP: Final = (Phase(START, END, 3.0),)
B_CARD: Final = (Phase(START, B_TURNS, 1.4), Phase(B_TURNS, END, 7.0))
B_APP: Final = (Phase(START, B_TURNS, 2.0), Phase(B_TURNS, END, 10.0))

REMINDERS: Final = (7, 14, 21, 28)  # days after an instalment was due
DUE_DAYS: Final = tuple(date(1997 + m // 12, m % 12 + 1, 3) for m in range(1, 18))
GOOD_DAYS, BAD_DAYS = DUE_DAYS[:12], DUE_DAYS[12:]  # from February 1998 on A pays no more

ASKED_EARLY: Final = tuple(date(1997, month, 10) for month in (3, 5, 7, 9, 11))
ASKED_LATE: Final = (date(1998, 3, 23), date(1998, 4, 2), date(1998, 4, 13), date(1998, 5, 18))


@dataclass(frozen=True)
class Expectation:
    """What a persona must be warned about.

    Attributes:
        rule: the rule whose warning it is.
        route: its topic.
        causes: rules of which at least one must be among the reasons besides the rule itself.
        actions: recommended actions that fit.
    """

    rule: str
    route: str
    causes: frozenset[str]
    actions: frozenset[str]

    def fits(self, warning: Mapping[str, Any]) -> bool:
        """Whether a warning message is such a one, band high with both causes among its reasons."""
        named = {reason["rule"] for reason in warning["reasons"]}
        return (
            (warning["rule"], warning["route"]) == (self.rule, self.route)
            and warning["band"] == "high"
            and warning["action"] in self.actions
            and self.rule in named
            and not named.isdisjoint(self.causes)
        )


@dataclass(frozen=True)
class Persona:
    """A synthetic customer.

    Attributes:
        name: the customer id.
        story: what happens, in a line.
        events: wire events of a seed, ordered by time.
        expects: the warning due, or None for who must not be warned about.
    """

    name: str
    story: str
    events: Callable[[int], list[Event]]
    expects: Expectation | None = None

    def meets(self, warning: Mapping[str, Any]) -> bool:
        """Whether a warning message is the one this persona must raise."""
        return self.expects is not None and self.expects.fits(warning)


def persona_a(seed: int) -> list[Event]:
    """Case A: card use falls and instalments go overdue."""
    return _life_a("persona-a", seed, ebbs=True)


def persona_a_healthy(seed: int) -> list[Event]:
    """A's twin: as many events of every sort, used and repaid steadily."""
    return _life_a("persona-a-healthy", seed, ebbs=False)


def persona_b(seed: int) -> list[Event]:
    """Case B: card use and app sessions fall, and dissatisfaction shows."""
    return _life_b("persona-b", seed, ebbs=True)


def persona_b_healthy(seed: int) -> list[Event]:
    """B's twin: as many events of every sort, steadily active and content."""
    return _life_b("persona-b-healthy", seed, ebbs=False)


PERSONAS: Final = (
    Persona(
        "persona-a",
        "uses the card less and less, and instalments go overdue",
        persona_a,
        Expectation(
            rule="overdue",
            route="risk",
            causes=frozenset({"card_use_decline"}),
            actions=frozenset({"win_back_repayment_plan"}),
        ),
    ),
    Persona("persona-a-healthy", "as many events, repaid in time", persona_a_healthy),
    Persona(
        "persona-b",
        "is seen less and less, and complains",
        persona_b,
        Expectation(
            rule="dissatisfaction",
            route="relationship",
            causes=frozenset({"card_use_decline", "engagement_decline"}),
            actions=frozenset({"service_recovery", "service_recovery_by_manager"}),
        ),
    ),
    Persona("persona-b-healthy", "as many events, active and content", persona_b_healthy),
)


def _life_a(customer: str, seed: int, *, ebbs: bool) -> list[Event]:
    rng, card, app = np.random.default_rng([seed, 0xA]).spawn(3)
    diary = Diary(customer, rng)
    missed = [(due, late) for due in BAD_DAYS for late in REMINDERS if due + timedelta(late) < END]
    reminded = monthly(rng, [due + timedelta(late) for due, late in missed], 1)
    unpaid = diary.overdue(reminded, [late for _, late in missed])
    return _in_order(
        [
            *diary.purchases(_instants(card, A_CARD, ebbs=ebbs)),
            *diary.app_sessions(_instants(app, A_APP, ebbs=ebbs)),
            *diary.repayments(monthly(rng, GOOD_DAYS, 3)),
            *(unpaid if ebbs else diary.repayments(reminded)),
            *_content(diary, rng),
        ]
    )


def _life_b(customer: str, seed: int, *, ebbs: bool) -> list[Event]:
    rng, card, app = np.random.default_rng([seed, 0xB]).spawn(3)
    diary = Diary(customer, rng)
    asked = monthly(rng, ASKED_LATE, 5)
    return _in_order(
        [
            *diary.purchases(_instants(card, B_CARD, ebbs=ebbs)),
            *diary.app_sessions(_instants(app, B_APP, ebbs=ebbs)),
            *diary.repayments(monthly(rng, DUE_DAYS, 3)),
            *_content(diary, rng),
            *(_discontent(diary, asked) if ebbs else _praise(diary, asked)),
        ]
    )


def _instants(rng: np.random.Generator, phases: Sequence[Phase], *, ebbs: bool) -> list[datetime]:
    instants = lived(rng, phases)
    return instants if ebbs else steady(rng, phases, len(instants))


def _content(diary: Diary, rng: np.random.Generator) -> list[Event]:
    asked = monthly(rng, ASKED_EARLY, 10)
    scores = rng.integers(3, 6, len(asked)).tolist()
    surveys = [diary.survey(when, score) for when, score in zip(asked, scores, strict=True)]
    return [*surveys, diary.nps(asked[-1], int(rng.integers(7, 11)))]


def _discontent(diary: Diary, asked: Sequence[datetime]) -> list[Event]:
    first, second, third, fourth = asked
    answers = [diary.survey(first, 2), diary.complaint(second), diary.nps(third, 3)]
    return [*answers, diary.survey(fourth, 1)]


def _praise(diary: Diary, asked: Sequence[datetime]) -> list[Event]:
    first, second, third, fourth = asked
    answers = [diary.survey(first, 4), diary.survey(second, 5), diary.nps(third, 9)]
    return [*answers, diary.survey(fourth, 5)]


def _in_order(events: list[Event]) -> list[Event]:
    return sorted(events, key=lambda event: (event["event_time"], event["event_id"]))
