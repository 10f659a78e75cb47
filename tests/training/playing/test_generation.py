"""Playing on: what is heard, how far back, for how long, and which notes are the prompt's.
The model here is one that can be reckoned by hand."""

from itertools import islice, repeat
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pytest
import torch
from torch import Tensor

from music.continuing import continuation
from music.continuing.continuation import Length, cut_at, played_on, rows_of
from music.encodings.catalogue import encoding_named
from music.encodings.event import EventEncoding
from music.encodings.note import NoteEncoding
from music.encodings.pair import BOS, PAD, PairEncoding
from music.encodings.roll import RollEncoding
from music.notes import KEYS, Note, Pedal
from music.phrase import Phrase
from music.settings import SettingError
from tests.support.generating import made_run, recipe_of_family
from tests.support.phrases import improvised
from training.models.drawing import Choices, Drawing
from training.models.model import Model, State
from training.opened_run import trained
from training.playing import generation
from training.playing.generation import (
    LIKELIEST,
    Memory,
    drawn_in_lanes,
    drawn_on,
    first_rows,
    heard,
    learns_backwards,
    memory_of,
    rebuilt,
    rows_drawn,
    share_in_place,
)

SYMBOLS = 10
BEGIN = 3
ALL = Memory()


class Adding(Model):
    """The likeliest symbol to follow is the last digit of the sum of all that were read.
    `longest` tells the longest window read at once."""

    kind: ClassVar[str] = "adding"
    unit: ClassVar[str] = "token"
    is_one_symbol: ClassVar[bool] = True
    parts = ("token",)

    def __init__(self) -> None:
        super().__init__()
        self.weight = torch.nn.Parameter(torch.ones(1))
        self.longest = 0

    @property
    def begin_row(self) -> tuple[float, ...]:
        return (BEGIN,)

    def silent_state(self, lanes: int) -> State:
        return {"sum": torch.zeros(lanes, dtype=torch.int64)}

    def forward(self, rows: Tensor, state: State, last: int | None = None) -> tuple[Any, State]:
        assert not torch.is_grad_enabled()
        assert not self.training
        self.longest = max(self.longest, rows.shape[1])
        sums = state["sum"][:, None] + rows[..., 0].cumsum(1)
        return sums[:, -(last or rows.shape[1]) :], {"sum": sums[:, -1]}

    def surprise(self, read: Any, following: Tensor) -> Tensor:
        raise AssertionError("drawing asks for no surprise")

    def next_row(self, read: Any, choices: Choices) -> Tensor:
        return choices.symbol(0, torch.nn.functional.one_hot(read[:, -1] % SYMBOLS, SYMBOLS).float())[:, None]


def column(*symbols: int) -> Any:
    return np.array(symbols, np.int64).reshape(-1, 1)


def drawn(prompt: Any, most: int, memory: Memory = ALL, **named: Any) -> list[int]:
    return rows_drawn(Adding(), prompt, most, LIKELIEST, seed=1, memory=memory, **named)[:, 0].tolist()


def test_each_row_follows_from_all_before_it_the_beginning_among_them() -> None:
    assert drawn(column(), 4) == [3, 6, 2, 4]  # 3; 3 + 3; 6 + 6 = 12; 12 + 2 = 14
    assert drawn(column(1, 5), 3) == [9, 8, 6]
    assert drawn(column(1, 5), 3, Memory(reads_begin=False)) == [6, 2, 4]


def test_a_window_is_read_anew_for_each_row() -> None:
    assert drawn(column(1, 5), 3, Memory(window=2)) == [6, 1, 7]  # 1 + 5; 5 + 6 = 11; 6 + 1
    assert drawn(column(5), 3, Memory(window=4, is_filled=True)) == [4, 5, 7]  # 3 3 3 5; 3 3 5 4; 3 5 4 5
    assert drawn(column(5), 3, Memory(window=4)) == [8, 6, 2]  # 3 5; 3 5 8; 3 5 8 6


def test_a_long_prompt_is_heard_in_parts() -> None:
    model = Adding()
    prompt = column(*[1] * 1500)
    assert rows_drawn(model, prompt, 1, LIKELIEST, seed=1).tolist() == [[3]]
    assert model.longest == generation._HEARD_AT_ONCE


def test_without_a_beginning_and_without_rows_there_is_nothing_to_draw_from() -> None:
    with pytest.raises(SettingError, match="needs one to begin from"):
        drawn(column(), 3, Memory(reads_begin=False))


def test_a_model_is_left_as_it_was_found() -> None:
    model = Adding().train()
    rows_drawn(model, column(1), 2, LIKELIEST, seed=1)
    assert model.training
    assert torch.is_grad_enabled()


