"""Watching parameters and rules: a changed file that can be used is put to use, others refused."""

import asyncio
import hashlib
import json
from pathlib import Path
from typing import Final

import numpy as np
import structlog

from scoring.arrays import DAY
from scoring.facts.events import EVENT
from scoring.facts.kinds import Kind
from scoring.facts.state import new_states
from scoring.model import ScoringModel
from scoring.parameters import parse
from scoring.step.run import step
from streams.config import Settings
from streams.outbox.published import told
from streams.parameters.file import checked, rules_of
from streams.parameters.in_use import InUse, Using, basis_of, check_basis
from streams.telemetry.metrics import Metrics

CALIBRATE: Final = "make the bank's own by ebbwatch calibrate"
log = structlog.get_logger()


class Reloader:
    """Looks at the settings' parameter file now and then.

    Args:
        settings: file, how often to look, and how messages are worded.
        in_use: where a new file is put to use.
        metrics: reason what became of it.
    """

    def __init__(self, settings: Settings, in_use: InUse, metrics: Metrics) -> None:
        self._settings, self._in_use, self._metrics = settings, in_use, metrics
        self._seen = ""

    async def run(self) -> None:
        """Look until cancelled; returns at once where there is no file to look at."""
        own, pause = self._settings, self._settings.parameters_poll
        file = own.parameters_file or own.rules_file
        while file is not None and pause:
            await self.look(file)
            await asyncio.sleep(pause)

    async def look(self, file: Path) -> None:
        """Take the file up if it changed; once refused, it is not tried again until it changes."""
        try:
            changed = await asyncio.to_thread(self._changed, file)
        except Exception as error:  # noqa: BLE001 - whatever a file brings about, all goes on
            self._refuse(file, error)
        else:
            if changed is not None:
                self._use(changed)

    def _changed(self, file: Path) -> Using | None:
        """The file made ready for use, None where there is nothing new in it; off the loop."""
        content, rules = self._settings.parameters_source.read_bytes(), self._settings.rules_file
        whole = content + (b"" if rules is None else rules.read_bytes())
        if not self._is_news(hashlib.sha256(whole).hexdigest()):
            return None
        model = checked(ScoringModel(parse(json.loads(content)), rules_of(self._settings)))
        current = self._in_use.current.model
        same = model.parameters.digest == current.parameters.digest
        if same and model.rules == current.rules:
            return None
        check_basis(str(file), basis_of(current), model)
        return Using.of(self._settings, warmed(model))

    def _is_news(self, seen: str) -> bool:
        before, self._seen = self._seen, seen
        return seen != before

    def _use(self, using: Using) -> None:
        replaced, self._in_use.current = self._in_use.current, using
        self._metrics.reloads.labels("loaded").inc()
        tell(using, self._metrics)
        self._metrics.warnings_at_zero(told(using.model.rules))
        log.info("parameters loaded", version=using.version, replaced=replaced.version)

    def _refuse(self, file: Path, error: Exception) -> None:
        if isinstance(error, OSError) and not self._is_news(repr(error)):
            return
        self._metrics.reloads.labels("refused").inc()
        reason = " ".join(str(error).split()) or type(error).__name__
        in_use = self._in_use.current.version
        log.error("parameters refused", file=str(file), error=reason, in_use=in_use)


def tell(using: Using, metrics: Metrics) -> None:
    """Show what is in use, and say so where it is a preset: made from other people's customers."""
    preset = using.model.parameters.preset
    rules = using.model.rules.version
    metrics.model.info({"version": using.version, "rules_version": rules})
    metrics.preset.set(preset is not None)
    metrics.fitted_until.set(using.model.fitted_until or 0.0)
    if preset is not None:
        log.warning("parameters are a preset", version=using.version, preset=preset, next=CALIBRATE)


def warmed(model: ScoringModel) -> ScoringModel:
    """The model, its tables made by a trial, so that no batch has to wait for them."""
    bought = np.zeros(3, EVENT)
    bought["kind"], bought["amount"], bought["id"] = Kind.PURCHASE, 1_000, range(1, 4)
    bought["time"] = bought["reversed_time"] = np.arange(3) * 7.0 * DAY
    clocks, rows = bought["time"].copy(), np.zeros(3, np.int64)
    step(new_states(1), bought, rows, clocks, float(clocks[-1]) + DAY, model)
    return model
