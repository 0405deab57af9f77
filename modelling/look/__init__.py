"""A look at a file that nobody has described: its columns, and the options that would read it.

Nothing is applied that is not told: what could be read in two ways is a question, not a guess.
Reading by the options is `modelling.history`'s.
"""

from modelling.look.columns import ColumnLook
from modelling.look.look import FileLook, look_at
from modelling.look.written import options_text, typed

__all__ = ["ColumnLook", "FileLook", "look_at", "options_text", "typed"]