def test_what_was_heard_can_be_gone_on_from_many_times() -> None:
    model = Adding()
    before = heard(model, column(1, 5))
    played = [list(islice(drawn_on(model, before, Drawing(), seed=seed), 20)) for seed in (1, 1, 2)]
    assert np.array_equal(played[0], played[1])
    assert not np.array_equal(played[0], played[2])


def test_what_may_not_follow_is_not_drawn() -> None:
    def only_next(number: int) -> Any:
        return np.arange(SYMBOLS) == (number + 1) % SYMBOLS

    assert drawn(column(1, 5), 4, allowed=only_next) == [6, 7, 8, 9]


def test_what_was_learnt_by_heart_is_rebuilt_and_judged_by_its_rows_in_their_places() -> None:
    def right(rows: Any, drawing: Drawing = LIKELIEST, memory: Memory = ALL) -> float:
        played = rebuilt(Adding(), rows, drawing, given=2, memory=memory)
        assert len(played) == len(rows)
        return share_in_place(played, rows, given=2)

    tune = column(1, 5, 9, 8, 6)  # what the model plays after 1 5
    assert right(tune) == 1.0
    assert right(column(1, 5, 9, 8, 7)) == pytest.approx(2 / 3)
    assert right(tune, Drawing(temperature=1000.0)) < 1
    assert right(tune, memory=Memory(window=2)) == 0
    with pytest.raises(SettingError, match="of 5 rows 5 can't be given"):
        rebuilt(Adding(), tune, given=5)


@pytest.mark.parametrize(
    ("data", "memory"),
    [
        ({}, Memory()),
        ({"first_given": True}, Memory(reads_begin=False)),
        ({"feed": {"kind": "lanes", "window": 9, "carry": False}}, Memory(9)),
        ({"feed": {"kind": "windows", "window": 7}}, Memory(7)),
        ({"feed": {"kind": "windows", "window": 7, "predict": "last"}}, Memory(7, True)),
    ],
)
def test_a_model_remembers_as_far_back_as_its_recipe_taught_it(data: dict[str, Any], memory: Memory) -> None:
    assert memory_of(recipe_of_family("event", data)) == memory


def test_music_turned_round_twice_is_forwards() -> None:
    turn = {"name": "reverse"}
    backwards = [
        learns_backwards(recipe_of_family("event", {"transforms": [turn] * times})) for times in range(4)
    ]
    assert backwards == [False, True, False, True]


def test_rows_are_of_the_kind_that_models_read() -> None:
    kinds = [rows_of(encoding_named(name), improvised(1)).dtype.name for name in ("event", "roll", "step")]
    assert kinds == ["int64", "uint8", "float32"]


def test_a_piece_from_nothing_starts_as_the_encoding_writes_it(tmp_path: Any) -> None:
    model = Adding()
    assert first_rows(model, PairEncoding(), Memory(), 1).tolist() == [[BOS], [PAD]]
    assert first_rows(model, EventEncoding(), Memory(), 1).shape == (0, 3)
    chord = trained(made_run(tmp_path, "chord"), torch.device("cpu"))
    chosen = {
        int(first_rows(chord.model, chord.encoding, Memory(reads_begin=False), seed)[0, 0])
        for seed in range(50)
    }
    assert 0 not in chosen
    assert len(chosen) > 3


def whole_notes(*rows: tuple[float, int, float]) -> Phrase:
    return Phrase.of(Note(at, pitch, 65, length) for at, pitch, length in rows)


def test_what_sounds_at_the_end_is_cut_off_there_and_what_begins_later_is_left_out() -> None:
    encoding = NoteEncoding()
    rows = rows_of(encoding, whole_notes((0.0, 60, 1.0), (0.5, 64, 5.0), (1.0, 67, 9.0), (3.0, 72, 1.0)))
    played = played_on(encoding, rows[:0], rows, Length(2.0))
    assert not played.is_short
    assert [(note.pitch, note.at, round(note.until, 6)) for note in played.new.notes] == [
        (60, 0.0, 1.0),
        (64, 0.5, 2.0),
        (67, 1.0, 2.0),
    ]


def test_seconds_count_from_the_prompts_end_and_rows_are_drawn_no_further_than_needed() -> None:
    encoding = NoteEncoding()
    every_second = rows_of(encoding, whole_notes(*((float(at), 60, 0.5) for at in range(200))))
    played = played_on(encoding, every_second[:3], iter(every_second[3:]), Length(10.0))
    assert played.begins_at == 2.5
    assert [note.at for note in played.new.notes] == [float(at) for at in range(3, 13)]
    assert played.rows == continuation._FIRST_LOOK
    longer = played_on(encoding, every_second[:3], iter(every_second[3:]), Length(100.0))
    assert 100 <= longer.rows <= 130
    assert longer.new.notes[-1].at == 102.0
    assert longer.new_alone.notes[0].at == 0.5


