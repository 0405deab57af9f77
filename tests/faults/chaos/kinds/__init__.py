"""The faults by what they strike, a file each: how each is injected and undone."""
