"""How a bank's files are written down: columns, numbers, times, rows to leave out.

Options are typed or stand in a TOML file beside the data. Reading by them is `modelling.history`'s.
"""

from modelling.history.layout.columns import WIRE, Columns
from modelling.history.layout.layout import Identical, Layout, MoneyUnit
from modelling.history.layout.numbers import Numbers
from modelling.history.layout.options import OPTIONS, layout_of
from modelling.history.layout.options_file import OPTIONS_FILE, beside, read_options, typed_over
from modelling.history.layout.times import Epoch, Times

__all__ = [
    "OPTIONS",
    "OPTIONS_FILE",
    "WIRE",
    "Columns",
    "Epoch",
    "Identical",
    "Layout",
    "MoneyUnit",
    "Numbers",
    "Times",
    "beside",
    "layout_of",
    "read_options",
    "typed_over",
]
