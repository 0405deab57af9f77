"""The README's tour, typed as it stands there: a warning is seen, acknowledged and cleared."""

import re
from pathlib import Path

import pytest
from typing_pages import here, type_it, variables

from ebbwatch.stack import Stack

README = (Path(__file__).parents[3] / "README.md").read_text(encoding="utf-8")


def tour() -> str:
    (block,) = re.findall(
        r"^## Five minutes with your own events\n\n```\n(.*?)^```", README, re.DOTALL | re.MULTILINE
    )
    return here(block)


@pytest.mark.integration
def test_the_tour_ends_with_a_warning_seen_acknowledged_and_cleared(
    stack: Stack, topic_prefix: str, tmp_path: Path
) -> None:
    said = type_it(tour(), tmp_path, variables(stack, topic_prefix))
    seen = re.search(
        r"1 open\n.*MIDDLE dissatisfaction  c-1001 .*\n +Call the customer .*\n +(\S+)", said
    )
    assert seen is not None, said
    assert seen.group(1).endswith(".dissatisfaction.1")
    order = ["MIDDLE dissatisfaction", "c-1001: acknowledged", "c-1001: retained", "acknowledged"]
    places = [said.index(order[0])]
    for words in order[1:]:
        places.append(said.index(words, places[-1] + 1))
    assert re.search(r"dissatisfaction +middle +100\.0%", said[places[-1] :])
