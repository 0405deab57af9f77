"""Which warnings and cases are wanted, as the options of several commands say it."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, NamedTuple, Self, get_args

from ebbwatch.cli.one_line import UserError
from schemas import MINOR_UNITS, Band, EarlyWarning, Route
from schemas.outputs.cases import CustomerCase

BANDS: Final = tuple(band for band in get_args(Band) if band != "low")
Told = EarlyWarning | CustomerCase


class _Traits(NamedTuple):
    """What is asked of a message; once all is over, of what it was before, as far as it tells."""

    rules: frozenset[str] | None
    bands: frozenset[str] | None
    is_over: bool


@dataclass(frozen=True)
class Chosen:
    """Which messages are wanted; called with one it tells whether it is.

    Attributes:
        rules: any of them, all if empty.
        route: None for any.
        band: None for any.
        severity: the least, major units.
        customers: any of them, all if empty.
    """

    rules: frozenset[str]
    route: str | None
    band: str | None
    severity: float
    customers: frozenset[str]

    @classmethod
    def of(
        cls,
        rules: Iterable[str] | None,
        route: str | None,
        band: str | None,
        least: float,
        customers: Iterable[str] | None = None,
    ) -> Self:
        """As a person asked.

        Raises:
            UserError: there is no such route or band.
        """
        for option, got, known in (("route", route, get_args(Route)), ("band", band, BANDS)):
            if got is not None and got not in known:
                raise UserError(f"--{option}: expected {' or '.join(known)}, got {got}")
        return cls(frozenset(rules or ()), route, band, least, frozenset(customers or ()))

    def __call__(self, told: Told) -> bool:
        """Whether a message is wanted; that it is over, whatever it was before."""
        least = self.severity * 10.0 ** MINOR_UNITS[told.currency]
        traits = _of_warning(told) if isinstance(told, EarlyWarning) else _of_case(told)
        return (
            (not self.customers or told.customer_id in self.customers)
            and (not self.rules or traits.rules is None or bool(self.rules & traits.rules))
            and self.route in {None, told.route}
            and (self.band is None or traits.bands is None or self.band in traits.bands)
            and (told.severity >= least or traits.is_over)
        )


def _of_warning(warning: EarlyWarning) -> _Traits:
    was = warning.previous.band if warning.lifecycle == "cleared" and warning.previous else None
    bands = {warning.band} if was is None else {warning.band, was}
    return _Traits(frozenset({warning.rule}), frozenset(bands), was is not None)


def _of_case(case: CustomerCase) -> _Traits:
    if case.status == "closed":  # it no longer says of what
        return _Traits(None, None, is_over=True)
    return _Traits(
        frozenset(warning.rule for warning in case.warnings),
        frozenset({case.band}),
        is_over=False,
    )
