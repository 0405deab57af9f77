"""What outcomes come to: how many warnings were right, and what acting on them is worth."""

from dataclasses import dataclass
from typing import NamedTuple

from schemas import EarlyWarning
from scoring.evaluation import Bounded, newcombe, wilson
from streams.tools.desk.courses import AnsweredWarning


class Costs(NamedTuple):
    """What acting costs, minor units.

    Attributes:
        contact: of each customer who was contacted or made an offer.
        offer: of each offer that was accepted.
    """

    contact: float = 0.0
    offer: float = 0.0


class Precision(NamedTuple):
    """Of the warnings of a rule and band that were judged, the share that was right."""

    rule: str
    band: str
    right: int
    wrong: int

    @property
    def share(self) -> Bounded:
        """With Wilson's interval."""
        return wilson(self.right, self.right + self.wrong)


class Uplift(NamedTuple):
    """What acting did: of those warned about, who bought again, treated beside held out.

    Attributes:
        days: within which after their first warning.
        treated: how many bought again, and of how many.
        holdout: likewise.
        waiting: customers whose days are not over yet.
        at_stake: value at stake when they were warned about, mean of both arms, minor units.
        cost: of acting, mean of the treated, minor units.
    """

    days: float
    treated: tuple[int, int]
    holdout: tuple[int, int]
    waiting: int
    at_stake: float
    cost: float

    @property
    def share(self) -> Bounded:
        """Bounded that bought again for being treated, with Newcombe's interval."""
        return newcombe(self.treated, self.holdout)

    @property
    def profit(self) -> Bounded:
        """Expected of each customer treated, minor units: the uplift's worth less the cost."""
        return Bounded(*(bound * self.at_stake - self.cost for bound in self.share))


class Acted(NamedTuple):
    """A customer who was warned about, and treated or left alone.

    Attributes:
        first: their first warning's first message.
        has_returned: whether they bought again in time; None while there is time.
    """

    first: EarlyWarning
    has_returned: bool | None


@dataclass
class OutcomeReport:
    """What the topics tell.

    Attributes:
        answers: how many of each type, each once.
        reasons: of losses and dismissals, by type and reason.
        precision: by rule and band.
        hours_to_action: from the raise to the first answer, median by rule.
        uplift: of acting.
        currency: of the amounts; None where there is no warning, or several.
        customers: warned about, by id, without who withdrew consent to profiling.
        withdrew: how many those are.
        answered: warnings that were right or wrong, by id.
    """

    answers: dict[str, int]
    reasons: dict[str, dict[str, int]]
    precision: list[Precision]
    hours_to_action: dict[str, float]
    uplift: Uplift
    currency: str | None
    customers: list[Acted]
    withdrew: int
    answered: list[AnsweredWarning]
