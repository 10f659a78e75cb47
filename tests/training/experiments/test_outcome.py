"""What came of a run is kept whole: a disk that fills up leaves what was there before."""

import errno
from pathlib import Path

import pytest

from music import whole_file
from tests.support.recipes import home_in, learnt, small_recipe_of
from training.experiments.outcome import write_outcome


def test_an_outcome_that_cannot_be_written_leaves_the_one_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = home_in(tmp_path)
    learner = learnt(home, "run", small_recipe_of("event"))
    write_outcome(learner, home)
    before = {path.name: path.read_bytes() for path in learner.folder.path.iterdir() if path.is_file()}

    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(whole_file.os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        write_outcome(learner, home)
    assert before == {
        path.name: path.read_bytes() for path in learner.folder.path.iterdir() if path.is_file()
    }
    assert "outcome.json" in before
