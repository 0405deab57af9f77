"""Ids of warnings and cases."""

import re

import pytest
from pydantic import TypeAdapter, ValidationError

from schemas.ids import CaseId, WarningId, case_id, customer_hash, names, warning_id

LONGEST = f"r{'_' * 63}"


@pytest.mark.parametrize("rule", ["silence", "a", LONGEST])
@pytest.mark.parametrize("customer", [b"c1", b"c" * 64, b""])
@pytest.mark.parametrize("count", [1, 2**32 - 1])
def test_an_id_names_rule_and_episode_without_a_lookup(
    rule: str, customer: bytes, count: int
) -> None:
    warning, case = warning_id(customer, rule, count), case_id(customer, count)
    assert TypeAdapter(WarningId).validate_python(warning) == warning
    assert TypeAdapter(CaseId).validate_python(case) == case
    assert names(warning) == (customer_hash(customer), rule, count)
    assert names(case) == (customer_hash(customer), "", count)


def test_customers_do_not_share_a_hash() -> None:
    hashes = {customer_hash(b"c%d" % number) for number in range(100_000)}
    assert len(hashes) == 100_000


@pytest.mark.parametrize(
    "bad",
    [
        "", "silence", "silence.1",
        "8170bf8323414bdfdfa85a19.silence", "8170bf8323414bdfdfa85a19.1",
        "8170bf8323414bdfdfa85a19.silence.0", "8170bf8323414bdfdfa85a19.silence.01",
        "8170BF8323414bdfdfa85a19.silence.1", "8170bf8323414bdfdfa85a19.Silence.1",
        "8170bf8323414bdfdfa85a1.silence.1", "8170bf8323414bdfdfa85a19.silence.1\n",
        "8170bf8323414bdfdfa85a19.silence.12345678901", f"8170bf8323414bdfdfa85a19.{LONGEST}x.1",
    ],
)  # fmt: skip
def test_what_is_no_warnings_id_is_refused(bad: str) -> None:
    with pytest.raises(ValidationError, match=re.escape("a warning's id as it was published")):
        TypeAdapter(WarningId).validate_python(bad)
