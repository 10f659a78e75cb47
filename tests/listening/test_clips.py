"""What could give a source away without being music is alike in all clips of an item."""

from dataclasses import replace

import pytest

from evaluation.belonging.phrase_calls import Call
from listening.clips import AFTER, ALONE, PAUSE_S, conditions_of, matched
from music.notes import Note
from music.phrase import Phrase


def scale(notes: int, each_s: float = 0.5, at: float = 0.0, pitch: int = 60) -> Phrase:
    return Phrase.of(Note(at + each_s * place, pitch + place, 70, each_s) for place in range(notes))


CALL = Call("piece.mid", 3.0, scale(8), scale(10), scale(8), rest_s=1.3)


def test_all_clips_of_an_item_are_as_long_and_have_the_same_call_and_pause() -> None:
    conditions = conditions_of(["human", "model"], "both")
    passages = {"human": [scale(10)], "model": [scale(7, at=9.123456)]}
    (item,), _ = matched([CALL], passages, conditions)
    assert [clip.condition.heard for clip in item.clips] == [AFTER, ALONE, AFTER, ALONE]
    after = [clip for clip in item.clips if clip.condition.heard == AFTER]
    alone = [clip for clip in item.clips if clip.condition.heard == ALONE]
    assert {clip.seconds for clip in alone} == {3.5}
    assert {clip.seconds for clip in after} == {4.0 + PAUSE_S + 3.5}
    assert {clip.phrase.notes[:8] for clip in after} == {CALL.phrase.notes}
    assert {clip.phrase.notes[8].at for clip in after} == {4.0 + PAUSE_S}
    assert all(clip.phrase.notes[0].at == 0.0 for clip in item.clips)
    assert all(clip.phrase.until <= clip.seconds for clip in item.clips)


def test_times_of_people_are_no_finer_than_those_of_models() -> None:
    uneven = Phrase.of(replace(note, at=note.at + 0.0037) for note in scale(8).notes)
    (item,), _ = matched([CALL], {"human": [uneven]}, conditions_of(["human"], "alone"))
    for note in item.clips[0].phrase.notes:
        assert note.at == pytest.approx(round(note.at, 2))
        assert note.length_s == pytest.approx(round(note.length_s, 2))


def test_a_call_that_one_source_plays_too_little_to_is_left_out_and_counted_for_that_source_alone() -> None:
    passages = {"human": [scale(10), scale(10)], "model": [Phrase(), scale(8)]}
    items, too_little = matched([CALL, CALL], passages, conditions_of(["human", "model"], "alone"))
    assert len(items) == 1
    assert too_little == {"human": 0, "model": 1}


def test_what_was_played_without_a_call_is_heard_alone_and_once() -> None:
    conditions = conditions_of(["human", "nade"], "both", unprompted=["nade"])
    assert [one.name for one in conditions] == ["human, after its call", "human, alone", "nade, unprompted"]
