"""The whole-note model: streaming equals the whole on every trunk,
each field sees those before it, the length sees what still sounds."""

import pytest
import torch

from music.encodings.event import EventEncoding
from music.encodings.note import NoteEncoding
from music.notes import KEYS
from music.settings import SettingError
from music.tokens.scales import GAPS, gap_cells, gap_number
from tests.support.learning import (
    after_begin,
    check_bfloat16,
    check_streaming,
    drawn,
    learnt_by_heart,
    needs_bfloat16,
)
from tests.support.phrases import improvised
from tests.support.trunks import LIVE_TRUNKS, SMALL_TRUNKS, check_states_are_kept_apart
from training.models import note_model
from training.models.drawing import Drawing
from training.models.note_model import BEGIN, NoteModel, NoteModelSettings, build

SIZES = NoteEncoding().vocabulary.sizes


def small(trunk: str = "lstm") -> NoteModel:
    torch.manual_seed(1)
    sizes = {"gap_size": 8, "pitch_size": 8, "velocity_size": 4, "length_size": 8, "head": 16}
    return NoteModel(NoteModelSettings(trunk=SMALL_TRUNKS[trunk], **sizes)).eval()


@pytest.fixture
def model() -> NoteModel:
    return small()


def played(model: NoteModel, *seeds: int, notes: int = 30) -> torch.Tensor:
    pieces = [NoteEncoding().encode(improvised(seed, notes=notes + 20, pedal=True))[:notes] for seed in seeds]
    return after_begin(model, torch.stack([torch.from_numpy(piece) for piece in pieces]))


@pytest.mark.parametrize("trunk", SMALL_TRUNKS)
def test_reading_note_by_note_equals_reading_the_whole(trunk: str) -> None:
    model = small(trunk)
    check_streaming(model, played(model, 1, 2))


@pytest.mark.parametrize("seed", range(3))
def test_what_still_sounds_at_each_onset_is_what_performing_the_notes_gives(
    model: NoteModel, seed: int
) -> None:
    rows = played(model, seed, notes=40)
    read, after = model(rows, model.silent_state(1))
    encoding, state = NoteEncoding(), NoteEncoding().start()
    for place, token in enumerate(rows[0, 1:].tolist()):
        state, _ = encoding.perform(state, tuple(token))
        ends = {note.pitch - 21: float(note.cell + note.cells - state.cell) for note in state.open}
        left = read.left[0, place + 1]
        assert {key: cells for key, cells in enumerate(left.tolist()) if cells} == ends
    assert after["recent"][0].tolist() == rows[0, [-1, -2, -3], 1].tolist()


def test_the_next_note_meets_the_keyboard_as_it_will_be(model: NoteModel) -> None:
    chord = torch.tensor([[[0, BEGIN, 0, 0], [0, 30, 9, 19], [0, 40, 9, 49]]])  # for 20 cells, and for 50
    read, _ = model(chord, model.silent_state(1), 1)
    for gap, ends in ((0, (50, 20, 0)), (5, (45, 15, 0)), (30, (20, 0, 0)), (90, (0, 0, 0))):
        met = model.met(read, torch.tensor([[gap]]))
        assert tuple(int(end) for end in met.ends) == ends
        sounding = met.seen[0, 0, 24 : 24 + KEYS]
        assert sounding.nonzero()[:, 0].tolist() == [
            key for key, cells in ((30, 20), (40, 50)) if cells > gap
        ]


def test_long_ends_are_known_by_the_gap_that_holds_them(model: NoteModel) -> None:
    note = torch.tensor([[[0, 30, 9, GAPS - 2]]])
    read, _ = model(note, model.silent_state(1))
    longest = gap_cells(GAPS - 1)
    for gap in (0, 101, 120):
        met = model.met(read, torch.tensor([[gap]]))
        assert int(met.ends[0]) == gap_number(longest - gap_cells(gap))


def test_the_chances_of_each_field_sum_to_1(model: NoteModel) -> None:
    read, _ = model(played(model, 5), model.silent_state(1), 1)
    for place, size in enumerate(SIZES):
        following = torch.tensor([7, 40, 9, 12]).repeat(size, 1, 1)
        following[:, 0, place] = torch.arange(size)
        repeated = type(read)(*(part.expand(size, -1, -1) for part in read))
        chances = (-model.surprise(repeated, following)[:, 0, place]).exp()
        assert chances.sum().item() == pytest.approx(1.0, abs=1e-5)


def test_each_field_sees_the_ones_before_it_and_none_after(model: NoteModel) -> None:
    rows = played(model, 6)
    read, _ = model(rows[:, :-1], model.silent_state(1))
    following = rows[:, 1:]
    nats = model.surprise(read, following)
    for place, size in enumerate(SIZES):
        other = following.clone()
        other[..., place] = (other[..., place] + 1) % size
        changed = (model.surprise(read, other) != nats).any(dim=1)[0]
        assert changed.tolist() == [number >= place for number in range(4)]


def test_how_long_the_last_three_notes_still_sound_changes_the_length_predicted(model: NoteModel) -> None:
    rows = played(model, 7)[:, :10]
    read, _ = model(rows, model.silent_state(1), 1)
    following = rows[:, -1:].clone()
    plain = model.surprise(read, following)
    for place in range(3):
        without = read.recent.clone()
        without[..., place] = BEGIN
        nats = model.surprise(read._replace(recent=without), following)
        sounds = read.left[0, 0, read.recent[0, 0, place]] > gap_cells(int(following[0, 0, 0]))
        assert torch.equal(nats[..., :3], plain[..., :3])
        assert bool(nats[..., 3] != plain[..., 3]) == bool(sounds)


def test_what_is_drawn_is_in_the_encodings_range_and_repeats_for_a_seed(model: NoteModel) -> None:
    rows, again, other = (drawn(model, Drawing(5.0), seed, rows=60, lanes=6) for seed in (0, 0, 1))
    assert rows.dtype == torch.long
    assert ((rows >= 0) & (rows < torch.tensor(SIZES))).all()
    for lane in rows:
        NoteEncoding().decode(lane.numpy())
    assert torch.equal(rows, again)
    assert not torch.equal(rows, other)


@pytest.mark.parametrize("state", ["left", "recent"])
def test_a_trunk_whose_state_has_the_name_of_the_keyboards_is_refused(
    model: NoteModel, state: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = played(model, 1)[:, :5]
    check_states_are_kept_apart(note_model, state, lambda: NoteModel(NoteModelSettings()), rows, monkeypatch)


@needs_bfloat16
def test_it_learns_in_bfloat16_too(model: NoteModel) -> None:
    check_bfloat16(model, played(model, 1))


def test_barring_symbols_is_refused(model: NoteModel) -> None:
    read, _ = model(played(model, 1), model.silent_state(1))
    with pytest.raises(SettingError, match="no single symbol"):
        model.draw(read, Drawing(), torch.Generator(), torch.ones(1, GAPS, dtype=torch.bool))


@pytest.mark.parametrize("trunk", LIVE_TRUNKS)
def test_it_learns_three_phrases_by_heart(trunk: str) -> None:
    model = small(trunk)
    before, after = learnt_by_heart(model, played(model, 0, 1, 2, notes=20), most_steps=150, times=3)
    assert after < before / 3


def test_it_reads_no_other_encoding() -> None:
    with pytest.raises(
        SettingError, match="the note model reads the encoding 'note' as it stands, not 'event'"
    ):
        build(NoteModelSettings(), EventEncoding())
