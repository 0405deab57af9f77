import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas import cards, contains_card_number, is_card_number, mask

# Published test numbers of the card schemes: 13, 14, 15, 16 and 19 digits.
NUMBERS = (
    "4222222222222",
    "30569309025904",
    "378282246310005",
    "4111111111111111",
    "5555555555554444",
    "6304000000000000000",
)


def passes_luhn(digits: str) -> bool:
    """The textbook procedure: double every second digit from the right, sum the digits."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (1 + place % 2)
        total += value - 9 if value > 9 else value
    return total % 10 == 0


@pytest.mark.parametrize("number", NUMBERS)
@pytest.mark.parametrize("hidden", ["{}", "pay {} now", '{{"note":"{}"}}', "x{}y", "café {}"])
def test_a_card_number_is_found_in_text_and_bytes(number: str, hidden: str) -> None:
    text = hidden.format(number)
    assert contains_card_number(text)
    assert contains_card_number(text.encode())


@pytest.mark.parametrize(
    "separator",
    [
        " ",
        "-",
        "\u00a0",
        "\u2013",
        " - ",
        "\\u0020",
        "\\u2010",
        "\t",
        " \t ",
        "\u2e3a",
        "\ufe63",
        "\uff0d",
        "\u2500",
        "\u30fb",
        "\u2022",
        "\u2043",
        "\u00b7",
        "\u2028",
    ],
)
def test_separators_and_json_escapes_hide_nothing(separator: str) -> None:
    text = separator.join(["4111", "1111", "1111", "1111"])
    assert contains_card_number(text)
    assert contains_card_number(text.encode())
    assert "1111" not in mask(text)


@pytest.mark.parametrize(
    "disguised",
    [
        "4111 1111 1111 1111 12/28",
        "22 4111 1111 1111 1111",
        "\\u0034\\u0031" + "1" * 14,
        "\uff14\uff11" + "\uff11" * 14,
        "4111111111111111".encode("utf-16-le"),
        b"\xff\xfe4111111111111111",
        *(
            text.encode(name)
            for text in ("pan 4111 1111 1111 1111", "x" + "\uff14" + "\uff11" * 15)
            for name in ("utf-16", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be")
        ),
        b"!" + "\uff14\uff11".encode("utf-16-le") + ("\uff11" * 14).encode("utf-16-le"),
        "pan: 4111 1111 1111 1111".encode("cp037"),
        "4111\u00a01111\u00a01111\u00a01111".encode("latin-1"),
        "4\ufe0f\u20e31\ufe0f\u20e3" + "1" * 14,
        "\\ud835\\udfd2\\ud835\\udfcf" + "\U0001d7cf" * 14,
        "\u2463\u2460" + "\u2460" * 14,
        "4111\t1111\t1111\t1111",
        r"4111\t1111\n1111\r1111",
        "4111.1111.1111.1111",
        "3782/822463/10005",
        "4\u200b1\u200b1\u200b1" + "\u2060" + "1" * 12,
    ],
)
def test_disguised_numbers_are_found_and_masked(disguised: str | bytes) -> None:
    assert contains_card_number(disguised)
    assert "****" in mask(disguised)


@pytest.mark.parametrize(
    "harmless",
    [
        "",
        "4111111111111112",
        "411111111111",
        "0" * 20,
        "41111111.11111111",
        "2026-03-01T12:00:00.123456Z",
        '{"amount": 411111111, "book_amount": 1111111}',
    ],
)
def test_other_digits_are_no_card_number(harmless: str) -> None:
    assert not contains_card_number(harmless)
    assert not contains_card_number(harmless.encode())


@given(st.text("0123456789", min_size=1, max_size=24))
def test_an_unbroken_run_is_judged_by_length_and_luhn(digits: str) -> None:
    assert contains_card_number(digits) == (13 <= len(digits) <= 19 and passes_luhn(digits))


@given(st.lists(st.text("0123456789", min_size=1, max_size=6), min_size=1, max_size=12))
def test_whole_groups_side_by_side_are_judged_together(groups: list[str]) -> None:
    spans = [
        "".join(groups[start:end])
        for start in range(len(groups))
        for end in range(start + 1, len(groups) + 1)
    ]
    expected = any(13 <= len(span) <= 19 and passes_luhn(span) for span in spans)
    assert contains_card_number(" ".join(groups)) == expected


@given(st.one_of(st.text(), st.binary()))
def test_masked_text_holds_no_card_number(data: str | bytes) -> None:
    assert not contains_card_number(mask(data))


@pytest.mark.parametrize("number", NUMBERS)
def test_a_card_token_must_not_be_the_number(number: str) -> None:
    dashed = "-".join(number[place : place + 4] for place in range(0, len(number), 4))
    for token in (number, dashed, f"card-{number}", f"pan{number}", f"22-{number}:x"):
        assert is_card_number(token), token


@pytest.mark.parametrize(
    "token",
    [
        "card-7f3a",
        "4111111111111112",
        "9f04111111111111111c",
        "a4111111111111111b1",
        "123e4567-e89b-42d3-a456-426614174000",
        "tok-0000000000000",
    ],
)
def test_tokens_that_hold_long_runs_by_chance_pass(token: str) -> None:
    assert not is_card_number(token)


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("pays with 4111-1111 1111.1111!", "pays with ****!"),
        ("4111_1111_1111_1111", "****"),
        ("123456789012", "****"),
        ("12345678901", "12345678901"),
        ("2026-03-01T12:00:00.123+01:00", "2026-03-01T12:00:00.123+01:00"),
    ],
)
def test_runs_of_twelve_digits_or_more_are_masked(text: str, masked: str) -> None:
    assert mask(text) == mask(text.encode()) == masked


@given(st.text(st.sampled_from("0123456789 -.:/\\u\t\0aé\uff11"), max_size=40))
def test_a_glance_at_the_digits_decides_nothing_else(text: str) -> None:
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(cards, "_is_short_of_digits", lambda _: False)
        thorough = mask(text)
    assert mask(text) == thorough
