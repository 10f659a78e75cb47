"""What the system refuses is said in a line, with the file's name and no number."""

import errno
from argparse import Namespace

import pytest

from commands.parts.refusal import refusing


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (
            OSError(errno.ENOSPC, "No space left on device", "t.mid"),
            "t.mid: no space left on device; make room, or write elsewhere, and try again",
        ),
        (PermissionError(errno.EACCES, "Permission denied", "t.mid"), "t.mid: permission denied"),
        (OSError("a line of its own"), "a line of its own"),
    ],
)
def test_an_error_of_the_system_names_the_file_and_what_to_do(
    error: OSError, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    @refusing
    def fails(_: Namespace) -> int:
        raise error

    assert fails(Namespace()) == 2
    assert capsys.readouterr().err == f"antiphon: {said}\n"
