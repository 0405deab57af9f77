"""Finding and masking card numbers (PANs).

A card number is 13 to 19 digits whose last is the Luhn check digit (ISO/IEC 7812-1, annex B). One
random number in ten passes that check, so declared id fields are exempt from it.
"""

import re
from collections.abc import Iterator
from itertools import accumulate
from unicodedata import category, normalize

_SHORTEST, _LONGEST = 13, 19

# People and systems part the digits by a space or dash of whatever kind, sometimes by " - "; what
# is of the kind is one of these two once the text is normal. Or all groups by one other character.
_RUN = re.compile(rf"\d(?:[ \-]{{0,3}}\d){{{_SHORTEST - 1},}}")
_GROUPED = re.compile(r"(?<!\d)\d{4}([._/|,;:*+~])(?:\d{4}\1\d{4}\1\d{1,7}|\d{6}\1\d{4,5})(?!\d)")
_GROUP = re.compile(r"\d+")

# A card token may hold long digit runs by chance, as hexadecimal hashes do: only a run that is a
# word of its own, or has just letters before or behind it, and starts as payment cards do, counts.
_TOKEN = re.compile(rf"(?<![^\W_])[A-Za-z]*([2-6](?:-?\d){{{_SHORTEST - 1},}})[A-Za-z]*(?![^\W_])")
_NUMERIC = re.compile(rf"\d(?:-?\d){{{_SHORTEST - 1},}}")

# Masking costs nothing, so it also takes separators that detection would trip over. Colons stay,
# unless they part groups as a card's are: they part hours and minutes.
_MASKED = re.compile(rf"{_GROUPED.pattern}|\d(?:(?:[^\w:]|_){{0,3}}\d){{11,}}")
_MASK = "****"
_FEWEST_MASKED, _DIGITS = 12, b"0123456789"
_ESCAPE = re.compile(r"\\(?:u([0-9A-Fa-f]{4})|[tnrbf])")

# What ordinary records are ruled out by at the speed of C: no 13 digits in a row, gaps aside.
_AS_ZEROS = bytes.maketrans(b"123456789", b"0" * 9)
_PARTING = b" -._/|,;:*+~\0\t\n\r\v\f\x1c\x1d\x1e\x1f\x7f"
_THIRTEEN = b"0" * _SHORTEST

_DOUBLED = (0, 2, 4, 6, 8, 1, 3, 5, 7, 9)


def contains_card_number(data: bytes | str) -> bool:
    """Tell whether a card number stands anywhere in `data`, such as a raw record or a text field.

    The digits may be parted by spaces, tabs or dashes of any kind, or in a card's groups by one
    other character. A number embedded in an unbroken run of 20 or more digits is none, but one
    beside another number ("4111 1111 1111 1111 12/28") is. JSON escapes, other encodings (UTF-16,
    UTF-32, EBCDIC), digits of other scripts and shapes, and characters without width hide nothing.

    Examples:
        >>> contains_card_number(b'{"note": "4111-1111-1111-1111"}')
        True
        >>> contains_card_number("order 4111111111111112")
        False
    """
    raw = data.encode("utf-8", "replace") if isinstance(data, str) else data
    if _is_plain(raw) and _THIRTEEN not in raw.translate(_AS_ZEROS, _PARTING):
        return False
    return any(_is_found_in(reading) for reading in _readings(data))


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
    if isinstance(data, str) and _is_short_of_digits(data):
        return data.replace("\0", "")
    first, *others = _readings(data)
    if any(map(_is_found_in, others)):
        return _MASK  # what another encoding hides can be read in the first's garble
    masked, count = _MASKED.subn(_MASK, first)
    return masked if count else _text(data).replace("\0", "")


def _is_short_of_digits(text: str) -> bool:
    """Whether too few digits to mask stand in a text, as a glance tells of most that is logged."""
    raw = text.encode("utf-8", "replace")
    return _is_plain(raw) and len(raw) - len(raw.translate(None, _DIGITS)) < _FEWEST_MASKED


def _is_plain(raw: bytes) -> bool:
    return raw.isascii() and b"\\" not in raw


def _text(data: bytes | str) -> str:
    return data if isinstance(data, str) else data.decode("utf-8", "replace")


def _readings(data: bytes | str) -> list[str]:
    """What `data` can be read as, in normal form: as UTF-8 first, then as it may be meant."""
    meant = [] if isinstance(data, str) else _meant(data)
    return [_normal(text) for text in (_text(data), *meant)]


def _meant(raw: bytes) -> list[str]:
    """Bytes that are no plain UTF-8 in the encodings that banks' systems write.

    A byte more or less in front moves what is two or four bytes wide, so each start is tried.
    """
    if b"\0" not in raw and _is_utf8(raw):
        return []
    wide = [raw[start:].decode(f"utf-16-{end}", "replace") for start in (0, 1) for end in _ENDS]
    wider = [raw[s:].decode(f"utf-32-{end}", "replace") for s in range(4) for end in _ENDS]
    return [*wide, *wider, raw.decode("cp037")]


_ENDS = ("le", "be")


def _is_utf8(raw: bytes) -> bool:
    try:
        raw.decode()
    except UnicodeDecodeError:
        return False
    return True


def _normal(text: str) -> str:
    """The text as a search wants it: escapes resolved, digits as digits, gaps as spaces.

    Normalisation form KC (Unicode annex 15) makes one character of all shapes of a digit.
    """
    if text.isascii() and not ("\\" in text or _CONTROL.search(text)):
        return text
    resolved = _ESCAPE.sub(_unescaped, text).encode("utf-16-le", "surrogatepass")
    shaped = normalize("NFKC", resolved.decode("utf-16-le", "replace"))
    return shaped.translate(_GAPS)


class _Gaps(dict[int, str]):
    """What stands for a character that is no ASCII one, by its general category, made as needed.

    Marks and what has no width are left out; whatever is no letter or number parts.
    """

    def __missing__(self, code: int) -> str:
        found = self[code] = self._of(chr(code))
        return found

    @staticmethod
    def _of(char: str) -> str:
        kind = category(char)
        if char == "\0" or kind in {"Mn", "Me", "Cf"}:
            return ""
        is_kept = kind[0] in "LNM" if ord(char) > _ASCII else kind != "Cc"
        return char if is_kept else " "


_ASCII = 127
_GAPS = _Gaps()
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


def _unescaped(escape: re.Match[str]) -> str:
    return chr(int(escape[1], 16)) if escape[1] else " "


def _is_found_in(text: str) -> bool:
    runs = (*_RUN.finditer(text), *_GROUPED.finditer(text))
    return any(_holds_number(run[0]) for run in runs)


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
