"""A made-up bank's log, as `ebbwatch simulate` makes it: customers as the preset knows them."""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from tempfile import TemporaryDirectory

from modelling.simulation import SimulationPlan
from modelling.simulation.files import write_bank
from streams.config import Settings
from streams.intake.rates import RateTable
from streams.tools.producing.produce_file import FileWriter


@dataclass(frozen=True)
class BankLog:
    """What to generate; equal values give equal events.

    Attributes:
        customers: of the bank.
        days: written down.
    """

    customers: int
    days: int

    @cached_property
    def plan(self) -> SimulationPlan:
        """The bank."""
        return SimulationPlan(customers=self.customers, days=self.days)

    def write(self, settings: Settings) -> int:
        """Write the log to the input topics, in order of time; return the count."""
        with TemporaryDirectory() as folder:
            made = write_bank(self.plan, Path(folder, "bank"))
            writer = FileWriter(settings, RateTable(self.plan.currency))
            for file in sorted(made.folder.iterdir()):
                with file.open("rb") as lines:
                    writer.write(lines, file.name)
        return made.events
