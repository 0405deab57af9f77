"""`python -m benchmarks`: one worker's whole job on a real Kafka and Redis, and a naive peer."""

import argparse
import json
import sys
from collections import defaultdict
from collections.abc import Callable
from functools import partial
from pathlib import Path

from benchmarks.bank_log import BankLog
from benchmarks.event_log import EventLog
from benchmarks.peers import naive
from benchmarks.prepare import prepare
from benchmarks.report import Result, typed
from benchmarks.whole_job import Round, measure
from benchmarks.wire import write
from ebbwatch.stack import Stack, running
from streams.broker.topics import create_topics, topic_specs
from streams.config import Settings


def main() -> None:
    """Measure, print the page, and write it to the results unless asked otherwise."""
    options = _options()
    with running(options.folder) as stack:
        result = _result(options, stack)
    if options.save:
        print(f"written: {result.save()}", file=sys.stderr)
    print(json.dumps(result.json()) if options.json else result.page())


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument(
        "--log",
        choices=("bank", "restless"),
        default="bank",
        help="customers of a made-up bank, or such who are warned about a hundred times as often",
    )
    parser.add_argument("--customers", type=int, default=20_000, help="of the bank")
    parser.add_argument("--days", type=int, default=120, help="of the bank")
    parser.add_argument("--events", type=int, default=2_000_000, help="of 20 a restless customer")
    parser.add_argument("--partitions", type=int, default=4)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--naive-events", type=int, default=40_000, help="timed a round; 0: none")
    parser.add_argument("--folder", type=Path, help="keep the stack's data there")
    parser.add_argument("--json", action="store_true", help="print one JSON object, not the page")
    parser.add_argument("--save", action=argparse.BooleanOptionalAction, default=True)
    return parser.parse_args()


def _result(options: argparse.Namespace, stack: Stack) -> Result:
    settings, events = prepare(stack, _log(options), options.partitions)
    rounds: list[Round] = []
    peers: dict[str, list[float]] = defaultdict(list)
    for number in range(1, options.rounds + 1):
        rounds.append(measure(stack, _of_round(settings, number), events))
        print(f"round {number}: {rounds[-1].events_per_second:,.0f} events/s", file=sys.stderr)
        if options.naive_events:
            peers["naive Faust"].append(naive(settings, options.naive_events))
            print(f"round {number}: naive {peers['naive Faust'][-1]:,.0f}", file=sys.stderr)
    command = typed("benchmarks")
    shown = {"log": options.log, "events": events, "partitions": options.partitions}
    return Result(command, shown, rounds, peers)


def _log(options: argparse.Namespace) -> Callable[[Settings], int]:
    if options.log == "bank":
        return BankLog(options.customers, options.days).write
    return partial(write, EventLog(options.events, max(1, options.events // 20)))


def _of_round(settings: Settings, number: int) -> Settings:
    """A group of its own, and so offsets, positions and transactional ids of its own."""
    own = settings.model_copy(update={"group": f"bench-{number}"})
    create_topics(own.kafka_bootstrap, topic_specs(own))
    return own


if __name__ == "__main__":
    main()
