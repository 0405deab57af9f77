"""What a customer needs, in words: what an offer or a remedy should be about, and where."""

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from functools import cache
from typing import Final, get_args

from schemas.fields import TouchpointFamily
from schemas.outputs.needs import CustomerNeeds, PastOffer, Reach
from schemas.outputs.words import Language
from schemas.segments import Category
from scoring.rules import RuleSet, own_text
from streams.outbox.parts import Row, family_of
from streams.outbox.phrases import Phrases, phrases

CATEGORIES: Final[tuple[Category, ...]] = get_args(Category)
REACHES: Final[Mapping[TouchpointFamily | None, Reach]] = {name: name for name in get_args(Reach)}
UNTOLD: Final = {"none", "other"}
EPOCH: Final = date(1970, 1, 1)
NOTHING: Final = CustomerNeeds(
    top_category="none", usual_category="none", reach=None, weakest_touchpoint=None, text=""
)


def needs(row: Row, say: Phrases, rules: RuleSet) -> CustomerNeeds | None:
    """What a customer needs, and was offered before; None for nothing known.

    Args:
        row: with the codes of `scoring.segments.Needs`, and the state's `OFFER`.
        say: words of the language it is told in.
        rules: which know the offers' codes and the bank's words for them.
    """
    codes = (row["top_category"], row["usual_category"], row["reach"], row["weakest"])
    found = _needs(*codes, say.language)
    offers = tuple(_offers(row, rules))
    if not offers:
        return found
    told = say("list").join(_offered(each, say, rules) for each in offers)
    said = say("needs.offers", offers=told)
    if found is None:
        return NOTHING.model_copy(update={"offers": offers, "text": said})
    text = say("needs.join").join(filter(None, (found.text, said)))
    return found.model_copy(update={"offers": offers, "text": text})


def _offers(row: Row, rules: RuleSet) -> Iterator[PastOffer]:
    for code, day, is_taken in zip(row["offer"], row["offer_day"], row["offer_taken"], strict=True):
        if day:
            name, made = rules.offers.get(code), EPOCH + timedelta(days=day)
            yield PastOffer(offer=name, day=made, accepted=bool(is_taken))


def _offered(each: PastOffer, say: Phrases, rules: RuleSet) -> str:
    named = each.offer and (own_text(rules.texts, "offer", each.offer, say.language) or each.offer)
    key = "needs.offer.taken" if each.accepted else "needs.offer"
    return say(key, offer=named or say("needs.offer.unnamed"), day=each.day.isoformat())


@cache  # a few thousand at most
def _needs(
    top: int, usual: int, reach: int, weakest: int, language: Language
) -> CustomerNeeds | None:
    if not any((top, usual, reach, weakest)):
        return None
    say, lately, before = phrases(language), CATEGORIES[top], CATEGORIES[usual]
    at, weak = REACHES.get(family_of(reach)), family_of(weakest)
    said = [
        _spends(lately, before, say),
        say(f"needs.reach.{at}") if at else "",
        say(f"needs.weakest.{weak}") if weak else "",
    ]
    return CustomerNeeds(
        top_category=lately,
        usual_category=before,
        reach=at,
        weakest_touchpoint=weak,
        text=say("needs.join").join(filter(None, said)),
    )


def _spends(lately: Category, before: Category, say: Phrases) -> str:
    known = {"top": lately not in UNTOLD, "usual": before not in UNTOLD}
    key = {
        (True, True): "needs.same" if lately == before else "needs.moved",
        (True, False): "needs.lately",
        (False, True): "needs.before",
        (False, False): "",
    }[known["top"], known["usual"]]
    named = {"top": lately, "usual": before}
    words = {name: say(f"category.{named[name]}") for name, is_known in known.items() if is_known}
    return say(key, **words) if key else ""
