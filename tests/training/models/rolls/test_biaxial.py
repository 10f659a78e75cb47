"""The biaxial model: streaming equals the whole,
a step's chances sum to 1 and are those of its draws, and notes are all alike."""

import itertools
from dataclasses import replace

import pytest
import torch
from torch import Tensor

from music.encodings.character import CharacterEncoding
from music.encodings.roll import RollEncoding
from music.notes import KEYS
from music.settings import SettingError, settings_from
from tests.support.learning import check_streaming
from tests.support.phrases import improvised
from training.models.drawing import Drawing
from training.models.model import begun
from training.models.rolls.biaxial import Biaxial, BiaxialSettings, build
from training.models.rolls.roll_model import ROW

SMALL = BiaxialSettings(
    time_layers=2, time_width=10, note_layers=1, note_width=8, dropout=0.0, lowest=36, notes=50
)
FEW = replace(SMALL, lowest=60, notes=3)
FEW_KEYS = [60 - 21 + note for note in range(3)]
NOT_ALIKE = slice(0, 13)  # MIDI number and pitch class, among the inputs of a note


def model_of(settings: BiaxialSettings) -> Biaxial:
    torch.manual_seed(1)
    model = build(settings, RollEncoding()).eval()
    with torch.no_grad():
        for weights in model.parameters():
            weights.mul_(2)  # so that what is read is seen in what is predicted
    return model


def rows_of(*seeds: int, steps: int = 24) -> Tensor:
    return torch.stack([torch.from_numpy(RollEncoding().encode(improvised(s, 60))[:steps]) for s in seeds])


def random_rows(steps: int, keys: range) -> Tensor:
    rows = torch.zeros(1, steps, ROW, dtype=torch.uint8)
    chance = torch.Generator().manual_seed(4)
    sounds = torch.rand(steps, len(keys), generator=chance) < 0.3
    rows[0, :, keys.start : keys.stop] = sounds
    rows[0, :, KEYS + keys.start : KEYS + keys.stop] = sounds & (
        torch.rand(sounds.shape, generator=chance) < 0.5
    )
    return rows


def every_step() -> Tensor:
    """All 27 steps of three notes, each silent, held or struck: 27 x 176."""
    rows = torch.zeros(27, ROW, dtype=torch.uint8)
    for row, cells in zip(rows, itertools.product((0, 1, 2), repeat=3), strict=True):
        for key, cell in zip(FEW_KEYS, cells, strict=True):
            row[key], row[KEYS + key] = cell > 0, cell > 1
    return rows


def test_reading_step_by_step_or_in_windows_equals_reading_the_whole() -> None:
    check_streaming(model_of(SMALL), rows_of(1, 2))


def test_a_lane_that_begins_anew_reads_as_if_it_were_the_first() -> None:
    model, rows = model_of(SMALL), rows_of(1, 2)
    _, state = model(rows[:, :5], model.silent_state(2))
    state = begun(state, model.silent_state(2), torch.tensor([True, False]))
    both, _ = model(rows[:, 5:9], state)
    anew, _ = model(rows[:1, 5:9], model.silent_state(1))
    straight, _ = model(rows[1:, :9], model.silent_state(1))
    torch.testing.assert_close(both[0], anew[0])
    torch.testing.assert_close(both[1], straight[0, 5:])


def test_the_chances_of_all_steps_sum_to_one() -> None:
    model = model_of(FEW)
    read, _ = model(rows_of(4), model.silent_state(1), last=1)
    chances = torch.exp(-model.surprise(read.expand(27, -1, -1, -1), every_step()[:, None]).double().sum(-1))
    assert chances.sum().item() == pytest.approx(1.0, abs=1e-5)


def test_steps_are_drawn_as_often_as_their_surprise_says() -> None:
    model, draws = model_of(FEW), 20_000
    with torch.no_grad():
        read, _ = model(rows_of(4), model.silent_state(1), last=1)
        wanted = torch.exp(-model.surprise(read.expand(27, -1, -1, -1), every_step()[:, None]).sum(-1))[:, 0]
        drawn = model.draw(read.expand(draws, -1, -1, -1), Drawing(), torch.Generator().manual_seed(1))
    assert drawn.dtype == torch.uint8
    same = (drawn[:, None] == every_step()).all(-1)
    assert same.any(-1).all()  # nothing outside the range, no strike of a silent note
    shares = same.float().mean(0)
    assert ((shares - wanted).abs() < 5 * (wanted * (1 - wanted) / draws).sqrt() + 1e-4).all()


def test_a_note_sees_what_is_decided_below_it_and_nothing_above() -> None:
    model = model_of(FEW)
    read, _ = model(rows_of(4), model.silent_state(1), last=1)
    silent = torch.zeros(1, 1, 3, 2)
    middle = silent.clone()
    middle[..., 1, 0] = 1
    apart = ((model._logits(read, silent) - model._logits(read, middle)).abs() > 1e-6)[0, 0].any(-1)
    assert apart.tolist() == [False, False, True]


