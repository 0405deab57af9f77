import numpy as np
import pytest
from report_pages import seen

from modelling.report.drawing import draw, label
from modelling.report.figures import decimal, money, percent, signed, significant, whole
from modelling.report.page import Chart, Fact, Notes, Page, PageSection, Table, Terms, html, write

HOSTILE = "<script>alert('x')</script> & \"quoted\" ]]> $a_b$"


def paint(axes):
    axes.plot([0.0, 1.0], [0.0, 2.0], marker="o")
    label(axes, 1.0, 2.0, HOSTILE, "#1d2229")
    axes.set_xlabel(HOSTILE)


def page_of(*blocks):
    facts = (Fact(HOSTILE, whole(3), HOSTILE), Fact("name", HOSTILE))
    return Page(HOSTILE, HOSTILE, HOSTILE, facts, (PageSection(HOSTILE, HOSTILE, blocks),), HOSTILE)


def everything():
    return page_of(
        Table((HOSTILE, "b"), [(HOSTILE, whole(1234)), ("", decimal(None, 2))], HOSTILE),
        Notes([HOSTILE]),
        Terms([(HOSTILE, HOSTILE)]),
        Chart(draw("one", HOSTILE, paint), HOSTILE),
        Chart(draw("two", HOSTILE, paint), HOSTILE),
    )


def test_hostile_text_stays_text_wherever_it_stands():
    page = seen(html(everything()))
    assert page.said.count("<script>alert('x')</script>") == 22
    assert "script" not in page.tags


def test_each_cell_of_a_wide_table_names_its_column_for_phones():
    columns = (HOSTILE, "Value", "Spread", "Meaning")
    text = html(page_of(Table(columns, [("a", whole(1), whole(2), "b"), ("", "", "", "")], "c")))
    page = seen(text)
    assert 'class="stacked"' in text
    assert page.cells == [columns[0], "Value", "Spread", "Meaning"] * 2
    narrow = html(page_of(Table(columns[:3], [("a", whole(1), "b")], "c")))
    assert 'class="stacked"' not in narrow
    wide = html(page_of(Table([f"{n}" for n in range(9)], [["x"] * 9], "c")))
    assert 'class="dense stacked"' in wide


def test_a_page_refers_to_nothing_outside_and_forbids_it():
    text = html(everything())
    seen(text)
    assert "default-src 'none'; style-src 'unsafe-inline'" in text


def test_charts_keep_text_as_text_in_the_pages_own_font_and_colours():
    drawn = draw("name", "words", paint)
    assert "<text" in drawn
    for absent in ("font-family", "<metadata", "<style", "#1d2229", "<?xml", "DOCTYPE"):
        assert absent not in drawn
    assert "var(--ink)" in drawn
    assert 'id="name-' in drawn


def test_the_same_chart_has_the_same_bytes():
    assert draw("a", "b", paint) == draw("a", "b", paint)


def test_drawing_leaves_matplotlibs_settings_alone():
    import matplotlib as mpl  # noqa: PLC0415

    before = dict(mpl.rcParams)
    draw("a", "b", paint)
    assert dict(mpl.rcParams) == before


def test_the_users_own_settings_do_not_reach_a_chart():
    import matplotlib as mpl  # noqa: PLC0415

    plain = draw("a", "b", paint)
    with mpl.rc_context({"lines.linewidth": 9.0, "font.size": 30.0, "axes.grid": False}):
        assert draw("a", "b", paint) == plain


def test_numbers_carry_what_machines_read_beside_what_people_do():
    page = seen(html(everything()))
    assert (1234.0, "1,234") in page.numbers
    assert "none" in page.said


def test_columns_of_numbers_are_told_from_columns_of_words():
    assert Table(("a", "b"), [("x", whole(1)), ("y", "")]).numeric == [False, True]
    assert Table(("a", "b"), []).numeric == [False, False]


def test_sections_without_anything_are_not_shown():
    page = Page("k", "t", "l", sections=(PageSection("Nothing here"), PageSection("Some", "words")))
    assert "Nothing here" not in html(page)
    assert "Some" in html(page)


def test_a_page_is_written_as_utf_8_over_what_was_there(tmp_path):
    file = tmp_path / "page.html"
    file.write_text("old" * 100_000)
    write(file, Page("kind", "Ümlaut é", "lead"))
    assert "Ümlaut é" in file.read_text(encoding="utf-8")
    assert "old" not in file.read_text(encoding="utf-8")


def test_a_page_that_cannot_be_written_says_so(tmp_path):
    with pytest.raises(OSError, match="none"):
        write(tmp_path / "none" / "page.html", Page("kind", "title", "lead"))


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (whole(None), "none"),
        (whole(0), "0"),
        (whole(-1234), "\u22121,234"),
        (decimal(-0.0001, 2), "0.00"),
        (decimal(1234.5, 1), "1,234.5"),
        (percent(1.0), "100.0%"),
        (percent(None), "none"),
        (percent(-0.114), "\u221211.4%"),
        (signed(-0.62, 1), "\u22120.6"),
        (signed(0.0, 1), "+0.0"),
        (significant(0.24259), "0.2426"),
        (significant(1234567.0), "1.235e+06"),
        (money(123456.0, "USD"), "1,234.56 USD"),
        (money(-5.0, "JPY"), "\u22125 JPY"),
    ],
)
def test_numbers_are_shown_as_people_write_them(number, text):
    assert number.text == text


def test_whole_numbers_of_numpy_are_plain_numbers_on_the_page():
    page = seen(html(page_of(Table(("a",), [[whole(np.int64(7))]], ""))))
    assert (7.0, "7") in page.numbers
