"""The distance between clouds of notes, against numbers reckoned by hand."""

import math

import numpy as np
import pytest

from evaluation import chamfer as judged
from evaluation.chamfer import PITCH_STRETCH, chamfer, cloud, normalised_chamfer
from music.notes import Note
from music.phrase import Phrase
from music.settings import SettingError
from tests.support.phrases import improvised


def notes(*rows: tuple[float, int, float]) -> Phrase:
    return Phrase.of(Note(at, pitch, 64, length) for at, pitch, length in rows)


def test_both_means_are_added() -> None:
    one = np.array([[0.0, 0, 0], [3.0, 0, 0]])
    other = np.array([[0.0, 4.0, 0]])
    # from one: 4 and 5, the mean 4.5; from the other: 4
    assert chamfer(one, other) == pytest.approx(8.5)
    assert chamfer(other, one) == pytest.approx(8.5)


def test_it_is_divided_by_the_references_distance_to_the_origin() -> None:
    reference = notes((0.0, 30, 1.0), (4.0, 30, 1.0))
    made = notes((0.0, 30, 1.0))
    # pitch 30 is 60 wide; from the made: 0; from the reference: 0 and 4, the mean 2
    first, second = math.sqrt(60**2 + 1), math.sqrt(60**2 + 16 + 1)
    assert normalised_chamfer(made, reference) == pytest.approx(2 / ((first + second) / 2 + first))


def test_a_semitone_is_as_far_as_the_stretch_says() -> None:
    reference, made = notes((0.0, 60, 1.0)), notes((0.0, 61, 1.0))
    for stretch in (1.0, PITCH_STRETCH, 10.0):
        origin = 2 * math.sqrt((60 * stretch) ** 2 + 1)
        assert normalised_chamfer(made, reference, stretch) == pytest.approx(2 * stretch / origin)


def test_the_same_music_is_at_0_and_silence_at_1_exactly() -> None:
    phrase = improvised(3)
    assert normalised_chamfer(phrase, phrase) == 0
    assert normalised_chamfer(Phrase(), phrase) == 1


def test_notes_far_away_are_worse_than_silence() -> None:
    phrase = notes((0.0, 21, 0.5))
    endless = notes(*((second, 108, 0.5) for second in range(0, 500, 5)))
    assert normalised_chamfer(endless, phrase) > 1


def test_large_clouds_are_gone_through_in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    one, other = cloud(improvised(1, 50)), cloud(improvised(2, 70))
    whole = chamfer(one, other)
    monkeypatch.setattr(judged, "_AT_ONCE", 150)
    assert chamfer(one, other) == pytest.approx(whole, rel=1e-12)


def test_a_reference_without_notes_and_a_stretch_of_nothing_are_refused() -> None:
    with pytest.raises(SettingError, match="reference has no notes"):
        normalised_chamfer(improvised(1), Phrase())
    with pytest.raises(SettingError, match="pitch_stretch is above 0"):
        normalised_chamfer(improvised(1), improvised(1), 0.0)
