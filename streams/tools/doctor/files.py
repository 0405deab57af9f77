"""The files that settings name: parameters, rules, challenger and rates."""

import time
from collections.abc import Callable, Generator
from datetime import UTC, date, datetime
from typing import Final

from scoring.model import ScoringModel
from scoring.parameters import Parameters, parse
from scoring.rules import shipped
from streams.config import Settings
from streams.intake.rates import read_rates
from streams.panel.challenger import load_challenger
from streams.parameters.file import checked, read_document, rules_of
from streams.tools.doctor.finding import Finding, Trouble, finding

OLD: Final = 120  # days since a fit saw the last event, after which habits may have changed
OLD_RATES: Final = 30  # days since the newest rate
CALIBRATE: Final = "ebbwatch calibrate HISTORY --out bank.json"


def look_at_files(settings: Settings) -> Generator[Finding, None, ScoringModel | None]:
    """Read every file as a worker does; return the model, None where there is none."""
    model = yield from _look_at_model(settings)
    if model is None:
        return None
    yield from _tried("challenger", "", lambda: _challenger(settings, model))
    yield from _tried("rates", "", lambda: _rates(settings, model))
    return model


def _look_at_model(settings: Settings) -> Generator[Finding, None, ScoringModel | None]:
    file = settings.parameters_source
    try:
        parameters = parse(read_document(file))
    except (ValueError, OSError) as error:
        yield Finding("parameters", "wrong", _line(error), (CALIBRATE,))
        return None
    where = f"{parameters.version} ({settings.parameters_file or 'packaged'})"
    yield _provenance(parameters, where)
    book = f"{parameters.book_currency}, days of {parameters.book_timezone}"
    named = settings.rules_file
    mend = f"ebbwatch rules check {named}" if named else "ebbwatch rules show"
    try:
        rules = rules_of(settings)
        model = checked(ScoringModel(parameters, rules))
        model.calendar  # noqa: B018 - its time zone is looked up when it is first asked for
    except (ValueError, OSError) as error:
        yield Finding("rules", "wrong", f"{_line(error)} (the book: {book})", (mend,))
        return None
    told = "shipped" if rules == shipped() else f"{rules.version} ({named})"
    yield Finding("rules", "ok", f"{told}, {len(rules.rules)} rules")
    yield Finding("book", "ok", book)
    return model


def _provenance(parameters: Parameters, where: str) -> Finding:
    """Whose customers the parameters are of, and how long ago these were looked at."""
    troubles = []
    preset, until = parameters.preset, parameters.fitted_until
    if preset:
        troubles.append(Trouble("warning", f"{where}: a preset, {preset}", CALIBRATE))
    age = (_today() - until).days if until else 0
    if not preset and age > OLD:
        got = f"{where}: expected a fit to customers of the last {OLD} days, got one until {until}"
        troubles.append(Trouble("warning", got, CALIBRATE))
    return finding("parameters", troubles, f"{where}{f', fitted until {until}' * bool(until)}")


def _challenger(settings: Settings, model: ScoringModel) -> Finding:
    file = settings.challenger_file
    told = "none" if file is None else load_challenger(file, model).name
    return Finding("challenger", "ok", told)


def _rates(settings: Settings, model: ScoringModel) -> Finding:
    book = model.parameters.book_currency
    latest = read_rates(settings.rates_file, book).latest
    troubles = []
    if latest is not None and (_today() - latest).days > OLD_RATES:
        got = f"expected rates of the last {OLD_RATES} days, got the newest of {latest}"
        troubles.append(Trouble("warning", got, f"$EDITOR {settings.rates_file}"))
    told = f"{settings.rates_file}, the newest of {latest}" if latest else f"none, {book} only"
    return finding("rates", troubles, told)


def _tried(check: str, mend: str, look: Callable[[], Finding]) -> Generator[Finding, None, None]:
    try:
        yield look()
    except (ValueError, OSError) as error:
        yield Finding(check, "wrong", _line(error), (mend,) if mend else ())


def _line(error: Exception) -> str:
    return " ".join(str(error).split()) or type(error).__name__


def _today() -> date:
    return datetime.fromtimestamp(time.time(), UTC).date()
