"""To whom nothing may be offered: by open warnings, and by a bank's own list."""

import re
from collections.abc import Iterator, Mapping
from typing import Final, get_args

from schemas.constraints import ID_PATTERN
from schemas.outputs.cases import CustomerCase
from schemas.outputs.desk import NoOffers
from scoring.rules.document import text_of
from scoring.rules.mistakes import Mistake, RulesError
from scoring.warning.desk.sections import DeskRules

REASONS: Final[tuple[NoOffers, ...]] = get_args(NoOffers)
Listed = Mapping[str, frozenset[NoOffers]]
_ID: Final = re.compile(ID_PATTERN)
_SHOWN: Final = 3  # characters of what is no id: it may be a name


def listed(content: bytes, source: str = "no offers") -> Listed:
    r"""Read a list of customers to whom nothing may be offered, and why.

    Args:
        content: UTF-8, `customer_id,reason` a line, `no_consent` where none is stated; a customer
            may be in it more than once. Blank lines and those that begin with # are passed over.
        source: the file, for messages.

    Raises:
        RulesError: it cannot be used; names every mistake, with its line.

    >>> listed(b"c-1\nc-2,hardship")["c-2"]
    frozenset({'hardship'})
    """
    found: dict[str, frozenset[NoOffers]] = {}
    mistakes = []
    for number, line in enumerate(text_of(content, source).splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        customer, _, stated = (part.strip() for part in line.partition(","))
        reason = next((each for each in REASONS if each == (stated or "no_consent")), None)
        if _ID.fullmatch(customer) is None:
            got = f"{len(customer)} characters, {customer[:_SHOWN]!r}..."
            mistakes.append(Mistake(number, "customer_id", "a pseudonymous id", got))
        elif reason is None:
            mistakes.append(Mistake(number, "reason", " or ".join(REASONS), repr(stated[:60])))
        else:
            found[customer] = found.get(customer, frozenset()) | {reason}
    if mistakes:
        raise RulesError(source, mistakes, "ebbwatch desk check --no-offers")
    return found


def why_not(case: CustomerCase, rules: DeskRules, listed_ones: Listed) -> tuple[NoOffers, ...]:
    """Why nothing may be offered to a case's customer, in the order of `REASONS`."""
    found = {*_by_case(case, rules), *listed_ones.get(case.customer_id, ())}
    return tuple(reason for reason in REASONS if reason in found)


def _by_case(case: CustomerCase, rules: DeskRules) -> Iterator[NoOffers]:
    warn = {warning.rule for warning in case.warnings}
    if warn & set(rules.offers.hardship_rules):
        yield "hardship"
    if warn & set(rules.offers.complaint_rules):
        yield "complaint"
    if "marketing" in case.consent_withdrawn:
        yield "no_consent"
    if case.reason == "deceased":
        yield "deceased"
