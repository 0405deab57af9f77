"""The mail: minor leads by route, in plain text and HTML, with customers' ids and figures alone."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from email.message import EmailMessage
from html import escape
from types import MappingProxyType
from typing import Final

from schemas import MINOR_UNITS, Route
from schemas.outputs.desk import DeskAssignment
from scoring.warning.desk import ROUTES

SHOWN: Final = 50  # leads of a route; nobody reads more

_ENGLISH: Final = {
    "subject": "Ebbwatch: {count} minor leads, week {week}",
    "first": "Leads too small to call for, as of week {week}. Nobody is asked to act on them.",
    "risk": "Risk",
    "relationship": "Relationship",
    "route": "{route}: {count} leads, {value} at risk",
    "more": "... and {count} more.",
    "none": "no leads",
    "customer": "customer",
    "value": "value at risk",
    "band": "band",
    "action": "next best action",
    "opened": "since",
    "low": "low",
    "middle": "middle",
    "high": "high",
    "no_offers": "no offers",
    "last": "Advisory only: a decision about a customer needs a person.",
}
_CHINESE: Final = {
    "subject": "Ebbwatch：{week} 周小额线索 {count} 条",
    "first": "{week} 周：以下线索金额较小，不逐一致电，仅供参考。",
    "risk": "风险",
    "relationship": "客户关系",
    "route": "{route}：{count} 条线索，风险价值 {value}",
    "more": "…… 另有 {count} 条。",
    "none": "无线索",
    "customer": "客户",
    "value": "风险价值",
    "band": "等级",
    "action": "建议措施",
    "opened": "起始日",
    "low": "低",
    "middle": "中",
    "high": "高",
    "no_offers": "不可营销",
    "last": "仅供参考：有关客户的决定须由人作出。",
}
LANGUAGES: Final[Mapping[str, Mapping[str, str]]] = MappingProxyType(
    {"en": _ENGLISH, "zh": _CHINESE}
)


@dataclass
class Digest:
    """Minor leads, each customer's last assignment counting.

    Attributes:
        week: ISO week, such as 2026-W10.
    """

    week: str
    _last: dict[str, DeskAssignment] = field(default_factory=dict)

    def take(self, assignment: DeskAssignment) -> None:
        """Take an assignment; a customer's come in order."""
        self._last[assignment.customer_id] = assignment

    def forget(self, customer: str) -> None:
        """Let go of who was erased."""
        self._last.pop(customer, None)

    @property
    def is_empty(self) -> bool:
        """Whether there is no minor lead."""
        return not any(map(self.leads, ROUTES))

    def leads(self, route: Route) -> list[DeskAssignment]:
        """A route's minor leads, the most value at risk first."""
        own = (
            each for each in self._last.values() if (each.status, each.route) == ("minor", route)
        )
        return sorted(own, key=lambda each: (-each.value_at_risk, each.opened_at, each.case_id))


def letter(digest: Digest, language: str, sender: str, to: Iterable[str]) -> EmailMessage:
    """The mail as it is sent.

    Args:
        digest: what it is about.
        language: one of `LANGUAGES`.
        sender: whose address it is from.
        to: whom it goes to.
    """
    words = LANGUAGES[language]
    leads = {route: digest.leads(route) for route in ROUTES}
    told = {"count": sum(map(len, leads.values())), "week": digest.week}
    mail = EmailMessage()
    mail["Subject"], mail["From"] = words["subject"].format(**told), sender
    mail["To"] = ", ".join(to)
    mail["Auto-Submitted"] = "auto-generated"  # RFC 3834: no out-of-office answers
    first, last = words["first"].format(**told), words["last"]
    mail.set_content("\n".join(_plain(leads, words, first, last)))
    mail.add_alternative("".join(_html(leads, words, first, last)), subtype="html")
    return mail


_Leads = Mapping[Route, Sequence[DeskAssignment]]
_Words = Mapping[str, str]


def _plain(leads: _Leads, words: _Words, first: str, last: str) -> Iterator[str]:
    yield from (first, "")
    for route, own in leads.items():
        yield _heading(route, own, words)
        for each in own[:SHOWN]:
            yield "  " + "  ".join(filter(None, _row(each, words)))
        if len(own) > SHOWN:
            yield "  " + words["more"].format(count=len(own) - SHOWN)
        yield ""
    yield last


def _html(leads: _Leads, words: _Words, first: str, last: str) -> Iterator[str]:
    yield f"<!doctype html><html><body><p>{escape(first)}</p>"
    for route, own in leads.items():
        yield f"<h2>{escape(_heading(route, own, words))}</h2>"
        if own:
            names = ("customer", "value", "band", "action", "opened")
            heads = "".join(f"<th align=left>{escape(words[name])}</th>" for name in names)
            yield f"<table cellpadding=4><tr>{heads}<th></th></tr>"
            for each in own[:SHOWN]:
                yield f"<tr>{''.join(f'<td>{escape(c)}</td>' for c in _row(each, words))}</tr>"
            yield "</table>"
        if len(own) > SHOWN:
            yield f"<p>{escape(words['more'].format(count=len(own) - SHOWN))}</p>"
    yield f"<p>{escape(last)}</p></body></html>"


def _heading(route: Route, own: Sequence[DeskAssignment], words: _Words) -> str:
    if not own:
        return f"{words[route]}: {words['none']}"
    value = money(sum(each.value_at_risk for each in own), own[0].currency)
    return words["route"].format(route=words[route], count=len(own), value=value)


def _row(each: DeskAssignment, words: _Words) -> tuple[str, ...]:
    return (
        each.customer_id,
        money(each.value_at_risk, each.currency),
        words[each.band],
        each.action,
        each.opened_at.date().isoformat(),
        "" if each.offers_allowed else words["no_offers"],
    )


def money(minor: float, currency: str) -> str:
    """An amount of minor units, for people.

    >>> money(123456.0, "EUR"), money(1234.0, "JPY")
    ('1,234.56 EUR', '1,234 JPY')
    """
    digits = MINOR_UNITS[currency]
    return f"{minor / 10**digits:,.{digits}f} {currency}"
