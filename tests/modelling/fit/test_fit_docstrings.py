import doctest
from importlib import import_module

import pytest


@pytest.mark.parametrize("name", ["cells", "purchases"])
def test_examples_of_fitting_hold(name):
    results = doctest.testmod(import_module(f"modelling.fit.likelihood.{name}"))
    assert results.attempted > 0
    assert results.failed == 0
