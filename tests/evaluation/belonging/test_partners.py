"""Partners: each begins when the call is over, and a tuned stranger really is in its key and as dense."""

import pytest

from evaluation.answering.agreement import density
from evaluation.belonging.partners import partners_of, strangers, tuned
from evaluation.belonging.phrase_calls import Call
from music.keys import detect_key
from music.phrase import Phrase
from tests.support.passages import SCALE, tune


def call_of(piece: str, first: int, gap_s: float = 0.5) -> Call:
    """A scale, which goes on as the same scale backwards; elsewhere it is played in thirds."""
    pitches = [first + pitch - 60 for pitch in SCALE]
    backwards, thirds = pitches[::-1], [*pitches[::2], *pitches[1::2]]
    parts = (tune(part, gap_s) for part in (pitches, backwards, thirds))
    return Call(piece, 3.0, *parts, rest_s=0.75)


CALLS = [call_of("a", 60), call_of("a", 64, 0.3), call_of("b", 55, 0.2), call_of("c", 70, 1.0)]


def pitches_of(phrase: Phrase) -> list[int]:
    return [note.pitch for note in phrase.notes]


def test_every_partner_has_a_phrase_for_every_call_and_begins_after_it() -> None:
    for name, phrases in partners_of(CALLS).items():
        for call, phrase in zip(CALLS, phrases, strict=True):
            rest_s = call.rest_s if name == "true" else 0.0
            assert phrase.notes[0].at == pytest.approx(call.phrase.until + rest_s)


def test_the_true_continuation_the_other_passage_and_the_echo_are_the_calls_own() -> None:
    found = partners_of(CALLS)
    for place, call in enumerate(CALLS):
        assert pitches_of(found["true"][place]) == pitches_of(call.continuation)
        assert pitches_of(found["another_passage"][place]) == pitches_of(call.elsewhere)
        assert pitches_of(found["echo"][place]) == pitches_of(call.phrase)


def test_a_stranger_is_always_of_another_piece() -> None:
    for call, stranger in zip(CALLS, strangers(CALLS), strict=True):
        (of,) = {other.piece for other in CALLS if other.continuation == stranger}
        assert of != call.piece


@pytest.mark.parametrize("first", range(50, 72))
def test_a_tuned_stranger_has_the_calls_tonic_and_density(first: int) -> None:
    call, other = call_of("a", 60).phrase, call_of("b", first, 0.2).continuation
    found = tuned(other, call)
    assert detect_key(found.notes) == detect_key(call.notes)
    assert density(found) == pytest.approx(density(call))
    assert max(abs(one - was) for one, was in zip(pitches_of(found), pitches_of(other), strict=True)) <= 6


def test_a_tuned_stranger_in_minor_stays_in_minor() -> None:
    minor = tune([57, 60, 64, 69, 68, 69, 65, 64, 62, 60, 59, 57])
    found = tuned(minor, call_of("a", 62).phrase)
    assert detect_key(found.notes).tonic == detect_key(call_of("a", 62).phrase.notes).tonic
    assert detect_key(found.notes).is_minor


def test_a_tuned_stranger_stays_on_the_piano() -> None:
    found = tuned(tune([21, 23, 25, 26, 28, 30, 32, 33]), call_of("a", 64).phrase)
    assert min(pitches_of(found)) >= 21
