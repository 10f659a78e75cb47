"""What files may be called, and how the names of those that are there are shown.

Must not know what is in them.
"""

LONGEST_NAME = 200  # in bytes: with what is hung on to it, a file system takes 255


def is_one_line(name: str) -> bool:
    """Whether files can be called by a name and still be listed a line each."""
    return name.isprintable() and bool(name.strip()) and len(name.encode()) <= LONGEST_NAME


def readable(name: str) -> str:
    """A file's name as text; bytes in it that are none, as old archives leave them, are spelt out."""
    return name.encode("utf-8", "backslashreplace").decode()
