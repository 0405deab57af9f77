import pytest

from schemas import CURRENCIES, MINOR_UNITS


@pytest.mark.parametrize(
    ("code", "exponent"),
    [("EUR", 2), ("USD", 2), ("JPY", 0), ("KWD", 3), ("CLF", 4), ("CNY", 2), ("XCG", 2)],
)
def test_the_exponent_is_that_of_the_standard(code: str, exponent: int) -> None:
    assert MINOR_UNITS[code] == exponent


@pytest.mark.parametrize("code", ["XXX", "XTS", "XAU", "XDR", "DEM", "eur", "EURO", ""])
def test_codes_without_a_minor_unit_and_long_withdrawn_ones_are_not_there(code: str) -> None:
    assert code not in CURRENCIES


def test_the_list_is_that_of_the_standard_less_metals_and_tests_plus_the_lately_withdrawn() -> None:
    # List one has 178 codes, 13 of them without a minor unit.
    assert all(len(code) == 3 and code.isalpha() and code.isupper() for code in CURRENCIES)
    assert len(CURRENCIES - {"ANG", "BGN", "CUC", "HRK", "SLL", "ZWL"}) == 178 - 13
