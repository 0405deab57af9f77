"""A desk's file, read: the shipped rules as far as it states nothing else."""

from collections.abc import Mapping
from importlib.resources import files
from typing import Any, Final

from pydantic import ValidationError

from scoring.rules.document import document_of, fault_of, key_lines, mistake_of, text_of
from scoring.rules.mistakes import RulesError
from scoring.warning.desk.sections import DeskRules

CHECK: Final = "ebbwatch desk check"


def shipped_desk_text() -> str:
    """The file that comes with the program, with its comments."""
    return files(__package__).joinpath("shipped.toml").read_text("utf-8")


def desk_rules(content: bytes = b"", source: str = "desk") -> DeskRules:
    """Read a desk's file.

    Args:
        content: TOML in UTF-8; the shipped rules hold where it states nothing.
        source: the file, for messages.

    Raises:
        RulesError: it cannot be used; names every mistake, with its line.

    >>> rules = desk_rules(b"contact.days = 30")
    >>> rules.contact.days, rules.contact.hand_outs
    (30, 1)
    """
    text = text_of(content, source)
    stated = _laid_over(document_of(shipped_desk_text(), "shipped"), document_of(text, source))
    try:
        return DeskRules.model_validate(stated)
    except ValidationError as error:
        lines, details = key_lines(text), error.errors(include_url=False)
        faults = [fault_of(detail, DeskRules, ()) for detail in details]
        found = dict.fromkeys(mistake_of(fault, lines) for fault in faults)
        raise RulesError(source, [*found], CHECK) from error


def _laid_over(under: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    """Tables with what other ones state in their place, key by key."""
    found = {**under, **over}
    for key in under.keys() & over.keys():
        if isinstance(under[key], Mapping) and isinstance(over[key], Mapping):
            found[key] = _laid_over(under[key], over[key])
    return found
