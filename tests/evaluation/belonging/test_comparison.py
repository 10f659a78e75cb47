"""Voices compared: each at every call, the truth and the echo where they belong, silence counted."""

import json

import pytest

from evaluation.answering.own_calls import OWN_CALLS
from evaluation.belonging.comparison import Compared, compared, own_compared, recited, together
from evaluation.belonging.faults import FAULTS
from evaluation.belonging.measures import MEASURES
from evaluation.belonging.phrase_calls import phrase_calls
from evaluation.belonging.voices import RIVALS, VOICES
from music.phrase import Phrase
from pieces.corpus import PieceRecord
from tests.support.answerers import Echo, Silent
from tests.support.passages import phrases_of_a_piece

PIECES = [
    (
        PieceRecord(name, "test", f"{name:0>16}", 100),
        phrases_of_a_piece(7, 50 + 5 * number, 0.2 + 0.03 * number),
    )
    for number, name in enumerate("abcd")
]
CALLS = phrase_calls(PIECES, 6)


@pytest.fixture(scope="module")
def found() -> Compared:
    return compared(CALLS, {"model": Echo(), "rule": Echo(1)})


def test_every_voice_answers_every_call(found: Compared) -> None:
    assert list(found.voices) == list(VOICES)
    assert {len(answers) for answers in found.voices.values()} == {len(CALLS)}
    figures = found.figures()
    assert (figures["calls"], figures["pieces"]) == (6, 4)


def test_every_voice_is_compared_with_every_rival_but_itself_and_the_truth_with_none(found: Compared) -> None:
    voices = found.figures()["voices"]
    for voice, figures in voices.items():
        expected = set() if voice == "true" else set(RIVALS) - {voice}
        assert set(figures["nearer"]) == expected
        for share in figures["nearer"].values():
            assert 0 <= share["low"] <= share["share"] <= share["high"] <= 1


def test_two_rivals_share_what_there_is_to_win(found: Compared) -> None:
    voices = found.figures()["voices"]
    one, other = (
        voices[a]["nearer"][b]["share"]
        for a, b in (("stranger", "tuned_stranger"), ("tuned_stranger", "stranger"))
    )
    assert one + other == pytest.approx(1)


def test_an_echo_is_the_call_again_and_the_truth_no_distance_from_itself(found: Compared) -> None:
    voices = found.figures()["voices"]
    assert voices["echo"]["pulse"] == pytest.approx(1, abs=0.01)
    assert voices["echo"]["register"] == 0
    assert voices["echo"]["copied"] == 15
    assert max(voices["true"]["apart_from_true"].values()) == pytest.approx(0, abs=1e-3)


def test_when_a_voice_comes_is_known_of_those_who_wait_for_the_call(found: Compared) -> None:
    voices = found.figures()["voices"]
    assert voices["model"]["first_s"] == pytest.approx(0.5)
    assert voices["true"]["first_s"] == pytest.approx(
        sum(sorted(call.rest_s for call in CALLS)[2:4]) / 2, abs=1e-3
    )
    assert "first_s" not in voices["stranger"]


def test_a_silent_voice_is_far_away_and_its_silence_is_a_fault() -> None:
    figures = compared(CALLS, {"model": Silent()}).figures()["voices"]["model"]
    assert (figures["answers"], figures["silent"]) == (0, 6)
    assert figures["nearer"]["stranger"]["share"] <= 0.5 / 6
    assert figures["faults"] == dict.fromkeys(("several", *FAULTS), 0.0) | {"any": 1.0, "silent": 1.0}
    assert not {measure.name for measure in MEASURES} & figures.keys()


def test_call_by_call_it_says_where_each_stands_and_holds_no_notes(found: Compared) -> None:
    record = found.record()
    for row, call in zip(record["each"], CALLS, strict=True):
        assert row["piece"] == call.piece
        assert row["from_s"] == pytest.approx(call.from_s, abs=1e-3)
        assert row["far"].keys() == row["faults"].keys() == VOICES.keys()
    assert 'pitch"' not in json.dumps(record)


def test_several_sorts_together_are_all_their_calls(found: Compared) -> None:
    both = together([found, found]).figures()
    assert both["calls"] == 12
    assert both["pieces"] == 4
    one, other = (figures["voices"]["model"] for figures in (both, found.figures()))
    assert one["nearer"]["stranger"]["share"] == other["nearer"]["stranger"]["share"]


def test_of_our_own_calls_there_are_faults_and_measures_but_no_truth_to_be_near_to() -> None:
    found = own_compared({"model": Echo(), "rule": Silent()})
    assert list(found.voices) == ["model", "rule", "echo"]
    record = found.record()
    assert record["calls"] == len(OWN_CALLS)
    for figures in record["voices"].values():
        assert figures["nearer"] == figures["apart_from_true"] == {}
    assert record["voices"]["model"]["motifs"] == pytest.approx(1)
    assert record["voices"]["rule"]["silent"] == len(OWN_CALLS)
    assert record["each"][0]["far"] == {}


def test_what_is_recited_is_the_longest_run_in_any_piece_that_was_learnt(found: Compared) -> None:
    own = own_compared({"model": Silent(), "rule": Silent()})
    assert found.figures()["voices"]["true"]["recited"] == {}
    looked = recited({"these": found, "own": own}, (piece for _, piece in PIECES))
    voices = looked["these"].figures()["voices"]
    assert voices["true"]["recited"] == voices["echo"]["recited"] == {"mean": 15, "longest": 15}
    assert looked["own"].recited["model"] == ()
    assert looked["own"].figures()["voices"]["model"]["recited"] == {}
    assert looked["own"].figures()["voices"]["echo"]["recited"]["longest"] < 15
    both = together([looked["these"], looked["these"]])
    assert len(both.recited["true"]) == 12


def test_answerers_are_asked_the_same_calls_in_the_same_order() -> None:
    asked: list[tuple[Phrase, int]] = []

    class Noting(Echo):
        def answer_to(self, call: Phrase, number: int) -> Phrase:
            asked.append((call, number))
            return super().answer_to(call, number)

    compared(CALLS, {"model": Noting()})
    assert asked == [(call.phrase, number) for number, call in enumerate(CALLS)]
