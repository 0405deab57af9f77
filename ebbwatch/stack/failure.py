"""What can go wrong with the embedded stack."""


class StackError(RuntimeError):
    """A part of the stack is missing, did not start or did not stop; one line says which."""


class PortTakenError(StackError):
    """Somebody else bound a port between its choice and the server's start; others may be free."""
