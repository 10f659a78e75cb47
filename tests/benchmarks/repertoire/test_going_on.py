"""What predicts best is found where it is known; and figures come of calls, whatever their key."""

import argparse
from pathlib import Path

import numpy as np
import pytest

from benchmarks.repertoire import going_on
from benchmarks.repertoire.going_on import back_to_the_middle, best_share, figures
from evaluation.belonging.phrase_calls import Call
from music.manner.features import features_of
from music.notes import Note
from music.phrase import Phrase
from realtime.answerers.passages.goal import MIDDLES


@pytest.mark.parametrize(("middle", "share"), [(60.0, 0.5), (62.5, 0.34), (10.0, 1.0)])
def test_the_way_back_is_found(middle: float, share: float) -> None:
    chance = np.random.default_rng(1)
    before = chance.normal(60, 10, 500)
    after = before + share * (middle - before) + chance.laplace(0, 0.1, 500)
    found = back_to_the_middle(before, after)
    assert found["share"] == pytest.approx(share, abs=0.02)
    assert found["middle"] == pytest.approx(middle, abs=0.5)
    assert found["off"] < found["off_where_the_call_is"]


def test_what_stays_where_it_is_goes_nowhere() -> None:
    before = np.linspace(0.0, 10.0, 100)
    assert back_to_the_middle(before, before)["share"] == 0.0


def call_on(classes: tuple[int, ...], then: tuple[int, ...], low: int = 60) -> Call:
    def phrase(pitches: tuple[int, ...], at: float) -> Phrase:
        return Phrase.of(
            [Note(at + place * 0.3, low + pitch, 70, 0.25) for place, pitch in enumerate(pitches)]
        )

    return Call("a piece", 0.0, phrase(classes, 0.0), phrase(then, 0.0), phrase(then, 0.0), 0.0)


CALLS = [call_on((0, 4, 7, 0, 4, 7, 2, 0), (0, 2, 4, 5, 7, 9, 11, 12), low) for low in range(50, 70, 2)]


def test_every_feature_that_an_answer_aims_at_is_predicted() -> None:
    found = figures(CALLS)
    assert {*MIDDLES, "loudness", "pitch_classes", "intervals"} <= found.keys()
    assert found["loudness"] == {"middle": 70.0, "share": 0.0, "off": 0.0, "off_where_the_call_is": 0.0}
    assert found["pitch_classes"]["share"] > 0.5  # what follows has all of the scale alike
    assert len(found["intervals"]["steps"].split()) == len(features_of(CALLS[0].phrase.notes).intervals)


def test_shares_that_stay_are_predicted_by_themselves() -> None:
    same = [features_of(call.phrase.notes) for call in CALLS]
    others = [np.full(12, 1 / 12)] * len(same)
    assert best_share(same, same, lambda one: one.pitch_classes, others)["share"] == 0.0


def test_corpora_without_a_call_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(going_on, "phrase_calls", lambda pieces, most: [])
    monkeypatch.setattr(going_on, "Corpus", lambda path: argparse.Namespace(phrases=lambda split: []))
    with pytest.raises(ValueError, match="no train piece has a call"):
        going_on.run(argparse.Namespace(corpora=[str(Path("one"))], calls=10))
