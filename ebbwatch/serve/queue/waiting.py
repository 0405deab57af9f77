"""Why a case waits, by the rules that hand cases out: `scoring.warning.desk.case_desk`."""

from datetime import date, datetime

from ebbwatch.serve.queue.lines import Why
from scoring.warning.desk import CaseDesk
from scoring.warning.desk.room import Room


def why_waits(desk: CaseDesk, room: Room, at: datetime, free_from: date | None) -> Why:
    """Why one case of a route waits at an instant.

    Args:
        desk: its rules and calendar.
        room: the route's of that day.
        at: the instant.
        free_from: the first day on which the limit of contacts lets its customer out.
    """
    if free_from is not None and free_from > room.day:
        return "contact"
    return why_all_wait(desk, room, at) or "soon"


def why_all_wait(desk: CaseDesk, room: Room, at: datetime) -> Why | None:
    """What holds back all cases of a route at an instant; None for nothing."""
    if room.table.is_closed(room.day):
        return "closed"
    if desk.is_quiet(at):
        return "quiet"
    if room.taken >= room.table.capacity:
        return "capacity"
    if room.table.officer and not room.left:
        return "officers" if room.officers else "absent"
    return None
