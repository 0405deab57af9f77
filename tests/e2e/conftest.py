from harness import start as start  # noqa: PLC0414 - a fixture of this folder
