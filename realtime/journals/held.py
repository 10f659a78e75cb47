"""A journal that a living process writes to, as distinct from one that was left behind."""

try:
    import fcntl
except ImportError:  # on Windows nobody can delete what another has open: that will do
    fcntl = None  # type: ignore[assignment]


def hold(file: int) -> None:
    """Keep a journal for ourselves as long as it is open; `OSError` if another has it."""
    if fcntl is not None:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
