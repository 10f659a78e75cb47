"""The model of rolls: streaming equals the whole, its nats are those of its draws,
strikes cost only where a key is held."""

import itertools
import math
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
from training.models.rolls.roll_model import ROW, RollModel, RollModelSettings, bernoulli_nats, build
from training.models.trunks.recurrent import RecurrentSettings

SMALL = RollModelSettings(embedding=12, nade_width=10, trunk=RecurrentSettings(layers=2, width=16))
ALL_KINDS = [
    replace(SMALL, reads=reads, head=head, strikes=strikes)
    for reads, head, strikes in itertools.product(("keys", "embeddings"), ("sigmoid", "nade"), (False, True))
]


def model_of(settings: RollModelSettings) -> RollModel:
    torch.manual_seed(1)
    return build(settings, RollEncoding()).eval()


def rows_of(*seeds: int, steps: int = 30) -> Tensor:
    return torch.stack([torch.from_numpy(RollEncoding().encode(improvised(s, 60))[:steps]) for s in seeds])


def of_shape(settings: RollModelSettings) -> str:
    return f"{settings.reads}-{settings.head}-{'strikes' if settings.strikes else 'keys'}"


@pytest.mark.parametrize("settings", ALL_KINDS, ids=of_shape)
def test_reading_step_by_step_or_in_windows_equals_reading_the_whole(settings: RollModelSettings) -> None:
    check_streaming(model_of(settings), rows_of(1, 2))


@pytest.mark.parametrize("settings", ALL_KINDS, ids=of_shape)
def test_learning_two_alternating_chords_leaves_little_surprise(settings: RollModelSettings) -> None:
    model = model_of(replace(settings, trunk=RecurrentSettings(layers=1, width=32))).train()
    rows = torch.zeros(1, 17, ROW, dtype=torch.uint8)
    for first, chord in enumerate(([10, 14, 17], [12, 15, 19])):
        for key in chord:
            rows[0, first::2, key] = 1
    rows[0, :, 30] = 1  # held throughout, and struck every third step
    rows[0, ::3, KEYS + 30] = 1
    learner = torch.optim.Adam(model.parameters(), 0.03)
    for _ in range(150):
        read, _ = model(rows[:, :-1], model.silent_state(1))
        nats = model.surprise(read, rows[:, 1:]).sum(-1).mean()
        learner.zero_grad()
        nats.backward()
        learner.step()
        if nats < 2.0:
            break
    assert nats < 2.0  # of about 61 at first, where every key is even odds


@pytest.mark.parametrize("kind", ["gru", "linear", "ring", "attention", "conv-lstm", "bidirectional"])
def test_it_remembers_with_any_trunk(kind: str) -> None:
    settings = settings_from(RollModelSettings, {"trunk": {"kind": kind, "width": 16}}, "model")
    model, rows = model_of(settings), rows_of(7, steps=6)
    read, _ = model(rows[:, :-1], model.silent_state(1))
    model.surprise(read, rows[:, 1:]).sum().backward()
    assert all(weights.grad is not None for weights in model.parameters())
    earlier = rows.clone()
    earlier[:, 0, :KEYS] = 1 - earlier[:, 0, :KEYS]
    other, _ = model(earlier[:, :-1], model.silent_state(1))
    assert not torch.equal(read.made[:, -1], other.made[:, -1])


def test_an_untrained_sigmoid_is_charged_what_its_chances_say() -> None:
    model = model_of(SMALL)
    with torch.no_grad():
        model.keys_out.weight.zero_()
        model.keys_out.bias.fill_(-math.log(3))  # a chance of 1/4
    following = torch.zeros(1, 1, ROW)
    following[..., :10] = 1
    read, _ = model.step(torch.zeros(1, ROW), model.silent_state(1))
    wanted = 10 * math.log(4) + 78 * math.log(4 / 3)
    assert model.surprise(read, following).item() == pytest.approx(wanted, rel=1e-5)


def test_embeddings_are_read_as_the_sum_over_the_sounding_keys() -> None:
    model = model_of(replace(SMALL, reads="embeddings"))
    row = torch.zeros(1, ROW)
    row[0, [3, 50, KEYS + 3]] = 1
    both = model.reading(row[:, :KEYS])
    torch.testing.assert_close(both[0], model.reading.weight[:, 3] + model.reading.weight[:, 50])


