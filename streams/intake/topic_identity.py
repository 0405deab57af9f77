"""Whether an input topic is still the one whose offsets the store counts."""

from collections.abc import Mapping

from streams.store import Claim


class OtherTopicError(ValueError):
    """An input topic was made anew: its offsets count other records than those applied.

    Attributes:
        topic: its name.
    """

    def __init__(self, topic: str, expected: str, got: str) -> None:
        super().__init__(
            f"topic {topic}: expected the one with id {expected}, whose records were applied, got "
            f"one made anew with id {got}; to read it from its beginning, stop the workers and "
            "run: ebbwatch topics adopt"
        )
        self.topic = topic


def compare(before: Mapping[str, str], now: Mapping[str, str]) -> None:
    """Compare ids by topic; a topic that is missing on either side tells nothing.

    Raises:
        OtherTopicError: one differs.
    """
    for topic, found in now.items():
        if before.get(topic, found) != found:
            raise OtherTopicError(topic, before[topic], found)


def unnoted(claim: Claim, ids: Mapping[str, str]) -> dict[str, str]:
    """The ids that a partition's next commit has to note.

    Raises:
        OtherTopicError: one differs from what was noted.
    """
    compare(claim.topic_ids, ids)
    return {topic: found for topic, found in ids.items() if topic not in claim.topic_ids}
