"""Embeddings by token: their pitches, and what has none."""

from pathlib import Path

import numpy as np
import pytest
import torch

from music.encodings.roll import RollEncoding
from music.settings import SettingError
from tests.support.generating import made_run
from training.experiments.embeddings import Token, neighbours, placed, tokens_of
from training.models.rolls import roll_model
from training.models.rolls.roll_model import RollModelSettings
from training.opened_run import Trained, trained


def run_of(family: str, folder: Path) -> Trained:
    return trained(made_run(folder, family), torch.device("cpu"))


def test_messages_are_keys_that_go_down_and_up(tmp_path: Path) -> None:
    made = run_of("message", tmp_path)
    tokens = tokens_of(made.model, made.encoding)
    names = made.encoding.vocabulary.fields[0].symbols or ()
    assert len(tokens) == len([name for name in names if name.startswith("note-")])
    assert {token.is_off for token in tokens} == {True, False}
    assert all(21 <= token.pitch <= 108 for token in tokens)


def test_chords_have_the_mean_of_their_pitches_and_rests_none(tmp_path: Path) -> None:
    made = run_of("chord", tmp_path)
    tokens = tokens_of(made.model, made.encoding)
    names = made.encoding.vocabulary.fields[0].symbols or ()
    assert len(tokens) == len([name for name in names if name[0].isdigit()])
    assert not any(token.is_off for token in tokens)
    single = tokens_of(made.model, made.encoding, are_single=True)
    assert [token.pitch for token in single] == [float(name) for name in names if name.isdecimal()]
    assert 0 < len(single) < len(tokens)


def test_of_pairs_notes_alone_have_a_pitch(tmp_path: Path) -> None:
    made = run_of("pair", tmp_path)
    assert [token.pitch for token in tokens_of(made.model, made.encoding)] == list(range(128))


def test_keys_of_a_roll_have_their_own_pitch(tmp_path: Path) -> None:
    folder = made_run(tmp_path, "roll")
    made = trained(folder, torch.device("cpu"))
    with pytest.raises(SettingError, match="no embeddings"):
        tokens_of(made.model, made.encoding)


def test_keys_that_are_summed_are_embeddings_of_the_keys() -> None:
    settings = RollModelSettings(reads="embeddings", embedding=6)
    model = roll_model.build(settings, RollEncoding())
    tokens = tokens_of(model, RollEncoding())
    assert [token.pitch for token in tokens] == list(range(21, 109))
    assert tokens[0].vector.shape == (6,)


def test_neighbours_are_compared_with_any_two() -> None:
    turns = [(way, step) for way in (0, 1) for step in range(8)]
    tokens = [
        Token(np.array([np.cos(step / 20), np.sin(step / 20), 3.0 * way]), 60.0 + step, way == 1)
        for way, step in turns
    ]
    found = neighbours(tokens)
    assert found.same_way == 1.0
    assert found.semitones < found.semitones_of_any
    assert 0.4 < found.same_way_of_any < 0.6
    assert "100% go the same way" in str(found)
    chords = neighbours([Token(token.vector, token.pitch) for token in tokens])
    assert "same way" not in str(chords)
    with pytest.raises(SettingError, match="4 tokens"):
        neighbours(tokens[:4])


@pytest.mark.slow
def test_they_are_placed_on_a_plane(tmp_path: Path) -> None:
    made = run_of("chord", tmp_path)
    tokens = tokens_of(made.model, made.encoding)
    places = placed(tokens)
    assert len(places) == len(tokens)
    assert set(places[0]) == {"x", "y", "pitch", "is_off"}
