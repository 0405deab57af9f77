"""The desk as it is configured, before anything is read."""

from scoring.facts.calendar import BookCalendar
from scoring.parameters import parse
from scoring.warning.desk import CaseDesk, DeskRules, desk_rules
from streams.config import Settings
from streams.parameters.file import read_document


def rules_in_use(settings: Settings) -> DeskRules:
    """The desk's file; the shipped rules where none is named.

    Raises:
        RulesError: it cannot be used.
        OSError: it cannot be read.
    """
    file = settings.desk_file
    return desk_rules() if file is None else desk_rules(file.read_bytes(), str(file))


def new_desk(settings: Settings) -> CaseDesk:
    """A desk that knows of nothing yet, with the clock of its file or else of the parameter file.

    Raises:
        ScoringError: a file says what cannot be used.
        OSError: it cannot be read.
    """
    rules = rules_in_use(settings)
    zone = rules.timezone or parse(read_document(settings.parameters_source)).book_timezone
    return CaseDesk(rules, BookCalendar(zone))
