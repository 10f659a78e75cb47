"""What is heard beside events: windows are the same as events one by one, and the beat goes on across
windows."""

import pytest
import torch
from torch import Tensor

from music.encodings.event import EventEncoding
from music.listening.beat_time import BEAT_CELLS, QUARTER_CELLS, cells_of
from music.listening.portrait import SIZE
from music.tokens.scales import EXACT_CELLS, GAPS
from tests.support.phrases import improvised
from training.models import keyboard
from training.models.event_model import begin_event
from training.models.listening.listening import Listening
from training.models.model import State


@pytest.fixture
def listening() -> Listening:
    torch.manual_seed(1)
    return Listening().eval()


def rows_of(*seeds: int, has_beat: bool = True) -> Tensor:
    """A window of events for each seed, with some long gaps."""
    lanes = []
    for seed in seeds:
        events = torch.from_numpy(EventEncoding().encode(improvised(seed)))[:60]
        torch.manual_seed(seed)
        long = torch.rand(60) < 0.2
        events[long, 0] = torch.randint(EXACT_CELLS + 1, GAPS, (int(long.sum()),))
        lanes.append(torch.cat([torch.tensor([begin_event(has_beat=has_beat)]), events]))
    return torch.stack(lanes)


def sounding_after(rows: Tensor, state: Tensor) -> Tensor:
    return keyboard.after_changes(keyboard.cells_of_gaps()[rows[..., 0]], rows[..., 1], state, state)[0]


def heard(listening: Listening, rows: Tensor, state: State) -> tuple[Tensor, State]:
    """A window heard; the keyboard is no part of the state here."""
    silence = torch.zeros(len(rows), 88)
    cells, sounding = keyboard.cells_of_gaps()[rows[..., 0]], sounding_after(rows, silence)
    return listening(rows, cells, sounding, state | {"sounding": silence})


def knowing(listening: Listening, lanes: int) -> State:
    torch.manual_seed(5)
    return listening.silent_state(lanes) | {"portrait": torch.randn(lanes, SIZE)}


@pytest.mark.parametrize("has_beat", [True, False])
def test_a_window_is_heard_as_its_events_are_one_by_one(listening: Listening, has_beat: bool) -> None:
    rows = rows_of(1, 2, has_beat=has_beat)
    state = knowing(listening, 2)
    whole, after = heard(listening, rows, state)
    clock, beat, portrait = (state[name] for name in ("clock", "beat", "portrait"))
    for place in range(rows.shape[1]):
        cells = keyboard.cells_of_gaps()[rows[:, place, 0]]
        made, clock, beat = listening.after_event(rows[:, place], cells, clock, beat, portrait)
        torch.testing.assert_close(made, whole[:, place])
    torch.testing.assert_close(clock, after["clock"])
    torch.testing.assert_close(beat, after["beat"])
    torch.testing.assert_close(portrait, after["portrait"])


@pytest.mark.parametrize("cut", [1, 7, 30])
def test_the_beat_and_the_player_are_kept_across_windows(listening: Listening, cut: int) -> None:
    rows, state = rows_of(3, 4), knowing(listening, 2)
    whole, after = heard(listening, rows, state)
    first, between = heard(listening, rows[:, :cut], state)
    second, end = heard(listening, rows[:, cut:], between)
    torch.testing.assert_close(torch.cat([first, second], dim=1), whole)
    assert end.keys() == after.keys() == state.keys()
    for name, value in after.items():
        torch.testing.assert_close(end[name], value)


@pytest.mark.parametrize("has_beat", [True, False])
def test_the_place_in_the_beat_is_that_of_the_cell(listening: Listening, has_beat: bool) -> None:
    rows = rows_of(5, has_beat=has_beat)
    made, after = heard(listening, rows, listening.silent_state(1))
    cells = torch.from_numpy(cells_of(rows[0, :, 0].numpy()))
    places = 1 + cells % BEAT_CELLS if has_beat else torch.zeros(len(cells), dtype=torch.long)
    torch.testing.assert_close(made[0, :, -24:], listening.place_in(places))
    assert after["clock"].item() == cells[-1] % BEAT_CELLS


def test_after_a_long_gap_the_clock_is_at_a_quarter_of_a_beat(listening: Listening) -> None:
    events = [(5, 0, 1), (EXACT_CELLS + 3, 88, 0), (7, 1, 1)]
    rows = torch.tensor([[begin_event(has_beat=True), *events]])
    for place, expected in ((2, 5), (3, 0), (4, 7)):
        _, after = heard(listening, rows[:, :place], listening.silent_state(1))
        assert after["clock"].item() % QUARTER_CELLS == expected


def test_a_silent_state_keeps_no_beat_and_knows_nobody(listening: Listening) -> None:
    state = listening.silent_state(3)
    assert {name: tuple(value.shape) for name, value in state.items()} == {
        "clock": (3, 1),
        "beat": (3, 1),
        "portrait": (3, SIZE),
    }
    assert not any(value.any() for value in state.values())


def test_in_use_the_portrait_is_the_states_and_changes_what_is_heard(listening: Listening) -> None:
    rows = rows_of(6)
    nothing, _ = heard(listening, rows, listening.silent_state(1))
    somebody, after = heard(listening, rows, knowing(listening, 1))
    assert not torch.allclose(nothing, somebody)
    torch.testing.assert_close(heard(listening, rows, knowing(listening, 1))[0], somebody)
    torch.testing.assert_close(after["portrait"], knowing(listening, 1)["portrait"])


def test_in_training_portraits_of_the_music_are_drawn_and_the_state_keeps_its_own(
    listening: Listening,
) -> None:
    rows, state = rows_of(6, 7), listening.silent_state(2)
    plain, _ = heard(listening, rows, state)
    listening.train()
    torch.manual_seed(1)
    drawings = [heard(listening, rows, state) for _ in range(12)]
    portraits = torch.stack([made[:, 0, :-24] for made, _ in drawings])
    assert len(portraits.unique(dim=0)) > 5
    assert any(not torch.allclose(one, plain[:, 0, :-24]) for one in portraits)
    assert not any(after["portrait"].any() for _, after in drawings)


def test_in_training_the_beat_is_left_out_at_times_and_kept_in_the_state(listening: Listening) -> None:
    rows = rows_of(8).expand(400, -1, -1)
    listening.train()
    torch.manual_seed(1)
    made, after = heard(listening, rows, listening.silent_state(400))
    without = (made[:, :, -24:] == listening.place_in(torch.tensor(0))).all(-1).all(-1)
    assert 0.05 < float(without.float().mean()) < 0.16
    assert after["beat"].all()
