"""Differences are counted as they are, and each bound refuses what lies beyond it."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from export.material import made_music
from export.parity import (
    BOUNDS,
    EVENTS_OF_PARITY,
    EVENTS_STEPPED,
    MOST_NATS_APART,
    STREAMING,
    Difference,
    Music,
    Parity,
    ParityError,
    Reference,
    check_parity,
    parity,
    played_scores,
    stepped_scores,
    whole_scores,
)
from export.saturation import MOST_PAIR, SaturationError
from music.encodings.event import EventEncoding
from realtime.inference.bundle import EVENT_FIELDS, read_bundle
from realtime.inference.default_model import OWN_NAMES, own_model
from realtime.inference.session import Array, ModelSession, ModelState, open_session
from tests.support.phrases import improvised
from training.models.event_model import EventModel, begin_event

EXACT = Difference(0.0, 0.0, 0.0)


def music(seed: int, notes: int = 30) -> Music:
    written: Music = EventEncoding().encode(improvised(seed, notes=notes, pedal=True))
    return written


class Shifted(ModelSession):
    """A file whose log-probabilities of each field are off by so much."""

    def __init__(self, path: Path, by: tuple[float, float, float]) -> None:
        super().__init__(read_bundle(path))
        self.by = np.array(by, np.float32)

    def score(self, events: Array, following: Array, state: ModelState) -> tuple[Array, ModelState]:
        scores, state = super().score(events, following, state)
        return scores + self.by, state


def test_the_model_reads_the_same_over_the_whole_and_event_by_event(model: EventModel) -> None:
    piece = np.concatenate([[begin_event()], music(1)])
    whole = whole_scores(model, piece)
    assert whole.shape == (len(piece) - 1, len(EVENT_FIELDS))
    assert (whole <= 0).all()
    assert whole.min() < -1
    np.testing.assert_allclose(stepped_scores(model, piece), whole, atol=1e-4)


def test_a_model_is_read_from_the_beginning_of_every_piece_and_stepped_through_the_first(
    model: EventModel,
) -> None:
    pieces = [music(seed, notes=400) for seed in (1, 2, 3)]
    reference = Reference.of_model(model, pieces)
    each = EVENTS_OF_PARITY // 3
    assert [len(piece) for piece in reference.pieces] == [each + 1] * 3
    assert all(tuple(piece[0]) == begin_event() for piece in reference.pieces)
    assert reference.whole.shape == (3 * each, 3)
    assert reference.streaming is not None
    assert reference.streaming.within(STREAMING)


def test_a_short_piece_is_read_to_its_end(model: EventModel) -> None:
    piece = music(1, notes=5)
    assert [len(read) for read in Reference.of_model(model, [piece]).pieces] == [len(piece) + 1]


def test_a_model_that_steps_otherwise_than_it_reads_is_found_out(
    model: EventModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    forgetful = model.step
    monkeypatch.setattr(model, "step", lambda row, state: forgetful(row, model.silent_state(len(row))))
    streaming = Reference.of_model(model, [music(1)]).streaming
    assert streaming is not None
    assert not streaming.within(STREAMING)
    with pytest.raises(ParityError, match="the model event by event differs from the model over the whole"):
        check_parity(Parity(1, streaming, EXACT, {}), "fp32")


def test_a_file_compared_with_itself_differs_in_nothing(kept_file: Path) -> None:
    session = open_session(kept_file)
    found = parity(Reference.of_file(session, [music(1)]), session, kept_file.read_bytes())
    assert found.file == EXACT
    assert found.streaming is None
    assert set(found.by_field) == set(EVENT_FIELDS)
    assert found.largest_pair == 0  # nothing in it is in eight bits
    check_parity(found, "fp32")


def test_how_much_a_file_differs_is_counted_field_by_field_with_its_sign(kept_file: Path) -> None:
    reference = Reference.of_file(open_session(kept_file), [music(1)])
    found = parity(reference, Shifted(kept_file, (0.5, -0.25, 0.0)), kept_file.read_bytes())
    assert [round(found.by_field[name].bias, 5) for name in EVENT_FIELDS] == [0.5, -0.25, 0.0]
    assert [round(found.by_field[name].mean, 5) for name in EVENT_FIELDS] == [0.5, 0.25, 0.0]
    assert found.file.mean == pytest.approx(0.25, abs=1e-5)
    assert found.file.bias == pytest.approx(0.25 / 3, abs=1e-5)
    assert found.file.worst == pytest.approx(0.5, abs=1e-5)
    assert found.events == len(music(1))
    for precision in BOUNDS:
        with pytest.raises(ParityError, match=f"the {precision} file differs from the model by 0.25 nats"):
            check_parity(found, precision)


def test_a_file_reads_from_silence(kept_file: Path) -> None:
    session, piece = open_session(kept_file), np.concatenate([[begin_event()], music(1)])
    np.testing.assert_array_equal(played_scores(session, piece)[:10], played_scores(session, piece[:11]))


@pytest.mark.parametrize("precision", BOUNDS)
def test_the_mean_and_the_worst_have_a_bound_each(precision: str) -> None:
    bound = BOUNDS[precision]
    at_it = Difference(bound.mean, bound.worst, -bound.mean)
    check_parity(Parity(10, None, at_it, {}), precision)
    for beyond in (replace(at_it, mean=bound.mean * 1.01), replace(at_it, worst=bound.worst * 1.01)):
        with pytest.raises(ParityError, match=rf"over 10 events; {bound.mean:g} and {bound.worst:g} are"):
            check_parity(Parity(10, None, beyond, {}), precision)


def test_streaming_is_judged_by_a_bound_of_its_own_whatever_the_precision() -> None:
    loose = Difference(STREAMING.mean * 2, STREAMING.worst, 0.0)
    assert loose.within(BOUNDS["int8"])
    with pytest.raises(ParityError, match=f"over {EVENTS_STEPPED} events"):
        check_parity(Parity(10, loose, EXACT, {}), "int8")


def test_weights_that_could_saturate_are_refused_however_near_the_file_is_here() -> None:
    check_parity(Parity(10, EXACT, EXACT, {}, MOST_PAIR), "int8")
    with pytest.raises(SaturationError):
        check_parity(Parity(10, EXACT, EXACT, {}, MOST_PAIR + 1), "int8")


def test_the_record_holds_every_figure() -> None:
    found = Parity(7, None, Difference(0.1, 0.2, -0.1), {"gap": EXACT}, 12)
    assert json.loads(json.dumps(found.record())) == {
        "events": 7,
        "streaming": None,
        "file": {"mean": 0.1, "worst": 0.2, "bias": -0.1},
        "by_field": {"gap": {"mean": 0.0, "worst": 0.0, "bias": 0.0}},
        "largest_pair": 12,
        "nats_apart": 0.0,
    }


def test_eight_bits_may_be_so_much_more_or_less_surprised_by_all_the_music_and_no_more() -> None:
    at_it = Parity(10, None, EXACT, {}, nats_apart=MOST_NATS_APART)
    for sign in (1, -1):
        check_parity(replace(at_it, nats_apart=sign * MOST_NATS_APART), "int8")
        beyond = replace(at_it, nats_apart=sign * MOST_NATS_APART * 1.1)
        with pytest.raises(ParityError, match=r"all the music differ by [+-]0.55%; 0.5% are allowed"):
            check_parity(beyond, "int8")
        check_parity(beyond, "fp16")
    with pytest.raises(ParityError, match="differ by"):
        check_parity(replace(at_it, nats_apart=float("nan")), "int8")


def test_a_file_that_is_surer_of_the_music_has_fewer_nats(kept_file: Path) -> None:
    reference = Reference.of_file(open_session(kept_file), [music(1)])
    found = parity(reference, Shifted(kept_file, (0.03, 0.0, 0.0)), kept_file.read_bytes())
    assert found.nats_apart == pytest.approx(-0.03 * len(music(1)) / -reference.whole.sum(), rel=1e-3)


@pytest.mark.slow
@pytest.mark.parametrize("name", OWN_NAMES)
def test_our_own_models_in_eight_bits_are_as_surprised_as_their_sisters(name: str) -> None:
    sister, file = open_session(own_model(name, "cuda")), own_model(name)
    reference = Reference.of_file(sister, made_music(EventEncoding(), pieces=2, notes=200))
    found = parity(reference, open_session(file), file.read_bytes())
    check_parity(found, "int8")
