"""What `ebbwatch tail` says a person is asked to do."""

from desk_cases import a_case

from ebbwatch.cli.customers.desk_page import line

WORDS = "Call the customer."


def test_a_line_says_it_in_words() -> None:
    assert f"c-1  {WORDS}  " in line(a_case("c-1", 100.0, action_text=WORDS)).plain


def test_a_message_of_before_there_were_words_says_the_code() -> None:
    assert "c-1  reactivation_offer  " in line(a_case("c-1", 100.0)).plain


def test_who_is_held_out_is_left_alone() -> None:
    told = line(a_case("c-1", 100.0, action_text=WORDS, arm="holdout")).plain
    assert "c-1  Held out: leave alone.  " in told
    assert WORDS not in told
