"""How many warnings were raised on a day: of the desk's time zone, and whatever became of them."""

from datetime import date, datetime, timedelta

import pytest
from desk_cases import MONDAY
from queue_cases import TODAY, a_warning

from ebbwatch.serve.queue.raised import RaisedWarnings
from scoring.facts.calendar import BookCalendar

BERLIN = BookCalendar("Europe/Berlin")


def counted(*instants: datetime) -> RaisedWarnings:
    raised = RaisedWarnings()
    for number, at in enumerate(instants):
        raised.warn(a_warning(f"c{number}", event_time=at))
    return raised


def test_only_what_was_raised_counts_by_route_and_band() -> None:
    raised = RaisedWarnings()
    raised.warn(a_warning("a"))
    raised.warn(a_warning("b"))
    raised.warn(a_warning("c", route="risk", band="high", intervention="win_back"))
    later = {"sequence": 2, "previous": {"band": "middle", "sequence": 1}}
    for lifecycle, band, calls in (
        ("escalated", "high", "win_back"),
        ("eased", "middle", "incentivise"),
        ("cleared", "low", "maintain"),
    ):
        raised.warn(a_warning("a", lifecycle=lifecycle, band=band, intervention=calls, **later))
    expected = {("relationship", "middle"): 2, ("risk", "high"): 1}
    assert raised.on(TODAY, BERLIN) == expected
    assert raised.on(TODAY, BERLIN)["risk", "middle"] == 0


@pytest.mark.parametrize(
    ("zone", "begins"),
    [
        ("UTC", "2026-03-02T00:00:00Z"),
        ("Europe/Berlin", "2026-03-01T23:00:00Z"),
        ("Asia/Kathmandu", "2026-03-01T18:15:00Z"),
        ("America/St_Johns", "2026-03-02T03:30:00Z"),
        ("Pacific/Kiritimati", "2026-03-01T10:00:00Z"),
    ],
)
def test_a_day_is_that_of_the_time_zone(zone: str, begins: str) -> None:
    first = datetime.fromisoformat(begins)
    instant = timedelta(seconds=1)
    raised = counted(first - instant, first, first + timedelta(days=1) - instant)
    raised.warn(a_warning("d", event_time=first + timedelta(days=1)))
    assert raised.on(TODAY, BookCalendar(zone)).total() == 2


@pytest.mark.parametrize(("day", "hours"), [(date(2026, 3, 29), 23), (date(2026, 10, 25), 25)])
def test_a_day_on_which_clocks_change_is_counted_whole(day: date, hours: int) -> None:
    noon = datetime.fromisoformat(f"{day}T12:00:00Z")
    raised = counted(*(noon + timedelta(hours=each) for each in range(-24, 25)))
    assert raised.on(day, BERLIN).total() == hours


def test_what_is_long_over_is_let_go_of_and_yesterday_is_not() -> None:
    raised = counted(*(MONDAY - timedelta(days=each) for each in range(90)))
    assert raised.on(TODAY, BERLIN).total() == 1
    assert len(raised._counts) < 5
    assert raised.on(TODAY - timedelta(days=1), BERLIN).total() == 1  # a clock may go back
    assert raised.on(TODAY, BookCalendar("America/New_York")).total() == 1
