"""One customer as Redis holds them: the packed state in words, and scores at an instant."""

from datetime import datetime

import numpy as np

from schemas.outputs.now import CustomerNow
from scoring.facts.packing import unpack
from streams.broker.partitioner import partitioner
from streams.config import Settings
from streams.outbox.messages import Messages
from streams.parameters.file import load_model
from streams.store.opening import opened
from streams.tools.customer_view import present, refuse_early, views
from streams.tools.mending.not_used import NotUsed, of_customer, of_partition


class Customer(CustomerNow):
    """What a running system has of a customer, ready to be shown.

    Attributes:
        partition: number of the partition that holds the state.
        set_aside: records of the customer among the partition's last dead letters; None where
            they could not be read.
        partition_set_aside: records of all its customers that were set aside.
    """

    partition: int
    set_aside: tuple[NotUsed, ...] | None
    partition_set_aside: tuple[NotUsed, ...]


class UnknownCustomerError(LookupError):
    """No state is held of a customer; what was set aside may tell why.

    Attributes:
        customer: the id asked for.
        set_aside: as of `Customer`.
        partition_set_aside: likewise.
    """

    def __init__(
        self,
        settings: Settings,
        customer: str,
        set_aside: tuple[NotUsed, ...] | None,
        partition_set_aside: tuple[NotUsed, ...],
    ) -> None:
        place = f"{settings.partitions} partitions under prefix {settings.redis_prefix}"
        told = f"{customer}: expected a customer with a state in {place}, found none"
        for whose, all_of in (("their", set_aside), ("the partition's", partition_set_aside)):
            told += "".join(
                f"; {each.records} of {whose} records were set aside, {each.reason}, "
                f"{each.where}: expected {each.expected}, got {each.got} ({each.help})"
                for each in all_of or ()
            )
        super().__init__(told)
        self.customer, self.set_aside = customer, set_aside
        self.partition_set_aside = partition_set_aside


async def inspect(settings: Settings, customer: str, at: datetime | None) -> Customer:
    """Read one customer's state from Redis and score it; nothing is changed.

    Args:
        settings: Where Redis is, and the parameters in use.
        customer: The customer's id.
        at: The instant to score at; None takes the present, in replay mode the partition's clock.

    Raises:
        UnknownCustomerError: nothing is held of the customer.
        TooEarlyError: `at` lies before the customer's last event.
        redis.exceptions.RedisError: Redis cannot be reached.
    """
    number = partitioner(settings.partitioner).one(customer.encode(), settings.partitions)
    async with opened(settings) as store:
        packed = await store.state(number, customer.encode())
        claim = await store.peek(number)
    refused = of_partition(claim.set_aside)
    own = await of_customer(settings, customer, number) if refused else ()
    if packed is None:
        raise UnknownCustomerError(settings, customer, own, refused)
    states = unpack([packed])
    last = float(states["last_event"][0])
    now = at.timestamp() if at else present(settings, claim, last)
    refuse_early(last, now)
    messages = Messages.of(settings, load_model(settings))
    whole = views(
        [customer.encode()], states, np.array([now]), [claim], messages, with_clearing=True
    )
    return Customer(**dict(whole[0]), partition=number, set_aside=own, partition_set_aside=refused)
