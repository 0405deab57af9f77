"""What a customer needs, in the words of every language."""

from itertools import product
from typing import get_args

import pytest

from schemas.outputs.needs import Reach
from schemas.outputs.words import LANGUAGES
from schemas.segments import Category
from scoring.rules import shipped
from streams.outbox.needs import needs
from streams.outbox.parts import TOUCHPOINTS
from streams.outbox.phrases import phrases

CATEGORIES = get_args(Category)
BEFORE = {"offer": [0] * 3, "offer_day": [0] * 3, "offer_taken": [0] * 3}


def told(top="none", usual="none", reach=None, weakest=None, language="en", day=0):
    row = {
        **BEFORE,
        "offer_day": [day, 0, 0],
        "top_category": CATEGORIES.index(top),
        "usual_category": CATEGORIES.index(usual),
        "reach": 0 if reach is None else 1 + TOUCHPOINTS.index(reach),
        "weakest": 0 if weakest is None else 1 + TOUCHPOINTS.index(weakest),
    }
    return needs(row, phrases(language), shipped())


@pytest.mark.parametrize(
    ("of", "text"),
    [
        ({"top": "travel", "usual": "travel"}, "Spends most on travel."),
        (
            {"top": "travel", "usual": "groceries"},
            "Used to spend most on groceries, lately on travel.",
        ),
        ({"top": "dining", "usual": "other"}, "Lately spends most on restaurants."),
        ({"top": "none", "usual": "shopping"}, "Used to spend most on shopping."),
        ({"top": "other", "usual": "other"}, ""),
        (
            {"top": "leisure", "usual": "leisure", "reach": "phone", "weakest": "branch"},
            "Spends most on leisure. Best reached by phone. Least satisfied at the branch.",
        ),
    ],
)
def test_it_is_told_in_a_sentence_or_three(of, text):
    assert told(**of).text == text


def test_of_whom_nothing_is_known_nothing_is_told():
    assert told() is None


def test_of_whom_an_offer_alone_is_known_that_is_told():
    found = told(day=20_000)
    assert found.text == "Offered before: an offer on 2024-10-04."
    assert (found.top_category, found.reach) == ("none", None)


def test_chinese_says_it_without_gaps():
    found = told("travel", "groceries", "app", "atm", "zh")
    spends, reached, weak = found.text.removesuffix("。").split("。")
    assert spends.startswith("过去消费最多的是日用食品")
    assert spends.endswith("近来是旅行")
    assert (reached, weak) == ("最宜通过手机应用联系", "对自动取款机最不满意")


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_code_has_its_words(language):
    ways = product(CATEGORIES, CATEGORIES, (None, *get_args(Reach)), (None, *TOUCHPOINTS))
    for top, usual, reach, weakest in ways:
        found = told(top, usual, reach, weakest, language)
        if found is None:
            assert (top, usual, reach, weakest) == ("none", "none", None, None)
            continue
        assert (found.top_category, found.usual_category) == (top, usual)
        assert (found.reach, found.weakest_touchpoint) == (reach, weakest)
        assert "{" not in found.text
