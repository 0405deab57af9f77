"""Who owns a partition, and the refusals that whoever does not, or no longer does, meets."""

import secrets


class Fenced(Exception):  # noqa: N818 - what happened; nothing is wrong
    """Another worker owns the partition now; nothing was written.

    Attributes:
        partition: its number.
        owner: who was refused.
        by: the owner whom the store knows, empty where it knows none.
    """

    def __init__(self, partition: int, owner: str, by: str) -> None:
        super().__init__(f"partition {partition}: owner {owner} gave way to {by or 'nobody'}")
        self.partition, self.owner, self.by = partition, owner, by

    @property
    def is_backward(self) -> bool:
        """Whether the store knows an older owner or none: it forgot a claim, and went back."""
        return _epoch(self.by) < _epoch(self.owner)


class Lost(Exception):  # noqa: N818 - as above
    """The store holds another past than this worker wrote; nothing was written."""


class DamagedError(ValueError):
    """Keys are missing, or of another layout or partitioner: never taken for what they are not.

    Attributes:
        mend: command that mends it.
    """

    def __init__(self, told: str, mend: str = "") -> None:
        super().__init__(told)
        self.mend = mend


def owner_of(epoch: int, token: str) -> str:
    """Name of an owner: an epoch that the store forgets is given again, a token never is."""
    return f"{epoch}-{token}"


def new_token() -> str:
    """A name that nobody was given before."""
    return secrets.token_hex(8)


def _epoch(owner: str) -> int:
    return int(owner.partition("-")[0] or 0)
