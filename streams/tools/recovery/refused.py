"""What cannot be brought back."""


class RecoveryError(Exception):
    """A backup that cannot be made or used, or too little for a rebuild: where, expected, got."""
