"""Of tests with very many cases a run draws some: the same by one seed, in the end all of them."""

from dataclasses import dataclass

import lots
import pytest


@dataclass(frozen=True, slots=True)
class Marked:
    """As much of a collected test as is looked at."""

    nodeid: str
    mark: pytest.MarkDecorator | None = None

    def get_closest_marker(self, name):
        return (self.mark and self.mark.name == name and self.mark.mark) or None


CASES = [Marked(f"tests/test_zones.py::test_zone[{n}]", pytest.mark.by_lot(3)) for n in range(10)]


@pytest.fixture
def left_out(monkeypatch):
    def left_out(items, seed="7", how_many=""):
        monkeypatch.setenv(lots.SEED, seed)
        monkeypatch.setenv(lots.HOW_MANY, how_many)
        return {item.nodeid for item in lots.not_drawn(items)}

    return left_out


def test_so_many_of_its_cases_run_and_the_same_by_the_same_seed(left_out):
    assert len(left_out(CASES)) == 7
    assert left_out(CASES) == left_out(CASES)
    assert len({frozenset(left_out(CASES, seed=str(seed))) for seed in range(20)}) > 10


def test_every_case_is_drawn_in_the_end(left_out):
    never = set.intersection(*(left_out(CASES, seed=str(seed)) for seed in range(100)))
    assert not never


def test_tests_of_one_name_are_drawn_from_together(left_out):
    mark = pytest.mark.by_lot(1, of="calibrations")
    items = [Marked("a.py::test_one", mark), Marked("b.py::test_other", mark)]
    assert len(left_out(items)) == 1


def test_all_run_where_all_are_asked_for_and_whoever_is_not_marked(left_out):
    assert not left_out(CASES, how_many="all")
    assert not left_out([Marked("a.py::test_one")])
    assert not left_out(CASES[:2]), "there are no more than are drawn"
