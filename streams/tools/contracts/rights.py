"""What each process does in Kafka and Redis: the least that its user has to be allowed."""

import shlex
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

from streams.config import Settings, dead_letter_topic

READ: Final = frozenset({"READ", "DESCRIBE"})
WRITE: Final = frozenset({"WRITE", "DESCRIBE"})
BOTH: Final = READ | WRITE
WORKER: Final = "+@all -@admin -flushall -flushdb -keys"
READER: Final = "-@all +@read +ping +hello +select"
NOTHING: Final[Mapping[str, frozenset[str]]] = MappingProxyType({})


@dataclass(frozen=True)
class ProcessRights:
    """What a process does.

    Attributes:
        topics: operations of Kafka by topic.
        group: of consumers, that it is in.
        transactions: what its transactional ids begin with.
        redis: commands of Redis, as `ACL SETUSER` takes them; "" where it does not go there.
        may_write: whether it writes Redis's keys, or only reads them.
    """

    topics: Mapping[str, frozenset[str]] = field(default_factory=lambda: NOTHING)
    group: str | None = None
    transactions: str | None = None
    redis: str = ""
    may_write: bool = False

    def kafka_lines(self, user: str, bootstrap: str) -> Iterator[str]:
        """Lines for a shell that allow a user all of this in Kafka.

        Args:
            user: the name that it logs in by.
            bootstrap: where Kafka is.
        """
        begin = (
            f"kafka-acls.sh --bootstrap-server {shlex.quote(bootstrap)} --add "
            f"--allow-principal {shlex.quote('User:' + user)}"
        )
        for operations in dict.fromkeys(self.topics.values()):
            named = (name for name, each in self.topics.items() if each == operations)
            yield " ".join((begin, _all("operation", operations), _all("topic", named)))
        if self.group:
            yield f"{begin} --operation Read --operation Describe --group {self.group}"
        if self.transactions:
            yield (
                f"{begin} --operation Write --operation Describe "
                f"--resource-pattern-type prefixed --transactional-id {self.transactions}"
            )

    def redis_line(self, user: str, prefix: str) -> str:
        """The command of Redis that allows a user all of this, but for the password.

        Args:
            user: the name that it logs in by.
            prefix: of the keys.
        """
        if not self.redis:
            return ""
        keys = f"~{prefix}:* &*" if self.may_write else f"resetkeys %R~{prefix}:*"
        return f"ACL SETUSER {user} on >PASSWORD {keys} {self.redis}"


def _all(option: str, values: Iterable[str]) -> str:
    shown = sorted(values) if option == "operation" else values
    named = (value.title() if option == "operation" else value for value in shown)
    return " ".join(f"--{option} {value}" for value in named)


def rights_of(settings: Settings) -> Mapping[str, ProcessRights]:
    """What each process does, with this installation's topics, by its name.

    Args:
        settings: name them.
    """
    warnings = (settings.risk_topic, settings.relationship_topic)
    told = (*warnings, settings.case_topic)
    desk = (settings.case_topic, settings.assignment_topic)
    answers, progress, group = settings.outcome_topic, settings.progress_topic, settings.group
    refused = dead_letter_topic(answers)
    worker = {
        **dict.fromkeys(settings.input_topics, READ),
        **dict.fromkeys(map(dead_letter_topic, settings.input_topics), WRITE),
        **dict.fromkeys((*settings.output_topics, settings.position_topic), BOTH),
    }
    return MappingProxyType(
        {
            "worker": ProcessRights(worker, group, f"{group}-relay-", WORKER, may_write=True),
            "desk": ProcessRights(
                {settings.case_topic: READ, answers: READ, settings.assignment_topic: BOTH},
                transactions=f"{group}-desk",
            ),
            "digest": ProcessRights(
                {settings.assignment_topic: READ, progress: BOTH}, transactions=f"{group}-digest"
            ),
            "serve": ProcessRights(
                {**dict.fromkeys((*warnings, *desk, refused), READ), answers: BOTH}, redis=READER
            ),
            "webhook": ProcessRights(
                {
                    **dict.fromkeys(told, READ),
                    **dict.fromkeys(map(dead_letter_topic, told), WRITE | {"CREATE"}),
                },
                f"{group}-webhook",
            ),
            "produce": ProcessRights(
                {**dict.fromkeys(settings.input_topics, WRITE), progress: BOTH},
                transactions=f"{group}-produce-",
            ),
            "look": ProcessRights(
                dict.fromkeys((*told, settings.score_topic, desk[1], answers), READ), redis=READER
            ),
            "operate": ProcessRights(
                dict.fromkeys((*worker, desk[1], progress), frozenset({"ALL"})),
                group,
                f"{group}-",
                WORKER,
                may_write=True,
            ),
        }
    )
