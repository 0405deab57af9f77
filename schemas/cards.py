"""Finding and masking card numbers (PANs).

A card number is 13 to 19 digits whose last is the Luhn check digit (ISO/IEC 7812-1, annex B). One
random number in ten passes that check, so declared id fields are exempt from it.
"""

import re
from collections.abc import Iterator
from itertools import accumulate

_SHORTEST, _LONGEST = 13, 19

# People and systems part the digits by a space or dash of whatever kind, sometimes by " - ".
_SPACE_OR_DASH = r"[ \-\u00a0\u00ad\u2000-\u2015\u202f\u2060\u2212\u3000\ufeff]"
_RUN = re.compile(rf"\d(?:{_SPACE_OR_DASH}{{0,3}}\d){{{_SHORTEST - 1},}}")
_GROUP = re.compile(r"\d+")

# A card token may hold long digit runs by chance, as hexadecimal hashes do: only a run that is a
# word of its own, or has just letters before or behind it, and starts as payment cards do, counts.
_TOKEN = re.compile(rf"(?<![^\W_])[A-Za-z]*([2-6](?:-?\d){{{_SHORTEST - 1},}})[A-Za-z]*(?![^\W_])")
_NUMERIC = re.compile(rf"\d(?:-?\d){{{_SHORTEST - 1},}}")

# Masking costs nothing, so it also takes separators that detection would trip over. Colons stay:
# they part hours and minutes.
_MASKED = re.compile(r"\d(?:(?:[^\w:]|_){0,3}\d){11,}")
_JSON_ESCAPE = re.compile(r"\\u([0-9A-Fa-f]{4})")

# What ordinary records are ruled out by at the speed of C: no 13 digits in a row, gaps aside.
_AS_ZEROS = bytes.maketrans(b"123456789", b"0" * 9)
_PARTING = b" -\0"
_THIRTEEN = b"0" * _SHORTEST

_DOUBLED = (0, 2, 4, 6, 8, 1, 3, 5, 7, 9)


def contains_card_number(data: bytes | str) -> bool:
    """Tell whether a card number stands anywhere in `data`, such as a raw record or a text field.

    The digits may be parted by spaces or dashes. A number embedded in an unbroken run of 20 or more
    digits is none, but one beside another number ("4111 1111 1111 1111 12/28") is. JSON escapes,
    NUL bytes (UTF-16) and digits of other scripts hide nothing.

    Examples:
        >>> contains_card_number(b'{"note": "4111-1111-1111-1111"}')
        True
        >>> contains_card_number("order 4111111111111112")
        False
    """
    raw = data.encode("utf-8", "replace") if isinstance(data, str) else data
    if _is_plain(raw) and _THIRTEEN not in raw.translate(_AS_ZEROS, _PARTING):
        return False
    return any(_holds_number(run[0]) for run in _RUN.finditer(_plain(data)))


def is_card_number(token: str) -> bool:
    """Tell whether a card token is in truth a card number, bare, dashed or behind a prefix.

    Stricter about what counts than `contains_card_number`, so that hashes and UUIDs pass.

    Examples:
        >>> is_card_number("4111111111111111"), is_card_number("card-4111111111111111")
        (True, True)
        >>> is_card_number("9f04111111111111111c")
        False
    """
    if _NUMERIC.fullmatch(token):
        return _holds_number(token)
    return any(_holds_number(run[1]) for run in _TOKEN.finditer(token))


def mask(data: bytes | str) -> str:
    """Return `data` as text with every run of 12 or more digits replaced by `****`.

    Examples:
        >>> mask("pays with 4111 1111 1111 1111")
        'pays with ****'
    """
    return _MASKED.sub("****", _plain(data))


def _is_plain(raw: bytes) -> bool:
    return raw.isascii() and b"\\u" not in raw


def _plain(data: bytes | str) -> str:
    text = data if isinstance(data, str) else data.decode("utf-8", "replace")
    return _JSON_ESCAPE.sub(_unescaped, text).replace("\0", "")


def _unescaped(escape: re.Match[str]) -> str:
    return chr(int(escape[1], 16))


def _holds_number(run: str) -> bool:
    """Tell whether some whole groups of `run`, side by side, make a card number."""
    groups = _GROUP.findall(run)
    edges = [0, *accumulate(map(len, groups))]
    sums = _luhn_sums([int(digit) for digit in "".join(groups)])
    return any((sums(start, end) % 10) == 0 for start, end in _spans(edges))


def _spans(edges: list[int]) -> Iterator[tuple[int, int]]:
    for index, start in enumerate(edges):
        # No more than 19 groups can fit into 19 digits.
        for end in edges[index + 1 : index + 1 + _LONGEST]:
            if _SHORTEST <= end - start <= _LONGEST:
                yield start, end


class _LuhnSums:
    """Luhn sums of any span of digits in constant time, from running sums by parity."""

    def __init__(self, digits: list[int]) -> None:
        doubled = [_DOUBLED[digit] for digit in digits]
        mixed = [[*digits], [*digits]]
        mixed[0][0::2], mixed[1][1::2] = doubled[0::2], doubled[1::2]
        self._running = [[0, *accumulate(row)] for row in mixed]

    def __call__(self, start: int, end: int) -> int:
        # Every second digit from the right, the check digit excepted, is doubled.
        row = self._running[end % 2]
        return row[end] - row[start]


_luhn_sums = _LuhnSums
