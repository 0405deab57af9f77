"""What is told of the desk: `ebbwatch_desk_...`."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from prometheus_client import CollectorRegistry, Counter, Gauge

from schemas import Route
from schemas.outputs.desk import DeskAssignment
from scoring.warning.desk import ROUTES, CaseDesk


class DeskFigures:
    """Its metrics.

    Args:
        registry: where they are registered.
    """

    def __init__(self, registry: CollectorRegistry) -> None:
        by_route = ("route",)
        self.handed_out = Counter(
            "ebbwatch_desk_handed_out", "Cases handed out.", by_route, registry=registry
        )
        self.withdrawn = Counter(
            "ebbwatch_desk_withdrawn",
            "Cases with which nothing is left to do at the desk.",
            ("reason",),
            registry=registry,
        )
        self.unreadable = Counter(
            "ebbwatch_desk_unreadable",
            "Records of the case topic that are no case.",
            registry=registry,
        )
        self.refused = Counter(
            "ebbwatch_desk_files_refused",
            "Changed files that cannot be used.",
            registry=registry,
        )
        self.queued = Gauge(
            "ebbwatch_desk_queued", "Cases that wait for room.", by_route, registry=registry
        )
        self.oldest = Gauge(
            "ebbwatch_desk_oldest_queued_seconds",
            "Since the case was opened that waits and is oldest.",
            by_route,
            registry=registry,
        )
        self.left = Gauge(
            "ebbwatch_desk_capacity_left",
            "Cases that the day has room for.",
            by_route,
            registry=registry,
        )
        self.minor = Gauge(
            "ebbwatch_desk_minor", "Leads for the digest.", by_route, registry=registry
        )
        self.decided = Gauge(
            "ebbwatch_desk_decided_timestamp_seconds",
            "When it last looked at all cases there are.",
            registry=registry,
        )
        for route in ROUTES:
            self.handed_out.labels(route)

    def count(self, told: Iterable[DeskAssignment], out: Mapping[Route, int]) -> None:
        """Count what was decided, and is written.

        Args:
            told: all of it.
            out: how many of the cases were handed out, by route.
        """
        for each in told:
            if each.withdrawn_by is not None:
                self.withdrawn.labels(each.withdrawn_by).inc()
        for route, cases in out.items():
            self.handed_out.labels(route).inc(cases)

    def look(self, desk: CaseDesk, at: datetime, wall: float) -> None:
        """Tell how the desk stands.

        Args:
            desk: as it is.
            at: its clock.
            wall: now, epoch seconds.
        """
        minor = [each.route for each in desk.all_of("minor")]
        day = desk.moment(at).day
        for route in ROUTES:
            opened = [each.opened_at for each in desk.waiting(route)]
            self.queued.labels(route).set(len(opened))
            waits = (at - min(opened)).total_seconds() if opened else 0.0
            self.oldest.labels(route).set(max(waits, 0.0))
            self.left.labels(route).set(desk.room(route, day).left)
            self.minor.labels(route).set(minor.count(route))
        self.decided.set(wall)
