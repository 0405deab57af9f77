"""The mail: minor leads by route, in plain text and HTML, with customers' ids and figures alone."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from email.message import EmailMessage
from html import escape
from typing import Final

from schemas import Route
from schemas.outputs.desk import DeskAssignment
from schemas.outputs.words import Language
from scoring.rules import NO_TEXTS, Texts, own_text
from scoring.warning.desk import ROUTES
from streams.outbox.phrases import Phrases, action_text, money, phrases

SHOWN: Final = 50  # leads of a route; nobody reads more


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


def letter(
    digest: Digest,
    language: Language,
    sender: str,
    to: Iterable[str],
    texts: Texts = NO_TEXTS,
) -> EmailMessage:
    """The mail as it is sent.

    Args:
        digest: what it is about.
        language: whose words.
        sender: whose address it is from.
        to: whom it goes to.
        texts: the bank's own words.
    """
    leads = {route: digest.leads(route) for route in ROUTES}
    say = _with_own(phrases(language), texts)
    told = {"count": sum(map(len, leads.values())), "week": digest.week}
    mail = EmailMessage()
    mail["Subject"], mail["From"] = say("digest.subject", **told), sender
    mail["To"] = ", ".join(to)
    mail["Auto-Submitted"] = "auto-generated"  # RFC 3834: no out-of-office answers
    first, last = say("digest.first", **told), say("digest.last")
    mail.set_content("\n".join(_plain(leads, say, first, last)))
    mail.add_alternative("".join(_html(leads, say, first, last)), subtype="html")
    return mail


def _with_own(say: Phrases, texts: Texts) -> Phrases:
    """The words of a language, and the bank's own for its actions and routes."""
    actions = {code for _, kind, code in texts if kind == "action"}
    own = {f"action.{code}": own_text(texts, "action", code, say.language) for code in actions}
    routes = {f"digest.{route}": own_text(texts, "route", route, say.language) for route in ROUTES}
    said = {key: text for key, text in {**own, **routes}.items() if text}
    plain = {key: text.replace("{", "{{").replace("}", "}}") for key, text in said.items()}
    return replace(say, words={**say.words, **plain})


_Leads = Mapping[Route, Sequence[DeskAssignment]]


def _plain(leads: _Leads, say: Phrases, first: str, last: str) -> Iterator[str]:
    yield from (first, "")
    for route, own in leads.items():
        yield _heading(route, own, say)
        for each in own[:SHOWN]:
            yield "  " + "  ".join(filter(None, _row(each, say)))
        if len(own) > SHOWN:
            yield "  " + say("digest.more", count=len(own) - SHOWN)
        yield ""
    yield last


def _html(leads: _Leads, say: Phrases, first: str, last: str) -> Iterator[str]:
    yield f"<!doctype html><html><body><p>{escape(first)}</p>"
    for route, own in leads.items():
        yield f"<h2>{escape(_heading(route, own, say))}</h2>"
        if own:
            names = ("customer", "value", "band", "action", "opened")
            heads = "".join(
                f"<th align=left>{escape(say(f'digest.{name}'))}</th>" for name in names
            )
            yield f"<table cellpadding=4><tr>{heads}<th></th></tr>"
            for each in own[:SHOWN]:
                yield f"<tr>{''.join(f'<td>{escape(c)}</td>' for c in _row(each, say))}</tr>"
            yield "</table>"
        if len(own) > SHOWN:
            yield f"<p>{escape(say('digest.more', count=len(own) - SHOWN))}</p>"
    yield f"<p>{escape(last)}</p></body></html>"


def _heading(route: Route, own: Sequence[DeskAssignment], say: Phrases) -> str:
    if not own:
        return f"{say(f'digest.{route}')}: {say('digest.none')}"
    value = money(sum(each.value_at_risk for each in own), own[0].currency)
    return say("digest.route", route=say(f"digest.{route}"), count=len(own), value=value)


def _row(each: DeskAssignment, say: Phrases) -> tuple[str, ...]:
    return (
        each.customer_id,
        money(each.value_at_risk, each.currency),
        say(f"digest.{each.band}"),
        _action(each.action, say),
        each.opened_at.date().isoformat(),
        "" if each.offers_allowed else say("digest.no_offers"),
    )


def _action(code: str, say: Phrases) -> str:
    key = f"action.{code}"
    return say(key) if key in say.words else action_text(code, say.language)
