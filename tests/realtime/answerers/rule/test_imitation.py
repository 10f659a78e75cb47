"""The answer by rule, measured as music: it keeps key, density, loudness, hands and length, and is no copy.

Each measure is taken over several calls and seeds. Proves nothing of beauty.
"""

from collections import Counter
from collections.abc import Sequence
from itertools import pairwise
from statistics import fmean, median

import pytest
from hypothesis import given
from hypothesis import strategies as st

from music.keys import detect_key, scale_of
from music.notes import HIGHEST_KEY, LOWEST_KEY, Note, NoteOff
from music.phrase import Phrase, each_key_once, events_of, pedal_folded, phrase_of
from realtime.answerers.rule.imitation import FIRST_ONSET_S, LONGEST_WAIT_S, Imitation
from realtime.knobs import Knobs
from realtime.performer.actions import Request
from tests.support.phrases import check_each_strike_is_released, improvised, phrases

SILENCE_S = 0.5
SEEDS = range(6)


def tune() -> Phrase:
    """In G major, one hand, one note at a time."""
    rows = [(0, 67, 0.4), (0.4, 69, 0.2), (0.6, 71, 0.2), (0.8, 72, 0.7), (1.6, 71, 0.2), (1.8, 69, 0.2),
            (2.0, 67, 0.35), (2.4, 66, 0.35), (2.8, 64, 0.2), (3.0, 62, 0.2), (3.2, 67, 0.9)]  # fmt: skip
    return Phrase.of(Note(at, pitch, 70 + int(at * 7) % 20, length_s) for at, pitch, length_s in rows)


def chorale() -> Phrase:
    """In A minor, chords of four."""
    chords = [
        (57, 60, 64, 69),
        (53, 60, 65, 69),
        (55, 59, 62, 67),
        (52, 59, 64, 68),
        (57, 60, 64, 72),
        (57, 60, 64, 69),
    ]
    return Phrase.of(
        Note(0.6 * place + 0.01 * voice, pitch, 60 + place, 0.55)
        for place, chord in enumerate(chords)
        for voice, pitch in enumerate(chord)
    )


def two_hands() -> Phrase:
    """In C major, a tune over broken chords."""
    notes = [
        Note(at, pitch, 85, length_s)
        for at, pitch, length_s in [(0, 76, 0.45), (0.5, 79, 0.2), (0.75, 77, 0.2), (1, 76, 0.45),
                                    (1.5, 74, 0.45), (2, 72, 0.45),
                                    (2.5, 74, 0.2), (2.75, 76, 0.2), (3, 72, 0.9)]
    ]  # fmt: skip
    for bar, chord in enumerate([(48, 55, 52, 55), (48, 55, 52, 55), (53, 57, 53, 57), (48, 55, 52, 55)]):
        notes += [Note(bar + place * 0.25, pitch, 55, 0.24) for place, pitch in enumerate(chord)]
    return Phrase.of(each_key_once(notes))


CALLS = {
    "tune": tune(),
    "chorale": chorale(),
    "two hands": two_hands(),
    "improvised": improvised(3, pedal=True),
}
calls = pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)


def request_of(call: Phrase, length_s: float | None = None, turn: int = 1, attempt: int = 0) -> Request:
    events = tuple(events_of(call))
    ended = events[-1].at
    length_s = max(ended - call.notes[0].at, 2.0) if length_s is None else length_s
    return Request(1, turn, attempt, events, SILENCE_S, ended + SILENCE_S, length_s)


def answer_to(call: Phrase, seed: int = 1, temperature: float = 1.0, **asked: float) -> Sequence[Note]:
    request = request_of(call, **asked)  # type: ignore[arg-type]
    events = list(Imitation(seed).answer(request, Knobs(temperature=temperature)))
    return phrase_of(events).notes


def length_of(notes: Sequence[Note]) -> float:
    return max(note.until for note in notes) - notes[0].at


def share_in_key_of(call: Phrase, notes: Sequence[Note]) -> float:
    """The share of notes in the call's key; a minor key's leading note counts."""
    key = detect_key(pedal_folded(call).notes)
    classes = {*scale_of(key), (key.tonic + 11) % 12} if key.is_minor else set(scale_of(key))
    return sum(note.pitch % 12 in classes for note in notes) / len(notes)


def chord_sizes(notes: Sequence[Note]) -> Counter[int]:
    onsets: list[list[Note]] = []
    for note in notes:
        if onsets and note.at - onsets[-1][0].at < 0.05:
            onsets[-1].append(note)
        else:
            onsets.append([note])
    return Counter(map(len, onsets))


