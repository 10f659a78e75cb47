"""Who stands beside an answer, so that its figures say something.

How the piece really goes on, another passage of it, a stranger's piece, the same moved to the call's key and
density, and an echo: each a phrase on the call's clock. Must not know models.
"""

from collections.abc import Sequence
from dataclasses import replace

from evaluation.answering.agreement import density
from evaluation.belonging.phrase_calls import Call
from music.keys import detect_key, semitones_to, transposed
from music.phrase import Phrase


def partners_of(calls: Sequence[Call]) -> dict[str, list[Phrase]]:
    """For each partner, what it plays after each call. The calls come of two pieces at least.

    The true continuation comes when it does in the piece. What the others would be silent for first is left
    out: they begin where the call ends.
    """
    others = strangers(calls)
    pairs = list(zip(calls, others, strict=True))
    return {
        "true": [_after(call, call.continuation, call.rest_s) for call in calls],
        "another_passage": [_after(call, call.elsewhere) for call in calls],
        "stranger": [_after(call, other) for call, other in pairs],
        "tuned_stranger": [_after(call, tuned(other, call.phrase)) for call, other in pairs],
        "echo": [_after(call, call.phrase) for call in calls],
    }


def strangers(calls: Sequence[Call]) -> list[Phrase]:
    """For each call, how another piece goes on: that of a call half the list away, or the next."""
    half = len(calls) // 2
    found = []
    for place, call in enumerate(calls):
        others = (calls[(place + half + step) % len(calls)] for step in range(len(calls)))
        found.append(next(other.continuation for other in others if other.piece != call.piece))
    return found


def tuned(other: Phrase, call: Phrase) -> Phrase:
    """A phrase moved by the fewest semitones to the call's tonic, major or minor as it is, and as dense."""
    tonic = detect_key(call.notes).tonic
    slower = density(other) / density(call)
    return Phrase.of(
        replace(note, at=note.at * slower, length_s=note.length_s * slower)
        for note in transposed(other.notes, semitones_to(detect_key(other.notes), tonic))
    )


def _after(call: Call, phrase: Phrase, rest_s: float = 0.0) -> Phrase:
    return phrase.moved(call.phrase.until + rest_s - phrase.notes[0].at)
