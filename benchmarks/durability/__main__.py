"""`python -m benchmarks.durability`: what Redis may lose by how it is set up, and what that costs.

Choices take turns, each on servers of its own, under one worker. First the whole job of a made-up
bank is timed; then warnings under a steady load, until the power is cut or the primary is lost.
"""

import argparse
import signal
import sys
from collections import defaultdict
from pathlib import Path
from tempfile import TemporaryDirectory

from harness import crew

from benchmarks.bank_log import BankLog
from benchmarks.durability.page import page
from benchmarks.durability.servers import CHOICES, Choice
from benchmarks.durability.trial import PARTITIONS, SETTLED, Bench, Outcome
from benchmarks.prepare import prepare
from benchmarks.report import save
from ebbwatch.stack import running


def main() -> None:
    """Measure, print the page, and write it to the results unless asked otherwise."""
    options = _options()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that nothing started is left behind
    choices = [each for each in CHOICES if options.fault in {each.fault, None}]
    found: dict[Choice, list[Outcome]] = defaultdict(list)
    with running() as stack, TemporaryDirectory() as logs, crew(Path(logs)) as start:
        bank = prepare(stack, BankLog(options.customers, options.days).write, PARTITIONS)
        rates = options.rate, options.warnings
        bench = Bench(stack, start, bank, options.delay / 1_000, options.seconds, rates)
        for number in range(options.rounds * len(choices)):
            choice = choices[number % len(choices)]
            found[choice].append(bench.run(choice, number))
            print(f"{choice.name}: {found[choice][-1].told()}", file=sys.stderr)
    text = page(options, found)
    print(text)
    if options.save:
        save("-".join(["durability", *(options.fault or "").split()]), text)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.durability", description=__doc__)
    parser.add_argument("--fault", choices=sorted({each.fault for each in CHOICES}), help="alone")
    parser.add_argument("--rounds", type=int, default=3, help="of all choices")
    parser.add_argument("--seconds", type=float, default=25.0, help="of load before the fault")
    parser.add_argument("--rate", type=float, default=60.0, help="visits a second")
    parser.add_argument("--warnings", type=float, default=5.0, help="a second")
    parser.add_argument("--delay", type=float, default=50.0, help="ms to the replica, each way")
    parser.add_argument("--customers", type=int, default=1_500, help="of the bank")
    parser.add_argument("--days", type=int, default=120, help="of the bank")
    parser.add_argument("--save", action=argparse.BooleanOptionalAction, default=True)
    options = parser.parse_args()
    if options.seconds <= SETTLED:
        parser.error(f"--seconds: expected more than {SETTLED:.0f}, got {options.seconds}")
    return options


if __name__ == "__main__":
    main()
