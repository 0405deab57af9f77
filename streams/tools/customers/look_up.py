"""Customers as Redis holds them, at an instant: one with all that is known, many, or all."""

from collections.abc import AsyncGenerator, AsyncIterator, Iterable, Sequence
from itertools import islice
from typing import Final

from schemas.outputs.now import CustomerNow
from streams.broker.partitioner import partitioner
from streams.config import Settings
from streams.outbox.messages import Messages
from streams.parameters.file import load_model
from streams.store import Claim
from streams.store.lookups import Lookups
from streams.store.opening import opened_lookups
from streams.tools.customers.finding import Finder, Held, Inquiry, Packed, told
from streams.tools.mending.not_used import NotUsed, of_customer, of_partition

AT_ONCE: Final = 500  # customers read and scored together


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


async def inspect(settings: Settings, customer: str, at: float | None) -> Customer:
    """Read one customer's state from Redis and score it; nothing is changed.

    Args:
        settings: Where Redis is, and the parameters in use.
        customer: The customer's id.
        at: The instant to score at, epoch seconds; None takes the present, in replay mode the
            partition's clock.

    Raises:
        UnknownCustomerError: nothing is held of the customer.
        TooEarlyError: `at` lies before the customer's last event.
        NotScoredError: the customer withdrew consent to profiling.
        BasisError: the customer was scored with parameters that these do not go with.
        StateError, DamagedError: another version wrote the state.
        redis.exceptions.RedisError: Redis cannot be reached.
    """
    number = partitioner(settings.partitioner).one(customer.encode(), settings.partitions)
    model = load_model(settings)
    async with opened_lookups(settings) as lookups:
        (found,) = await Finder(settings, lookups).find([Inquiry(customer, at)], model)
        claim = found.claim if isinstance(found, Held) else await _claim(lookups, number)
    refused = of_partition(claim.set_aside)
    own = await of_customer(settings, customer, number) if refused else ()
    if isinstance(found, Exception):
        raise found
    if found is None:
        raise UnknownCustomerError(settings, customer, own, refused)
    (whole,) = told([found], Messages.of(settings, model), with_clearing=True)
    return Customer(**dict(whole), partition=number, set_aside=own, partition_set_aside=refused)


async def _claim(lookups: Lookups, number: int) -> Claim:
    return (await lookups.find([(number, b"")])).claims[number]


async def inspect_many(
    settings: Settings, customers: Iterable[str], at: float | None
) -> AsyncIterator[tuple[str, CustomerNow | Exception | None]]:
    """Tell of many customers in one process, in their order, however many there are.

    Args:
        settings: as of `inspect`.
        customers: their ids, taken as they are needed.
        at: likewise.

    Yields:
        A customer's id with what is known, why it cannot be told, or None where nothing is held.

    Raises:
        DamagedError: another version wrote the store.
        redis.exceptions.RedisError: Redis cannot be reached.
    """
    model = load_model(settings)
    messages, asked = Messages.of(settings, model), iter(customers)
    async with opened_lookups(settings) as lookups:
        finder = Finder(settings, lookups)
        while names := list(islice(asked, AT_ONCE)):
            found = await finder.find([Inquiry(name, at) for name in names], model)
            for each in zip(names, _told(found, messages), strict=True):
                yield each


async def how_many(settings: Settings) -> int:
    """How many customers there are.

    Raises:
        redis.exceptions.RedisError: Redis cannot be reached.
    """
    async with opened_lookups(settings) as lookups:
        return await lookups.customers(settings.partitions)


async def everyone(
    settings: Settings, at: float | None
) -> AsyncGenerator[list[CustomerNow | Exception], None]:
    """Tell of all customers, some at once, each as `inspect_many` does at about this moment.

    What the workers do meanwhile may be in it or not, customer by customer.

    Args:
        settings: as of `inspect`.
        at: likewise.

    Raises:
        DamagedError: another version wrote the store.
        redis.exceptions.RedisError: Redis cannot be reached.
    """
    model = load_model(settings)
    messages = Messages.of(settings, model)
    async with opened_lookups(settings) as lookups:
        finder = Finder(settings, lookups)
        for number in range(settings.partitions):
            claim, cursor, seen = await _claim(lookups, number), -1, set[bytes]()
            while cursor:
                cursor, states = await lookups.slice(number, max(cursor, 0), AT_ONCE)
                fresh = sorted(states.keys() - seen)
                seen |= states.keys()
                found = [Packed(name, states[name], claim, at) for name in fresh]
                held = finder.hold(found, model)
                yield [each for each in _told(held, messages) if each is not None]


def _told(
    found: Sequence[Held | Exception | None], messages: Messages
) -> list[CustomerNow | Exception | None]:
    held = [each for each in found if isinstance(each, Held)]
    views = iter(told(held, messages) if held else ())
    return [next(views) if isinstance(each, Held) else each for each in found]
