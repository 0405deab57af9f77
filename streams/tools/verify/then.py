"""A customer as a worker knew them at an instant of the past, derived anew from the log."""

from collections.abc import Sequence

import numpy as np

from schemas.outputs.now import CustomerNow
from scoring.model import ScoringModel
from scoring.step.replay import held_by
from scoring.warning.gate import merged
from streams.config import Settings
from streams.outbox.parts import instant
from streams.parameters.in_use import Using
from streams.tools.backfill.plan import HistoryPart
from streams.tools.customers.view import refuse_unscored, views
from streams.tools.verify.derive import chapters, derived
from streams.tools.verify.partition_log import as_arrived, as_merged
from streams.tools.verify.past import NO_PAST, Past
from streams.tools.verify.published import VerifyError
from streams.tools.verify.run import PartitionEvidence, gathered, refuse_gaps


async def then(
    settings: Settings,
    customer: str,
    at: float,
    models: Sequence[ScoringModel],
    history: Sequence[HistoryPart] = (),
) -> CustomerNow:
    """Tell what was known of a customer, by the parameters then in force.

    Args:
        settings: where topics and Redis are; of the store only the partition's notes are read.
        customer: their id.
        at: the partition's clock then, epoch seconds.
        models: parameter files that may have scored the customer.
        history: from files, in parts: what topics do not hold.

    Raises:
        VerifyError: a parameter file or a part of the log is missing, or nothing was known yet.
        NotScoredError: the customer had withdrawn consent to profiling.
        aiokafka.errors.KafkaError: Kafka cannot be reached.
        redis.exceptions.RedisError: Redis cannot be reached.
    """
    evidence, past = await gathered(settings, customer.encode(), models[0], history)
    used = [Using.of(settings, model) for model in models]
    has_kept_up = settings.mode == "live"
    return known_then(evidence, customer.encode(), at, used, past, has_kept_up=has_kept_up)


def known_then(
    of: PartitionEvidence,
    customer: bytes,
    at: float,
    used: Sequence[Using],
    past: Past = NO_PAST,
    *,
    has_kept_up: bool = False,
) -> CustomerNow:
    """The same by what was read.

    Args:
        of: the partition.
        customer: their id.
        at: as of `then`.
        used: the parameter files made ready.
        past: of the customer and their partition, from files.
        has_kept_up: whether events were applied as they came; else by event time.

    Raises:
        VerifyError, NotScoredError: as `then` does.
    """
    refuse_gaps(of, past)
    logs = {topic: log.since(of.cut) for topic, log in of.logs.items()}
    own, came = (as_arrived if has_kept_up else as_merged)(logs)
    own = own.pick(np.flatnonzero(own.clocks <= at))
    events = past.events[past.events["time"] <= at]
    if not len(events) and not len(own.events):
        expected = f"an instant from the first event of {customer.decode()} on"
        raise VerifyError(f"at: expected {expected}, got {instant(at).isoformat()}")
    version = of.claim.activated.version if of.claim.activated else None
    history = chapters(version, of.activations, {each.version: each for each in used}, at)
    held = held_by(merged([past.came, came]).by(at), at)
    life = derived(customer, events, own, list(logs), history, at, held)
    messages = life.using.messages
    refuse_unscored(life.states, messages.say)
    now = np.array([at])
    (told,) = views([customer], life.states, now, [of.claim], messages, with_clearing=True)
    return told.model_copy(update={"clock": told.at, "scored_with": life.using.version})
