"""The distance between clouds of notes: against numbers reckoned by hand; whether it keeps music apart."""

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from evaluation.likeness import chamfer as judged
from evaluation.likeness.chamfer import (
    PITCH_STRETCH,
    Measured,
    chamfer,
    cloud,
    normalised_chamfer,
    with_controls,
)
from evaluation.likeness.defined import Undefined
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


def test_axes_are_centred_and_scaled_by_the_references_spread() -> None:
    reference = notes((0.0, 58, 1.0), (4.0, 62, 1.0))  # spread: 2 semitones, 2 s; lengths alike
    half = notes((0.0, 58, 1.0))
    # both notes lie one spread from the centre: 4 (stretched) and 1
    silence = math.sqrt(PITCH_STRETCH**2 + 1)
    # from the made: 0; from the reference: 0 and two spreads, the mean one spread
    assert normalised_chamfer(half, reference) == pytest.approx(silence / silence)
    a_semitone_off = notes((0.0, 59, 1.0), (4.0, 62, 1.0))
    assert normalised_chamfer(a_semitone_off, reference) == pytest.approx(PITCH_STRETCH * 0.5 / silence)


def test_how_high_and_how_late_music_is_changes_nothing() -> None:
    reference, made = improvised(1, 40), improvised(2, 40)
    far = normalised_chamfer(made, reference)

    def moved(phrase: Phrase) -> Phrase:
        later = phrase.moved(100.0)
        return replace(later, notes=tuple(replace(note, pitch=note.pitch + 5) for note in later.notes))

    assert normalised_chamfer(moved(made), moved(reference)) == pytest.approx(far)


def test_the_same_music_is_at_0_and_silence_at_1_exactly() -> None:
    phrase = improvised(3)
    assert normalised_chamfer(phrase, phrase) == 0
    assert normalised_chamfer(Phrase(), phrase) == 1


@pytest.mark.parametrize("seed", range(1, 6))
def test_music_is_far_from_what_it_is_not(seed: int) -> None:
    reference, unrelated = improvised(seed, 60), improvised(seed + 50, 60)
    slip = replace(
        reference,
        notes=tuple(
            replace(note, pitch=note.pitch + 1) if place == 10 else note
            for place, note in enumerate(reference.notes)
        ),
    )
    figures = with_controls(slip, reference, unrelated).values
    assert figures["chamfer"] < 0.03
    assert figures["chamfer_shuffled"] > 5 * figures["chamfer"]
    assert figures["chamfer_unrelated"] > 5 * figures["chamfer"]
    assert figures["chamfer_silent"] == 1


@pytest.mark.parametrize("pitch", [48, 67, 84])
def test_one_pitch_repeated_is_worse_than_silence(pitch: int) -> None:
    scale = [48, 50, 52, 53, 55, 57, 59, 60, 62, 64, 65, 67, 69, 71, 72, 74, 76, 77, 79, 81, 83, 84]
    reference = notes(*((0.25 * place, scale[place * 5 % 22], 0.25) for place in range(22)))
    endless = notes(*((0.25 * place, pitch, 0.25) for place in range(66)))
    assert normalised_chamfer(endless, reference) > 1


def test_controls_of_unrelated_music_begin_where_the_reference_does() -> None:
    reference = improvised(1, 30)
    assert Measured(reference).controls(reference.moved(500.0))["unrelated"] == pytest.approx(0, abs=1e-9)
    assert "unrelated" not in Measured(reference).controls(Phrase())


def test_large_clouds_are_gone_through_in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    one, other = cloud(improvised(1, 50)), cloud(improvised(2, 70))
    whole = chamfer(one, other)
    monkeypatch.setattr(judged, "_AT_ONCE", 150)
    assert chamfer(one, other) == pytest.approx(whole, rel=1e-12)


@pytest.mark.parametrize(
    ("reference", "why"),
    [
        (Phrase(), "fewer than two notes"),
        (notes((0.0, 60, 1.0)), "fewer than two notes"),
        (notes((0.0, 60, 1.0), (0.0, 60, 1.0)), "one point"),
    ],
)
def test_a_reference_that_gives_no_scale_has_no_distance(reference: Phrase, why: str) -> None:
    with pytest.raises(Undefined, match=why):
        normalised_chamfer(improvised(1), reference)
    assert why in with_controls(improvised(1), reference).undefined["chamfer"]


def test_a_stretch_of_nothing_is_refused() -> None:
    with pytest.raises(SettingError, match="pitch_stretch is above 0"):
        normalised_chamfer(improvised(1), improvised(1), 0.0)


def thirds(lengths: Sequence[float]) -> Phrase:
    return notes(*((place / 3, 60 + place * 5 % 12, length) for place, length in enumerate(lengths)))


def test_lengths_that_differ_by_rounding_alone_are_alike() -> None:
    alike = [1 / 3] * 40
    rounded = [(place + 1) * (1 / 3) - place * (1 / 3) for place in range(40)]
    assert len(set(rounded)) > 1
    assert normalised_chamfer(thirds(alike), thirds(rounded)) == pytest.approx(0, abs=1e-9)
    a_semitone_up = with_controls(thirds(rounded), thirds(alike)).values
    assert a_semitone_up["chamfer_shuffled"] > 0.1


def test_a_note_that_lies_nowhere_has_no_distance_and_neither_has_music_with_it() -> None:
    nowhere = notes((math.nan, 60, 1.0), (1.0, 62, 1.0), (2.0, 64, 1.0))
    for made, reference in ((nowhere, improvised(1)), (improvised(1), nowhere)):
        found = with_controls(made, reference)
        assert "chamfer" in found.undefined
        assert all(map(math.isfinite, found.values.values()))


def test_of_one_pitch_no_control_is_made_of_pitches_for_it_would_be_the_reference_itself() -> None:
    reference = notes((0.0, 60, 1.0), (1.0, 60, 1.0), (2.5, 60, 1.0))
    found = with_controls(reference, reference)
    assert set(found.values) == {"chamfer", "chamfer_silent"}
    assert set(found.undefined) == {"chamfer_shuffled", "chamfer_one_pitch"}
