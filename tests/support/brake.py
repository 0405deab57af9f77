"""How far the workers of `faults/dying_worker.py` may go, so that no test rests on their speed."""

from dataclasses import dataclass
from pathlib import Path

DYING_WORKER = (str(Path(__file__).parents[1] / "faults" / "dying_worker.py"),)
REST = 0.1  # seconds before each batch, so that a kill finds all parts at work


@dataclass(frozen=True)
class Brake:
    """A file that such workers look at before each batch.

    Args:
        file: told to the workers by `variables`.
    """

    file: Path

    @property
    def variables(self) -> dict[str, str]:
        """What a worker must be started with to heed it."""
        return {"BRAKE": str(self.file)}

    def hold_at(self, records: int) -> None:
        """Let each partition apply so many records, its last batch may add to them, and no more."""
        draft = self.file.with_suffix(".draft")  # is put in place whole
        draft.write_text(f"{records} {REST}")
        draft.replace(self.file)

    def release(self) -> None:
        """Let all of them go on, without a rest."""
        self.file.unlink()
