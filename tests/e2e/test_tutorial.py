"""The tutorial, typed as it stands there: own bookings become events, warnings and an answer."""

import re
from pathlib import Path

import pytest
from typing_pages import type_it, typed_on, variables

from ebbwatch.stack import Stack


@pytest.mark.integration
def test_ten_bookings_of_one_s_own_end_in_a_warning_explained_moved_and_answered(
    stack: Stack, topic_prefix: str, tmp_path: Path
) -> None:
    said = type_it(typed_on("docs/tutorial.md"), tmp_path, variables(stack, topic_prefix))
    order = [
        "9 events written",
        "K-23  as of",
        "2 open",
        "MIDDLE churn  K-17",
        "likely to be lost within 60 days",
        "K-17: retained",
    ]
    places = [said.index(order[0])]
    for words in order[1:]:
        places.append(said.index(words, places[-1] + 1))
    risks = re.findall(r"^churn risk (\d+)% within", said, re.MULTILINE)
    now, then = map(int, risks)
    assert then < now, said  # fifty days ago
