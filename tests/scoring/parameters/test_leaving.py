import pytest
from cases import document

from scoring.parameters import Closure, FirstOf, ParameterError, Partial, Silence, parse

PARTIAL = {"type": "partial", "within_days": 28, "share": 0.5}
CLOSURE = {"type": "closure", "within_days": 90}
SILENT = {"type": "silence", "days": 56}


def leaving(given):
    return parse({**document(), "leaving": given}).leaving


def test_a_file_that_does_not_say_counts_half_a_year_of_silence():
    assert parse(document()).leaving == Silence(days=180)


@pytest.mark.parametrize(
    ("given", "kind", "within", "silence"),
    [
        (SILENT, Silence, 56, 56),
        (CLOSURE, Closure, 90, None),
        (PARTIAL, Partial, 28, None),
        ({**PARTIAL, "share": 0.0}, Partial, 28, None),
        ({"type": "first_of", "of": [SILENT, CLOSURE]}, FirstOf, 90, 56),
        ({"type": "first_of", "of": [PARTIAL, CLOSURE]}, FirstOf, 90, None),
    ],
)
def test_each_definition_says_by_when_it_shows(given, kind, within, silence):
    found = leaving(given)
    assert isinstance(found, kind)
    assert (found.within, found.silence_days) == (within, silence)
    assert found.words


@pytest.mark.parametrize(
    "wrong",
    [
        {"type": "boredom", "days": 3},
        {"type": "silence"},
        {"type": "silence", "days": 0},
        {"type": "silence", "days": "56"},
        {"type": "silence", "days": 56, "within_days": 3},
        {**PARTIAL, "share": 1.0},
        {**PARTIAL, "share": -0.1},
        {**PARTIAL, "measure": "steps"},
        {"type": "first_of", "of": [SILENT]},
        {"type": "first_of", "of": [SILENT, {**SILENT, "days": 7}]},
        {"type": "first_of", "of": [SILENT, {"type": "first_of", "of": [SILENT, CLOSURE]}]},
        "silence",
    ],
)
def test_another_definition_is_refused_by_name(wrong):
    with pytest.raises(ParameterError, match="leaving"):
        leaving(wrong)