def test_a_strike_costs_only_where_the_note_plays() -> None:
    model = model_of(FEW)
    read, _ = model(rows_of(4), model.silent_state(1), last=1)
    silence = torch.zeros(1, 1, ROW)
    assert model.surprise(read, silence)[..., 1].item() == 0
    playing = silence.clone()
    playing[..., FEW_KEYS[0]] = 1
    assert model.surprise(read, playing)[..., 1].item() > 0


def test_music_moved_up_with_the_range_is_read_alike_if_places_are_not_read() -> None:
    low, high = model_of(SMALL), model_of(replace(SMALL, lowest=SMALL.lowest + 5))
    rows = random_rows(20, range(36 - 21, 86 - 21))
    moved = rows.roll(5, dims=-1)

    def nats(model: Biaxial, rows: Tensor) -> Tensor:
        read, _ = model(rows[:, :-1], model.silent_state(1))
        return model.surprise(read, rows[:, 1:])

    assert (nats(low, rows) - nats(high, moved)).abs().max() > 0.01
    for model in (low, high):
        model.along_time.cells.weight_ih_l0.data[:, NOT_ALIKE] = 0
    torch.testing.assert_close(nats(low, rows), nats(high, moved), atol=1e-4, rtol=1e-5)


def test_within_one_range_notes_away_from_the_edges_are_read_alike_wherever_they_lie() -> None:
    model = model_of(SMALL)
    model.along_time.cells.weight_ih_l0.data[:, NOT_ALIKE] = 0
    rows = random_rows(12, range(36 - 21 + 12, 36 - 21 + 30))
    here, _ = model(rows, model.silent_state(1))
    moved, _ = model(rows.roll(5, dims=-1), model.silent_state(1))
    torch.testing.assert_close(here[:, :, :45], moved[:, :, 5:], atol=1e-5, rtol=0)


def test_the_place_in_the_bar_is_read_from_the_first_step_on() -> None:
    model = model_of(replace(SMALL, beat_steps=4))
    digits = model._inputs(model._cells(torch.zeros(1, 6, ROW)), torch.tensor([3]))[0, :, 0, -2:]
    assert digits.tolist() == [[1, 1], [-1, -1], [1, -1], [-1, 1], [1, 1], [-1, -1]]


def test_of_a_note_its_neighbours_are_read_and_the_classes_counted_from_its_own() -> None:
    model = model_of(SMALL)
    row = torch.zeros(1, 1, ROW)
    row[..., [60 - 21, 67 - 21, 79 - 21, KEYS + 67 - 21]] = 1  # C4 held, G4 struck, G5 held
    inputs = model._inputs(model._cells(row), torch.tensor([0]))[0, 0, 60 - 36]
    around, classes = inputs[13:63].view(2, 25), inputs[63:75]
    assert inputs[0].item() == 60 / 128
    assert inputs[1:13].tolist() == [1.0] + [0.0] * 11
    assert around.nonzero().tolist() == [[0, 12], [0, 19], [1, 19]]  # G5 is more than an octave away
    assert classes.tolist() == [1, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0]


def test_learning_a_repeated_chord_leaves_little_surprise() -> None:
    model = model_of(replace(SMALL, notes=14, beat_steps=4)).train()
    rows = torch.zeros(1, 17, ROW, dtype=torch.uint8)
    for key in (36 - 21, 40 - 21, 43 - 21):
        rows[0, :, key] = 1
        rows[0, 1::4, KEYS + key] = 1
    learner = torch.optim.Adam(model.parameters(), 0.02)
    for _ in range(120):
        read, _ = model(rows[:, :-1], model.silent_state(1))
        nats = model.surprise(read, rows[:, 1:]).sum(-1).mean()
        learner.zero_grad()
        nats.backward()
        learner.step()
        if nats < 1.0:
            break
    assert nats < 1.0  # of about 12 at first, where everything is even odds


def test_what_it_cannot_do_is_refused_with_the_remedy() -> None:
    model = model_of(FEW)
    read, _ = model.step(torch.zeros(1, ROW), model.silent_state(1))
    with pytest.raises(SettingError, match="no single symbol"):
        model.draw(read, Drawing(), torch.Generator(), allowed=torch.ones(1, 2, dtype=torch.bool))
    with pytest.raises(SettingError, match="choose the encoding roll"):
        build(FEW, CharacterEncoding())


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"lowest": 20}, "lowest is 21"),
        ({"lowest": 100, "notes": 10}, "at most 109"),
        ({"notes": 0}, "0 notes"),
        ({"beat_steps": 0}, "beat_steps"),
        ({"note_layers": 0}, "layers"),
        ({"dropout": 1.0}, "dropout"),
    ],
)
def test_settings_that_cannot_be_are_refused(wrong: dict[str, object], message: str) -> None:
    with pytest.raises(SettingError, match=message):
        settings_from(BiaxialSettings, wrong, "model")
