"""A trace has each event before it is taken in, and the rules where they have changed."""

from pathlib import Path

import pytest

from realtime.engine.trace import Trace
from realtime.kept.traced import taken_from
from realtime.performer.events import KeyDown, KeyUp
from realtime.performer.rules import DEFAULT_RULES, Rules
from tests.support.waiting import wait_until

DOWN, UP = KeyDown(1.0, 60, 80), KeyUp(1.5, 60)
FAST = Rules(tempo=200.0)


def test_what_was_taken_in_is_read_as_it_was(tmp_path: Path) -> None:
    trace = Trace(tmp_path / "one.trace")
    trace.take(DOWN, DEFAULT_RULES)
    trace.take(UP, FAST)
    trace.close()
    assert taken_from(tmp_path / "one.trace") == [(DOWN, DEFAULT_RULES), (UP, FAST)]
    assert len((tmp_path / "one.trace").read_text().splitlines()) == 4


def test_it_is_written_while_it_goes_on(tmp_path: Path) -> None:
    trace = Trace(tmp_path / "one.trace")
    trace.take(DOWN, DEFAULT_RULES)
    wait_until(lambda: '"KeyDown"' in (tmp_path / "one.trace").read_text())
    trace.close()


def test_no_file_is_written_over(tmp_path: Path) -> None:
    (tmp_path / "one.trace").touch()
    with pytest.raises(FileExistsError):
        Trace(tmp_path / "one.trace")
