"""What can go wrong with a demo besides its stack."""


class DemoError(RuntimeError):
    """The demo cannot go on; one line says why and where to read more."""
