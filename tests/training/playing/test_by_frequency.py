"""Music by frequency alone: as often as in training, and no order."""

from itertools import islice

import numpy as np
import pytest

from music.encodings.catalogue import encoding_named
from music.encodings.character import CharacterEncoding
from music.encodings.chord import ChordEncoding
from music.settings import SettingError
from tests.support.corpora import Pieces
from tests.support.phrases import improvised
from training.playing.by_frequency import Frequencies


def music(rows: list[list[int]]) -> Pieces:
    """One piece of these rows."""
    pieces = Pieces()
    pieces.all = [np.array(rows)]
    return pieces


def test_symbols_come_as_often_as_they_stood_and_never_one_that_did_not() -> None:
    counted = Frequencies.of(CharacterEncoding(), music([[0], [0], [0], [50]]))
    rows = counted.rows(4000, seed=1)
    assert set(rows[:, 0].tolist()) == {0, 50}
    assert (rows == 0).mean() == pytest.approx(0.75, abs=0.03)
    assert (rows == counted.rows(4000, seed=1)).all()
    assert not (rows == counted.rows(4000, seed=2)).all()


def test_each_field_is_drawn_by_its_own_frequency() -> None:
    counted = Frequencies.of(encoding_named("note"), music([[1, 40, 9, 3], [2, 41, 9, 3]]))
    rows = counted.rows(500, seed=1)
    assert rows[:, 2].tolist() == [9] * 500
    pairs = set(map(tuple, rows[:, :2].tolist()))
    assert pairs == {(1, 40), (1, 41), (2, 40), (2, 41)}


def test_the_symbol_for_what_was_not_learnt_is_never_drawn() -> None:
    encoding = ChordEncoding().fitted([improvised(1)])
    counted = Frequencies.of(encoding, music([[0], [0], [0], [2]]))
    assert counted.rows(100, seed=1).tolist() == [[2]] * 100


def test_rows_go_on_without_end() -> None:
    counted = Frequencies.of(CharacterEncoding(), music([[0], [50]]))
    rows = list(islice(counted.drawn(1), 3000))
    assert len(rows) == 3000
    assert rows[:1024] != rows[1024:2048]


def test_real_numbers_and_silence_have_no_frequency() -> None:
    with pytest.raises(SettingError, match="step writes real numbers"):
        Frequencies.of(encoding_named("step"), music([[60, 1, 1]]))
    with pytest.raises(SettingError, match="nothing was learnt"):
        Frequencies.of(ChordEncoding().fitted([improvised(1)]), music([[0]]))
