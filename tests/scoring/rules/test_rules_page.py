"""docs/rules.md: its tables are what the program reads, and its example is read."""

import re
from pathlib import Path

from scoring.feature import FACETS
from scoring.rules import read_rules
from scoring.rules.file_sections import CallTable, HoldoutTable, RulesFile, TextTable, TierTable
from scoring.rules.sections import RuleTable

PAGE = Path(__file__).parents[3] / "docs" / "rules.md"


def keys(section):
    rows = [f"| `{name}` | {field.description} |" for name, field in section.model_fields.items()]
    return "\n".join(["| key | meaning; what holds if left out |", "|---|---|", *rows])


def features():
    rows = [
        f"| `{feature.name.lower()}` | {facet.unit} | {facet.in_silence} | {facet.words} |"
        for feature, facet in FACETS.items()
    ]
    return "\n".join(["| value | unit | in silence | meaning |", "|---|---|---|---|", *rows])


def tables():
    return {
        "keys of the file": keys(RulesFile),
        "keys of a rule": keys(RuleTable),
        "keys of the holdout": keys(HoldoutTable),
        "keys of value tiers": keys(TierTable),
        "keys of an intervention": keys(CallTable),
        "keys of a language": keys(TextTable),
        "features": features(),
    }


def test_the_page_s_tables_are_those_of_the_program():
    text = PAGE.read_text(encoding="utf-8")
    for mark, table in tables().items():
        assert f"<!-- {mark} -->\n\n{table}\n" in text, mark


def test_the_page_s_example_is_a_rules_file():
    (example,) = re.findall(r"```toml\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    assert read_rules(example.encode())[10].name == "dormant"