@calls
def test_it_stays_in_the_calls_key(call: Phrase) -> None:
    for seed in SEEDS:
        assert share_in_key_of(call, answer_to(call, seed)) >= max(share_in_key_of(call, call.notes), 0.9)


@calls
def test_it_is_as_dense_as_the_call(call: Phrase) -> None:
    own = len(call.notes) / length_of(pedal_folded(call).notes)
    ratios = [len(notes) / length_of(notes) / own for notes in (answer_to(call, seed) for seed in SEEDS)]
    assert min(ratios) > 0.6
    assert max(ratios) < 1.5
    assert 0.75 < fmean(ratios) < 1.25


@calls
def test_it_is_as_loud_as_the_call(call: Phrase) -> None:
    own = fmean(note.velocity for note in call.notes)
    for seed in SEEDS:
        assert fmean(note.velocity for note in answer_to(call, seed)) == pytest.approx(own, abs=2.5)


@calls
@pytest.mark.parametrize("length_s", [2.0, 5.0, 12.0, 30.0])
def test_it_is_as_long_as_asked(call: Phrase, length_s: float) -> None:
    for seed in SEEDS:
        notes = answer_to(call, seed, length_s=length_s)
        assert length_of(notes) == pytest.approx(length_s, abs=0.3)
        assert notes[-1].at - notes[0].at < length_s


@calls
def test_it_stays_near_the_calls_range(call: Phrase) -> None:
    pitches = [note.pitch for note in call.notes]
    for seed in SEEDS:
        for note in answer_to(call, seed):
            assert min(pitches) - 8 <= note.pitch <= max(pitches) + 8


def test_chords_stay_chords_and_a_tune_stays_a_tune() -> None:
    for seed in SEEDS:
        assert median(chord_sizes(answer_to(chorale(), seed)).elements()) == 4
        assert set(chord_sizes(answer_to(tune(), seed))) == {1}


def test_two_hands_stay_two() -> None:
    for seed in SEEDS:
        notes = answer_to(two_hands(), seed)
        low = [note for note in notes if note.pitch < 64]
        assert 0.4 < len(low) / len(notes) < 0.85


@calls
def test_it_closes_on_the_tonic_chord_and_a_little_slower(call: Phrase) -> None:
    key = detect_key(pedal_folded(call).notes)
    steps = scale_of(key)
    for seed in SEEDS:
        notes = answer_to(call, seed)
        last = [note for note in notes if note.at > notes[-1].at - 0.05]
        assert {note.pitch % 12 for note in last} <= {steps[0], steps[2], steps[4]}
        assert max(note.until for note in last) == max(note.until for note in notes)


def test_a_minor_key_closes_over_its_leading_note() -> None:
    for seed in SEEDS:
        notes = answer_to(chorale(), seed)
        before_last = [note for note in notes if note.at < notes[-1].at - 0.05]
        dominant = {note.pitch % 12 for note in before_last if note.at > before_last[-1].at - 0.05}
        assert dominant <= {4, 8, 11}  # E, G sharp, B: the dominant of A minor
    closings = [answer_to(chorale(), seed)[-8:-4] for seed in SEEDS]
    assert any(note.pitch % 12 == 8 for closing in closings for note in closing)


def test_the_end_slows_down() -> None:
    even = Phrase.of(
        Note(place * 0.25, 60 + (0, 2, 4, 5, 7, 5, 4, 2)[place % 8], 80, 0.2) for place in range(24)
    )
    notes = answer_to(even, temperature=0.0)
    gaps = [later.at - earlier.at for earlier, later in pairwise(notes)]
    assert fmean(gaps[-4:-1]) > 1.1 * fmean(gaps[:4])


@calls
def test_it_is_no_copy_but_can_be_known_again(call: Phrase) -> None:
    own = [note.pitch for note in call.notes]
    own_gaps = Counter(round(later.at - earlier.at, 1) for earlier, later in pairwise(call.notes))
    for seed in SEEDS:
        notes = answer_to(call, seed)
        pitches = [note.pitch for note in notes]
        same = sum(ours == theirs for ours, theirs in zip(pitches, own, strict=False))
        assert same / len(pitches) < 0.6
        gaps = [round(later.at - earlier.at, 1) for earlier, later in pairwise(notes)]
        known = sum(any(abs(gap - other) < 0.11 for other in own_gaps) for gap in gaps)
        assert known / len(gaps) > 0.7


