"""Who looked at whom, and when: a line of the log for each look, without what was seen.

A customer stands in it by the hash that ids of warnings begin with, `schemas.ids.customer_hash`.
"""

from collections.abc import Iterable
from typing import Literal

import structlog

from schemas.ids import customer_hash

log = structlog.get_logger("audit")
Door = Literal["api", "page"]


def looked_up(who: str, customers: Iterable[str], door: Door, *, found: bool) -> None:
    """Tell that somebody looked at customers, or for some who are not there."""
    for customer in customers:
        hashed = customer_hash(customer.encode("utf-8", "replace"))
        log.info("looked up", who=who, customer=hashed, door=door, found=found)


def answered(who: str, customer: str, kind: str, event_id: str, *, sent: bool) -> None:
    """Tell that somebody answered a customer's case, or tried to; not what they noted."""
    hashed = customer_hash(customer.encode())
    told = "answered" if sent else "not answered"
    log.info(told, who=who, customer=hashed, answer=kind, event_id=event_id)


def listed(who: str, page: int) -> None:
    """Tell that somebody looked at a page of the work queue."""
    log.info("queue looked at", who=who, page=page)


def came(who: str, *, let_in: bool) -> None:
    """Tell that somebody logged in, or tried to."""
    log.info("logged in" if let_in else "not logged in", who=who)
