"""What rows say of consent, as `scoring.facts.consent.word` codes it, and who withdrew it."""

from typing import Final

from modelling.history.table.parts import GRANTED
from modelling.warehouse.request import WarehouseQuery
from modelling.warehouse.stages import INDENT, any_of, case, text
from scoring.facts.consent import NAMES, NO_PROFILING, PROFILING, SUBJECTS_CHOICE, Purpose, word
from scoring.facts.kinds import Kind

SAID: Final = f"signed = {text(Kind.CONSENT_CHANGED.name.lower())}"
_NAME: Final = "REPLACE(LOWER(purpose), '-', '_')"


def code(query: WarehouseQuery) -> str:
    """What a row says, 0 where nothing follows."""
    cases = []
    for purpose in Purpose:
        names = sorted(name for name, meant in NAMES.items() if meant is purpose)
        for granted in (False, True):
            for basis, holds in ((_basis(query), True), (f"NOT {_basis(query)}", False)):
                legal = "consent" if holds else "contract"
                meant = word(names[0], granted=granted, legal_basis=legal)
                when = f"{_NAME} IN {any_of(names)} AND {_is(granted)} AND {basis}"
                cases += [(when, str(meant))] if meant else []
    return case(cases, "0")


def bad_granted(query: WarehouseQuery) -> str:
    """Whether a row about a purpose says neither."""
    if not query.has("granted"):
        return f"{SAID} AND purpose IS NOT NULL"
    told = f"LOWER(granted) IN {any_of(sorted(GRANTED))}"
    return f"{SAID} AND purpose IS NOT NULL AND NOT COALESCE({told}, FALSE)"


def withdrew() -> str:
    """Customers of step `kept` whose latest word about profiling withdraws it."""
    no, yes = (
        f"MAX(CASE WHEN score = {code} THEN time_us END)" for code in (NO_PROFILING, PROFILING)
    )
    return (
        f"SELECT customer_id AS refuser FROM kept{INDENT}"
        f"WHERE kind = {text(Kind.CONSENT_CHANGED.name.lower())} GROUP BY customer_id{INDENT}"
        f"HAVING {no} >= COALESCE({yes}, {no})"
    )


def _is(granted: bool) -> str:  # noqa: FBT001 - the one thing it is about
    return f"LOWER(granted) IN {any_of(sorted(k for k, v in GRANTED.items() if v is granted))}"


def _basis(query: WarehouseQuery) -> str:
    """Whether what a row rests on is the customer's to withdraw; consent where none is told."""
    if not query.has("legal_basis"):
        return "TRUE"
    return f"LOWER(COALESCE(legal_basis, 'consent')) IN {any_of(sorted(SUBJECTS_CHOICE))}"
