"""Going on from a place in a take: what the engine gets of it, and what the next take begins with."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from music.midi.files import read_pieces
from realtime.kept.reading import NotKeptError, kept_in
from realtime.rows.messages import RowLine, TakeUp
from realtime.rows.take import MODEL, PLAYER, TakeRecorder
from realtime.web.takes.place import place_in
from realtime.web.takes.recorder import Recorder
from tests.support.page_process import begin, note, turn


def pedal(at: float, depth: int) -> dict[str, Any]:
    return {"kind": "pedal", "at": at, "depth": depth, "channel": 1, "source": 0}


def asked(at: float, number: int) -> dict[str, Any]:
    return turn(at, "asking") | {"turn": number, "attempt": 0}


# Two phrases with an answer to each, from second 10 on.
EVENING = [
    *(note(10.0, 60), note(10.5, 60, 0), note(11.0, 62), note(11.5, 62, 0)),
    *(asked(12.0, 1), note(12.5, 72, 50, "model"), note(13.0, 72, 0, "model")),
    {"kind": "starred", "at": 13.25},
    *(pedal(13.5, 127), note(14.0, 64), note(15.0, 65), note(15.25, 64, 0)),
    *(note(15.5, 65, 0), pedal(15.75, 0)),
    *(asked(16.0, 2), note(16.5, 76, 55, "model"), note(17.0, 77, 60, "model")),
    *(note(17.5, 76, 0, "model"), note(18.0, 77, 0, "model")),
]


def content(rows: list[dict[str, Any]] = EVENING) -> bytes:
    recorder = TakeRecorder()
    for row in rows:
        recorder.take(row)
    return recorder.file(["seed: 5", "model: none"])


def before(place: float) -> TakeUp:
    return place_in(content(), "evening.mid", place).before()


def test_within_a_phrase_the_phrase_as_far_as_the_place_is_what_was_played() -> None:
    assert before(5.125) == TakeUp(
        ((-1.125, None, 127), (-1.125, 64, 80), (-0.125, 65, 80)),
        (),
    )


def test_between_a_phrase_and_its_answer_it_is_the_whole_phrase() -> None:
    assert [pitch for _, pitch, _ in before(6.25).call] == [None, 64, 65, 64, 65, None]
    assert before(6.25).answered == ()


def test_within_an_answer_it_is_its_call_and_what_had_come_of_it() -> None:
    place = before(6.75)
    assert [pitch for _, pitch, _ in place.call] == [None, 64, 65, 64, 65, None]
    assert place.answered == ((-0.25, 76, 55),)


def test_before_the_second_phrase_it_is_the_first_and_its_whole_answer() -> None:
    place = before(3.75)
    assert [(pitch, strength) for _, pitch, strength in place.call] == [(60, 80), (60, 0), (62, 80), (62, 0)]
    assert [pitch for _, pitch, _ in place.answered] == [72, 72]


def test_what_is_held_into_an_answer_ends_with_its_first_note() -> None:
    rows = [row for row in EVENING if row["at"] < 15.5 or row["at"] == 16.5]
    place = place_in(content([*rows, note(17.0, 65, 0)]), "evening.mid", 6.75).before()
    assert place.call[-2:] == ((-0.25, None, 0), (-0.25, 65, 0))
    assert place.answered[0] == (-0.25, 76, 55)


def test_at_the_beginning_it_is_the_first_note_and_beyond_the_end_all() -> None:
    assert before(0.0) == TakeUp(((0.0, 60, 80),), ())
    assert [pitch for _, pitch, _ in before(1e6).answered] == [76, 77, 76, 77]


@pytest.mark.parametrize("place", [0.0, 1.25, 3.1, 5.125, 6.75, 99.0])
def test_laid_to_a_moment_nothing_lies_after_it_and_nothing_is_held(place: float) -> None:
    rows = place_in(content(), "evening.mid", place).laid_at(100.0)
    down = {(row["who"], row["pitch"]): row["velocity"] for row in rows if row["kind"] == "note"}
    treads = [row["depth"] for row in rows if row["kind"] == "pedal"]
    assert all(row["at"] <= 100.0 for row in rows)
    assert set(down.values()) == {0}
    assert treads[-1:] in ([], [0])


def test_the_next_take_is_the_music_up_to_the_place_and_what_is_played_on(tmp_path: Path) -> None:
    evening = tmp_path / "evening.mid"

    async def play() -> Recorder:
        recorder = Recorder(begin(0.0, evening), lambda _: None)
        take(recorder, *EVENING)
        place = await recorder.place("evening.mid", 6.75)
        assert place is not None
        shown = recorder.stand_at_place(row_line({"kind": "taken_up", "at": 30.0}))
        assert shown.fields["take"] == "evening.mid"
        assert shown.fields["place"] == 6.75
        take(recorder, turn(30.0), note(40.0, 48), turn(40.0, "calling"), note(40.5, 48, 0))
        first, second = recorder.takes()
        assert (first.player, first.model, first.starred) == (5, 2, 1)
        assert (second.player, second.model) == (4, 3)
        await recorder.close()
        return recorder

    asyncio.run(play())
    (there,) = [path for path in tmp_path.glob("*.mid") if path != evening]
    piece = read_pieces(there)[0]
    sounds = [
        (round(note.at, 3), note.pitch, note.voice)
        for note in sorted(piece.phrase.notes, key=lambda note: note.at)
    ]
    assert sounds == [
        *((0.0, 60, PLAYER), (1.0, 62, PLAYER), (2.5, 72, MODEL), (4.0, 64, PLAYER), (5.0, 65, PLAYER)),
        *((6.5, 76, MODEL), (6.75, 48, PLAYER)),
    ]
    marks = [words.text for words in piece.words]
    assert "goes on from a place in evening.mid: 6.75 s" in marks
    assert "asked: turn 2, attempt 0" in marks
    with pytest.raises(NotKeptError, match="goes on from a place in evening"):
        kept_in(there)


def test_without_going_on_nothing_of_it_is_kept(tmp_path: Path) -> None:
    evening = tmp_path / "evening.mid"

    async def play() -> None:
        recorder = Recorder(begin(0.0, evening), lambda _: None)
        take(recorder, *EVENING)
        assert await recorder.place("another.mid", 1.0) is None
        await recorder.place("evening.mid", 1.0)
        recorder.stand_at_place(row_line({"kind": "taken_up", "at": 30.0}))
        await recorder.close()

    asyncio.run(play())
    assert list(tmp_path.glob("*.mid")) == [evening]


def row_line(fields: dict[str, Any]) -> RowLine:
    return RowLine(fields["kind"], fields, json.dumps(fields))


def take(recorder: Recorder, *rows: dict[str, Any]) -> None:
    for fields in rows:
        recorder.take(row_line(fields))