@calls
def test_the_same_seed_turn_and_attempt_get_the_same_answer_and_others_another(call: Phrase) -> None:
    def pitches(seed: int, **asked: int) -> list[tuple[int, float]]:
        notes = answer_to(call, seed, **asked)
        return [(note.pitch, round(note.at - notes[0].at, 4)) for note in notes]

    assert pitches(1) == pitches(1)
    others = [pitches(1), pitches(2), pitches(1, turn=2), pitches(1, attempt=1)]
    assert len({tuple(other) for other in others}) >= 3


def test_different_seeds_differ() -> None:
    for call in CALLS.values():
        answers = {tuple(note.pitch for note in answer_to(call, seed)) for seed in range(12)}
        assert len(answers) >= 8


def test_the_temperature_says_how_far_it_varies() -> None:
    """Measured as the share of the tune's steps, in the rhythm's order, that are the call's own."""

    def steps(notes: Sequence[Note]) -> Counter[tuple[int, float]]:
        return Counter(
            (later.pitch - earlier.pitch, round(later.at - earlier.at, 1))
            for earlier, later in pairwise(notes)
        )

    def likeness(temperature: float) -> float:
        own = steps(tune().notes)
        kept = [steps(answer_to(tune(), seed, temperature)) for seed in range(20)]
        return fmean(sum((own & answer).values()) / sum(answer.values()) for answer in kept)

    cold, usual, hot = (likeness(temperature) for temperature in (0.0, 1.0, 2.0))
    assert cold > usual + 0.05
    assert usual > hot


@calls
def test_the_first_onset_falls_on_the_calls_pulse_and_never_in_the_past(call: Phrase) -> None:
    request = request_of(call)
    first = answer_to(call)[0].at
    assert (
        request.starts_after + FIRST_ONSET_S <= first <= request.starts_after + FIRST_ONSET_S + LONGEST_WAIT_S
    )


def test_an_even_pulse_goes_on() -> None:
    even = Phrase.of(Note(place * 0.25, 60 + place % 5, 80, 0.2) for place in range(8))
    first = answer_to(even)[0].at
    assert (first / 0.25) == pytest.approx(round(first / 0.25), abs=1e-6)


def test_events_come_in_order_of_time_and_each_key_is_released() -> None:
    for call in CALLS.values():
        events = list(Imitation(1).answer(request_of(call)))
        assert [event.at for event in events] == sorted(event.at for event in events)
        check_each_strike_is_released(events)


# What is odd must not stop it.


@pytest.mark.parametrize(
    "notes",
    [
        [Note(0.0, 60, 80, 0.3)],
        [Note(0.0, 60, 80, 0.0)],
        [Note(0.0, 21, 1, 0.1), Note(0.01, 108, 127, 40.0)],
        [Note(0.0, 0, 80, 0.2), Note(0.2, 127, 80, 0.2)],
        [Note(0.0, pitch, 80, 1.0) for pitch in range(21, 109)],
        [Note(place * 0.001, 60 + place % 2, 80, 0.001) for place in range(500)],
    ],
    ids=[
        "one note",
        "no length",
        "ends of the piano",
        "off the piano",
        "all keys",
        "a trill of milliseconds",
    ],
)
def test_odd_calls_are_answered(notes: list[Note]) -> None:
    answer = answer_to(Phrase.of(notes))
    assert answer
    assert all(LOWEST_KEY <= note.pitch <= HIGHEST_KEY and 1 <= note.velocity <= 127 for note in answer)


def test_a_call_without_notes_is_answered_with_none() -> None:
    assert list(Imitation(1).answer(Request(1, 1, 0, (NoteOff(1.0, 60),), 0.5, 2.0, 2.0))) == []


@given(phrases(pedal=True), st.integers(0, 3), st.floats(0.0, 2.0))
def test_any_call_is_answered_on_the_piano_within_its_length(
    call: Phrase, seed: int, temperature: float
) -> None:
    if not call.notes:
        return
    request = request_of(call, length_s=4.0)
    answer = phrase_of(Imitation(seed).answer(request, Knobs(temperature=temperature))).notes
    assert answer[0].at >= request.starts_after
    assert length_of(answer) <= 4.5
    assert all(LOWEST_KEY <= note.pitch <= HIGHEST_KEY and 1 <= note.velocity <= 127 for note in answer)
