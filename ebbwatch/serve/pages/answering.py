"""What somebody filled in to answer a case, and the event that it makes."""

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final
from urllib.parse import parse_qs
from zoneinfo import ZoneInfo

from ebbwatch.serve.queue import CaseBoard, CaseLine
from schemas import contains_card_number, mask
from schemas.events.examples import OUTCOME_EXAMPLES
from schemas.fields import LONGEST_NOTE
from schemas.ids import customer_hash
from streams.tools.desk import DeskError, Given, answer_of
from streams.tools.desk.answering import About

TOUCHPOINTS: Final = ("phone", "branch", "video", "chat", "email", "letter")
LONGEST: Final = 64  # characters of a code
MOST_FIELDS: Final = 40
DAYS: Final = 365  # that a case may be put off
_OWN: Final = {  # what each answer takes, and the form's field it is filled in
    "contacted": {"touchpoint": "touchpoint"},
    "offer_made": {"offer": "offer"},
    "accepted": {"offer": "offer"},
    "lost": {"reason": "loss"},
    "false_alarm": {"reason": "dismissal"},
    "reassigned": {"officer": "officer"},
}


class AnswerError(ValueError):
    """An answer cannot be sent as it is.

    Attributes:
        key: why, in the catalogue.
        field: which field is wrong, "" for none.
        status: of HTTP.
    """

    def __init__(self, key: str, field: str = "", status: int = 422) -> None:
        super().__init__(key)
        self.key, self.field, self.status = key, field, status


@dataclass(frozen=True)
class Filled:
    """A form's fields as they came; those that were not are empty."""

    form: str = ""
    case: str = ""
    about: str = ""
    answer: str = ""
    loss: str = ""
    dismissal: str = ""
    offer: str = ""
    touchpoint: str = ""
    until: str = ""
    note: str = ""
    officer: str = ""
    owner: str = ""

    @classmethod
    def of(cls, body: bytes) -> "Filled":
        """Read a body as browsers send it.

        Raises:
            AnswerError: it is none.
        """
        try:
            found = parse_qs(body.decode(), max_num_fields=MOST_FIELDS)
        except ValueError:
            raise AnswerError("answer.bad") from None
        words = {name: found.get(name, [""])[0] for name in cls.__dataclass_fields__}
        return cls(**{name: " ".join(word.split()) for name, word in words.items()})

    def shown_again(self) -> "Filled":
        """The same to be mended, without what must not be repeated."""
        return replace(self, note=mask(self.note)[:LONGEST_NOTE], offer=mask(self.offer)[:LONGEST])

    def event(self, line: CaseLine | None, board: CaseBoard, who: str) -> dict[str, Any]:
        """The answer about a customer's open case.

        Args:
            line: the case as it stands now; None where none is open.
            board: knows the time.
            who: answers.

        Raises:
            AnswerError: it cannot be sent as it is.
        """
        if line is None or line.case_id != self.case:
            raise AnswerError("answer.closed", status=409)
        if self.answer not in OUTCOME_EXAMPLES:
            raise AnswerError("answer.which", "answer")
        if contains_card_number(self.note):
            raise AnswerError("answer.card", "note")
        if self.answer == "reassigned":
            self._may_move(line, board)
        at = max(board.clock, datetime.fromtimestamp(line.since, UTC))
        details = {name: getattr(self, of) for name, of in _OWN.get(self.answer, {}).items()}
        if self.answer == "snoozed":
            details["until"] = self._until(board)
        details = {name: word for name, word in {**details, "note": self.note}.items() if word}
        whole = self.answer == "reassigned" or not self.about
        name = line.case_id if whole else self.about
        about = About(name, line.customer, None, line.case_id, is_open=True)
        if not _is_whose(about.name, line):
            raise AnswerError("answer.bad", "about")
        form = self.form.partition(":")[0]
        try:
            return answer_of(about, Given(self.answer, who, at, False, details, form))
        except DeskError as error:
            wrong = str(error).partition(":")[0]
            raise AnswerError("answer.bad", _OWN.get(self.answer, {}).get(wrong, wrong)) from None

    def _may_move(self, line: CaseLine, board: CaseBoard) -> None:
        """Refuse to give a case to who is not there, or what others have given away meanwhile."""
        if line.day is None or line.officer != self.owner:
            raise AnswerError("answer.moved", "officer", status=409)
        if self.officer not in board.takers(line):
            raise AnswerError("answer.nobody", "officer")

    def _until(self, board: CaseBoard) -> str:
        """The beginning of a day of the desk's."""
        first, last = snooze_days(board)
        try:
            day = date.fromisoformat(self.until)
        except ValueError:
            raise AnswerError("answer.bad", "until") from None
        if not first <= day <= last:
            raise AnswerError("answer.bad", "until")
        zone = ZoneInfo(board.desk.calendar.zone)
        return datetime(day.year, day.month, day.day, tzinfo=zone).isoformat()


def snooze_days(board: CaseBoard) -> tuple[date, date]:
    """The first and last day that a case may be put off to."""
    return board.today + timedelta(days=1), board.today + timedelta(days=DAYS)


def _is_whose(name: str, line: CaseLine) -> bool:
    """Whether a name is the case's, or that of a warning about its customer."""
    if name == line.case_id:
        return True
    hashed, *rest = name.split(".")
    return hashed == customer_hash(line.customer.encode()) and len(rest) == 2  # noqa: PLR2004
