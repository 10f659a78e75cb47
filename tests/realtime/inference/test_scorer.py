"""A model file is scored as it is played: event by event, lanes apart, begun with keys already down."""

import sys

import numpy as np
import pytest
from numpy.typing import NDArray

from music.encodings.event import EventEncoding
from music.notes import KEYS
from music.settings import SettingError
from realtime.inference.scorer import ModelFileScorer
from realtime.inference.session import ModelSession
from tests.realtime.inference.test_session import bundle
from tests.support.drawing import DrawingRuntime, drawing_session
from tests.support.runtime import FakeRuntime


def events(lanes: int, length: int, seed: int = 0) -> NDArray[np.int64]:
    """Keys struck, each another, after gaps by chance."""
    chance = np.random.default_rng(seed)
    gaps = chance.integers(0, 50, (lanes, length))
    keys = np.tile(np.arange(length), (lanes, 1)) + 5
    return np.stack([gaps, keys, np.full((lanes, length), 9)], axis=2)


def silence(lanes: int) -> NDArray[np.bool_]:
    return np.zeros((lanes, KEYS), np.bool_)


def scorer_of(
    monkeypatch: pytest.MonkeyPatch, precision: str = "fp32"
) -> tuple[ModelFileScorer, DrawingRuntime]:
    session, runtime = drawing_session(monkeypatch, precision=precision)
    return ModelFileScorer(session), runtime


def test_it_says_which_events_it_reads(monkeypatch: pytest.MonkeyPatch) -> None:
    scorer, _ = scorer_of(monkeypatch)
    assert scorer.encoding == EventEncoding().fingerprint


@pytest.mark.parametrize(("precision", "lanes"), [("int8", 1), ("fp16", 16), ("fp32", 16)])
def test_in_eight_bits_one_lane_is_read_at_a_time(
    monkeypatch: pytest.MonkeyPatch, precision: str, lanes: int
) -> None:
    scorer, runtime = scorer_of(monkeypatch, precision)
    assert scorer.lanes == lanes
    scorer.score(scorer.begin(silence(4)), events(4, 3))
    assert set(runtime.lanes) == {min(lanes, 4)}


def test_every_event_is_scored_after_all_before_it(monkeypatch: pytest.MonkeyPatch) -> None:
    scorer, _ = scorer_of(monkeypatch)
    music = events(2, 4)
    nats, _ = scorer.score(scorer.begin(silence(2)), music)
    assert nats.shape == (2, 4, 3)
    assert nats[:, :, 0].tolist() == [[1, 2, 3, 4]] * 2  # the begin has been read, then one more each time
    assert (nats[:, :, 1] == music[:, :, 0]).all()  # its own gap is what is scored
    assert nats[:, :, 2].tolist() == [[0, 1, 2, 3]] * 2  # what it strikes itself is not down yet


def test_a_piece_may_begin_with_keys_down(monkeypatch: pytest.MonkeyPatch) -> None:
    scorer, _ = scorer_of(monkeypatch)
    sounding = silence(2)
    sounding[1, [60, 64, 67]] = True
    nats, _ = scorer.score(scorer.begin(sounding), events(2, 2))
    assert nats[:, :, 2].tolist() == [[0, 1], [3, 4]]


@pytest.mark.parametrize("cut", [1, 3, 6])
def test_in_two_parts_the_nats_are_those_of_the_whole(monkeypatch: pytest.MonkeyPatch, cut: int) -> None:
    scorer, _ = scorer_of(monkeypatch)
    music = events(3, 7)
    whole, end = scorer.score(scorer.begin(silence(3)), music)
    first, between = scorer.score(scorer.begin(silence(3)), music[:, :cut])
    second, end_again = scorer.score(between, music[:, cut:])
    assert np.array_equal(np.concatenate([first, second], axis=1), whole)
    for one, other in zip(end.before, end_again.before, strict=True):
        assert np.array_equal(one, other)
    assert np.array_equal(end.last, end_again.last)


@pytest.mark.parametrize("lanes", [1, 5, 16, 17, 40])
@pytest.mark.parametrize("precision", ["int8", "fp32"])
def test_however_many_lanes_there_are_each_is_scored_as_alone(
    monkeypatch: pytest.MonkeyPatch, lanes: int, precision: str
) -> None:
    scorer, _ = scorer_of(monkeypatch, precision)
    music = events(lanes, 3, seed=lanes)
    sounding = silence(lanes)
    sounding[np.arange(lanes), np.arange(lanes) + 40] = True
    nats, after = scorer.score(scorer.begin(sounding), music)
    for lane in range(lanes):
        alone, _ = scorer.score(scorer.begin(sounding[lane : lane + 1]), music[lane : lane + 1])
        assert np.array_equal(nats[lane], alone[0])
    read, down = after.before
    assert read.shape == (1, lanes, 1)
    assert down.shape == (lanes, KEYS)
    assert [int(np.flatnonzero(lane)[-1]) for lane in down] == [lane + 40 for lane in range(lanes)]


def test_a_state_is_a_value_that_can_be_gone_on_from_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    scorer, _ = scorer_of(monkeypatch)
    begun = scorer.begin(silence(1))
    first, _ = scorer.score(begun, events(1, 4))
    again, _ = scorer.score(begun, events(1, 4))
    assert np.array_equal(first, again)


def test_a_file_that_does_not_tell_what_sounds_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "onnxruntime", FakeRuntime())
    with pytest.raises(SettingError, match="no state of it tells which keys sound"):
        ModelFileScorer(ModelSession(bundle()))
