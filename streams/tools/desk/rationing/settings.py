"""The desk as it is configured, before anything is read."""

from pathlib import Path

from scoring.facts.calendar import BookCalendar
from scoring.parameters import parse
from scoring.warning.desk import CaseDesk, DeskRules, Listed, desk_rules, listed
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
    return CaseDesk(rules, BookCalendar(zone), no_offers_in_use(settings))


def no_offers_in_use(settings: Settings) -> Listed:
    """The bank's list of whom nothing may be offered; empty where none is named.

    Raises:
        RulesError: it cannot be used.
        OSError: it cannot be read.
    """
    file = settings.no_offers_file
    return {} if file is None else listed(file.read_bytes(), str(file))


def stamps(settings: Settings) -> tuple[tuple[int, int] | None, ...]:
    """When each of the desk's files was last changed, and its size; None where there is none."""
    files = (settings.desk_file, settings.no_offers_file, settings.parameters_file)
    return tuple(_stamp(file) for file in files)


def _stamp(file: Path | None) -> tuple[int, int] | None:
    try:
        found = None if file is None else file.stat()
    except OSError:
        return None
    return None if found is None else (found.st_mtime_ns, found.st_size)
