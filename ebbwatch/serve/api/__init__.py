"""The API for programs: customers scored at the moment of the question, as JSON.

Errors are problems by RFC 9457. What people look at in a browser is `ebbwatch.serve.pages`.
"""

from ebbwatch.serve.api.problems import ProblemError, install
from ebbwatch.serve.api.routes import about_one, api, asker
from ebbwatch.serve.api.straight import StraightToOne

__all__ = ["ProblemError", "StraightToOne", "about_one", "api", "asker", "install"]
