"""A customer of the demo's withdraws consent, as the worker takes it."""

import json
import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from ebbwatch.demo.child import PROGRAM, worker
from ebbwatch.demo.settings import child_environment
from tools.pages.demo import Shown, wait_for

WITHDRAWN: Final = "persona-a-healthy"
_EVENT: Final = {
    "event_id": "withdrawn",
    "customer_id": WITHDRAWN,
    "event_time": "1998-07-01T00:00:00Z",  # after all others of the demo
    "type": "consent_changed",
    "purpose": "profiling",
    "granted": False,
    "legal_basis": "consent",
}


def withdraw(shown: Shown) -> None:
    """Let one customer withdraw consent to profiling, and wait until their page says so."""
    with TemporaryDirectory() as folder:
        file = Path(folder) / "events.jsonl"
        file.write_text(json.dumps(_EVENT), encoding="utf-8")
        own = child_environment(shown.settings)
        subprocess.run([*PROGRAM, "produce", str(file)], env=own, check=True)
        with worker(shown.settings, Path(folder) / "worker.log"):
            wait_for(shown.address, {f"/customers/{WITHDRAWN}": "consent withdrawn"})
