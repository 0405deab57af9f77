"""People with a card, as the source papers have them: what each does, and what is to be told.

`tells` is what is expected, lifecycle and band of each message in order; nothing for who is not
about to leave. `case` is what becomes of the one case of them. What follows from sums that fade is
worked out again in plain arithmetic, by a test of `plain_rules`; the days of the others:

- one-card-left: the second card lies from day 297 on, after 95 uses. Another 60 days of that are
  (1 + 60 / 297) ** -94 likely, once in 30 million: told at the other card's first use 60 days
  later, and again 120 days later.
- subscribing: the charge of 5 November is overdue 9 days after it, and forgotten after 90 more.
- resubscribing: on 5 June and 5 November a new charge comes on the day of the old one, which is
  moved and not overdue nine days later.

A case is led by the warning of the most value at risk, of equal ones by the earlier rule's: of the
three that rise at the complaint of persona-b that is the decline of card use, until it clears.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import persona_lives as lives
from persona_lives import BEGIN, Event, Life

from ebbwatch.demo.events import personas as scenarios
from ebbwatch.demo.events.log import SEED


@dataclass(frozen=True)
class CardHolder:
    """One of them.

    Attributes:
        name: customer id.
        story: a line about them.
        lives: writes their life.
        tells: rule, lifecycle and band of each message about them.
        case: which warning leads in which band, each time that changes, and what closes it.
    """

    name: str
    story: str
    lives: Callable[[Life], None]
    tells: tuple[str, ...] = ()
    case: tuple[str, ...] = ()

    def events(self) -> list[Event]:
        """Their events by time."""
        life = Life(self.name)
        self.lives(life)
        return sorted(life.events, key=lambda event: str(event["event_time"]))


def scenario(
    persona: scenarios.Persona, tells: tuple[str, ...] = (), case: tuple[str, ...] = ()
) -> CardHolder:
    """A customer of the demo, who is one of the two papers' scenarios or a healthy twin."""
    later = BEGIN.date() - scenarios.START

    def relives(life: Life) -> None:
        for event in persona.events(SEED):
            at = datetime.fromisoformat(event["event_time"]) + later
            life.events.append(event | {"event_time": at.isoformat(timespec="seconds")})

    story = f"{persona.story[0].upper()}{persona.story[1:]}."
    return CardHolder(persona.name, story, relives, tells, case)


A, A_HEALTHY, B, B_HEALTHY = scenarios.PERSONAS
PERSONAS: Final = (
    CardHolder("steady", "Buys every few days, looks into the app, is content.", lives.steady),
    CardHolder("growing", "New, and buys more from month to month.", lives.growing),
    CardHolder("seasonal", "Spends much in summer and before the year's end.", lives.seasonal),
    CardHolder("traveller", "Three weeks abroad, in yen, then home again.", lives.traveller),
    CardHolder(
        "salary-day",
        "Once a month, when the salary is there.",
        lives.salary_day,
        ("newcomer raised, middle", "newcomer cleared, low"),
        ("newcomer leads, middle", "closed: cleared"),
    ),
    CardHolder("refunding", "Sends half of it back.", lives.refunding),
    CardHolder("robbed", "Fraud, a blocked card, a new one, and on as before.", lives.robbed),
    CardHolder(
        "away-and-back",
        "Silent for three months, then back.",
        lives.away_and_back,
        ("churn raised, middle", "churn escalated, high", "churn cleared, low"),
        ("churn leads, middle", "churn leads, high", "closed: cleared"),
    ),
    CardHolder(
        "gone",
        "Stops from one day to the next.",
        lives.gone,
        ("churn raised, middle", "churn escalated, high"),
        ("churn leads, middle", "churn leads, high"),
    ),
    CardHolder(
        "withdrawing",
        "Wants no offers, stops like the one above, then withdraws consent to profiling.",
        lives.withdrawing,
        ("churn raised, middle", "churn escalated, high", "churn cleared, low"),
        ("churn leads, middle", "churn leads, high", "closed: cleared"),
    ),
    CardHolder(
        "ebbing",
        "Buys less often, and less, and goes on.",
        lives.ebbing,
        (
            "spend_decline raised, middle",
            "card_use_decline raised, middle",
            "churn raised, middle",
            "churn escalated, high",
        ),
        (
            "spend_decline leads, middle",
            "card_use_decline leads, middle",
            "churn leads, middle",
            "churn leads, high",
        ),
    ),
    CardHolder(
        "healed",
        "Complains, answers badly, is helped, is content again.",
        lives.healed,
        (
            "dissatisfaction raised, middle",
            "dissatisfaction escalated, high",
            "dissatisfaction eased, middle",
            "dissatisfaction cleared, low",
        ),
        (
            "dissatisfaction leads, middle",
            "dissatisfaction leads, high",
            "dissatisfaction leads, middle",
            "closed: cleared",
        ),
    ),
    CardHolder(
        "cured",
        "Two instalments late, then paid, and all others in time.",
        lives.cured,
        ("overdue raised, middle", "overdue cleared, low"),
        ("overdue leads, middle", "closed: cleared"),
    ),
    CardHolder(
        "one-card-left",
        "Uses two cards by turns, then one of them only, as often as both before.",
        lives.one_card_left,
        ("card_abandoned raised, middle", "card_abandoned escalated, high"),
        ("card_abandoned leads, middle", "card_abandoned leads, high"),
    ),
    CardHolder(
        "subscribing",
        "Films for 12.99 a month: in June they move to the second card, in November elsewhere.",
        lives.subscribing,
        ("recurring_stopped raised, middle", "recurring_stopped cleared, low"),
        ("recurring_stopped leads, middle", "closed: cleared"),
    ),
    CardHolder(
        "resubscribing",
        "Films for 12.99 a month: in June a store bills them instead, in November they are 17.99.",
        lives.resubscribing,
    ),
)
SCENARIOS: Final = (
    scenario(
        A,
        (
            "card_use_decline raised, middle",
            "overdue raised, middle",
            "overdue escalated, high",
            "spend_decline raised, middle",
        ),
        (
            "card_use_decline leads, middle",
            "overdue leads, middle",
            "overdue leads, high",
        ),
    ),
    scenario(A_HEALTHY),
    scenario(
        B,
        (
            "card_use_decline raised, middle",
            "dissatisfaction raised, high",
            "engagement_decline raised, middle",
            "dissatisfaction eased, middle",
            "dissatisfaction escalated, high",
            "card_use_decline cleared, low",
            "dissatisfaction eased, middle",
        ),
        (
            "dissatisfaction leads, high",
            "card_use_decline leads, middle",
            "engagement_decline leads, middle",
        ),
    ),
    scenario(B_HEALTHY),
)
EVERYBODY: Final = (*PERSONAS, *SCENARIOS)
