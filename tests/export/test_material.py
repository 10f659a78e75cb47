"""The music that files are compared on: made by rule, always the same, or a corpus's held-out pieces."""

from pathlib import Path

import numpy as np
import pytest

from export.material import made_music, music_of
from music.encodings.event import EventEncoding
from music.notes import KEYS
from music.settings import SettingError
from music.tokens.scales import CELLS_PER_S, gap_cells
from pieces.corpus import Corpus
from pieces.token_pieces import encode_pieces
from tests.support.corpora import tiny_corpus


def test_made_music_is_always_the_same_and_no_two_pieces_are() -> None:
    first, again = made_music(EventEncoding(), 3, 60), made_music(EventEncoding(), 3, 60)
    for one, other in zip(first, again, strict=True):
        np.testing.assert_array_equal(one, other)
    assert len({piece.tobytes() for piece in first}) == 3


def test_made_music_has_what_a_file_could_get_wrong() -> None:
    events = np.concatenate(made_music(EventEncoding()))
    gap, key, velocity = events.T
    assert (gap == 0).any(), "chords"
    assert max(gap_cells(number) for number in gap.tolist()) > CELLS_PER_S, "rests"
    assert (key < KEYS).any()
    assert (key >= KEYS).any()
    assert len(np.unique(velocity)) > 15
    assert longest_note_cells(events) > 8 * CELLS_PER_S


def longest_note_cells(events: np.ndarray) -> int:
    at, struck, longest = 0, {}, 0
    for gap, key, _ in events.tolist():
        at += gap_cells(gap)
        if key < KEYS:
            struck[key] = at
        else:
            longest = max(longest, at - struck.pop(key - KEYS))
    return longest


def test_made_music_is_as_long_as_asked() -> None:
    (short,), (long,) = made_music(EventEncoding(), 1, 20), made_music(EventEncoding(), 1, 200)
    assert 20 < len(short) <= 46  # up to two notes more than asked for, and two events a note
    assert len(long) > 5 * len(short)


def test_made_music_can_be_written_in_any_encoding() -> None:
    without, with_pedal = made_music(EventEncoding(), 1, 40), made_music(EventEncoding(pedal=True), 1, 40)
    assert without[0][:, 1].max() < 2 * KEYS <= with_pedal[0][:, 1].max()


def test_music_of_a_corpus_is_its_held_out_pieces(tmp_path: Path) -> None:
    tiny_corpus(tmp_path)
    path = tmp_path / "corpora" / "tiny.safetensors"
    found = music_of(path, EventEncoding())
    held_out = encode_pieces([Corpus(path)], EventEncoding(), "validation")
    assert 0 < len(held_out) == len(found)
    for number, piece in enumerate(found):
        np.testing.assert_array_equal(piece, held_out[number])


@pytest.mark.parametrize(("pieces", "taken"), [(5, 5), (20, 20), (39, 39), (40, 20), (61, 21)])
def test_of_a_large_corpus_pieces_are_taken_from_all_over(
    pieces: int, taken: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    import export.material as material

    numbers = list(range(pieces))
    monkeypatch.setattr(material, "Corpus", lambda path: path)
    monkeypatch.setattr(material, "encode_pieces", lambda corpora, encoding, split: numbers)
    found = music_of(Path("large.safetensors"), EventEncoding())
    assert len(found) == taken
    assert found[0] == 0
    assert found[-1] >= pieces - 3


def test_a_corpus_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingError, match=r"none\.safetensors"):
        music_of(tmp_path / "none.safetensors", EventEncoding())
