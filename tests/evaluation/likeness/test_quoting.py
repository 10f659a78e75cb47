"""What is quoted from learnt music, beside what people quote."""

from dataclasses import replace

from evaluation.likeness.quoting import quoting
from music.notes import Note
from music.phrase import Phrase

TUNE = [60, 62, 65, 59, 71, 64, 60, 67]


def tune(pitches: list[int]) -> Phrase:
    return Phrase.of(Note(0.3 * place, pitch, 64, 0.25) for place, pitch in enumerate(pitches))


def test_a_copy_in_another_key_is_quoted_whole_and_others_little() -> None:
    higher = replace(
        tune(TUNE), notes=tuple(replace(note, pitch=note.pitch + 3) for note in tune(TUNE).notes)
    )
    found = quoting([higher], [tune([60, 61, 62, 63, 64])], [tune(TUNE)])
    assert found.values == {"quoted": len(TUNE) - 1, "real_quoted": 0}


def test_silence_and_single_notes_have_no_tune() -> None:
    found = quoting([Phrase(), tune([60])], [tune(TUNE)], [tune(TUNE)])
    assert "none has a tune" in found.undefined["quoted"]
    assert found.values == {"real_quoted": len(TUNE) - 1}


def test_of_learnt_music_without_a_tune_nothing_can_be_quoted() -> None:
    for learnt in ([], [Phrase()], [tune([60])]):
        found = quoting([tune(TUNE)], [tune(TUNE)], learnt)
        assert found.values == {}
        assert "no tune to quote" in found.undefined["quoted"]
