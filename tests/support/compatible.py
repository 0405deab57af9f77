"""Whether every document of one JSON Schema is one of another: what a change would break.

For the parts of JSON Schema that pydantic generates; of any other it says that it cannot tell.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from schemas.constraints import ID_PATTERN, TEXT_PATTERN

Schema = Mapping[str, Any]

LEAST: Final = ("minimum", "exclusiveMinimum", "minLength", "minItems")
MOST: Final = ("maximum", "exclusiveMaximum", "maxLength", "maxItems")
SAME: Final = ("pattern", "format")
WITHIN: Final = {(ID_PATTERN, TEXT_PATTERN)}  # every text of the first pattern is of the second
WORDS: Final = {"title", "description", "default", "examples", "discriminator", "$schema", "$id"}
KNOWN: Final = {
    "$ref", "$defs", "type", "const", "enum", "anyOf", "oneOf", "properties", "required",
    "additionalProperties", "items", *LEAST, *MOST, *SAME, *WORDS,
}  # fmt: skip
TYPES: Final = {"string": str, "boolean": bool, "integer": int, "number": (int, float)}


def broken(written: Schema, read: Schema, *, tolerant: bool) -> list[str]:
    """What a reader by one schema finds wrong in documents written by another.

    Args:
        written: by which documents are made.
        read: by which they are read.
        tolerant: whether the reader passes over fields that it does not know.

    Returns:
        A line for each place, none where every document can be read.
    """
    return list(_Reading(written, read, tolerant=tolerant).faults(written, read, "$"))


class _Reading:
    def __init__(self, written: Schema, read: Schema, *, tolerant: bool) -> None:
        self._written, self._read, self._tolerant = written, read, tolerant

    def faults(self, written: Schema, read: Schema, at: str) -> Iterator[str]:
        written, read = _resolved(written, self._written), _resolved(read, self._read)
        for schema in (written, read):
            if unknown := schema.keys() - KNOWN:
                yield f"{at}: cannot tell what {sorted(unknown)} say"
        if alternatives := _alternatives(written):
            for each in alternatives:
                yield from self.faults(each, read, at)
        elif alternatives := _alternatives(read):
            tried = [list(self.faults(written, each, at)) for each in alternatives]
            yield from min(tried, key=len)
        else:
            yield from self._plain(written, read, at)

    def _plain(self, written: Schema, read: Schema, at: str) -> Iterator[str]:
        values, allowed = _values(written), _values(read)
        if allowed is not None:
            if values is None or any(value not in allowed for value in values):
                yield f"{at}: {values or written.get('type')} where {allowed} were read"
            return
        kind = read.get("type")
        if values is not None:
            if kind and not all(_is_of(value, kind) for value in values):
                yield f"{at}: {values} where a {kind} was read"
            return
        if kind not in {None, written.get("type")} and (written.get("type"), kind) != (
            "integer",
            "number",
        ):
            yield f"{at}: {written.get('type')} where a {kind} was read"
            return
        yield from _bounds(written, read, at)
        if kind == "object":
            yield from self._fields(written, read, at)
        if "items" in read:
            yield from self.faults(written.get("items", {}), read["items"], f"{at}[]")

    def _fields(self, written: Schema, read: Schema, at: str) -> Iterator[str]:
        fields, known = written.get("properties", {}), read.get("properties", {})
        for name in sorted({*read.get("required", ())} - {*written.get("required", ())}):
            yield f"{at}.{name}: may be absent, and was always there"
        for name, schema in fields.items():
            if name in known:
                yield from self.faults(schema, known[name], f"{at}.{name}")
            elif read.get("additionalProperties") is False and not self._tolerant:
                yield f"{at}.{name}: a field that was not known"
        others, taken = (each.get("additionalProperties") for each in (written, read))
        if isinstance(taken, Mapping):
            yield from self.faults(others or {}, taken, f"{at}.*")


def _resolved(schema: Schema, root: Schema) -> Schema:
    while "$ref" in schema:
        schema = {**root["$defs"][schema["$ref"].rpartition("/")[2]], **_beside(schema)}
    return schema


def _beside(schema: Schema) -> Schema:
    return {name: value for name, value in schema.items() if name != "$ref"}


def _alternatives(schema: Schema) -> list[Schema]:
    found = schema.get("anyOf") or schema.get("oneOf")
    if found:
        return list(found)
    kinds = schema.get("type")
    return [{**schema, "type": kind} for kind in kinds] if isinstance(kinds, list) else []


def _values(schema: Schema) -> list[Any] | None:
    return [schema["const"]] if "const" in schema else schema.get("enum")


def _is_of(value: object, kind: str) -> bool:
    return value is None if kind == "null" else isinstance(value, TYPES[kind])


def _bounds(written: Schema, read: Schema, at: str) -> Iterator[str]:
    for names, sign in ((LEAST, 1), (MOST, -1)):
        for name in names:
            limit, own = read.get(name), written.get(name)
            if limit is not None and (own is None or sign * own < sign * limit):
                yield f"{at}: {name} {own} where {limit} was the limit"
    for name in SAME:
        if name in read and read[name] != written.get(name) and not _is_within(written, read):
            yield f"{at}: {name} {written.get(name)!r} where {read[name]!r} was read"


def _is_within(written: Schema, read: Schema) -> bool:
    """Whether all texts of one pattern are known to be of another."""
    return (written.get("pattern"), read.get("pattern")) in WITHIN
