"""What is expected of the personas is what plain arithmetic comes to."""

import pytest
from persona_lives import BEGIN, DAYS
from personas import EVERYBODY, CardHolder
from plain_rules import RULES, expected

END = BEGIN.timestamp() / 86_400 + DAYS


@pytest.mark.parametrize("persona", EVERYBODY, ids=lambda persona: persona.name)
def test_sums_that_fade_tell_of_each_persona_what_is_expected(persona: CardHolder) -> None:
    told = [text for _, text in expected(persona.events(), END)]
    assert told == [text for text in persona.tells if text.split()[0] in RULES]
