"""The examples in the docstrings of `modelling`, run."""

import doctest
import pkgutil
from importlib import import_module

import pytest

import modelling

LEAST = 54  # docstrings with an example
MODULES = sorted(
    module.name for module in pkgutil.walk_packages(modelling.__path__, prefix="modelling.")
)


@pytest.mark.parametrize("name", MODULES)
def test_the_examples_of_a_module_hold(name):
    assert doctest.testmod(import_module(name)).failed == 0


def test_there_are_as_many_examples_as_there_were():
    found = doctest.DocTestFinder(exclude_empty=True)
    tests = [test for name in MODULES for test in found.find(import_module(name))]
    assert sum(bool(test.examples) for test in tests) >= LEAST
