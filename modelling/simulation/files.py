"""The bank as files: events in order of time, and the truth beside them."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final, Literal, NamedTuple

import numpy as np
import polars as pl

from modelling.simulation.customers.leaving import LeavingReason
from modelling.simulation.happenings import Happenings, in_order
from modelling.simulation.plan import PlanError, SimulationPlan
from modelling.simulation.run import blocks, customer_id
from modelling.simulation.truth import KINDS, Truth, together
from modelling.simulation.wire import lines, table
from scoring.arrays import Floats

EventFormat = Literal["wire", "parquet"]
AT_ONCE: Final = 250_000  # events written together, which bounds the memory for their text
EVENTS: Final = "events"
TRUTH: Final = "truth.csv"


class Written(NamedTuple):
    """What was written.

    Attributes:
        events: how many.
        truth: about the customers.
        folder: of the events, a history that every command reads.
        truth_file: which is also what `fit-churn --labels` reads.
    """

    events: int
    truth: Truth
    folder: Path
    truth_file: Path


def write_bank(plan: SimulationPlan, out: Path, form: EventFormat = "wire") -> Written:
    """Make a bank and write it down; of its events only a stretch at a time is held in memory.

    Args:
        plan: what to make.
        out: a folder that is new or empty.
        form: `wire` for one file of JSON lines, `parquet` for a table a stretch of days.

    Raises:
        PlanError: something is in the folder, or it is a file.
        OSError: it cannot be written.
    """
    check_empty(out)
    folder = out / EVENTS
    folder.mkdir(parents=True)
    with TemporaryDirectory(dir=out, prefix=".parts-") as parts:
        parked, truth = _parked(plan, Path(parts))
        count = sum(len(part) for part in parked)
        for number, rows in enumerate(_stretches(parked, plan, count)):
            _write(rows, folder, number, plan.currency, form)
    write_truth(truth, out / TRUTH)
    return Written(count, truth, folder, out / TRUTH)


def check_empty(out: Path) -> None:
    """Find out before long work that nothing would be written over.

    Raises:
        PlanError: `out` is a file, or a folder with something in it.
    """
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        got = "one with something in it" if out.is_dir() else "a file"
        raise PlanError(where=str(out), expected="a folder that is new or empty", got=got)


def write_truth(truth: Truth, file: Path) -> None:
    """Write what is known of every customer, a row each; times in ISO 8601, empty where none."""
    reasons = np.array([each.name.lower() if each else "" for each in LeavingReason])
    traits = {
        "traveller": truth.is_traveller,
        "holiday_pauser": truth.pauses,
        "returns": truth.returns,
        "two_cards": truth.has_two_cards,
    }
    frame = pl.DataFrame(
        {
            "customer_id": [customer_id(n).decode() for n in truth.customers.tolist()],
            "kind": np.array(KINDS)[truth.kind],
            "reason": reasons[truth.reason],
            "onset": _times(truth.onset),
            "last_purchase": _times(truth.last_purchase),
            "left_at": _times(truth.left_at),
            "closed_at": _times(truth.closed_at),
            **traits,
        }
    )
    frame.write_csv(file)


def _times(instants: Floats) -> pl.Series:
    known = np.isfinite(instants)
    seconds = pl.Series(np.where(known, instants, 0.0)).cast(pl.Int64)
    text = pl.from_epoch(seconds, "s").dt.strftime("%Y-%m-%dT%H:%M:%SZ")
    return text.set(pl.Series(~known), None)


def _parked(plan: SimulationPlan, folder: Path) -> tuple[list[Happenings], Truth]:
    """All blocks' events, each by time, on disk; and the truth."""
    parked: list[Happenings] = []
    truths: list[Truth] = []
    for number, block in enumerate(blocks(plan)):
        file = folder / f"{number}.npy"
        np.save(file, block.rows)
        parked.append(np.load(file, mmap_mode="r"))
        truths.append(block.truth)
    return parked, together(truths)


def _stretches(
    parked: Sequence[Happenings], plan: SimulationPlan, count: int
) -> Iterator[Happenings]:
    """Stretches of days with about `AT_ONCE` events each, in order."""
    step = max(1, int(AT_ONCE * plan.days / max(count, 1)))
    edges = [plan.origin + day * 86_400 for day in (*range(0, plan.days, step), plan.days)]
    cuts = [np.searchsorted(part["time"], edges) for part in parked]
    for place in range(len(edges) - 1):
        pieces = [
            np.asarray(part[cut[place] : cut[place + 1]])
            for part, cut in zip(parked, cuts, strict=True)
        ]
        yield in_order(np.concatenate(pieces))


def _write(rows: Happenings, folder: Path, number: int, currency: str, form: EventFormat) -> None:
    if form == "parquet":
        table(rows, currency).write_parquet(folder / f"{number:05d}.parquet")
        return
    with (folder / "events.jsonl").open("ab") as file:
        for text in lines(rows, currency).to_list() if len(rows) else []:
            file.write(text.encode("ascii") + b"\n")