def test_rows_alone_are_all_played_and_nothing_is_cut() -> None:
    encoding = NoteEncoding()
    rows = rows_of(encoding, whole_notes((0.0, 60, 1.0), (0.5, 64, 5.0), (1.0, 67, 9.0)))
    played = played_on(encoding, rows[:0], rows, Length(None, 2))
    assert (played.rows, played.is_short, played.new.until) == (
        2,
        False,
        pytest.approx(5.48),
    )  # 5 s lie in the bucket of 4.98


def test_where_time_stands_still_the_rows_come_to_an_end() -> None:
    encoding = NoteEncoding()
    at_once = np.array([[0, 40, 10, 5]])
    played = played_on(encoding, at_once, repeat(at_once[0]), Length(10.0))
    assert (played.rows, played.is_short) == (1000, True)
    played = played_on(encoding, at_once, repeat(at_once[0]), Length(10.0, 17))
    assert (played.rows, played.is_short) == (17, True)


def test_a_roll_ends_with_the_step_and_the_instant_asked_for() -> None:
    encoding = RollEncoding(grid="seconds", steps=4)
    row = np.zeros(2 * KEYS, np.uint8)
    row[39] = 1  # C4, held for ever
    played = played_on(encoding, row[None], repeat(row), Length(1.1))
    assert played.rows == 5
    assert played.new.notes == ()
    (note,) = played.prompt.notes  # the prompt's own, sounding on
    assert (note.pitch, note.at, note.until) == (60, 0.0, pytest.approx(1.35))
    silent = played_on(encoding, row[None], repeat(np.zeros_like(row)), Length(1.1))
    assert (silent.rows, silent.is_short, silent.new.notes) == (5, False, ())
    assert played_on(encoding, row[None], repeat(row), Length(1.1, 3)).is_short


def test_the_prompts_notes_are_distinguished_from_new_ones_also_at_one_moment() -> None:
    encoding = NoteEncoding()
    prompt = rows_of(encoding, whole_notes((0.0, 60, 1.0), (0.5, 64, 1.0)))
    played = played_on(encoding, prompt, np.array([[0, 30, 9, 40], [50, 39, 9, 40]]), Length(None, 2))
    assert [note.pitch for note in played.prompt.notes] == [60, 64]
    assert [note.pitch for note in played.new.notes] == [51, 60]
    assert [(note.pitch, note.voice) for note in played.together.notes] == [
        (60, 0),
        (51, 1),
        (64, 0),
        (60, 1),
    ]


def test_rows_are_changed_before_they_are_played() -> None:
    encoding = RollEncoding()
    row = np.zeros(2 * KEYS, np.uint8)
    row[39] = 1
    played = played_on(
        encoding, row[None][:0], repeat(row), Length(None, 8), lambda rows: np.roll(rows, 1, axis=1)
    )
    assert [note.pitch for note in played.new.notes] == [61]


def test_a_pedal_that_is_down_lifts_where_a_phrase_is_cut() -> None:
    phrase = Phrase.of([Note(0.0, 60, 64, 3.0)], [Pedal(0.5, True), Pedal(2.5, False)])
    cut = cut_at(phrase, 2.0)
    assert cut.pedals == (Pedal(0.5, True), Pedal(2.0, False))
    assert cut.until == 2.0


@pytest.mark.parametrize("memory", [ALL, Memory(3), Memory(4, is_filled=True)])
def test_pieces_side_by_side_go_on_as_each_alone(memory: Memory) -> None:
    prompts = [np.array([[one], [2], [5]]) for one in (1, 4, 7)]
    together = drawn_in_lanes(Adding(), prompts, 6, LIKELIEST, seed=1, memory=memory)
    alone = [rows_drawn(Adding(), prompt, 6, LIKELIEST, seed=1, memory=memory) for prompt in prompts]
    assert together.tolist() == [rows.tolist() for rows in alone]


@pytest.mark.parametrize("family", ["event", "note", "pair", "step", "roll", "biaxial"])
def test_every_family_draws_side_by_side_and_the_same_for_a_seed(family: str, tmp_path: Path) -> None:
    made = trained(made_run(tmp_path, family), torch.device("cpu"))
    memory = memory_of(made.recipe)
    prompts = [first_rows(made.model, made.encoding, memory, seed) for seed in (1, 2, 3)]
    one, again = (drawn_in_lanes(made.model, prompts, 12, Drawing(), seed=7, memory=memory) for _ in range(2))
    assert one.shape[:2] == (3, 12)
    assert (one == again).all()
    assert len({lane.tobytes() for lane in one}) > 1
    for lane, prompt in zip(one, prompts, strict=True):
        made.encoding.decode(np.concatenate([prompt, lane]))