def test_without_strikes_struck_keys_change_nothing_and_are_not_drawn() -> None:
    model, rows = model_of(SMALL), rows_of(4)
    assert rows[..., KEYS:].any()
    deaf = rows.clone()
    deaf[..., KEYS:] = 0
    one, other = (model(each, model.silent_state(1))[0] for each in (rows, deaf))
    assert torch.equal(one.made, other.made)
    assert torch.equal(model.surprise(one, rows), model.surprise(one, deaf))
    drawn = model.draw(one, Drawing(temperature=5.0), torch.Generator().manual_seed(1))
    assert drawn.dtype == torch.uint8
    assert drawn[:, :KEYS].any()
    assert not drawn[:, KEYS:].any()


def test_a_strike_is_charged_only_where_the_key_sounded_and_sounds_still() -> None:
    model = model_of(replace(SMALL, strikes=True))
    before, after = torch.zeros(1, ROW), torch.zeros(1, 1, ROW)
    before[0, [5, 6]] = 1  # 6 stops
    after[0, 0, [5, 7, KEYS + 5, KEYS + 7]] = 1  # 7 is new
    read, _ = model.step(before, model.silent_state(1))
    wanted = bernoulli_nats(model.strikes_out(read.made), after[..., KEYS:])[0, 0, 5]
    torch.testing.assert_close(model.surprise(read, after)[0, 0, 1], wanted)


def test_drawn_strikes_fall_on_every_new_key_and_on_no_silent_one() -> None:
    model = model_of(replace(SMALL, strikes=True))
    before = torch.zeros(64, ROW)
    before[:, :44] = 1
    read, _ = model.step(before, model.silent_state(64))
    drawn = model.draw(read, Drawing(), torch.Generator().manual_seed(3))
    sounds, struck = drawn[:, :KEYS], drawn[:, KEYS:]
    assert torch.equal(struck[:, 44:], sounds[:, 44:])
    held = struck[:, :44][sounds[:, :44] > 0]
    assert 0 < held.sum() < len(held)
    assert not (struck > sounds).any()


@pytest.mark.parametrize("settings", ALL_KINDS, ids=of_shape)
def test_rows_are_drawn_as_likely_as_they_are_charged(settings: RollModelSettings) -> None:
    """Each key sounds as often as its chances, given what was drawn below it, add up to;
    and the same seed draws the same."""
    model = model_of(settings)
    row = rows_of(5)[:, 20].expand(4000, -1)
    with torch.no_grad():
        read, _ = model.step(row, model.silent_state(4000))
        drawn = model.draw(read, Drawing(), torch.Generator().manual_seed(1))
        again = model.draw(read, Drawing(), torch.Generator().manual_seed(1))
        logits = model.key_logits(read, drawn[:, None, :KEYS])[:, 0].double()
    assert torch.equal(drawn, again)
    chances = torch.sigmoid(logits)
    apart = (drawn[:, :KEYS] - chances).sum(0) / (chances * (1 - chances)).sum(0).sqrt()
    assert apart.abs().max() < 5  # standard errors, of each of 88 keys


def test_drawn_rows_decode_to_notes() -> None:
    model = model_of(replace(SMALL, head="nade", strikes=True))
    state, row, drawn = model.silent_state(1), torch.tensor([model.begin_row]), []
    chance = torch.Generator().manual_seed(1)
    for _ in range(8):
        read, state = model.step(row, state)
        row = model.draw(read, Drawing(), chance)
        drawn.append(row[0])
    assert RollEncoding().decode(torch.stack(drawn).numpy()).notes


def test_dropout_thins_what_is_read_in_training_alone() -> None:
    model, rows = model_of(replace(SMALL, dropout=0.5)), rows_of(6)
    state = model.silent_state(1)
    assert torch.equal(model(rows, state)[0].made, model(rows, state)[0].made)
    model.train()
    assert not torch.equal(model(rows, state)[0].made, model(rows, state)[0].made)


def test_barring_choices_is_refused() -> None:
    model = model_of(SMALL)
    read, _ = model.step(torch.zeros(1, ROW), model.silent_state(1))
    with pytest.raises(SettingError, match="no single symbol"):
        model.draw(read, Drawing(), torch.Generator(), allowed=torch.ones(1, 2, dtype=torch.bool))


def test_another_encoding_is_refused_with_the_remedy() -> None:
    with pytest.raises(SettingError, match="choose the encoding roll"):
        build(SMALL, CharacterEncoding())


@pytest.mark.parametrize(
    "wrong", [{"head": "softmax"}, {"reads": "notes"}, {"nade_width": 0}, {"embedding": 0}, {"dropout": 1.0}]
)
def test_settings_that_cannot_be_are_refused_by_name(wrong: dict[str, object]) -> None:
    with pytest.raises(SettingError, match=next(iter(wrong))):
        settings_from(RollModelSettings, wrong, "model")
