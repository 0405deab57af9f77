"""The page for people: a customer, and the portfolio, in English and Chinese.

Views are made of what `serve.desk` and `serve.portfolio` tell, drawn on the server; every asset is
a file of this package, and all words stand in one catalogue a language. No decision is made here.
"""

from ebbwatch.serve.pages.door import Door
from ebbwatch.serve.pages.routes import pages

__all__ = ["Door", "pages"]
