"""People as the sources have them live through a real Kafka and Redis: what is told of each."""

from collections import Counter
from collections.abc import Callable

from harness import Worker
from persona_page import BEGIN, PAGE, cases, lived, table, warnings
from personas import PERSONAS

from ebbwatch.stack import Stack


def test_of_each_persona_is_told_what_is_expected_under_one_case(
    stack: Stack, topic_prefix: str, start: Callable[..., Worker]
) -> None:
    settings = lived(stack, topic_prefix, start)
    warned, about = warnings(settings), cases(settings)
    told = {
        persona.name: tuple(
            (each["rule"], each["lifecycle"], each["band"])
            for each in warned
            if each["customer_id"] == persona.name
        )
        for persona in PERSONAS
    }
    assert told == {persona.name: persona.tells for persona in PERSONAS}
    opened = [each for each in about if each["sequence"] == 1]
    assert set(Counter(each["customer_id"] for each in opened).values()) == {1}
    assert {each["customer_id"] for each in opened} == {p.name for p in PERSONAS if p.tells}
    written = PAGE.read_text(encoding="utf-8").partition(BEGIN)[2].strip()
    stale = "stale: PYTHONPATH=tests/support python -m persona_page, and look at what changed"
    assert written == table(warned, about).strip(), stale
