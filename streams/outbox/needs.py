"""What a customer needs, in words: what an offer or a remedy should be about, and where."""

from collections.abc import Mapping
from functools import cache
from typing import Final, get_args

from schemas.fields import TouchpointFamily
from schemas.outputs.needs import CustomerNeeds, Reach
from schemas.outputs.reasons import Language
from schemas.segments import Category
from streams.outbox.parts import Row, family_of
from streams.outbox.phrases import Phrases, phrases

CATEGORIES: Final[tuple[Category, ...]] = get_args(Category)
REACHES: Final[Mapping[TouchpointFamily | None, Reach]] = {name: name for name in get_args(Reach)}
UNTOLD: Final = {"none", "other"}


def needs(row: Row, say: Phrases) -> CustomerNeeds | None:
    """What a customer needs, by the codes of `scoring.segments.Needs`; None for nothing known."""
    codes = (row["top_category"], row["usual_category"], row["reach"], row["weakest"])
    return _needs(*codes, say.language)


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
