"""Clips as sound: as loud as each other, exactly as long as they should be."""

from pathlib import Path

import numpy as np
import pytest

from listening.sounds import RATE, TAIL_S, can_render, read_wav, render, rms, sound_font
from music.notes import Note
from music.phrase import Phrase


def test_loudness_is_that_of_what_sounds_and_not_of_the_silence_around() -> None:
    tone = 0.5 * np.sin(np.arange(RATE) / 10)[:, None].repeat(2, 1)
    assert rms(tone) == pytest.approx(0.5 / np.sqrt(2), rel=0.01)
    assert rms(np.concatenate([tone, np.zeros((3 * RATE, 2))])) == pytest.approx(rms(tone), rel=0.01)
    assert rms(np.zeros((RATE, 2))) == 0.0


@pytest.mark.synth
@pytest.mark.slow
def test_a_soft_and_a_loud_clip_are_rendered_equally_loud_and_as_long(tmp_path: Path) -> None:
    font = sound_font()
    if font is None or not can_render(font):
        pytest.skip("no sound font")
    phrases = [
        (Phrase.of(Note(place * 0.4, 50 + 3 * place, velocity, 0.5) for place in range(5)), 2.5)
        for velocity in (25, 120)
    ]
    paths = [tmp_path / "soft.wav", tmp_path / "loud.wav"]
    render(phrases, paths, font)
    soft, loud = map(read_wav, paths)
    assert len(soft) == len(loud) == round((2.5 + TAIL_S) * RATE)
    assert rms(soft) == pytest.approx(rms(loud), rel=0.01)
    assert np.abs(soft).max() < 1.0
