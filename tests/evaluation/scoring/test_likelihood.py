"""Nats per note: worked out by hand on a few events, the same whatever the windows and lanes."""

import math
from fractions import Fraction

import numpy as np
import pytest

from evaluation.scoring import likelihood as room
from evaluation.scoring.held_out import Stretch
from evaluation.scoring.likelihood import Likelihood, likelihood
from music.encodings.event import EventEncoding
from music.notes import KEYS
from music.settings import SettingError
from music.tokens.scales import gap_number, gap_width
from tests.support.phrases import improvised
from tests.support.scorers import MemoryScorer, UniformScorer

SILENT = np.zeros(KEYS, bool)
TWO_NOTES = np.array([[0, 39, 16], [50, KEYS + 39, 0], [50, 41, 20], [25, KEYS + 41, 0]])


def stretch(events: np.ndarray, piece: int = 0) -> Stretch:
    return Stretch(piece, events, SILENT)


def improvisations(count: int) -> list[Stretch]:
    return [
        stretch(EventEncoding().encode(improvised(seed, notes=10 + 25 * seed)), seed) for seed in range(count)
    ]


def test_a_uniform_model_is_surprised_by_the_log_of_the_sizes() -> None:
    found = likelihood(UniformScorer(), [stretch(TWO_NOTES)]).record()
    assert found["notes"] == 2
    assert found["events"] == 4
    assert found["gap_nats_a_note"] == pytest.approx(4 * math.log(141) / 2)
    assert found["key_nats_a_note"] == pytest.approx(4 * math.log(176) / 2)
    assert found["velocity_nats_a_note"] == pytest.approx(math.log(32))
    assert found["nats_a_note"] == pytest.approx(2 * math.log(141 * 176) + math.log(32))
    assert found["nats_an_event"] == pytest.approx(found["nats_a_note"] / 2)


def test_a_gap_wider_than_a_cell_is_charged_the_log_of_its_width() -> None:
    second, long = gap_number(100), gap_number(1000)
    assert gap_width(second) == 1
    assert gap_width(long) > 50
    short, wide = TWO_NOTES.copy(), TWO_NOTES.copy()
    short[2, 0], wide[2, 0] = second, long
    of_short, of_wide = (likelihood(UniformScorer(), [stretch(events)]).record() for events in (short, wide))
    extra = math.log(gap_width(long)) / 2
    assert of_wide["gap_nats_a_note"] - of_short["gap_nats_a_note"] == pytest.approx(extra)
    assert of_wide["key_nats_a_note"] == of_short["key_nats_a_note"]


def test_a_model_hears_each_piece_from_its_beginning_on() -> None:
    found = likelihood(MemoryScorer(), [stretch(TWO_NOTES), stretch(TWO_NOTES[:2], 1)])
    whole = float(sum(Fraction(1, heard) for heard in (1, 2, 3, 4)))
    assert found.nats[:, 0].tolist() == pytest.approx([whole, 1.5])
    assert found.notes.tolist() == [2, 1]


def test_windows_and_lanes_change_no_figure(monkeypatch: pytest.MonkeyPatch) -> None:
    stretches = improvisations(5)
    whole = likelihood(MemoryScorer(), stretches)
    monkeypatch.setattr(room, "_WINDOW", 7)
    monkeypatch.setattr(MemoryScorer, "lanes", 2)
    parts = likelihood(MemoryScorer(), stretches)
    assert parts.nats == pytest.approx(whole.nats)
    assert parts.notes.tolist() == whole.notes.tolist() == [10, 35, 60, 85, 110]


def test_what_fills_up_a_lane_costs_nothing_however_unlikely() -> None:
    class Wary(UniformScorer):
        def score(self, state: None, events: np.ndarray) -> tuple[np.ndarray, None]:
            nats, state = super().score(state, events)
            nats[1:, 4:] = math.inf  # the shorter lane has ended here
            return nats, state

    longer = np.concatenate([TWO_NOTES, TWO_NOTES])
    found = likelihood(Wary(), [stretch(TWO_NOTES, 1), stretch(longer)])
    assert found.nats[0].tolist() == pytest.approx((2 * found.nats[1]).tolist())


def test_stretches_of_one_piece_are_its_own() -> None:
    whole = likelihood(UniformScorer(), [stretch(TWO_NOTES)])
    parts = likelihood(UniformScorer(), [stretch(TWO_NOTES[:2]), stretch(TWO_NOTES[2:])])
    assert parts.nats == pytest.approx(whole.nats)
    assert parts.notes.tolist() == [2]


def test_the_standard_error_is_that_of_a_ratio_over_pieces() -> None:
    def of(*pieces: tuple[float, int]) -> float:
        nats, notes = zip(*pieces, strict=True)
        return Likelihood(("gap",), np.array(nats)[:, None], np.array(notes), 1).standard_error

    assert of((10.0, 2)) == 0
    assert of((10.0, 2), (30.0, 6)) == 0
    # 20 and 40 nats over two notes each: mean 15, 10 apart each way, sqrt(2 * 100 * 2 / 1) / 4
    assert of((20.0, 2), (40.0, 2)) == pytest.approx(5.0)


def test_a_model_of_another_encoding_is_refused() -> None:
    scorer = UniformScorer()
    scorer.encoding = EventEncoding(pedal=True).fingerprint
    with pytest.raises(SettingError, match="reads another encoding"):
        likelihood(scorer, [stretch(TWO_NOTES)])


@pytest.mark.parametrize("events", [TWO_NOTES[:0], TWO_NOTES[1:2]])
def test_music_without_a_note_is_refused(events: np.ndarray) -> None:
    with pytest.raises(SettingError, match="no note"):
        likelihood(UniformScorer(), [stretch(events)])


def test_a_model_whose_nats_are_no_numbers_is_refused() -> None:
    class Broken(UniformScorer):
        def score(self, state: None, events: np.ndarray) -> tuple[np.ndarray, None]:
            return np.full(events.shape, math.nan), state

    with pytest.raises(SettingError, match="nan"):
        likelihood(Broken(), [stretch(TWO_NOTES)])
