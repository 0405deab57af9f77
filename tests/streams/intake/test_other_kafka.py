"""A Redis beside another Kafka than its own: the same topics' names, other topics."""

import pytest

from streams.intake.checks import OtherTopicError, unnoted
from streams.retry.refusals import told as in_words
from streams.store import Claim

NOTED = {"transaction": "AAAA", "interaction": "BBBB"}


def claim(ids: dict[str, str]) -> Claim:
    return Claim(1, 9, 0.0, {"transaction": 40, "interaction": 7}, 0, topic_ids=ids)


def test_a_redis_of_another_kafka_is_refused_in_one_line_that_names_both_settings() -> None:
    with pytest.raises(OtherTopicError) as refused:
        unnoted(claim(NOTED), {"transaction": "CCCC", "interaction": "DDDD"})
    told = str(refused.value)
    assert told.startswith("topic transaction: expected the one with id AAAA, ")
    assert "got one with id CCCC: made anew, or of another Kafka than this Redis belongs to" in told
    assert "(EBBWATCH_KAFKA_BOOTSTRAP, EBBWATCH_REDIS_URL)" in told
    assert "\n" not in told
    assert refused.value.topic == "transaction"


def test_what_to_do_is_told_whatever_the_topic_is_called() -> None:
    error = OtherTopicError("t" * 249, "A" * 22, "B" * 22)  # as long as Kafka takes
    assert in_words(error).endswith("ebbwatch topics adopt")


def test_topics_that_are_the_same_and_new_ones_are_taken() -> None:
    assert unnoted(claim(NOTED), NOTED) == {}
    assert unnoted(claim(NOTED), {**NOTED, "outcome": "EEEE"}) == {"outcome": "EEEE"}
