"""The pitch-step-duration model: streaming equals the whole,
times are likely as a density is or paid as the paper does, drawing is in range."""

from typing import Literal

import pytest
import torch

from music.encodings.note import NoteEncoding
from music.encodings.step import StepEncoding
from music.settings import SettingError
from tests.support.learning import (
    after_begin,
    check_bfloat16,
    check_streaming,
    drawn,
    learnt_by_heart,
    needs_bfloat16,
)
from tests.support.phrases import improvised
from tests.support.trunks import LIVE_TRUNKS, SMALL_TRUNKS
from training.models.drawing import Drawing
from training.models.step_model import PITCHES, Read, StepModel, StepModelSettings, build

Times = Literal["likelihood", "squared"]
TIMES: tuple[Times, ...] = ("likelihood", "squared")


def small(trunk: str = "lstm", times: Times = "likelihood") -> StepModel:
    torch.manual_seed(1)
    return StepModel(
        StepModelSettings(trunk=SMALL_TRUNKS[trunk], times=times, pitch_size=8, mixture=4)
    ).eval()


def played(model: StepModel, *seeds: int, notes: int = 30) -> torch.Tensor:
    pieces = [StepEncoding().encode(improvised(seed, notes=notes + 20))[:notes] for seed in seeds]
    return after_begin(model, torch.stack([torch.from_numpy(piece).float() for piece in pieces]))


@pytest.mark.parametrize("times", TIMES)
@pytest.mark.parametrize("trunk", SMALL_TRUNKS)
def test_reading_note_by_note_equals_reading_the_whole(trunk: str, times: Times) -> None:
    model = small(trunk, times)
    check_streaming(model, played(model, 1, 2))


def test_the_chances_of_pitches_sum_to_1() -> None:
    model = small()
    read, _ = model(played(model, 5), model.silent_state(1), 1)
    following = torch.tensor([0.0, 0.3, 0.2]).repeat(PITCHES, 1, 1)
    following[:, 0, 0] = torch.arange(PITCHES)
    repeated = Read(*(part.expand(PITCHES, -1, -1) for part in read))
    assert (-model.surprise(repeated, following)[..., 0]).exp().sum().item() == pytest.approx(1.0, abs=1e-5)


def test_with_squared_times_the_losses_are_the_papers() -> None:
    model = small(times="squared")
    assert not model.in_nats
    read = Read(torch.zeros(1, 2, PITCHES), torch.tensor([[[0.5], [-0.2]]]), torch.tensor([[[2.0], [1.0]]]))
    following = torch.tensor([[[60.0, 0.25, 1.0], [60.0, 0.0, 1.0]]])
    losses = model.surprise(read, following)[0].tolist()
    of_pitch = 0.05 * torch.tensor(float(PITCHES)).log().item()
    assert losses[0] == pytest.approx([of_pitch, 0.0625, 1.0])
    assert losses[1] == pytest.approx([of_pitch, 0.04 + 10 * 0.2, 0.0])  # a time below 0 is pressed upwards


def test_with_squared_times_the_number_itself_is_drawn_and_never_below_0() -> None:
    model = small(times="squared")
    step = torch.tensor([[[0.5]], [[-0.2]]])
    read = Read(torch.zeros(2, 1, PITCHES), step, torch.full((2, 1, 1), 99.0))
    for temperature in (0.1, 5.0):
        row = model.draw(read, Drawing(temperature), torch.Generator().manual_seed(1))
        assert row[:, 1].tolist() == [0.5, 0.0]
        assert row[:, 2].tolist() == [60.0, 60.0]


@pytest.mark.parametrize("times", TIMES)
def test_what_is_drawn_is_in_the_encodings_range_and_repeats_for_a_seed(times: Times) -> None:
    model = small(times=times)
    rows, again, other = (drawn(model, Drawing(4.0), seed, rows=40, lanes=6) for seed in (0, 0, 1))
    assert rows.dtype == torch.float32
    assert rows.isfinite().all()
    assert ((rows[..., 0] >= 0) & (rows[..., 0] < PITCHES) & (rows[..., 0] == rows[..., 0].floor())).all()
    assert ((rows[..., 1:] >= 0) & (rows[..., 1:] <= 60)).all()
    for lane in rows:
        StepEncoding().decode(lane.double().numpy())
    assert torch.equal(rows, again)
    assert not torch.equal(rows, other)


@needs_bfloat16
@pytest.mark.parametrize("times", TIMES)
def test_it_learns_in_bfloat16_too(times: Times) -> None:
    model = small(times=times)
    check_bfloat16(model, played(model, 1))


def test_barring_symbols_is_refused() -> None:
    model = small()
    read, _ = model(played(model, 1), model.silent_state(1))
    with pytest.raises(SettingError, match="no single symbol"):
        model.draw(read, Drawing(), torch.Generator(), torch.ones(1, PITCHES, dtype=torch.bool))


@pytest.mark.parametrize("times", TIMES)
@pytest.mark.parametrize("trunk", LIVE_TRUNKS)
@pytest.mark.slow
def test_it_learns_three_phrases_by_heart(trunk: str, times: Times) -> None:
    model = small(trunk, times)
    before, after = learnt_by_heart(model, played(model, 0, 1, 2, notes=12), most_steps=400, times=3)
    assert after < before / 3


def test_it_reads_step_whatever_its_settings_and_no_other_encoding() -> None:
    assert build(StepModelSettings(), StepEncoding(longest_s=4.0)).longest_s == 4.0
    with pytest.raises(SettingError, match="the step model reads the encoding 'step', not 'note'"):
        build(StepModelSettings(), NoteEncoding())


def test_a_mixture_of_nothing_is_refused() -> None:
    with pytest.raises(SettingError, match="mixture"):
        StepModelSettings(mixture=0)
